"""Sessions: lists, one of them with its readings, timeline and price, and starting and stopping from afar."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from forecourt.charging.compact import joined
from forecourt.charging.endpoints.access import (
    DEFAULT_PAGE,
    Begin,
    CommandStations,
    Cursor,
    End,
    PageLimit,
    ReadSessions,
    Sort,
    Wait,
    filtered,
    hidden,
    listed,
)
from forecourt.charging.explain_price import tariff_of
from forecourt.charging.models import ChargeDetailRecord, MeterReadingRow, Session, SessionTimeline
from forecourt.charging.queries import course_of, get_session, running_price
from forecourt.charging.schemas import (
    FactOut,
    PriceOut,
    ReadingOut,
    SessionOut,
    SessionStart,
    StretchOut,
    TimelineOut,
)
from forecourt.charging.start_session import start_session, stop_session
from forecourt.identity.access import actor_of, commit_early, operator_of
from forecourt.identity.edits import WantsCsv, set_etag
from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.kit.paging import Page, keyset, page_of
from forecourt.network.models import Command
from forecourt.network.schemas.operations import CommandOut
from forecourt.network.send_command import OPEN, wait_for_command
from forecourt.tariff import price_of, price_to_dict

router = APIRouter(prefix="/sessions", tags=["sessions"])
_SORTS = {"opened_at": Session.opened_at, "energy_wh": Session.energy_wh, "ended_at": Session.ended_at}
_BY_TIME: list[Any] = [
    MeterReadingRow.measured_at,
    MeterReadingRow.scope,
    MeterReadingRow.context,
    MeterReadingRow.raw_stamp,
    MeterReadingRow.discriminator,
]


@router.get("", response_model=Page[SessionOut])
async def list_sessions(
    uow: ReadSessions,
    csv: WantsCsv,
    station: str | None = None,
    evse: str | None = None,
    location: str | None = None,
    token: str | None = None,
    state: str | None = None,
    open: bool | None = None,
    transaction: str | None = None,
    end_cause: str | None = None,
    begin: Begin = None,
    end: End = None,
    sort: Sort = "-opened_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Sessions, newest first. `from` and `to` are about when they were opened."""
    query = filtered(
        uow, Session,
        ids={
            "station_id": ("sta", station), "evse_id": ("evs", evse), "location_id": ("loc", location),
            "token_id": ("tok", token),
        },
        equal={"state": state, "transaction": transaction, "end_cause": end_cause},
        time=Session.opened_at, begin=begin, end=end,
    )  # fmt: skip
    if open is not None:
        query = query.where(Session.ended_at.is_(None) if open else Session.ended_at.is_not(None))
    return await listed(
        uow, query, Session, SessionOut, sorts=_SORTS, sort=sort, csv=csv, cursor=cursor, limit=limit,
        filename="sessions.csv",
    )  # fmt: skip


@router.post("", status_code=202)
async def start(
    body: SessionStart, uow: CommandStations, request: Request, response: Response, wait: Wait = 0
) -> CommandOut:
    """Begin charging from afar. The answer is the tracked command; it is `effective` once a session began."""
    state = request.app.state
    command = await start_session(
        uow, evse=body.evse_id, id_token=body.id_token, database=state.database, stations=state.stations
    )
    return await _outcome(uow, command, request, response, wait)


@router.get("/{session}")
async def read(session: str, uow: ReadSessions, response: Response) -> SessionOut:
    """One session."""
    row = await get_session(uow, session)
    set_etag(response, row.revision)
    return SessionOut.of(row, hide=hidden(uow))


@router.post("/{session}/stop", status_code=202)
async def stop(
    session: str, uow: CommandStations, request: Request, response: Response, wait: Wait = 0
) -> CommandOut:
    """End a session from afar. It ends when the station says so."""
    row = await get_session(uow, session)
    state = request.app.state
    command = await stop_session(uow, row, database=state.database, stations=state.stations)
    return await _outcome(uow, command, request, response, wait)


async def _outcome(
    uow: UnitOfWork, command: Command, request: Request, response: Response, wait: float
) -> CommandOut:
    if wait and command.status in OPEN:
        actor = actor_of(uow)
        await commit_early(request)
        command = await wait_for_command(
            request.app.state.database,
            command.operator_id,
            command.id,
            seconds=wait,
            partner_id=actor.partner_id,
        )
    if command.status not in OPEN:
        response.status_code = 200
    return CommandOut.of(command, for_partner=uow.partner_id is not None)


@router.get("/{session}/readings", response_model=Page[ReadingOut])
async def readings(
    session: str, uow: ReadSessions, csv: WantsCsv, cursor: Cursor = None, limit: PageLimit = DEFAULT_PAGE
) -> Any:
    """What was measured, in the order of the corrected time."""
    row = await get_session(uow, session)
    query: Any = select(MeterReadingRow).where(
        MeterReadingRow.operator_id == operator_of(uow), MeterReadingRow.session_id == row.id
    )
    if csv:
        found = (await uow.session.scalars(query.order_by(*_BY_TIME))).all()
        names = list(ReadingOut.model_fields)
        return csv_response("readings.csv", names, _cells([ReadingOut.of(item) for item in found], names))
    found = (await uow.session.scalars(keyset(query, _BY_TIME, cursor, limit))).all()
    rows, following = page_of(
        found, limit, lambda r: [r.measured_at, r.scope, r.context, r.raw_stamp, r.discriminator]
    )
    return Page(items=[ReadingOut.of(item) for item in rows], next_cursor=following)


async def _cells(items: Sequence[Any], names: Sequence[str]) -> AsyncIterator[Sequence[Any]]:
    for item in items:
        yield [str(v) if isinstance(v := getattr(item, name), dict) else v for name in names]


@router.get("/{session}/timeline")
async def timeline(session: str, uow: ReadSessions) -> TimelineOut:
    """Why the session is in the state it is in: facts with their causes, and the states that follow."""
    row = await get_session(uow, session)
    facts = await uow.session.scalars(
        select(SessionTimeline)
        .where(SessionTimeline.operator_id == operator_of(uow), SessionTimeline.session_id == row.id)
        .order_by(SessionTimeline.at, SessionTimeline.id)
    )
    _, course = await course_of(uow, row.id)
    return TimelineOut(
        facts=[FactOut.of(fact) for fact in facts],
        stretches=[
            StretchOut(start=start, end=end, state=state, energy_wh=energy)
            for start, end, state, energy in joined(course.segments or [])
        ],
    )


@router.get("/{session}/price")
async def price(session: str, uow: ReadSessions) -> PriceOut:
    """What the session costs, with the trace: from its latest record, or from the facts so far."""
    row = await get_session(uow, session)
    version_id = encode_id("trv", row.tariff_version_id) if row.tariff_version_id else None
    tariff = await tariff_of(uow, row)
    record = await uow.session.scalar(
        select(ChargeDetailRecord)
        .where(
            ChargeDetailRecord.operator_id == operator_of(uow),
            ChargeDetailRecord.session_id == row.id,
        )
        .order_by(ChargeDetailRecord.revision.desc())
        .limit(1)
    )
    if record is not None:
        cdr_id = encode_id("cdr", record.id)
        return PriceOut(
            session_id=session,
            final=True,
            cdr_id=cdr_id,
            tariff_version_id=version_id,
            tariff=tariff,
            price=record.price,
        )
    price = await running_price(uow, row.id)
    return PriceOut(
        session_id=session,
        final=False,
        cdr_id=None,
        tariff_version_id=version_id,
        tariff=tariff,
        price=None if price is None else price_to_dict(price_of(price)),
    )
