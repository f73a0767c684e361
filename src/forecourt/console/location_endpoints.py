"""The table of locations, mounted by `api` under `/api/v1`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from forecourt.charging.endpoints.access import ReadSessions
from forecourt.console.location_schemas import LocationFacets, LocationLoad, LocationRow, LocationTable
from forecourt.console.location_table import (
    count_locations,
    fetch_locations,
    location_facets,
    location_load,
    location_row,
    location_rows,
)
from forecourt.identity.edits import WantsCsv
from forecourt.kit.ids import decode_id
from forecourt.network.endpoints.access import DEFAULT_PAGE, Cursor, PageLimit, ReadLocations, Sort, Words
from forecourt.network.listing import answer
from forecourt.network.queries import get_location

router = APIRouter(tags=["locations"])
Several = Annotated[str | None, Query(max_length=500, description="One, or several with commas.")]


@router.get("/network/locations", response_model=LocationTable)
async def list_location_rows(
    uow: ReadLocations,
    csv: WantsCsv,
    q: Words = None,
    country: Several = None,
    state: Several = None,
    retired: bool = False,
    sort: Sort = "name",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Locations with their stations' states, power and energy today."""
    filters = {
        name: [part.strip() for part in (value or "").split(",") if part.strip()]
        for name, value in (("country", country), ("state", state))
    }
    rows = await location_rows(uow, filters=filters, words=q, retired=retired)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_locations(uow, rows, sort=sort, cursor=position, limit=size)

    async def show(found: Any) -> list[LocationRow]:
        return [location_row(row) for row in found]

    if csv:
        return await answer(
            fetch, show, LocationRow, csv=True, cursor=None, limit=limit, filename="locations.csv"
        )
    found, following = await fetch(cursor, limit)
    total = await count_locations(uow, rows) if cursor is None else None
    return LocationTable(items=await show(found), next_cursor=following, total=total)


@router.get("/network/location-facets")
async def read_location_facets(uow: ReadLocations) -> LocationFacets:
    """What locations can be filtered by, counted over all open ones."""
    return await location_facets(uow)


@router.get("/network/locations/{location}/load")
async def read_load(location: str, uow: ReadSessions) -> LocationLoad:
    """How much a location has drawn since midnight there."""
    return await location_load(uow, await get_location(uow, decode_id("loc", location)))
