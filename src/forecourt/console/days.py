"""Energy and revenue of today and yesterday, by the quarter of an hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sqlalchemy import Uuid, bindparam, text

from forecourt.console.overview_schemas import Day, DayRevenue, TwoDays
from forecourt.console.spread import LOOK_BACK, SPREAD, local_midnight, zone_of
from forecourt.identity.access import operator_of
from forecourt.identity.queries import get_operator
from forecourt.kit.columns import UtcDateTime
from forecourt.kit.database import UnitOfWork

QUARTER_HOUR = timedelta(minutes=15)
_SLOT_S = 900
_UNITS = {"energy": Decimal(1), "cost": Decimal("0.0001")}

# Each session changes the rate twice: up where it begins, down where it ends. Two sums per quarter of an hour, of the
# changes and of the changes by their time, are all that the running total needs, however many sessions there are.
_SQL = f"""
    WITH {SPREAD}, rate AS (
        SELECT currency, begins, ends, energy_wh / extract(epoch FROM ends - begins) AS energy,
               cost / extract(epoch FROM ends - begins) AS cost
        FROM spread WHERE ends > :start AND (energy_wh > 0 OR cost > 0)
    ), change AS (
        SELECT currency, extract(epoch FROM begins - :start) AS at, energy, cost FROM rate
        UNION ALL
        SELECT currency, extract(epoch FROM ends - :start), -energy, -cost FROM rate
    )
    SELECT currency, floor(at / {_SLOT_S})::int AS slot, sum(energy) AS energy, sum(energy * at) AS energy_at,
           sum(cost) AS cost, sum(cost * at) AS cost_at
    FROM change GROUP BY currency, slot ORDER BY slot
"""  # noqa: S608 only our own text is put in


@dataclass(frozen=True, slots=True)
class _Change:
    slot: int
    rate: Fraction
    rate_at: Fraction


async def two_days(uow: UnitOfWork) -> TwoDays:
    """Today so far and the whole of yesterday, in the operator's time zone; each currency for itself."""
    now = uow.clock.now()
    zone = zone_of((await get_operator(uow)).time_zone)
    start, midnight, end = (local_midnight(now, zone, days=days) for days in (-1, 0, 1))
    statement = text(_SQL).bindparams(
        bindparam("operator", operator_of(uow), Uuid()),
        bindparam("since", start - LOOK_BACK, UtcDateTime()),
        bindparam("start", start, UtcDateTime()),
        sessions=True,
    )
    changes: dict[str, dict[str | None, list[_Change]]] = {kind: defaultdict(list) for kind in _UNITS}
    for row in await uow.session.execute(statement):
        for kind, rate, rate_at in (
            ("energy", row.energy, row.energy_at),
            ("cost", row.cost, row.cost_at),
        ):
            changes[kind][row.currency].append(_Change(row.slot, Fraction(rate), Fraction(rate_at)))

    # The same time on the clock, not 24 hours ago: days of 23 and 25 hours keep their noon.
    local = now.astimezone(zone)
    same_time = datetime.combine(local.date() - timedelta(days=1), local.time(), zone).astimezone(UTC)
    days = []
    for begins, ends, until in ((midnight, end, now), (start, midnight, same_time)):
        stops = now if begins == midnight else ends

        def share(
            found: Sequence[_Change],
            kind: str,
            begins: datetime = begins,
            stops: datetime = stops,
            until: datetime = until,
        ) -> dict[str, Any]:
            edges = [_seconds(edge - start) for edge in _edges(begins, stops)]
            totals = _totals(found, edges)
            so_far = _at(totals, edges, _seconds(until - start))
            return {
                "by_quarter_hour": [_rounded(b - a, kind) for a, b in pairwise(totals)],
                "total": _rounded(totals[-1] - totals[0], kind),
                "so_far": _rounded(so_far - totals[0], kind),
            }

        energy = share([one for found in changes["energy"].values() for one in found], "energy")
        days.append(
            Day(
                starts_at=begins,
                ends_at=ends,
                energy_wh=energy["total"],
                energy_so_far_wh=energy["so_far"],
                energy_by_quarter_hour_wh=energy["by_quarter_hour"],
                revenue=[
                    DayRevenue(currency=currency, **share(found, "cost"))
                    for currency, found in sorted(
                        (currency, found) for currency, found in changes["cost"].items() if currency
                    )
                ],
            )
        )
    return TwoDays(at=now, time_zone=str(zone), today=days[0], yesterday=days[1])


def _edges(begins: datetime, stops: datetime) -> list[datetime]:
    """The quarters of an hour of that time; the last one may be shorter."""
    edges = [begins]
    while edges[-1] + QUARTER_HOUR < stops:
        edges.append(edges[-1] + QUARTER_HOUR)
    return [*edges, stops]


def _totals(changes: Sequence[_Change], edges: Sequence[Fraction]) -> list[Fraction]:
    """The running total at each edge: what changed before it, times how long ago that was."""
    ordered = sorted(changes, key=lambda change: change.slot)
    totals, done = [], 0
    rate = rate_at = Fraction(0)
    for index, edge in enumerate(edges):
        last = index == len(edges) - 1
        # The end of today lies inside a slot, whose changes have all happened by then.
        while done < len(ordered) and (ordered[done].slot + 1) * _SLOT_S <= edge + (_SLOT_S if last else 0):
            rate += ordered[done].rate
            rate_at += ordered[done].rate_at
            done += 1
        totals.append(edge * rate - rate_at)
    return totals


def _at(totals: Sequence[Fraction], edges: Sequence[Fraction], moment: Fraction) -> Fraction:
    """The running total between two edges, on the line between theirs."""
    for index in range(1, len(edges)):
        if moment <= edges[index]:
            before, after = edges[index - 1], edges[index]
            share = (moment - before) / (after - before) if after > before else Fraction(1)
            return totals[index - 1] + (totals[index] - totals[index - 1]) * share
    return totals[-1]


def _seconds(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 1_000_000)


def _rounded(value: Fraction, kind: str) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(
        _UNITS[kind], rounding=ROUND_HALF_EVEN
    )
