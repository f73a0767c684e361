"""When calendar conditions hold, in a site's own time.

A UTC day is cut at every instant at which any condition can change: each wall time that a condition
names (twice in the hour that repeats), local midnight, and the change of the clock itself. Between two
cuts the answer is constant. Times are integer microseconds since 1970 (UTC).
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from .errors import ContextInvalid, TimelineInvalid, shown

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US
FOREVER: Final = 1 << 62
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_SUNDAY: Final = 6
_MEMO_DAYS: Final = 400


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime.

    Raises:
        TimelineInvalid: it is naive.
    """
    try:
        since = moment - EPOCH
    except (TypeError, AttributeError):
        raise TimelineInvalid(f"{shown(moment)} is no datetime with a time zone") from None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_us(us: int) -> datetime:
    """The inverse of `to_us`, in UTC."""
    return EPOCH + timedelta(microseconds=us)


LATEST_US: Final = to_us(_LATEST)


@lru_cache(maxsize=1024)
def load_zone(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        ContextInvalid: there is none.
    """
    if not isinstance(name, str) or not 0 < len(name) <= 64:
        raise ContextInvalid("time_zone: an IANA name such as Europe/Ljubljana is needed")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ContextInvalid(f"time_zone: {shown(name)} is no IANA time zone") from None


def minutes(wall_time: str) -> int:
    """Minutes since midnight of `HH:MM`; 24:00 is 1440."""
    return int(wall_time[:2]) * 60 + int(wall_time[3:5])


class CalendarCondition(NamedTuple):
    """Wall-time window in minutes (None: whole day), weekday bits (0: all), first date, end date."""

    window: tuple[int, int] | None
    days: int
    first: date | None
    end: date | None

    def holds(self, minute: int, weekday: int, day: date) -> bool:
        """Whether it holds at that local minute, weekday (holidays already made Sundays) and date."""
        if self.days and not self.days >> weekday & 1:
            return False
        if self.first is not None and day < self.first:
            return False
        if self.end is not None and day >= self.end:
            return False
        if self.window is None:
            return True
        start, stop = self.window
        if start < stop:
            return start <= minute < stop
        return minute >= start or minute < stop


class LocalCalendar:
    """Answers, for an instant, which of the conditions hold and until when that is sure."""

    __slots__ = ("_conditions", "_edges", "_holidays", "_memo", "_zone")

    def __init__(
        self, zone: ZoneInfo, conditions: tuple[CalendarCondition, ...], holidays: frozenset[date]
    ) -> None:
        edges = {0}
        for condition in conditions:
            if condition.window is not None:
                edges.update(edge % 1440 for edge in condition.window)
        self._zone = zone
        self._conditions = conditions
        self._edges = tuple(sorted(edges))
        self._holidays = holidays
        self._memo: dict[int, tuple[list[int], list[int]]] = {}

    def at(self, us: int) -> tuple[int, int]:
        """(bits of the conditions that hold at `us`, instant until which this is so)."""
        day = us // DAY_US
        found = self._memo.get(day)
        if found is None:
            if len(self._memo) >= _MEMO_DAYS:
                self._memo.clear()
            found = self._memo[day] = self._cut(day)
        starts, masks = found
        index = bisect_right(starts, us) - 1
        return masks[index], starts[index + 1] if index + 1 < len(starts) else (day + 1) * DAY_US

    def _cut(self, day: int) -> tuple[list[int], list[int]]:
        low, high = day * DAY_US, (day + 1) * DAY_US
        first = (from_us(low).astimezone(self._zone)).date()
        cuts = {low}
        for offset in (-1, 0, 1, 2):
            local = first + timedelta(days=offset)
            for edge in self._edges:
                wall = datetime(local.year, local.month, local.day, edge // 60, edge % 60, tzinfo=self._zone)
                for fold in (0, 1):
                    cut = to_us(wall.replace(fold=fold).astimezone(UTC))
                    if low < cut < high:
                        cuts.add(cut)
        ordered = [*sorted(cuts), high]
        for start, stop in pairwise(ordered):
            change = self._clock_change(start, stop)
            if change is not None:
                cuts.add(change)
        starts = sorted(cuts)
        return starts, [self._mask(start) for start in starts]

    def _clock_change(self, start: int, stop: int) -> int | None:
        """The instant in [start, stop) at which the zone's offset becomes another, to the second."""
        before = self._offset(start)
        low, high = start // SECOND_US, (stop - 1) // SECOND_US
        if self._offset(high * SECOND_US) == before:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle * SECOND_US) == before:
                low = middle
            else:
                high = middle
        return high * SECOND_US

    def _offset(self, us: int) -> timedelta | None:
        return from_us(us).astimezone(self._zone).utcoffset()

    def _mask(self, us: int) -> int:
        local = from_us(us).astimezone(self._zone)
        day = local.date()
        weekday = _SUNDAY if day in self._holidays else day.weekday()
        minute = local.hour * 60 + local.minute
        mask = 0
        for bit, condition in enumerate(self._conditions):
            if condition.holds(minute, weekday, day):
                mask |= 1 << bit
        return mask
