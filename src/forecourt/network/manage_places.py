"""Make and retire locations, EVSEs and connectors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Conflict, Invalid
from forecourt.network.errors import ConnectorTaken, EvseNoTaken, EvseUidTaken, LocationInUse
from forecourt.network.models import Connector, Evse, Installation, Location, Station
from forecourt.network.outlets import make_evse_uid
from forecourt.network.queries import get_connector, get_evse, get_location, get_station, stations_of_evse


class RetiredAlready(Conflict):
    """It is retired already."""


class EvseInstalled(Conflict):
    """A station serves the EVSE; swap or retire the station first."""


async def create_location(fields: dict[str, Any], *, uow: UnitOfWork) -> Location:
    """A new location.

    Raises:
        Invalid: no such host partner.
    """
    await check_partner(fields.get("host_partner_id"), uow=uow)
    row = Location(operator_id=operator_of(uow), **fields)
    uow.session.add(row)
    await uow.session.flush()
    await uow.session.refresh(row)
    await record_change(
        uow, action="location.created", subject_type="location", subject_id=row.id, after=fields
    )
    return row


async def check_partner(partner_id: UUID | None, *, uow: UnitOfWork) -> None:
    """Raises Invalid if the operator has no such partner."""
    if partner_id is None:
        return
    found = await uow.session.scalar(
        text("SELECT 1 FROM partner WHERE operator_id = :operator AND id = :id"),
        {"operator": operator_of(uow), "id": partner_id},
    )
    if found is None:
        raise Invalid("there is no such partner", host_partner_id=str(partner_id))


async def retire_location(location_id: UUID, *, uow: UnitOfWork) -> Location:
    """Close a location for good.

    Raises:
        LocationNotFound, RetiredAlready.
        LocationInUse: stations stand there.
    """
    row = await get_location(uow, location_id, lock=True)
    if row.retired_at is not None:
        raise RetiredAlready(id=str(location_id))
    standing = await uow.session.scalar(
        select(func.count())
        .select_from(Station)
        .where(
            Station.operator_id == row.operator_id,
            Station.location_id == row.id,
            Station.registration != "retired",
        )
    )
    if standing:
        raise LocationInUse(f"{standing} stations stand at {row.name!r}", stations=standing)
    await _retire(row, "location", uow=uow)
    return row


async def create_evse(
    *,
    location_id: UUID,
    evse_uid: str | None,
    label: str | None,
    max_power_w: int | None,
    station_id: UUID | None,
    evse_no: int | None,
    uow: UnitOfWork,
) -> Evse:
    """A new EVSE; with a station it is installed there.

    Raises:
        LocationNotFound, StationNotFound, EvseUidTaken, EvseNoTaken.
        Invalid: a station without a number, or one of another location.
    """
    location = await get_location(uow, location_id)
    if (station_id is None) != (evse_no is None):
        raise Invalid("station_id and evse_no belong together")
    station = await get_station(uow, station_id, lock=True) if station_id is not None else None
    if station is not None and station.location_id != location.id:
        raise Invalid("the station stands at another location", station_id=str(station_id))
    row = Evse(operator_id=operator_of(uow), location_id=location.id, label=label, max_power_w=max_power_w)
    name = f"{station.identity}" if station is not None else location.name
    row.evse_uid = evse_uid or await _free_uid(location, name, evse_no or 1, uow=uow)
    await _insert(
        row, EvseUidTaken(f"{row.evse_uid!r} is, or was, the id of an EVSE", evse_uid=row.evse_uid), uow=uow
    )
    if station is not None and evse_no is not None:
        installation = Installation(
            operator_id=row.operator_id,
            evse_id=row.id,
            station_id=station.id,
            evse_no=evse_no,
            connector_no=1 if station.protocol == "ocpp1.6" else None,
            valid_from=uow.clock.now(),
        )
        await _insert(
            installation, EvseNoTaken(f"outlet {evse_no} serves another EVSE", evse_no=evse_no), uow=uow
        )
        station.revision += 1
    await record_change(
        uow,
        action="evse.created",
        subject_type="evse",
        subject_id=row.id,
        after={
            "evse_uid": row.evse_uid,
            "location_id": location.id,
            "station_id": station_id,
            "evse_no": evse_no,
        },
    )
    return row


async def _free_uid(location: Location, name: str, number: int, *, uow: UnitOfWork) -> str:
    party = await uow.session.scalar(
        text("SELECT coalesce(settings ->> 'party_id', slug) FROM operator WHERE id = :id"),
        {"id": location.operator_id},
    )
    while True:
        uid = make_evse_uid(country=location.country, party=party or "XXX", identity=name, evse_no=number)
        taken = await uow.session.scalar(
            select(Evse.id).where(Evse.operator_id == location.operator_id, func.upper(Evse.evse_uid) == uid)
        )
        if taken is None:
            return uid
        number += 1


async def retire_evse(evse_id: UUID, *, uow: UnitOfWork) -> Evse:
    """Close an EVSE for good; its id is never used again.

    Raises:
        EvseNotFound, RetiredAlready.
        EvseInstalled: a station serves it.
    """
    row = await get_evse(uow, evse_id, lock=True)
    if row.retired_at is not None:
        raise RetiredAlready(id=str(evse_id))
    if await stations_of_evse(uow, evse_id):
        raise EvseInstalled(evse_uid=row.evse_uid)
    await _retire(row, "evse", uow=uow)
    return row


async def create_connector(
    evse_id: UUID, connector_no: int, fields: dict[str, Any], *, uow: UnitOfWork
) -> Connector:
    """A new connector of an EVSE.

    Raises:
        EvseNotFound, ConnectorTaken.
    """
    evse = await get_evse(uow, evse_id)
    await touch_stations(evse_id, uow=uow)
    row = Connector(operator_id=evse.operator_id, evse_id=evse.id, connector_no=connector_no, **fields)
    taken = ConnectorTaken(f"{evse.evse_uid} has a connector {connector_no}", connector_no=connector_no)
    await _insert(row, taken, uow=uow)
    await record_change(
        uow,
        action="connector.created",
        subject_type="connector",
        subject_id=row.id,
        after={"evse_id": evse.id, "connector_no": connector_no, **fields},
    )
    return row


async def retire_connector(connector_id: UUID, *, uow: UnitOfWork) -> Connector:
    """Close a connector for good.

    Raises:
        ConnectorNotFound, RetiredAlready.
    """
    found = await get_connector(uow, connector_id)
    await touch_stations(found.evse_id, uow=uow)
    row = await get_connector(uow, connector_id, lock=True)
    if row.retired_at is not None:
        raise RetiredAlready(id=str(connector_id))
    row.status = row.status_since = None
    await _retire(row, "connector", uow=uow)
    await uow.session.execute(
        text("UPDATE status_interval SET ended_at = greatest(:now, started_at) WHERE operator_id = :operator"
             " AND connector_id = :id AND ended_at IS NULL"),
        {"now": row.retired_at, "operator": row.operator_id, "id": row.id},
    )  # fmt: skip
    return row


async def touch_stations(evse_id: UUID, *, uow: UnitOfWork) -> None:
    """What the gateways' handlers remember of the stations behind the EVSE is no longer so."""
    for station in await stations_of_evse(uow, evse_id):
        station.revision += 1
    await uow.session.flush()


async def _retire(row: Any, subject_type: str, *, uow: UnitOfWork) -> None:
    row.retired_at = uow.clock.now()
    row.revision += 1
    await uow.session.flush()
    await record_change(
        uow,
        action=f"{subject_type}.retired",
        subject_type=subject_type,
        subject_id=row.id,
        before={"retired_at": None},
        after={"retired_at": row.retired_at},
    )


async def _insert(row: Any, taken: Conflict, *, uow: UnitOfWork) -> None:
    try:
        async with uow.session.begin_nested():
            uow.session.add(row)
            await uow.session.flush()
    except IntegrityError as error:
        raise taken from error
    await uow.session.refresh(row)
