"""What a station said over time: status, boots, problems, variables."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import or_, select

from forecourt.identity.access import operator_of
from forecourt.identity.edits import WantsCsv
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import Page
from forecourt.network.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadStations,
    Sort,
    StationPath,
    Words,
    station_of,
)
from forecourt.network.listing import answer, fetch_page, text_filter
from forecourt.network.models import StationBoot, StationEvent, StatusInterval, Variable
from forecourt.network.queries import get_connector
from forecourt.network.schemas.hardware import BootOut, StationEventOut, StatusIntervalOut, VariableOut

router = APIRouter(tags=["stations"])
From = Annotated[datetime | None, Query(alias="from", description="What lasted beyond this time.")]
To = Annotated[datetime | None, Query(alias="to", description="What began before this time.")]
Track = Annotated[
    str | None, Query(pattern="^(status|link)$", description="`status`, or `link` for the socket.")
]


@router.get("/stations/{station}/status-history", response_model=Page[StatusIntervalOut])
async def station_history(
    station: StationPath,
    uow: ReadStations,
    csv: WantsCsv,
    track: Track = None,
    begin: From = None,
    end: To = None,
    sort: Sort = "-started_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Status intervals of a station and all its connectors, newest first."""
    row = await station_of(uow, station)
    query = _intervals(uow, track, begin, end).where(StatusInterval.station_id == row.id)
    return await _history(uow, query, csv=csv, sort=sort, cursor=cursor, limit=limit)


@router.get(
    "/connectors/{connector}/status-history", response_model=Page[StatusIntervalOut], tags=["connectors"]
)
async def connector_history(
    connector: str,
    uow: ReadStations,
    csv: WantsCsv,
    begin: From = None,
    end: To = None,
    sort: Sort = "-started_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Status intervals of a connector, across all stations that ever served it, newest first."""
    row = await get_connector(uow, decode_id("con", connector))
    query = _intervals(uow, "status", begin, end).where(StatusInterval.connector_id == row.id)
    return await _history(uow, query, csv=csv, sort=sort, cursor=cursor, limit=limit)


@router.get("/stations/{station}/variables", response_model=Page[VariableOut])
async def variables(
    station: StationPath,
    uow: ReadStations,
    csv: WantsCsv,
    q: Words = None,
    component: str | None = None,
    evse_no: int | None = None,
    sort: Sort = "variable",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Its variables, or OCPP 1.6 keys, as last seen. Passwords are never kept."""
    row = await station_of(uow, station)
    query = select(Variable).where(Variable.operator_id == operator_of(uow), Variable.station_id == row.id)
    if q:
        query = query.where(or_(text_filter(Variable.variable, q), text_filter(Variable.component, q)))
    if component is not None:
        query = query.where(Variable.component == component)
    if evse_no is not None:
        query = query.where(Variable.evse_no == evse_no)
    sorts = {"variable": Variable.variable, "component": Variable.component, "seen_at": Variable.seen_at}

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=Variable, sorts=sorts, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[Variable]) -> list[VariableOut]:
        return [VariableOut.of(item) for item in rows]

    return await answer(
        fetch, show, VariableOut, csv=csv, cursor=cursor, limit=limit, filename="variables.csv"
    )


@router.get("/stations/{station}/events", response_model=Page[StationEventOut])
async def events(
    station: StationPath,
    uow: ReadStations,
    csv: WantsCsv,
    kind: Annotated[str | None, Query(pattern="^(problem|security)$")] = None,
    sort: Sort = "-received_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Problems and security events that it reported, newest first."""
    row = await station_of(uow, station)
    query = select(StationEvent).where(
        StationEvent.operator_id == operator_of(uow), StationEvent.station_id == row.id
    )
    if kind:
        query = query.where(StationEvent.kind == kind)
    sorts = {"received_at": StationEvent.received_at, "code": StationEvent.code}

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=StationEvent, sorts=sorts, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[StationEvent]) -> list[StationEventOut]:
        return [StationEventOut.of(item) for item in rows]

    return await answer(
        fetch, show, StationEventOut, csv=csv, cursor=cursor, limit=limit, filename="events.csv"
    )


@router.get("/stations/{station}/boots", response_model=Page[BootOut])
async def boots(
    station: StationPath,
    uow: ReadStations,
    csv: WantsCsv,
    sort: Sort = "-last_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Its boots, newest first; equal ones in a row are counted."""
    row = await station_of(uow, station)
    query = select(StationBoot).where(
        StationBoot.operator_id == operator_of(uow), StationBoot.station_id == row.id
    )
    sorts = {"last_at": StationBoot.last_at, "first_at": StationBoot.first_at}

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=StationBoot, sorts=sorts, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[StationBoot]) -> list[BootOut]:
        return [BootOut.of(item) for item in rows]

    return await answer(fetch, show, BootOut, csv=csv, cursor=cursor, limit=limit, filename="boots.csv")


def _intervals(uow: Any, track: str | None, begin: datetime | None, end: datetime | None) -> Any:
    query = select(StatusInterval).where(StatusInterval.operator_id == operator_of(uow))
    if track:
        query = query.where(StatusInterval.track == track)
    if begin is not None:
        query = query.where(or_(StatusInterval.ended_at.is_(None), StatusInterval.ended_at > begin))
    if end is not None:
        query = query.where(StatusInterval.started_at < end)
    return query


async def _history(uow: Any, query: Any, *, csv: bool, sort: str, cursor: str | None, limit: int) -> Any:
    sorts = {"started_at": StatusInterval.started_at}

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=StatusInterval, sorts=sorts, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[StatusInterval]) -> list[StatusIntervalOut]:
        return [StatusIntervalOut.of(item) for item in rows]

    return await answer(
        fetch, show, StatusIntervalOut, csv=csv, cursor=cursor, limit=limit, filename="status-history.csv"
    )
