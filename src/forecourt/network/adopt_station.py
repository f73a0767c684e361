"""Adopt a station that knocked: give it a place, a password, and EVSEs and connectors as it reported them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id, new_id
from forecourt.network.collected import Collected
from forecourt.network.directory import announce_station
from forecourt.network.errors import KnockDecided
from forecourt.network.manage_credentials import add_credential
from forecourt.network.models import Knock, Station
from forecourt.network.outlets import ensure_connector
from forecourt.network.queries import actor_name, get_location, get_station, lock_knock
from forecourt.network.send_command import push_password, request_command
from forecourt.network.state import StationState, load_stations
from forecourt.stations.commands import Stations


@dataclass(frozen=True, kw_only=True)
class AdoptStation:
    """`push_password`: also write the new password into the station, if it is online (OCPP A01)."""

    knock_id: UUID
    location_id: UUID
    label: str | None = None
    security_profile: int = 1
    password: str | None = None
    push_password: bool = True
    free_vend: bool = False


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """`password` is told this once and kept nowhere."""

    station: Station
    password: str


async def adopt_station(
    command: AdoptStation, *, uow: UnitOfWork, stations: Stations, database: Any, pepper: bytes
) -> Adopted:
    """Turn a knock into a station of a location.

    Raises:
        KnockNotFound, LocationNotFound.
        KnockDecided: it is adopted already, or blocked.
        UnusablePassword: the given password is empty or too long.
    """
    knock = await lock_knock(uow, command.knock_id)
    if knock.state in ("adopted", "blocked"):
        raise KnockDecided(f"{knock.identity!r} is {knock.state}", identity=knock.identity, state=knock.state)
    location = await get_location(uow, command.location_id)
    station = await _station_of(knock, uow=uow)
    station.registration, station.blocked = "adopted", False
    station.location_id = location.id
    station.label = command.label
    station.free_vend = command.free_vend
    station.security_profile = command.security_profile
    station.revision += 1
    knock.state, knock.station_id = "adopted", station.id
    knock.decided_at, knock.decided_by = uow.clock.now(), actor_name(uow)
    await uow.session.flush()
    _, password = await add_credential(station, password=command.password, pepper=pepper, uow=uow)
    await install_reported(await uow.connection(), station.id, at=uow.clock.now())
    await uow.session.refresh(station)
    uow.record(
        "station.adopted",
        subject_id=station.id,
        subject_revision=station.revision,
        data={
            "station_id": encode_id("sta", station.id),
            "location_id": encode_id("loc", location.id),
            "identity": station.identity,
        },
    )
    await record_change(
        uow,
        action="station.adopted",
        subject_type="station",
        subject_id=station.id,
        after={"identity": station.identity, "location_id": location.id, "knock_id": knock.id},
    )
    await announce_station(uow, station.id)
    if station.link == "online":
        if command.push_password:
            await push_password(station, password, uow=uow, database=database, stations=stations)
        # It booted as pending; it shall boot again now rather than when its interval ends.
        await request_command(
            station,
            "trigger-message",
            {"message": "BootNotification"},
            uow=uow,
            database=database,
            stations=stations,
        )
    return Adopted(station=station, password=password)


async def _station_of(knock: Knock, *, uow: UnitOfWork) -> Station:
    if knock.station_id is not None:
        return await get_station(uow, knock.station_id, lock=True)
    station = Station(
        operator_id=knock.operator_id,
        identity=knock.identity,
        registration="knocking",
        quirks={},
        reported={},
    )
    uow.session.add(station)
    await uow.session.flush()
    return station


async def install_reported(tx: psycopg.AsyncConnection[Any], station_id: UUID, *, at: datetime) -> None:
    """Make the EVSEs and connectors that an adopted station reported while it knocked."""
    known: dict[UUID, StationState] = {}
    await load_stations(tx, [station_id], known)
    state = known[station_id]
    into = Collected(at=at)
    into.touch(state)
    apply_reported(state, at=at, into=into)
    await into.write(tx)


def apply_reported(state: StationState, *, at: datetime, into: Collected) -> None:
    """Turn what the station showed before it had a place into connectors and their status."""
    for key, shown in sorted(state.reported.items(), key=lambda item: outlet_numbers(item[0])):
        evse_no, connector_no = outlet_numbers(key)
        status = shown.get("status")
        if evse_no == 0:
            if status and state.status_interval_id is None:
                state.status, state.status_since = status, at
                state.status_interval_id = _interval(state, None, status, at, into)
            continue
        connector = ensure_connector(state, evse_no, connector_no)
        if connector is not None and connector.connector_type is None and "kind" in shown:
            connector.connector_type, connector.format = shown["kind"]
            into.connectors[connector.id] = (state, connector)
        if connector is None or not status or connector.status == status:
            continue
        connector.status, connector.status_since = status, at
        connector.revision += 0 if connector.is_new else 1
        connector.interval_id = _interval(state, connector.id, status, at, into)
        into.connectors[connector.id] = (state, connector)
    state.reported = {}


def _interval(
    state: StationState, connector_id: UUID | None, status: str, at: datetime, into: Collected
) -> UUID:
    interval_id = new_id()
    into.intervals[interval_id] = [
        state.operator_id, interval_id, state.station_id, connector_id, "status", status, at, None, False,
        "adopted", None, None, None, at,
    ]  # fmt: skip
    return interval_id


def outlet_numbers(key: str) -> tuple[int, int]:
    """EVSE and connector number of a key of `Station.reported`, such as `2/1`."""
    evse_no, _, connector_no = key.partition("/")
    return int(evse_no), int(connector_no or 0)
