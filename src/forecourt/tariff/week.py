"""A week of prices: what a session that begins in each hour pays per kWh and per hour, by `rate` itself.

Each hour of the week is priced as two sessions of one hour, one that charges and one that only stands. What
is read is the unit price that `rate` used (its trace), so allowances, grace and price limits, which depend on
the whole session, are taken off the tariff first; conditions and pauses stay.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import msgspec

from .compiled import TariffVersion
from .errors import PreviewInvalid
from .local_time import load_zone
from .model import Allowance, Tariff, tariff_from_dict
from .ocpi import tariff_from_ocpi
from .ocpi_session import context_from_ocpi
from .posted import SIXTY, posted_to_dict, with_tax
from .price import TraceRow, rate
from .rounding import EXACT, ZERO, plain
from .timeline import RatingContext, Segment, SegmentState
from .wire import Fields, loads

_HOUR: Final = timedelta(hours=1)
_DAYS: Final = 7
_MAX_POWER_KW: Final = 10_000


class WeekPart(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of an hour with the same prices, with tax; None where the tariff has none.

    `day` counts from Monday, minutes from the full hour. `charging` and `standing` are per hour: time and
    occupancy while energy flows, idling and occupancy afterwards. `element` is the one of the energy price.
    """

    day: int
    hour: int
    start_minute: int
    end_minute: int
    energy: Decimal | None
    charging: Decimal | None
    standing: Decimal | None
    element: int | None


def price_week(
    tariff: Tariff, context: RatingContext, *, monday: date, power_kw: Decimal
) -> tuple[WeekPart, ...]:
    """The prices of the week that begins on `monday` at the site, for a car that takes `power_kw`."""
    version = TariffVersion(
        msgspec.structs.replace(
            tariff,
            free=Allowance(),
            min_price=None,
            max_price=None,
            idle=msgspec.structs.replace(tariff.idle, grace_s=0, cap=None, started_minute=False),
        )
    )
    zone = load_zone(context.time_zone)
    parts: list[WeekPart] = []
    for day in range(_DAYS):
        for hour in range(24):
            local = datetime(monday.year, monday.month, monday.day, hour, tzinfo=zone) + timedelta(days=day)
            parts.extend(_hour(version, context, local.astimezone(UTC), day, hour, power_kw))
    return tuple(parts)


def _hour(
    version: TariffVersion, context: RatingContext, start: datetime, day: int, hour: int, power_kw: Decimal
) -> Iterator[WeekPart]:
    watts = power_kw * 1000
    charging = _session(version, context, start, "charging", watts)
    standing = _session(version, context, start, "idle", ZERO)
    cuts = {0, 60}
    for row in (*charging, *standing):
        cuts.update((_minute(row.start, start), _minute(row.end, start)))
    edges = sorted(cuts)
    included = version.tariff.tax_included
    for low, high in pairwise(edges):
        inside = [row for row in charging if _covers(row, start, low)]
        energy = next((row for row in inside if row.component == "energy"), None)
        yield WeekPart(
            day=day, hour=hour, start_minute=low, end_minute=high,
            energy=None if energy is None else with_tax(energy.unit_price, energy.tax_percent, included=included),
            charging=_per_hour([row for row in inside if row.component in ("time", "occupancy")], included),
            standing=_per_hour(
                [row for row in standing if _covers(row, start, low) and row.component in ("parking", "occupancy")],
                included,
            ),
            element=None if energy is None else energy.element,
        )  # fmt: skip


def _session(
    version: TariffVersion, context: RatingContext, start: datetime, state: SegmentState, watts: Decimal
) -> list[TraceRow]:
    segment = Segment(start=start, end=start + _HOUR, state=state, energy_wh=watts, power_w=watts)
    return [row for row in rate(version, [segment], context).trace if row.reason == "priced"]


def _minute(moment: datetime, start: datetime) -> int:
    return int((moment - start).total_seconds() // 60)


def _covers(row: TraceRow, start: datetime, minute: int) -> bool:
    return row.start <= start + timedelta(minutes=minute) < row.end


def _per_hour(rows: list[TraceRow], included: bool) -> Decimal | None:
    if not rows:
        return None
    total = ZERO
    for row in rows:
        price = with_tax(row.unit_price, row.tax_percent, included=included)
        total = EXACT.add(total, EXACT.multiply(price, SIXTY) if row.unit == "minute" else price)
    return total


def preview_week(request: Mapping[str, Any] | bytes | str, *, today: date) -> dict[str, Any]:
    """A week of prices and what the driver is told, for `{tariff | ocpi_tariff, time_zone, …}`.

    Beside the tariff: `time_zone`, and optionally `week_of` (a date of the week; `today` if left out),
    `power_kw`, `connector_type`, `audiences` and `holidays`.

    Raises:
        PreviewInvalid: not JSON, or not of this shape.
        TariffInvalid, ContextInvalid: the part at fault, with the path of the field.
    """
    document = loads(request) if isinstance(request, bytes | str) else request
    fields = Fields(document, "request", PreviewInvalid)
    ours, theirs = fields.raw("tariff"), fields.raw("ocpi_tariff")
    if (ours is None) == (theirs is None):
        raise PreviewInvalid("give either tariff or ocpi_tariff")
    tariff = tariff_from_dict(ours) if theirs is None else tariff_from_ocpi(theirs)
    context = context_from_ocpi(fields)
    day = fields.day("week_of") or today
    power = fields.number("power_kw", high=_MAX_POWER_KW)
    monday = day - timedelta(days=day.weekday())
    week = price_week(tariff, context, monday=monday, power_kw=Decimal(11) if power is None else power)
    return {
        "currency": tariff.currency,
        "monday": monday.isoformat(),
        "week": [_part(part) for part in week],
        "posted": posted_to_dict(tariff),
    }


def _part(part: WeekPart) -> dict[str, Any]:
    return {
        "day": part.day,
        "hour": part.hour,
        "start_minute": part.start_minute,
        "end_minute": part.end_minute,
        "energy": None if part.energy is None else plain(part.energy),
        "charging": None if part.charging is None else plain(part.charging),
        "standing": None if part.standing is None else plain(part.standing),
        "element": part.element,
    }
