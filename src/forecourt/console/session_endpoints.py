"""The table of sessions, mounted by `api` under `/api/v1`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from forecourt.charging.endpoints.access import (
    DEFAULT_PAGE,
    Begin,
    Cursor,
    End,
    PageLimit,
    ReadSessions,
    Sort,
)
from forecourt.charging.errors import SessionNotFound
from forecourt.charging.models import Session
from forecourt.console.session_schemas import SessionFacets, SessionRow, SessionTable
from forecourt.console.session_table import (
    SessionFilters,
    count_sessions,
    fetch_sessions,
    session_facets,
    session_query,
    session_rows,
)
from forecourt.identity.edits import WantsCsv
from forecourt.kit.ids import decode_id
from forecourt.network.endpoints.access import Words
from forecourt.network.listing import answer

router = APIRouter(tags=["sessions"])
Several = Annotated[str | None, Query(max_length=1000, description="One, or several with commas.")]
Cost = Annotated[
    Annotated[Decimal, Field(ge=0, max_digits=18)] | None, Query(description="With tax, in major units.")
]


@router.get("/network/sessions", response_model=SessionTable)
async def list_session_rows(
    uow: ReadSessions,
    csv: WantsCsv,
    q: Words = None,
    state: Several = None,
    open: bool | None = None,
    station: Several = None,
    location: Several = None,
    evse: Several = None,
    token: Several = None,
    flag: Annotated[str | None, Query(max_length=500, description="Any of these quality flags.")] = None,
    held: Annotated[bool | None, Query(description="With energy that waits for a person.")] = None,
    min_cost: Cost = None,
    max_cost: Cost = None,
    begin: Begin = None,
    end: End = None,
    sort: Sort = "-opened_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Sessions with the names of station and place and with their price, newest first.

    `from` and `to` are about when they were opened.
    """
    query = session_query(
        uow,
        SessionFilters(
            words=q, states=_several(state), open=open, stations=_several(station), locations=_several(location),
            evses=_several(evse), tokens=_several(token), flags=_several(flag), held=held, begin=begin, end=end,
            min_cost=min_cost, max_cost=max_cost,
        ),
    )  # fmt: skip

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_sessions(uow, query, sort=sort, cursor=position, limit=size)

    async def show(found: Any) -> list[SessionRow]:
        return await session_rows(uow, found)

    if csv:
        return await answer(
            fetch, show, SessionRow, csv=True, cursor=None, limit=limit, filename="sessions.csv"
        )
    found, following = await fetch(cursor, limit)
    total = await count_sessions(uow, query) if cursor is None else None
    return SessionTable(items=await show(found), next_cursor=following, total=total)


@router.get("/network/sessions/{session}")
async def read_session_row(session: str, uow: ReadSessions) -> SessionRow:
    """One session as the table shows it."""
    query = session_query(uow, SessionFilters()).where(Session.id == decode_id("ses", session))
    found = (await uow.session.execute(query)).all()
    if not found:
        raise SessionNotFound(id=session)
    return (await session_rows(uow, found))[0]


@router.get("/network/session-facets")
async def read_session_facets(uow: ReadSessions) -> SessionFacets:
    """How many sessions are open, by state, and how much waits for a person."""
    return await session_facets(uow)


def _several(value: str | None) -> list[str]:
    return [part.strip() for part in (value or "").split(",") if part.strip()]
