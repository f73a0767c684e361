"""The curve of a session: power, energy and price over time, thinned to what a screen can show. Pure.

Thinned by M4 (Jugel and others, VLDB 2014): of each time bucket the first, the last, the lowest and the highest
reading stay, so that a line drawn through them looks like the line through all. The same facts give the same points.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from forecourt.charging.fold import Course, Fact
from forecourt.charging.share_energy import trimmed
from forecourt.tariff import running_total

PER_BUCKET: Final = 4
_ENDS: Final = ("stopped", "unplugged", "closed_by_evidence")
PowerSource = Literal["measured", "mean", "none"]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What was known at a time: W, Wh so far, price so far with tax (rounded as on the receipt), percent."""

    at: datetime
    power_w: Decimal | None
    energy_wh: Decimal
    cost: Decimal | None
    soc_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in the order of time and the spans without readings.

    `every_s`: the usual time between readings (their median), None with fewer than two. `power_source`: `mean` where
    the station tells no power and it is energy over time since the point before.
    """

    points: list[CurvePoint]
    gaps: list[tuple[datetime, datetime]]
    every_s: int | None
    power_source: PowerSource
    readings: int


def curve_of(course: Course, facts: Sequence[Fact], points: int) -> Curve:
    """Fold the facts, in order, into a curve of about `points` points (at least eight).

    Args:
        course: new and empty; it is used up.
        facts: all facts of the session, sorted by their key.
        points: how many points are wanted; edges of gaps and the ends of the session come on top.
    """
    power = _powers(facts)
    times = list(power)
    every = _median_step(times)
    stopped_at = next((fact.at for fact in facts if fact.kind == "stopped"), None)
    buckets = max(points, 2 * PER_BUCKET) // PER_BUCKET
    shortest = (times[-1] - times[0]) / (buckets * PER_BUCKET) if times else timedelta(0)
    gaps = [] if every is None else _gaps(times, stopped_at, max(2 * every, shortest))
    kept = thin(times, [power[at] for at in times], buckets)
    kept.update(edge for gap in gaps for edge in gap)
    kept.update(fact.at for fact in facts if fact.kind in ("started", *_ENDS))
    measured = any(value is not None for value in power.values())
    found = _fold(course, facts, kept, power)
    if not measured:
        found = _with_mean_power(found, gaps)
    source: PowerSource = "measured" if measured else "mean" if len(found) > 1 and times else "none"
    return Curve(found, gaps, None if every is None else round(every.total_seconds()), source, len(times))


def thin(times: Sequence[datetime], values: Sequence[Decimal | None], buckets: int) -> set[datetime]:
    """The times to keep: first, last, lowest and highest of each of `buckets` spans of equal length."""
    if len(times) <= buckets * PER_BUCKET:
        return set(times)
    begin, span = times[0], times[-1] - times[0]
    kept: set[datetime] = set()
    bucket: list[int] = []
    number = 0
    for index, at in enumerate(times):
        into = min(buckets - 1, (at - begin) * buckets // span) if span else 0
        if into != number:
            _keep(bucket, times, values, kept)
            bucket, number = [], into
        bucket.append(index)
    _keep(bucket, times, values, kept)
    return kept


def _keep(
    bucket: Sequence[int], times: Sequence[datetime], values: Sequence[Decimal | None], kept: set[datetime]
) -> None:
    if not bucket:
        return
    kept.update((times[bucket[0]], times[bucket[-1]]))
    known = [(value, index) for index in bucket if (value := values[index]) is not None]
    if known:
        kept.update((times[min(known)[1]], times[max(known)[1]]))


def _powers(facts: Sequence[Fact]) -> dict[datetime, Decimal | None]:
    """The power at each time at which something was measured; several readings of one time are one."""
    power: dict[datetime, Decimal | None] = {}
    for fact in facts:
        if fact.kind == "reading":
            known = power.get(fact.at)
            power[fact.at] = fact.power_w if known is None else known
    return power


def _median_step(times: Sequence[datetime]) -> timedelta | None:
    steps = sorted(after - before for before, after in itertools.pairwise(times))
    return steps[len(steps) // 2] if steps else None


def _gaps(
    times: Sequence[datetime], until: datetime | None, longest: timedelta
) -> list[tuple[datetime, datetime]]:
    """Spans without a reading that are longer than that; after the stop none is expected."""
    ends = times if until is None or not times or until <= times[-1] else [*times, until]
    return [
        (before, after)
        for before, after in itertools.pairwise(ends)
        if after - before > longest and (until is None or before < until)
    ]


def _fold(
    course: Course, facts: Sequence[Fact], kept: set[datetime], power: dict[datetime, Decimal | None]
) -> list[CurvePoint]:
    points: list[CurvePoint] = []
    last = len(facts) - 1
    for index, fact in enumerate(facts):
        course.take(fact)
        at = fact.at
        if at not in kept or (index < last and facts[index + 1].at == at):
            continue
        fold, price = course.fold, course.price
        cost = None if price is None else running_total(price).rounded.after_taxes
        points.append(CurvePoint(at, power.get(at), trimmed(fold.energy_wh), cost, fold.soc_percent))
    return points


def _with_mean_power(
    points: Sequence[CurvePoint], gaps: Sequence[tuple[datetime, datetime]]
) -> list[CurvePoint]:
    """Points with the power that the energy since the one before took, where readings are close enough."""
    wide = {end for _, end in gaps}
    found: list[CurvePoint] = list(points[:1])
    for before, point in itertools.pairwise(points):
        seconds = (point.at - before.at) // timedelta(seconds=1)
        mean = None
        if seconds > 0 and point.at not in wide:
            mean = trimmed(((point.energy_wh - before.energy_wh) * 3600 / seconds).quantize(Decimal("0.1")))
        found.append(CurvePoint(point.at, mean, point.energy_wh, point.cost, point.soc_percent))
    return found
