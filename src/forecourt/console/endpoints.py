"""The console's tables and search, mounted by `api` under `/api/v1`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from forecourt.console.days import two_days
from forecourt.console.feed import feed
from forecourt.console.location_endpoints import router as locations
from forecourt.console.overview import overview
from forecourt.console.overview_schemas import Feed, FeedKind, Overview, TwoDays
from forecourt.console.schemas import SearchOut, StationFacets, StationRow, StationTable
from forecourt.console.search import search
from forecourt.console.session_endpoints import router as sessions
from forecourt.console.station_table import (
    count_stations,
    fetch_stations,
    station_facets,
    station_row,
    station_table,
)
from forecourt.identity.access import SIGNED_IN, require
from forecourt.identity.edits import WantsCsv
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.network.endpoints.access import DEFAULT_PAGE, Cursor, PageLimit, ReadStations, Sort, Words
from forecourt.network.listing import answer

router = APIRouter()
router.include_router(sessions)
router.include_router(locations)
Several = Annotated[str | None, Query(max_length=500, description="One, or several with commas.")]
SignedIn = Annotated[UnitOfWork, Depends(require(SIGNED_IN))]
ReadSessions = Annotated[UnitOfWork, Depends(require("sessions:read"))]
ReadEvents = Annotated[UnitOfWork, Depends(require("events:read"))]


@router.get("/network/stations", response_model=StationTable, tags=["stations"])
async def list_station_rows(
    uow: ReadStations,
    csv: WantsCsv,
    q: Words = None,
    state: Several = None,
    country: Several = None,
    model: Several = None,
    protocol: Several = None,
    location: Annotated[str | None, Query(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])] = None,
    sort: Sort = "state",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Adopted stations with their connectors, what charges there and where they stand; worst first."""
    filters: dict[str, list[Any]] = {
        "state": _several(state),
        "country": _several(country),
        "model": _several(model),
        "protocol": _several(protocol),
        "location_id": [decode_id("loc", location)] if location else [],
    }
    rows = await station_table(uow, filters=filters, words=q)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_stations(uow, rows, sort=sort, cursor=position, limit=size)

    async def show(found: Any) -> list[StationRow]:
        return [station_row(row) for row in found]

    if csv:
        return await answer(
            fetch, show, StationRow, csv=True, cursor=None, limit=limit, filename="stations.csv"
        )
    found, following = await fetch(cursor, limit)
    total = await count_stations(uow, rows) if cursor is None else None
    return StationTable(items=await show(found), next_cursor=following, total=total)


@router.get("/network/station-facets", tags=["stations"])
async def read_station_facets(uow: ReadStations) -> StationFacets:
    """What stations can be filtered by, counted over all of them."""
    return await station_facets(uow)


@router.get("/network/overview", tags=["stations"])
async def read_overview(uow: ReadStations) -> Overview:
    """Stations and connectors by state, open sessions, power, and where it all is."""
    return await overview(uow)


@router.get("/network/days", tags=["sessions"])
async def read_days(uow: ReadSessions) -> TwoDays:
    """Energy and revenue of today and yesterday by the quarter of an hour, each currency for itself."""
    return await two_days(uow)


@router.get("/network/feed", tags=["events"])
async def read_feed(
    uow: ReadEvents, kind: FeedKind = "all", limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Feed:
    """The newest facts with the names of what they are about; `GET /events` tells when there are more."""
    return await feed(uow, kind=kind, limit=limit)


@router.get("/search", tags=["search"], summary="Find by a part of a name")
async def find(
    uow: SignedIn,
    q: Annotated[str, Query(min_length=1, max_length=100, description="Part of a name, or a whole id.")],
    kinds: Annotated[str | None, Query(max_length=100, examples=["station,location"])] = None,
) -> SearchOut:
    """Stations, locations, sessions, tokens, tariffs and people that the caller may see, a few of each."""
    return SearchOut(items=await search(uow, q.strip(), kinds=_several(kinds)))


def _several(value: str | None) -> list[str]:
    return [part.strip() for part in (value or "").split(",") if part.strip()]
