"""Tell a station something: the row first, then the wire. A command is never sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from forecourt.identity.audit import record_change
from forecourt.kit.bulk import insert_rows
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.errors import ForecourtError
from forecourt.kit.outbox import OUTBOX_COLUMNS, wake
from forecourt.network.answered_commands import command_data, command_event
from forecourt.network.command_kinds import build_command, masked, read_parameters
from forecourt.network.errors import StationNotAdopted, StationRetired
from forecourt.network.message_limits import count_calls, message_limits
from forecourt.network.models import Command, Station
from forecourt.network.queries import actor_name, get_command
from forecourt.stations import commands as station_commands
from forecourt.stations.commands import Stations

DEFAULT_TIMEOUT_S = 30.0
_SLACK = timedelta(seconds=5)
"""The gateway times a CALL out by itself; the sweeper only finds what the gateway lost. A command may wait for
the ones before it as long as for an answer, and for an answer to each CALL that it takes."""
_WAIT_STEP_S = 0.1
OPEN = ("pending", "sent")

_log = structlog.get_logger(__name__)


async def request_command(
    station: Station,
    kind: str,
    params: Mapping[str, Any],
    *,
    uow: UnitOfWork,
    database: Database,
    stations: Stations,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    because: str | None = None,
) -> Command:
    """Write the command; it goes to the station once the transaction is on disk.

    A station that is offline refuses it at once: the row says `failed`, reason `station_offline`. `because`, a
    person's reason, goes into the audit trail.

    Raises:
        UnknownCommand, InvalidParameters, CommandNotSupported.
        StationRetired: it takes part in nothing.
        StationNotAdopted: it may be configured, not used, while it knocks.
    """
    parameters = read_parameters(kind, params, protocol=station.protocol)
    if station.registration == "retired":
        raise StationRetired(f"station {station.identity!r} is retired", identity=station.identity)
    if kind == "remote-start" and station.registration != "adopted":
        raise StationNotAdopted(f"station {station.identity!r} is not adopted", identity=station.identity)
    now = uow.clock.now()
    limits = await message_limits(station, kind, uow=uow)
    patience = timedelta(seconds=timeout_s) * (1 + count_calls(parameters, limits, protocol=station.protocol))
    row = Command(
        operator_id=station.operator_id,
        station_id=station.id,
        kind=kind,
        params=masked(parameters.model_dump(mode="json")),
        status="pending",
        requested_by=actor_name(uow),
        expires_at=now + real_time(patience + _SLACK, uow.clock),
        reason=None,
        reply=None,
    )
    if station.link != "online":
        row.status, row.reason, row.answered_at = "failed", "station_offline", now
    uow.session.add(row)
    await uow.session.flush()
    await uow.session.refresh(row, ["number", "created_at", "revision"])
    uow.record(
        "command.created", subject_id=row.id, subject_revision=row.revision, data=command_data(vars(row))
    )
    await record_change(
        uow,
        action=f"command.{kind}",
        subject_type="station",
        subject_id=station.id,
        after={"command_id": row.id, "params": row.params} | ({"because": because} if because else {}),
    )
    if row.status == "pending":
        command = build_command(kind, parameters, number=row.number)
        if isinstance(command, station_commands.GetVariables | station_commands.SetVariables):
            command = replace(command, limits=limits)
        ids = (station.operator_id, station.id, row.id)
        uow.after_commit(lambda: _deliver(*ids, command, timeout_s, database=database, stations=stations))
    return row


def real_time(span: timedelta, clock: Clock) -> timedelta:
    """The span by a clock that may run faster than the world: stations and people do not."""
    return span * float(getattr(clock, "speed", 1.0))


async def _deliver(
    operator_id: UUID,
    station_id: UUID,
    command_id: UUID,
    command: station_commands.Command,
    timeout_s: float,
    *,
    database: Database,
    stations: Stations,
) -> None:
    """Hand a committed command to whoever holds the socket, and note what came of that."""
    try:
        sent = await stations.send(
            operator_id=operator_id,
            station_id=station_id,
            command_id=command_id,
            command=command,
            timeout_s=timeout_s,
        )
        status, reason = ("sent", None) if sent else ("failed", "station_offline")
    except ForecourtError as error:
        _log.warning("command.not_sent", command_id=str(command_id), error=repr(error))
        status, reason = "failed", error.code
    async with database.transaction(operator_id, role="system") as uow:
        # The answer may be here already: then it stands.
        rows = await uow.session.execute(
            text(
                "UPDATE command SET status = :status, reason = :reason, revision = revision + 1,"
                " sent_at = CASE WHEN :status = 'sent' THEN cast(:at AS timestamptz) END,"
                " answered_at = CASE WHEN :status = 'failed' THEN cast(:at AS timestamptz) END"
                " WHERE operator_id = :operator AND id = :id AND status = 'pending'"
                " RETURNING operator_id, id, station_id, kind, status, reason, revision"
            ),
            {
                "status": status,
                "reason": reason,
                "operator": operator_id,
                "id": command_id,
                "at": uow.clock.now(),
            },
        )
        await _record(uow, [command_event(dict(row), uow.clock.now()) for row in rows.mappings()])


async def _record(uow: UnitOfWork, events: list[tuple[Any, ...]]) -> None:
    if events:
        connection = await uow.connection()
        await insert_rows(connection, "outbox_event", OUTBOX_COLUMNS, events)
        await wake(connection)


async def push_password(
    station: Station, password: str, *, uow: UnitOfWork, database: Database, stations: Stations
) -> Command:
    """Write a new password into the station: 1.6 `AuthorizationKey` in hexadecimal, 2.x `BasicAuthPassword`."""
    if station.protocol == "ocpp1.6":
        setting = {"variable": "AuthorizationKey", "value": password.encode().hex()}
    else:
        setting = {"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": password}
    return await request_command(
        station, "set-variables", {"values": [setting]}, uow=uow, database=database, stations=stations
    )


async def wait_for_command(
    database: Database, operator_id: UUID, command_id: UUID, *, seconds: float, partner_id: UUID | None = None
) -> Command:
    """The command once the station answered, or as it is when the time is up.

    Raises:
        CommandNotFound.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        async with database.transaction(operator_id, partner_id=partner_id) as uow:
            row = await get_command(uow, command_id)
        left = deadline - asyncio.get_running_loop().time()
        if row.status not in OPEN or left <= 0:
            return row
        await asyncio.sleep(min(_WAIT_STEP_S, left))
