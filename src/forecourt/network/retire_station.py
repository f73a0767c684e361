"""Take a station out of service for good; its EVSEs, their ids and their history stay."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.network.answered_commands import command_data
from forecourt.network.directory import announce_station
from forecourt.network.errors import StationRetired
from forecourt.network.manage_credentials import list_credentials
from forecourt.network.models import Connector, Evse, Station, StatusInterval
from forecourt.network.queries import get_station, list_current_installations
from forecourt.stations.commands import Stations


async def retire_station(station_id: UUID, *, uow: UnitOfWork, stations: Stations) -> Station:
    """End its installations and credentials, close its socket, and give its identity free.

    Raises:
        StationNotFound, StationRetired.
    """
    station = await get_station(uow, station_id, lock=True)
    if station.registration == "retired":
        raise StationRetired(f"station {station.identity!r} is retired", identity=station.identity)
    await retire(station, reason="retired", uow=uow, stations=stations)
    return station


async def retire(station: Station, *, reason: str, uow: UnitOfWork, stations: Stations) -> None:
    """Do it, for a locked station."""
    now = uow.clock.now()
    before = {"registration": station.registration, "location_id": station.location_id}
    await end_installations(station, now, uow=uow)
    for credential in await list_credentials(uow, station.id):
        credential.revoked_at = now
    station.registration, station.retired_at = "retired", now
    station.revision += 1
    await uow.session.flush()
    await announce_station(uow, station.id)
    uow.record(
        "station.retired",
        subject_id=station.id,
        subject_revision=station.revision,
        data={
            "station_id": encode_id("sta", station.id),
            "location_id": encode_id("loc", station.location_id) if station.location_id else None,
            "identity": station.identity,
            "reason": reason,
        },
    )
    await record_change(
        uow,
        action="station.retired",
        subject_type="station",
        subject_id=station.id,
        before=before,
        after={"registration": "retired", "location_id": station.location_id, "reason": reason},
    )
    station_id = station.id
    uow.after_commit(lambda: stations.disconnect(station_id=station_id, reason=f"station_{reason}"))


async def end_installations(station: Station, now: datetime, *, uow: UnitOfWork) -> list[UUID]:
    """The station serves nothing any more: the EVSEs' connectors have no status until something serves them."""
    evse_ids = []
    for installation in await list_current_installations(uow, station.id):
        installation.valid_to = now
        evse_ids.append(installation.evse_id)
    await uow.session.flush()
    open_intervals = await uow.session.scalars(
        select(StatusInterval).where(
            StatusInterval.operator_id == station.operator_id,
            StatusInterval.station_id == station.id,
            StatusInterval.ended_at.is_(None),
            StatusInterval.track == "status",
        )
    )
    for interval in open_intervals:
        interval.ended_at = max(now, interval.started_at)
    if evse_ids:
        for evse in await uow.session.scalars(
            select(Evse).where(Evse.operator_id == station.operator_id, Evse.id.in_(evse_ids))
        ):
            evse.revision += 1  # what serves it is a part of how it is shown
        for connector in await uow.session.scalars(
            select(Connector).where(
                Connector.operator_id == station.operator_id, Connector.evse_id.in_(evse_ids)
            )
        ):
            connector.status = connector.status_since = connector.error_code = None
            connector.revision += 1
    await uow.session.flush()
    dropped = await uow.session.execute(
        text("UPDATE command SET status = 'failed', reason = 'station_retired', answered_at = :now,"
             " revision = revision + 1 WHERE operator_id = :operator AND station_id = :station"
             " AND status IN ('pending', 'sent')"
             " RETURNING operator_id, id, station_id, kind, status, reason, revision"),
        {"now": now, "operator": station.operator_id, "station": station.id},
    )  # fmt: skip
    for row in dropped.mappings():
        uow.record(
            "command.updated",
            subject_id=row["id"],
            subject_revision=row["revision"],
            data=command_data(dict(row)),
        )
    return evse_ids
