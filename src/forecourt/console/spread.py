"""How the energy and the cost of a session are laid over time: evenly, from its start to its end or last word.

A session row knows its totals only; the readings know more, but are hundreds for each session. Sums over a day or a
network come out the same but for the sessions that run across its edges.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOOK_BACK = timedelta(days=2)
"""Sessions that began earlier than this before a day add nothing to it: what makes the day an index range."""

SPREAD = """
    spread AS (
        SELECT station_id, currency, energy_wh, cost, begins, greatest(ends, begins + interval '1 second') AS ends
        FROM (
            SELECT s.station_id, s.currency, s.energy_wh, coalesce(s.cost_after_taxes, 0) AS cost,
                   coalesce(s.started_at, s.opened_at) AS begins,
                   coalesce(s.stopped_at, s.ended_at, s.last_at, s.opened_at) AS ends
            FROM session s
            WHERE s.operator_id = :operator AND s.opened_at >= :since AND :sessions
        ) AS totals
    )"""
"""Common table expression: sessions since `:since` with the time that their totals are spread over."""


def local_midnight(at: datetime, zone: ZoneInfo, *, days: int = 0) -> datetime:
    """When the day of that moment began in the zone, or the day so many days later; in UTC."""
    day: date = at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone; UTC for a name that this machine's data does not know (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
