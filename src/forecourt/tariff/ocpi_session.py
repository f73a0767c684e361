"""Reading an OCPI session (charging periods with dimensions, mod_cdrs) as a timeline.

A period lasts until the next one starts. Its TIME, PARKING_TIME and RESERVATION_TIME volumes (hours) are
what is billed, each rounded to whole seconds; its place in time decides which element prices it. A period
that crosses a boundary of the tariff is split there.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from .errors import OcpiSessionInvalid, shown
from .fold import MAX_SECONDS
from .local_time import load_zone
from .rounding import EXACT, round_half_up
from .timeline import RatingContext, Segment, SegmentState
from .wire import Fields

MAX_PERIODS: Final = 50_000
_MAX_DIMENSIONS: Final = 20
_TIME_STATES: Final[tuple[tuple[str, SegmentState], ...]] = (
    ("RESERVATION_TIME", "reserved"),
    ("TIME", "charging"),
    ("PARKING_TIME", "idle"),
)
_OUTCOMES: Final[dict[str, Literal["used", "expired", "cancelled"]]] = {
    "USED": "used",
    "EXPIRED": "expired",
    "CANCELLED": "cancelled",
    "CANCELED": "cancelled",
}


def session_from_ocpi(document: object) -> tuple[RatingContext, tuple[Segment, ...]]:
    """Context and timeline of `{time_zone, start_date_time, end_date_time, charging_periods}`.

    Beside OCPI's own fields: `reservation_outcome` (USED, EXPIRED, CANCELLED), `connector_type`,
    `audiences` and `holidays`, for tariffs that ask for them.

    Raises:
        OcpiSessionInvalid: a field is missing, malformed or beyond bounds; the message starts with its path.
        ContextInvalid: the time zone does not exist.
    """
    fields = Fields(document, "session", OcpiSessionInvalid)
    context = context_from_ocpi(fields)
    start = fields.moment("start_date_time")
    if start is None:
        fields.fail("start_date_time", "is missing")
    end = fields.moment("end_date_time")
    if end is not None and end < start:
        fields.fail("end_date_time", f"{end} is before the start, {start}")
    if end is not None and (end - start).total_seconds() > MAX_SECONDS:
        fields.fail("end_date_time", f"a session lasts at most {MAX_SECONDS} s")
    read = [
        _Period(item, f"session.charging_periods[{index}]")
        for index, item in enumerate(fields.items("charging_periods", most=MAX_PERIODS))
    ]
    segments: list[Segment] = []
    before = start
    for index, period in enumerate(read):
        if period.start < before:
            period.fields.fail(
                "start_date_time", f"{period.start} is before {before}: periods must be in order"
            )
        before = period.start
        until = read[index + 1].start if index + 1 < len(read) else end
        if until is None:
            until = period.start + timedelta(seconds=sum(seconds for _, seconds in period.times))
        if until < period.start:
            if index + 1 == len(read):
                period.fields.fail(
                    "start_date_time", f"{period.start} is after the end of the session, {until}"
                )
            continue  # the next period says so itself
        segments.extend(period.segments(until))
    return context, tuple(segments)


def context_from_ocpi(fields: Fields) -> RatingContext:
    """Zone, connector type, audiences and holidays of a request; raises the fields' error or ContextInvalid."""
    zone = fields.required("time_zone")
    load_zone(zone)
    outcome = fields.text("reservation_outcome")
    if outcome is not None and outcome.upper() not in _OUTCOMES:
        fields.fail("reservation_outcome", f"{shown(outcome)} is not one of {', '.join(_OUTCOMES)}")
    audiences = fields.items("audiences", most=100)
    if not all(isinstance(audience, str) for audience in audiences):
        fields.fail("audiences", "a list of strings is needed")
    days = fields.items("holidays", most=2000)
    holidays = tuple(Fields({"day": day}, "session.holidays", OcpiSessionInvalid).day("day") for day in days)
    return RatingContext(
        time_zone=zone,
        connector_type=fields.text("connector_type") or None,
        audiences=tuple(audiences),
        holidays=tuple(day for day in holidays if day is not None),
        reservation_outcome=None if outcome is None else _OUTCOMES[outcome.upper()],
    )


class _Period:
    """One charging period, its volumes read and checked."""

    __slots__ = ("energy_wh", "fields", "start", "times", "volumes")

    def __init__(self, value: object, path: str) -> None:
        fields = self.fields = Fields(value, path, OcpiSessionInvalid)
        start = fields.moment("start_date_time")
        if start is None:
            fields.fail("start_date_time", "is missing")
        self.start: datetime = start
        self.volumes: dict[str, Decimal] = {}
        for index, item in enumerate(fields.items("dimensions", most=_MAX_DIMENSIONS)):
            dimension = Fields(item, f"{path}.dimensions[{index}]", OcpiSessionInvalid)
            kind = dimension.required("type")
            volume = dimension.number("volume", low=0 if kind in _COUNTED else -(10**9))
            if volume is None:
                dimension.fail("volume", "is missing")
            if kind in self.volumes:
                dimension.fail("type", f"{kind} is given twice in one period")
            self.volumes[kind] = volume
        self.energy_wh = EXACT.multiply(self.volumes.get("ENERGY", Decimal(0)), Decimal(1000))
        self.times: list[tuple[SegmentState, int]] = []
        for kind, state in _TIME_STATES:
            if kind in self.volumes:
                seconds = int(round_half_up(EXACT.multiply(self.volumes[kind], Decimal(3600)), 0))
                if seconds > MAX_SECONDS:
                    fields.fail("dimensions", f"{kind} of {self.volumes[kind]:.6E} hours is beyond bounds")
                self.times.append((state, seconds))

    def segments(self, until: datetime) -> list[Segment]:
        """One segment per kind of time; they share the period by their volumes."""
        parts = [part for part in self.times if part[1]] or self.times[:1]
        if self.energy_wh and all(state == "reserved" for state, _ in parts):
            parts.append(("charging", 0))
        if not parts:
            parts.append(("preparing", 0))
        carrier = next((i for i, part in enumerate(parts) if part[0] == "charging"), len(parts) - 1)
        whole, passed, start = sum(seconds for _, seconds in parts), 0, self.start
        segments = []
        for index, (state, seconds) in enumerate(parts):
            passed += seconds
            end = until if index + 1 == len(parts) else self.start + (until - self.start) * passed // whole
            segments.append(
                Segment(
                    start=start,
                    end=end,
                    state=state,
                    energy_wh=self.energy_wh if index == carrier else 0,
                    billed_s=seconds,
                    min_power_w=self._watts("MIN_POWER"),
                    power_w=self._watts("POWER"),
                    max_power_w=self._watts("MAX_POWER"),
                    min_current_a=self.volumes.get("MIN_CURRENT"),
                    current_a=self.volumes.get("CURRENT"),
                    max_current_a=self.volumes.get("MAX_CURRENT"),
                    soc_percent=self.volumes.get("STATE_OF_CHARGE"),
                )
            )
            start = end
        return segments

    def _watts(self, kind: str) -> Decimal | None:
        kilowatts = self.volumes.get(kind)
        return None if kilowatts is None else EXACT.multiply(kilowatts, Decimal(1000))


_COUNTED: Final = frozenset(("ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME"))
