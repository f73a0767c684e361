"""Commands to stations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response
from sqlalchemy import select

from forecourt.identity.access import actor_of, commit_early, operator_of
from forecourt.identity.edits import WantsCsv
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import Page
from forecourt.network.endpoints.access import (
    DEFAULT_PAGE,
    CommandStations,
    Cursor,
    PageLimit,
    ReadCommands,
    Sort,
    StationPath,
    station_of,
)
from forecourt.network.errors import EvseNotFound
from forecourt.network.listing import answer, fetch_page
from forecourt.network.models import Command, Installation
from forecourt.network.queries import get_command
from forecourt.network.schemas.operations import CommandOut
from forecourt.network.send_command import OPEN, request_command, wait_for_command

router = APIRouter(tags=["commands"])
_SORTS = {"created_at": Command.created_at}
Wait = Annotated[float, Query(ge=0, le=120, description="Answer with the outcome, or after so many seconds.")]
Parameters = Annotated[
    dict[str, Any] | None,
    Body(
        description="The kind's parameters. Instead of `evse_no`, `evse` may name an EVSE by its id.",
        openapi_examples={
            "remote-start": {"value": {"id_token": "04A2B3C4", "evse_no": 1}},
            "remote-stop": {"value": {"transaction": "4711"}},
            "reset": {"value": {"type": "soft"}},
            "unlock-connector": {"value": {"evse_no": 1}},
            "change-availability": {"value": {"operative": False, "evse_no": 1}},
            "trigger-message": {"value": {"message": "StatusNotification", "evse_no": 1}},
            "clear-cache": {"value": {}},
            "get-variables": {"value": {"variables": [{"variable": "HeartbeatInterval"}]}},
            "set-variables": {"value": {"values": [{"variable": "HeartbeatInterval", "value": "300"}]}},
            "get-base-report": {"value": {"report": "FullInventory"}},
            "raw": {"value": {"action": "GetLocalListVersion", "payload": {}}},
        },
    ),
]


@router.post("/stations/{station}/commands/{kind}", status_code=202)
async def send(
    station: StationPath,
    kind: str,
    uow: CommandStations,
    request: Request,
    response: Response,
    body: Parameters = None,
    wait: Wait = 0,
    timeout_s: Annotated[float, Query(ge=1, le=300, description="When the station counts as silent.")] = 30,
    because: Annotated[
        str | None, Query(max_length=300, description="Why, in words; kept in the audit trail.")
    ] = None,
) -> CommandOut:
    """Tell a station something. The command is kept, then sent; read it again for its outcome, or `wait`.

    Kinds: `remote-start`, `remote-stop`, `reset`, `unlock-connector`, `change-availability`,
    `trigger-message`, `clear-cache`, `get-variables`, `set-variables`, `get-base-report` (2.x), `raw`.
    """
    row = await station_of(uow, station)
    state = request.app.state
    command = await request_command(
        row,
        kind,
        await _with_evse_no(uow, row.id, dict(body or {})),
        uow=uow,
        database=state.database,
        stations=state.stations,
        timeout_s=timeout_s,
        because=because,
    )
    if wait and command.status in OPEN:
        actor = actor_of(uow)
        await commit_early(request)
        command = await wait_for_command(
            state.database, command.operator_id, command.id, seconds=wait, partner_id=actor.partner_id
        )
    if command.status not in OPEN:
        response.status_code = 200
    return CommandOut.of(command, for_partner=uow.partner_id is not None)


@router.get("/stations/{station}/commands", response_model=Page[CommandOut])
async def list_of_station(
    station: StationPath,
    uow: ReadCommands,
    csv: WantsCsv,
    kind: str | None = None,
    status: str | None = None,
    sort: Sort = "-created_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Commands to one station, newest first."""
    row = await station_of(uow, station)
    return await _list(uow, row.id, kind, status, None, None, csv, sort, cursor, limit)


@router.get("/commands", response_model=Page[CommandOut])
async def list_commands(
    uow: ReadCommands,
    csv: WantsCsv,
    station: str | None = None,
    kind: str | None = None,
    status: str | None = None,
    begin: Annotated[datetime | None, Query(alias="from")] = None,
    end: Annotated[datetime | None, Query(alias="to")] = None,
    sort: Sort = "-created_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Commands to all stations, newest first."""
    station_id = (await station_of(uow, station)).id if station else None
    return await _list(uow, station_id, kind, status, begin, end, csv, sort, cursor, limit)


@router.get("/commands/{command}")
async def read(command: str, uow: ReadCommands) -> CommandOut:
    """One command and its outcome."""
    return CommandOut.of(
        await get_command(uow, decode_id("cmd", command)), for_partner=uow.partner_id is not None
    )


async def _list(
    uow: UnitOfWork,
    station_id: UUID | None,
    kind: str | None,
    status: str | None,
    begin: datetime | None,
    end: datetime | None,
    csv: bool,
    sort: str,
    cursor: str | None,
    limit: int,
) -> Any:
    query = select(Command).where(Command.operator_id == operator_of(uow))
    if station_id is not None:
        query = query.where(Command.station_id == station_id)
    if kind is not None:
        query = query.where(Command.kind == kind)
    if status is not None:
        query = query.where(Command.status == status)
    if begin is not None:
        query = query.where(Command.created_at >= begin)
    if end is not None:
        query = query.where(Command.created_at < end)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=Command, sorts=_SORTS, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[Command]) -> list[CommandOut]:
        return [CommandOut.of(row, for_partner=uow.partner_id is not None) for row in rows]

    return await answer(fetch, show, CommandOut, csv=csv, cursor=cursor, limit=limit, filename="commands.csv")


async def _with_evse_no(uow: UnitOfWork, station_id: UUID, params: dict[str, Any]) -> dict[str, Any]:
    """Turn `evse`, a public id, into the number that the station knows."""
    named = params.pop("evse", None)
    if named is None:
        return params
    number = await uow.session.scalar(
        select(Installation.evse_no)
        .where(
            Installation.operator_id == operator_of(uow),
            Installation.station_id == station_id,
            Installation.evse_id == decode_id("evs", str(named)),
            Installation.valid_to.is_(None),
        )
        .order_by(Installation.evse_no)
        .limit(1)
    )
    if number is None:
        raise EvseNotFound(f"the station does not serve {named!r}", evse=str(named))
    return {**params, "evse_no": number}
