"""The message log and the links, for operators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import ColumnElement, Select, select

from forecourt.gateway.exchanges import find_answers, is_failed_exchange, is_no_answer
from forecourt.gateway.models import MessageLog, StationLink
from forecourt.gateway.schemas import LinkOut, MessageOut
from forecourt.identity.access import require
from forecourt.identity.edits import WantsCsv
from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, Limit, Page, keyset, page_of

router = APIRouter(tags=["messages"])

ReadMessages = Annotated[UnitOfWork, Depends(require("messages:read"))]
ReadStations = Annotated[UnitOfWork, Depends(require("stations:read"))]
StationFilter = Annotated[str | None, Query(description="Of this station, e.g. `sta_01jz…`.")]
MAX_EXPORT = 100_000
"""Rows of a CSV export."""
CSV_COLUMNS = [name for name in MessageOut.model_fields if name != "reply"] + [
    "reply_at",
    "reply_type",
    "reply",
]


@router.get("/messages", response_model=Page[MessageOut])
async def list_messages(
    uow: ReadMessages,
    csv: WantsCsv,
    station: StationFilter = None,
    action: Annotated[str | None, Query(description="As on the wire, e.g. `StopTransaction`.")] = None,
    direction: Annotated[
        Literal["in", "out"] | None, Query(description="`in` from the station, `out` to it.")
    ] = None,
    since: Annotated[datetime | None, Query(description="Received or sent at or after this time.")] = None,
    until: Annotated[datetime | None, Query(description="Received or sent before this time.")] = None,
    correlation: Annotated[
        str | None,
        Query(
            description="Of this command (`cmd_…`), or with this message id (name the station, too: it is quicker)."
        ),
    ] = None,
    error: Annotated[
        bool | None,
        Query(description="Only frames that were refused, parked or dropped; or only the others."),
    ] = None,
    exchanges: Annotated[
        bool,
        Query(
            description="One row an exchange: the station's answer to a call of ours stands in the call's `reply`,"
            " not in a row of its own."
        ),
    ] = False,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response | Page[MessageOut]:
    """Every frame, both directions, the newest first, each with our reply; secrets are redacted.

    Kept 30 days by default. `direction=out` are our calls.
    """
    query: Select[Any] = select(MessageLog).where(
        *_conditions(station, action, direction, since, until, correlation)
    )
    if error is not None:
        failed = is_failed_exchange() if exchanges else MessageLog.error.isnot(None)
        query = query.where(failed if error else ~failed)
    if exchanges:
        query = query.where(is_no_answer())
    if csv:
        return csv_response(
            "messages.csv",
            CSV_COLUMNS,
            _rows(uow, query, of_station=station is not None, exchanges=exchanges),
        )
    rows, next_cursor = await _page(uow, query, cursor, limit, of_station=station is not None)
    answers = await find_answers(uow, rows) if exchanges else {}
    return Page[MessageOut](
        items=[MessageOut.of(row, answers.get(row.id)) for row in rows], next_cursor=next_cursor
    )


@router.get("/links", response_model=Page[LinkOut])
async def list_links(
    uow: ReadStations,
    csv: WantsCsv,
    station: StationFilter = None,
    online: Annotated[bool | None, Query(description="Only open sockets, or only closed ones.")] = None,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response | Page[LinkOut]:
    """The last or present socket of each station: which gateway holds it, since when, how it proved itself."""
    query: Select[Any] = select(StationLink)
    if station is not None:
        query = query.where(StationLink.station_id == decode_id("sta", station))
    if online is not None:
        query = query.where(
            StationLink.disconnected_at.is_(None) if online else StationLink.disconnected_at.isnot(None)
        )
    if csv:
        return csv_response("links.csv", list(LinkOut.model_fields), _link_rows(uow, query))
    order: list[Any] = [StationLink.station_id]
    found = (await uow.session.scalars(keyset(query, order, cursor, limit))).all()
    rows, next_cursor = page_of(found, limit, lambda row: [row.station_id])
    return Page[LinkOut](items=[LinkOut.of(row) for row in rows], next_cursor=next_cursor)


def _conditions(
    station: str | None,
    action: str | None,
    direction: str | None,
    since: datetime | None,
    until: datetime | None,
    correlation: str | None,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if station is not None:
        conditions.append(MessageLog.station_id == decode_id("sta", station))
    if action is not None:
        conditions.append(MessageLog.action == action)
    if direction is not None:
        conditions.append(MessageLog.direction == direction)
    if since is not None:
        conditions.append(MessageLog.received_at >= since)
    if until is not None:
        conditions.append(MessageLog.received_at < until)
    if correlation is not None:
        column = MessageLog.correlation if correlation.startswith("cmd_") else MessageLog.message_id
        conditions.append(column == correlation)
    return conditions


async def _page(
    uow: UnitOfWork, query: Select[Any], cursor: str | None, limit: int, *, of_station: bool
) -> tuple[list[MessageLog], str | None]:
    # Each order has its index: a station's frames by time, all frames by their ids, which grow with time.
    order: list[Any] = [MessageLog.received_at.desc()] if of_station else []
    order.append(MessageLog.id.desc())
    found = (await uow.session.scalars(keyset(query, order, cursor, limit))).all()
    return page_of(found, limit, lambda row: [row.received_at, row.id] if of_station else [row.id])


async def _rows(
    uow: UnitOfWork, query: Select[Any], *, of_station: bool, exchanges: bool
) -> AsyncIterator[list[Any]]:
    cursor, written = None, 0
    while written < MAX_EXPORT:
        rows, cursor = await _page(uow, query, cursor, MAX_LIMIT, of_station=of_station)
        answers = await find_answers(uow, rows) if exchanges else {}
        for row in rows:
            yield _cells(MessageOut.of(row, answers.get(row.id)))
        uow.session.expunge_all()
        written += len(rows)
        if cursor is None:
            return


def _cells(message: MessageOut) -> list[Any]:
    reply = message.reply
    own = list(message.model_dump(exclude={"reply"}).values())
    return [*own, reply.at, reply.type, reply.payload] if reply else [*own, None, None, None]


async def _link_rows(uow: UnitOfWork, query: Select[Any]) -> AsyncIterator[list[Any]]:
    for row in await uow.session.scalars(query.order_by(StationLink.station_id).limit(MAX_EXPORT)):
        yield list(LinkOut.of(row).model_dump().values())
