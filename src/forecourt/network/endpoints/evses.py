"""EVSEs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import exists, or_, select

from forecourt.identity.access import operator_of
from forecourt.identity.edits import IfMatch, WantsCsv, set_etag
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id, encode_id
from forecourt.kit.paging import Page
from forecourt.network.edit import edit_row
from forecourt.network.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadStations,
    Sort,
    Words,
    WriteStations,
)
from forecourt.network.listing import answer, fetch_page, text_filter
from forecourt.network.manage_places import create_evse, retire_evse
from forecourt.network.models import Evse, Installation
from forecourt.network.queries import get_evse
from forecourt.network.schemas.places import EvseIn, EvseOut, EvsePatch

router = APIRouter(prefix="/evses", tags=["evses"])
_SORTS = {"evse_uid": Evse.evse_uid, "created_at": Evse.created_at}


@router.get("", response_model=Page[EvseOut])
async def list_evses(
    uow: ReadStations,
    csv: WantsCsv,
    q: Words = None,
    location: str | None = None,
    station: str | None = None,
    retired: bool = False,
    sort: Sort = "evse_uid",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """All EVSEs."""
    query = select(Evse).where(Evse.operator_id == operator_of(uow))
    query = query.where(Evse.retired_at.is_not(None) if retired else Evse.retired_at.is_(None))
    if q:
        query = query.where(or_(text_filter(Evse.evse_uid, q), text_filter(Evse.label, q)))
    if location:
        query = query.where(Evse.location_id == decode_id("loc", location))
    if station:
        query = query.where(
            exists().where(
                Installation.operator_id == Evse.operator_id,
                Installation.evse_id == Evse.id,
                Installation.station_id == decode_id("sta", station),
                Installation.valid_to.is_(None),
            )
        )

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(uow, query, model=Evse, sorts=_SORTS, sort=sort, cursor=position, limit=size)

    async def show(rows: list[Evse]) -> list[EvseOut]:
        return await _shown(uow, rows)

    return await answer(fetch, show, EvseOut, csv=csv, cursor=cursor, limit=limit, filename="evses.csv")


@router.post("", status_code=201)
async def create(body: EvseIn, uow: WriteStations) -> EvseOut:
    """Make an EVSE. Most are made by themselves, from what stations report."""
    row = await create_evse(
        location_id=decode_id("loc", body.location_id),
        evse_uid=body.evse_uid,
        label=body.label,
        max_power_w=body.max_power_w,
        station_id=decode_id("sta", body.station_id) if body.station_id else None,
        evse_no=body.evse_no,
        uow=uow,
    )
    return (await _shown(uow, [row]))[0]


@router.get("/{evse}")
async def read(evse: str, uow: ReadStations, response: Response) -> EvseOut:
    """One EVSE."""
    row = await get_evse(uow, decode_id("evs", evse))
    set_etag(response, row.revision)
    return (await _shown(uow, [row]))[0]


@router.patch("/{evse}")
async def edit(
    evse: str, body: EvsePatch, uow: WriteStations, response: Response, if_match: IfMatch
) -> EvseOut:
    """Change an EVSE."""
    row = await get_evse(uow, decode_id("evs", evse), lock=True)
    await edit_row(row, body.model_dump(exclude_unset=True), subject_type="evse", if_match=if_match, uow=uow)
    set_etag(response, row.revision)
    return (await _shown(uow, [row]))[0]


@router.post("/{evse}/retire")
async def retire(evse: str, uow: WriteStations) -> EvseOut:
    """Close an EVSE for good; its id is never used again. Refused while a station serves it."""
    return (await _shown(uow, [await retire_evse(decode_id("evs", evse), uow=uow)]))[0]


async def _shown(uow: UnitOfWork, rows: list[Evse]) -> list[EvseOut]:
    """With the hardware that serves them now."""
    served = {
        evse_id: (encode_id("sta", station_id), number)
        for evse_id, station_id, number in await uow.session.execute(
            select(Installation.evse_id, Installation.station_id, Installation.evse_no)
            .where(
                Installation.operator_id == operator_of(uow),
                Installation.evse_id.in_([row.id for row in rows]),
                Installation.valid_to.is_(None),
            )
            .order_by(Installation.evse_no.desc())
        )
    }
    return [EvseOut.of(row, served.get(row.id)) for row in rows]
