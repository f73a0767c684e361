"""Stations, their credentials, and what replaces them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import or_, select

from forecourt.identity.access import operator_of
from forecourt.identity.edits import IfMatch, WantsCsv, set_etag
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import Page
from forecourt.network.add_station import AddStation, add_station
from forecourt.network.directory import announce_station
from forecourt.network.edit import edit_row
from forecourt.network.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadStations,
    Sort,
    StationPath,
    Words,
    WriteStations,
    pepper_of,
    station_of,
)
from forecourt.network.listing import answer, fetch_page, text_filter
from forecourt.network.manage_credentials import list_credentials, revoke_credential, rotate_credential
from forecourt.network.models import Station
from forecourt.network.move_station import move_evses
from forecourt.network.retire_station import retire_station
from forecourt.network.schemas.hardware import (
    CredentialIn,
    CredentialMade,
    CredentialOut,
    StationIn,
    StationOut,
    StationPatch,
    StationWithPassword,
    SwapIn,
)
from forecourt.network.send_command import push_password
from forecourt.network.swap_station import Mapping, SwapStation, swap_station

router = APIRouter(prefix="/stations", tags=["stations"])
_SORTS = {
    "identity": Station.identity,
    "created_at": Station.created_at,
    "link_since": Station.link_since,
    "last_seen_at": Station.last_seen_at,
    "model": Station.model,
}
_NOT_NULL = frozenset(StationPatch.model_fields) - {"label"}


@router.get("", response_model=Page[StationOut])
async def list_stations(
    uow: ReadStations,
    csv: WantsCsv,
    q: Words = None,
    location: Annotated[str | None, Query(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])] = None,
    registration: Annotated[str | None, Query(pattern="^(knocking|adopted|retired)$")] = None,
    link: Annotated[str | None, Query(pattern="^(online|offline)$")] = None,
    protocol: str | None = None,
    vendor: str | None = None,
    status: str | None = None,
    blocked: bool | None = None,
    sort: Sort = "identity",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """All stations that are adopted, or those of another registration."""
    query = select(Station).where(
        Station.operator_id == operator_of(uow), Station.registration == (registration or "adopted")
    )
    if q:
        query = query.where(
            or_(
                text_filter(Station.identity, q),
                text_filter(Station.label, q),
                text_filter(Station.serial_number, q),
            )
        )
    if location:
        query = query.where(Station.location_id == decode_id("loc", location))
    for column, value in (
        (Station.link, link),
        (Station.protocol, protocol),
        (Station.vendor, vendor),
        (Station.status, status),
        (Station.blocked, blocked),
    ):
        if value is not None:
            query = query.where(column == value)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=Station, sorts=_SORTS, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[Station]) -> list[StationOut]:
        return [StationOut.of(row) for row in rows]

    return await answer(fetch, show, StationOut, csv=csv, cursor=cursor, limit=limit, filename="stations.csv")


@router.post("", status_code=201)
async def create(
    body: StationIn, uow: WriteStations, request: Request, response: Response
) -> StationWithPassword:
    """Register a station before it connects. Its password is told this once."""
    command = AddStation(**{**body.model_dump(), "location_id": decode_id("loc", body.location_id)})
    station, password = await add_station(command, uow=uow, pepper=pepper_of(request))
    response.headers["Cache-Control"] = "no-store"
    return StationWithPassword(station=StationOut.of(station), password=password)


@router.get("/{station}")
async def read(station: StationPath, uow: ReadStations, response: Response) -> StationOut:
    """One station."""
    row = await station_of(uow, station)
    set_etag(response, row.revision)
    return StationOut.of(row)


@router.patch("/{station}")
async def edit(
    station: StationPath,
    body: StationPatch,
    uow: WriteStations,
    request: Request,
    response: Response,
    if_match: IfMatch,
) -> StationOut:
    """Change a station. Gateways heed it within seconds; one that is blocked loses its socket. Another location
    takes its EVSEs along."""
    row = await station_of(uow, station, lock=True)
    changes = body.model_dump(exclude_unset=True)
    changes = {name: value for name, value in changes.items() if value is not None or name not in _NOT_NULL}
    if "location_id" in changes:
        changes["location_id"] = decode_id("loc", changes["location_id"])
        await move_evses(row, changes["location_id"], uow=uow)
    if await edit_row(row, changes, subject_type="station", if_match=if_match, uow=uow):
        await announce_station(uow, row.id)
    if row.blocked:
        stations, station_id = request.app.state.stations, row.id
        uow.after_commit(lambda: stations.disconnect(station_id=station_id, reason="station_blocked"))
    await uow.session.refresh(row)
    set_etag(response, row.revision)
    return StationOut.of(row)


@router.post("/{station}/retire")
async def retire(station: StationPath, uow: WriteStations, request: Request) -> StationOut:
    """Take a station out of service for good; its EVSEs and their history stay."""
    row = await station_of(uow, station)
    row = await retire_station(row.id, uow=uow, stations=request.app.state.stations)
    return StationOut.of(row)


@router.post("/{station}/swap")
async def swap(
    station: StationPath, body: SwapIn, uow: WriteStations, request: Request, response: Response
) -> StationWithPassword:
    """Put another station in the place of this one: EVSE ids, QR codes, tariffs and history stay."""
    row = await station_of(uow, station)
    command = SwapStation(
        station_id=row.id,
        knock_id=decode_id("knk", body.knock_id) if body.knock_id else None,
        new_station_id=decode_id("sta", body.new_station_id) if body.new_station_id else None,
        mappings=[
            Mapping(evse_id=decode_id("evs", m.evse_id), evse_no=m.evse_no, connector_no=m.connector_no)
            for m in body.mappings
        ]
        if body.mappings is not None
        else None,
    )
    state = request.app.state
    swapped = await swap_station(
        command, uow=uow, stations=state.stations, database=state.database, pepper=pepper_of(request)
    )
    response.headers["Cache-Control"] = "no-store"
    return StationWithPassword(station=StationOut.of(swapped.station), password=swapped.password or None)


@router.get("/{station}/credentials")
async def credentials(station: StationPath, uow: WriteStations) -> list[CredentialOut]:
    """Its passwords, as far as they can be shown. Weak ones are flagged."""
    row = await station_of(uow, station)
    return [CredentialOut.of(credential) for credential in await list_credentials(uow, row.id)]


@router.post("/{station}/credentials", status_code=201)
async def rotate(
    station: StationPath, body: CredentialIn, uow: WriteStations, request: Request, response: Response
) -> CredentialMade:
    """Give it a new password, told this once; the old ones stay valid until the station uses it."""
    row = await station_of(uow, station)
    made, password = await rotate_credential(
        row.id,
        password=body.password,
        grace=timedelta(seconds=body.grace_s) if body.grace_s is not None else None,
        pepper=pepper_of(request),
        uow=uow,
    )
    if body.push:
        state = request.app.state
        await push_password(row, password, uow=uow, database=state.database, stations=state.stations)
    response.headers["Cache-Control"] = "no-store"
    return CredentialMade(**CredentialOut.of(made).model_dump(), password=password)


@router.delete("/{station}/credentials/{credential}", status_code=204)
async def revoke(station: StationPath, credential: str, uow: WriteStations, request: Request) -> None:
    """End a password now, and close the station's socket."""
    row = await station_of(uow, station)
    await revoke_credential(
        row.id, decode_id("scr", credential), uow=uow, stations=request.app.state.stations
    )
