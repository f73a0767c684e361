"""Tariffs and their arithmetic: what a charging session costs, and why.

Owns the tariff as an immutable document (`Tariff`, a superset of OCPI's), its compiled form with the content
hash (`TariffVersion`), and the one function that prices: a fold over what happened. `rate` is that fold from
the start; a live session keeps its `State`, calls `advance` per reading and shows `running_total`, and the
final price of the same facts is the same number.

    version = TariffVersion(tariff_from_json(document))
    state = initial_state(version, RatingContext(time_zone="Europe/Ljubljana"))
    state = advance(state, Segment(start=..., end=..., state="charging", energy_wh=Decimal("412.5")))
    running_total(state).rounded.after_taxes

Never reads a clock, a file of its own, a database or a network; never uses floats; knows neither stations
nor drivers nor who is charged. No tables, no events. Decides nothing about which tariff applies.

Every error is a `TariffError`; the tree stands in `errors`.
"""

from .compiled import TariffVersion
from .errors import (
    ContextInvalid,
    OcpiSessionInvalid,
    OcpiTariffInvalid,
    PreviewInvalid,
    SegmentOutOfOrder,
    StateInvalid,
    StateMismatch,
    TariffError,
    TariffInvalid,
    TimelineInvalid,
)
from .fold import advance
from .model import (
    Allowance,
    Condition,
    Dimension,
    Element,
    IdleRule,
    PauseWindow,
    PriceComponent,
    PriceLimit,
    Tariff,
    Unit,
    Weekday,
    canonical_json,
    content_hash,
    tariff_from_dict,
    tariff_from_json,
    tariff_to_dict,
)
from .ocpi import tariff_from_ocpi
from .ocpi_export import OcpiVersion, tariff_to_ocpi
from .ocpi_session import session_from_ocpi
from .posted import PostedPrice, posted_prices, posted_to_dict
from .preview import preview, price_to_dict
from .price import Amounts, Billed, Price, TaxGroup, TraceRow, price_of, rate
from .readings import Finding, MeasuredTimeline, Reading, StateChange, timeline_from_readings
from .rounding import currency_exponent, round_half_up
from .state import State, dump_state, initial_state, load_state
from .timeline import RatingContext, Segment, SegmentState, Timeline
from .totals import Amount, RunningTotal, running_total
from .week import WeekPart, preview_week, price_week

__all__ = [
    "Allowance",
    "Amount",
    "Amounts",
    "Billed",
    "Condition",
    "ContextInvalid",
    "Dimension",
    "Element",
    "Finding",
    "IdleRule",
    "MeasuredTimeline",
    "OcpiSessionInvalid",
    "OcpiTariffInvalid",
    "OcpiVersion",
    "PauseWindow",
    "PostedPrice",
    "PreviewInvalid",
    "Price",
    "PriceComponent",
    "PriceLimit",
    "RatingContext",
    "Reading",
    "RunningTotal",
    "Segment",
    "SegmentOutOfOrder",
    "SegmentState",
    "State",
    "StateChange",
    "StateInvalid",
    "StateMismatch",
    "Tariff",
    "TariffError",
    "TariffInvalid",
    "TariffVersion",
    "TaxGroup",
    "Timeline",
    "TimelineInvalid",
    "TraceRow",
    "Unit",
    "WeekPart",
    "Weekday",
    "advance",
    "canonical_json",
    "content_hash",
    "currency_exponent",
    "dump_state",
    "initial_state",
    "load_state",
    "posted_prices",
    "posted_to_dict",
    "preview",
    "preview_week",
    "price_of",
    "price_to_dict",
    "price_week",
    "rate",
    "round_half_up",
    "running_total",
    "session_from_ocpi",
    "tariff_from_dict",
    "tariff_from_json",
    "tariff_from_ocpi",
    "tariff_to_dict",
    "tariff_to_ocpi",
    "timeline_from_readings",
]
