"""Queries behind the list of what needs attention; each sees what its transaction's scope sees."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from forecourt.charging.models import Finding, Orphan, Session
from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.network.models import Knock, Station
from forecourt.operations.models import Incident

TAKINGS_SPAN = timedelta(days=7)
"""A week has each weekday once."""
_LEAST_SPAN = timedelta(days=1)

_TAKINGS = text("""
    SELECT station_id, evse_id, currency, sum(total_before_taxes_minor)::bigint AS minor
    FROM (
        SELECT DISTINCT ON (c.session_id) c.station_id, c.evse_id, c.currency, c.total_before_taxes_minor
        FROM charge_detail_record c
        WHERE c.operator_id = :operator AND c.created_at >= :begin AND c.station_id = ANY(:stations)
        ORDER BY c.session_id, c.revision DESC
    ) latest
    WHERE currency IS NOT NULL GROUP BY station_id, evse_id, currency
""")


@dataclass(frozen=True)
class Takings:
    """What stations took of late, in minor units an hour."""

    by_station: dict[UUID, tuple[int, str]]
    by_evse: dict[UUID, tuple[int, str]]


async def takings(uow: UnitOfWork, stations: dict[UUID, Station]) -> Takings:
    """What each of the stations, and each EVSE there, took in an hour on average over the last week."""
    if not stations:
        return Takings({}, {})
    now = uow.clock.now()
    rows = await uow.session.execute(
        _TAKINGS, {"operator": operator_of(uow), "begin": now - TAKINGS_SPAN, "stations": list(stations)}
    )
    by_station: dict[UUID, tuple[int, str]] = {}
    by_evse: dict[UUID, tuple[int, str]] = {}
    for row in rows:
        span = min(TAKINGS_SPAN, max(_LEAST_SPAN, now - stations[row.station_id].created_at))
        hours = int(span.total_seconds() // 3600)
        before = by_station.get(row.station_id, (0, row.currency))[0]
        by_station[row.station_id] = (before + row.minor // hours, row.currency)
        if row.evse_id is not None:
            by_evse[row.evse_id] = (row.minor // hours, row.currency)
    return Takings(by_station, by_evse)


async def stations_by_id(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Station]:
    """Stations, as far as they are visible."""
    if not ids:
        return {}
    rows = await uow.session.scalars(
        select(Station).where(Station.operator_id == operator_of(uow), Station.id.in_(ids))
    )
    return {row.id: row for row in rows}


async def open_sessions(uow: UnitOfWork, stations: Collection[UUID]) -> dict[UUID, list[int | None]]:
    """EVSE numbers of the open sessions, by station."""
    if not stations:
        return {}
    rows = await uow.session.execute(
        select(Session.station_id, Session.evse_no).where(
            Session.operator_id == operator_of(uow),
            Session.ended_at.is_(None),
            Session.settled_at.is_(None),
            Session.station_id.in_(stations),
        )
    )
    found: dict[UUID, list[int | None]] = {}
    for station_id, evse_no in rows:
        found.setdefault(station_id, []).append(evse_no)
    return found


async def unresolved_incidents(uow: UnitOfWork) -> list[Incident]:
    """Open and acknowledged ones, the oldest first."""
    rows = await uow.session.scalars(
        select(Incident)
        .where(Incident.operator_id == operator_of(uow), Incident.state != "resolved")
        .order_by(Incident.opened_at)
    )
    return list(rows)


async def held_sessions(uow: UnitOfWork, *, since: datetime) -> list[Any]:
    """Sessions whose energy is held back for a person to look at, with a finding that nobody has judged."""
    rows = await uow.session.execute(
        select(
            Session.id, Session.station_id, Session.location_id, Session.evse_no, Session.held_wh,
            func.min(Finding.found_at).label("since"), func.min(Finding.code).label("code"),
        )
        .join(Finding, (Finding.operator_id == Session.operator_id) & (Finding.session_id == Session.id))
        .where(
            Session.operator_id == operator_of(uow),
            Session.opened_at >= since,
            Session.held_wh != 0,
            Finding.resolved_at.is_(None),
        )
        .group_by(Session.operator_id, Session.id)
    )  # fmt: skip
    return list(rows)


async def waiting_orphans(uow: UnitOfWork) -> list[Any]:
    """Orphans that wait for a person, by station."""
    rows = await uow.session.execute(
        select(
            Orphan.station_id, func.count().label("count"), func.min(Orphan.received_at).label("since"),
            func.max(Orphan.reason_code).label("code"),
            func.array_agg(Orphan.id).label("ids"),
        )
        .where(
            Orphan.operator_id == operator_of(uow),
            Orphan.matched_session_id.is_(None),
            Orphan.dismissed_at.is_(None),
        )
        .group_by(Orphan.station_id)
    )  # fmt: skip
    return list(rows)


async def open_findings(uow: UnitOfWork, *, except_sessions: Collection[UUID]) -> list[Any]:
    """Findings that nobody has judged, by station and code; without those of held sessions."""
    query = select(
        Finding.station_id, Finding.code, func.count().label("count"), func.min(Finding.found_at).label("since"),
        func.array_agg(Finding.id).label("ids"),
    ).where(Finding.operator_id == operator_of(uow), Finding.resolved_at.is_(None))  # fmt: skip
    if except_sessions:
        query = query.where(Finding.session_id.is_(None) | Finding.session_id.not_in(except_sessions))
    rows = await uow.session.execute(query.group_by(Finding.station_id, Finding.code))
    return list(rows)


async def waiting_knocks(uow: UnitOfWork) -> list[Knock]:
    """Stations that knock and wait to be let in."""
    rows = await uow.session.scalars(
        select(Knock).where(Knock.operator_id == operator_of(uow), Knock.state == "waiting")
    )
    return list(rows)
