"""Connectors."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
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
    ReadStations,
    Sort,
    WriteStations,
)
from forecourt.network.listing import answer, fetch_page
from forecourt.network.manage_places import create_connector, retire_connector, touch_stations
from forecourt.network.models import Connector, Evse, Installation
from forecourt.network.queries import get_connector
from forecourt.network.schemas.places import ConnectorFields, ConnectorIn, ConnectorOut

router = APIRouter(prefix="/connectors", tags=["connectors"])
_SORTS = {"created_at": Connector.created_at, "status_since": Connector.status_since}


@router.get("", response_model=Page[ConnectorOut])
async def list_connectors(
    uow: ReadStations,
    csv: WantsCsv,
    location: str | None = None,
    station: str | None = None,
    evse: str | None = None,
    status: str | None = None,
    connector_type: str | None = None,
    retired: bool = False,
    sort: Sort = "created_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """All connectors."""
    query = select(Connector).where(Connector.operator_id == operator_of(uow))
    query = query.where(Connector.retired_at.is_not(None) if retired else Connector.retired_at.is_(None))
    if evse:
        query = query.where(Connector.evse_id == decode_id("evs", evse))
    if location:
        at_location = select(Evse.id).where(
            Evse.operator_id == operator_of(uow), Evse.location_id == decode_id("loc", location)
        )
        query = query.where(Connector.evse_id.in_(at_location))
    if station:
        served = select(Installation.evse_id).where(
            Installation.operator_id == operator_of(uow),
            Installation.station_id == decode_id("sta", station),
            Installation.valid_to.is_(None),
        )
        query = query.where(Connector.evse_id.in_(served))
    if status:
        query = query.where(Connector.status == status)
    if connector_type:
        query = query.where(Connector.connector_type == connector_type)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=Connector, sorts=_SORTS, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[Connector]) -> list[ConnectorOut]:
        return [ConnectorOut.of(row) for row in rows]

    return await answer(
        fetch, show, ConnectorOut, csv=csv, cursor=cursor, limit=limit, filename="connectors.csv"
    )


@router.post("", status_code=201)
async def create(body: ConnectorIn, uow: WriteStations) -> ConnectorOut:
    """Make a connector. Most are made by themselves, from what stations report."""
    fields = body.model_dump(exclude={"evse_id", "connector_no"})
    row = await create_connector(decode_id("evs", body.evse_id), body.connector_no, fields, uow=uow)
    return ConnectorOut.of(row)


@router.get("/{connector}")
async def read(connector: str, uow: ReadStations, response: Response) -> ConnectorOut:
    """One connector."""
    row = await get_connector(uow, decode_id("con", connector))
    set_etag(response, row.revision)
    return ConnectorOut.of(row)


@router.patch("/{connector}")
async def edit(
    connector: str, body: ConnectorFields, uow: WriteStations, response: Response, if_match: IfMatch
) -> ConnectorOut:
    """Change what is said of a connector."""
    found = await get_connector(uow, decode_id("con", connector))
    # The station first: that is the order in which the gateways lock, too.
    await touch_stations(found.evse_id, uow=uow)
    row = await get_connector(uow, found.id, lock=True)
    changes = body.model_dump(exclude_unset=True)
    await edit_row(row, changes, subject_type="connector", if_match=if_match, uow=uow)
    set_etag(response, row.revision)
    return ConnectorOut.of(row)


@router.post("/{connector}/retire")
async def retire(connector: str, uow: WriteStations) -> ConnectorOut:
    """Close a connector for good."""
    return ConnectorOut.of(await retire_connector(decode_id("con", connector), uow=uow))
