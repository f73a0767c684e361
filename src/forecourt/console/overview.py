"""The network in figures and on the map: three counts, each one pass over what is in service or open now."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Uuid, bindparam, text

from forecourt.console.overview_schemas import LookAt, Overview, Place
from forecourt.console.station_table import OUTLETS, STATES
from forecourt.identity.access import actor_of, operator_of
from forecourt.kit.columns import UtcDateTime
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id

SILENT_AFTER = timedelta(minutes=30)

_CONNECTORS = f"""
    WITH {OUTLETS}
    SELECT t.location_id, l.name, l.city, l.country, l.latitude, l.longitude, o.rank, count(*) AS count
    FROM (SELECT station_id, id, min(rank) AS rank FROM outlet GROUP BY station_id, id) AS o
    JOIN station t ON t.operator_id = :operator AND t.id = o.station_id AND t.registration = 'adopted'
    LEFT JOIN location l ON l.operator_id = t.operator_id AND l.id = t.location_id
    GROUP BY t.location_id, l.name, l.city, l.country, l.latitude, l.longitude, o.rank
"""  # noqa: S608 only our own text is put in
_STATIONS = f"""
    WITH {OUTLETS}
    SELECT CASE WHEN t.link <> 'online' THEN 1 ELSE coalesce(o.rank, 11) END AS rank, count(*) AS count
    FROM station t LEFT JOIN (SELECT station_id, min(rank) AS rank FROM outlet GROUP BY station_id) AS o
         ON o.station_id = t.id
    WHERE t.operator_id = :operator AND t.registration = 'adopted'
    GROUP BY 1
"""  # noqa: S608 only our own text is put in
_SESSIONS = """
    SELECT CASE
               WHEN t.link <> 'online' THEN 'unseen'
               WHEN s.state = 'suspended_evse' THEN 'no_power'
               WHEN s.tariff_version_id IS NULL AND s.started_at IS NOT NULL THEN 'no_price'
               WHEN s.state = 'charging' AND s.last_at < :silent THEN 'silent'
               ELSE 'well' END AS reason,
           count(*) AS count, sum(s.power_w) FILTER (WHERE t.link = 'online') AS power_w
    FROM session s JOIN station t ON t.operator_id = s.operator_id AND t.id = s.station_id
    WHERE s.operator_id = :operator AND s.ended_at IS NULL AND s.settled_at IS NULL AND :sessions
    GROUP BY 1
"""


async def overview(uow: UnitOfWork) -> Overview:
    """Counts by state, open sessions and what is odd about them, power, and every location with its connectors."""
    now = uow.clock.now()

    async def rows(sql: str, *more: BindParameter[Any]) -> Any:
        own = bindparam("operator", operator_of(uow), Uuid())
        statement = text(sql).bindparams(own, *more, sessions=actor_of(uow).may("sessions:read"))
        return await uow.session.execute(statement)

    connectors: dict[str, int] = defaultdict(int)
    places: dict[UUID, Place] = {}
    for row in await rows(_CONNECTORS):
        state = STATES[row.rank]
        connectors[state] += row.count
        if row.location_id is None:
            continue
        place = places.get(row.location_id)
        if place is None:
            place = places[row.location_id] = Place(
                id=encode_id("loc", row.location_id),
                name=row.name,
                city=row.city,
                country=row.country,
                latitude=row.latitude,
                longitude=row.longitude,
                states={},
            )
        place.states[state] = row.count
    silent = bindparam("silent", now - SILENT_AFTER, UtcDateTime())
    stations = {STATES[row.rank]: row.count for row in await rows(_STATIONS)}
    sessions = {row.reason: row for row in await rows(_SESSIONS, silent)}
    return Overview(
        at=now,
        stations=_worst_first(stations),
        connectors=_worst_first(connectors),
        open_sessions=sum(row.count for row in sessions.values()),
        look_at=LookAt(
            **{
                reason: sessions[reason].count if reason in sessions else 0
                for reason in ("unseen", "no_power", "no_price", "silent")
            }
        ),
        power_w=sum((row.power_w or Decimal(0) for row in sessions.values()), Decimal(0)),
        places=sorted(places.values(), key=lambda place: (place.name, place.id)),
    )


def _worst_first(counts: dict[str, int]) -> dict[str, int]:
    return {state: counts[state] for state in STATES if counts.get(state)}
