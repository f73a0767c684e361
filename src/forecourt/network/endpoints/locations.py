"""Locations."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.edits import IfMatch, WantsCsv, set_etag
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import Page
from forecourt.network.edit import edit_row
from forecourt.network.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadLocations,
    Sort,
    Words,
    WriteLocations,
)
from forecourt.network.listing import answer, fetch_page, text_filter
from forecourt.network.manage_places import check_partner, create_location, retire_location
from forecourt.network.models import Location
from forecourt.network.queries import get_location
from forecourt.network.schemas.places import LocationIn, LocationOut, LocationPatch

router = APIRouter(prefix="/locations", tags=["locations"])
_SORTS = {"name": Location.name, "city": Location.city, "created_at": Location.created_at}
_PARTNER = "ptn"


@router.get("", response_model=Page[LocationOut])
async def list_locations(
    uow: ReadLocations,
    csv: WantsCsv,
    q: Words = None,
    country: Annotated[str | None, Query(examples=["DE"])] = None,
    city: str | None = None,
    retired: bool = False,
    sort: Sort = "name",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """All locations, by name."""
    query = select(Location).where(Location.operator_id == operator_of(uow))
    query = query.where(Location.retired_at.is_not(None) if retired else Location.retired_at.is_(None))
    if q:
        query = query.where(text_filter(Location.name, q))
    if country:
        query = query.where(Location.country == country.upper())
    if city:
        query = query.where(Location.city == city)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=Location, sorts=_SORTS, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[Location]) -> list[LocationOut]:
        return [LocationOut.of(row) for row in rows]

    return await answer(
        fetch, show, LocationOut, csv=csv, cursor=cursor, limit=limit, filename="locations.csv"
    )


@router.post("", status_code=201)
async def create(body: LocationIn, uow: WriteLocations, response: Response) -> LocationOut:
    """Make a location."""
    row = await create_location(_fields(body.model_dump()), uow=uow)
    set_etag(response, row.revision)
    return LocationOut.of(row)


@router.get("/{location}")
async def read(location: str, uow: ReadLocations, response: Response) -> LocationOut:
    """One location."""
    row = await get_location(uow, decode_id("loc", location))
    set_etag(response, row.revision)
    return LocationOut.of(row)


@router.patch("/{location}")
async def edit(
    location: str, body: LocationPatch, uow: WriteLocations, response: Response, if_match: IfMatch
) -> LocationOut:
    """Change a location."""
    row = await get_location(uow, decode_id("loc", location), lock=True)
    changes = _fields(body.model_dump(exclude_unset=True))
    for required in ("name", "country", "time_zone"):
        if changes.get(required, "") is None:
            del changes[required]
    await check_partner(changes.get("host_partner_id"), uow=uow)
    await edit_row(row, changes, subject_type="location", if_match=if_match, uow=uow)
    set_etag(response, row.revision)
    return LocationOut.of(row)


@router.post("/{location}/retire")
async def retire(location: str, uow: WriteLocations) -> LocationOut:
    """Close a location for good. Refused while stations stand there."""
    return LocationOut.of(await retire_location(decode_id("loc", location), uow=uow))


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("host_partner_id") is not None:
        values["host_partner_id"] = decode_id(_PARTNER, values["host_partner_id"])
    return values
