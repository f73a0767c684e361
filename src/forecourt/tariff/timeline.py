"""What happened in a session, as rating sees it: segments in time, and the facts around them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from .model import Allowance, Label

SegmentState = Literal[
    "reserved", "preparing", "charging", "suspended_ev", "suspended_evse", "idle", "finishing", "unknown"
]


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a session in one state, [start, end); energy and time flow evenly within it.

    `energy_wh` is what flowed (a Decimal or an int, never a float). Power (W, total), current (A, all
    phases), `soc_percent` and `site_occupancy_percent` are what was measured, or None. `billed_s` is the
    time that the source states for this stretch where it differs from end minus start; occupancy always
    counts end minus start. What `unknown` covers is never billed as time.
    """

    start: datetime
    end: datetime
    state: SegmentState
    energy_wh: Decimal | int = 0
    min_power_w: Decimal | int | None = None
    power_w: Decimal | int | None = None
    max_power_w: Decimal | int | None = None
    min_current_a: Decimal | int | None = None
    current_a: Decimal | int | None = None
    max_current_a: Decimal | int | None = None
    soc_percent: Decimal | int | None = None
    site_occupancy_percent: Decimal | int | None = None
    billed_s: Decimal | int | None = None


Timeline = Sequence[Segment]


class RatingContext(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The facts around a session that a price may depend on.

    `time_zone`: IANA zone of the site. `holidays`: its public holidays (local dates), priced as Sundays.
    `free`: allowances of the driver's contract, added to those of the tariff.
    """

    time_zone: str
    connector_type: Label | None = None
    audiences: tuple[Label, ...] = ()
    holidays: Annotated[tuple[date, ...], msgspec.Meta(max_length=2000)] = ()
    reservation_outcome: Literal["used", "expired", "cancelled"] | None = None
    free: Allowance = Allowance()
