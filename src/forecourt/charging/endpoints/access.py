"""What every endpoint of charging depends on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import AwareDatetime
from sqlalchemy import select

from forecourt.charging.schemas import HIDDEN_FROM_PARTNERS, FromRow
from forecourt.identity.access import operator_of, require
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit
from forecourt.network.listing import answer, fetch_page

ReadSessions = Annotated[UnitOfWork, Depends(require("sessions:read"))]
WriteSessions = Annotated[UnitOfWork, Depends(require("sessions:write"))]
CommandStations = Annotated[UnitOfWork, Depends(require("stations:command"))]
ReadTokens = Annotated[UnitOfWork, Depends(require("tokens:read"))]
WriteTokens = Annotated[UnitOfWork, Depends(require("tokens:write"))]

Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
PageLimit = Annotated[Limit, Query()]
DEFAULT_PAGE = DEFAULT_LIMIT
Sort = Annotated[str, Query(description="A column's name; `-name` is descending.")]
Begin = Annotated[AwareDatetime | None, Query(alias="from", description="Not before.")]
End = Annotated[AwareDatetime | None, Query(alias="to", description="Before.")]
Wait = Annotated[float, Query(ge=0, le=120, description="Answer with the outcome, or after so many seconds.")]


def hidden(uow: UnitOfWork) -> frozenset[str]:
    """A partner does not learn who the driver is, and who may not write tokens cannot copy a card."""
    actor: Any = uow.actor
    values = frozenset() if actor.may("tokens:write") else frozenset({"value"})
    return values | (HIDDEN_FROM_PARTNERS if uow.partner_id is not None else frozenset())


def filtered(
    uow: UnitOfWork,
    model: Any,
    *,
    ids: Mapping[str, tuple[str, str | None]] | None = None,
    equal: Mapping[str, Any] | None = None,
    time: Any = None,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> Any:
    """A query of the operator's rows: `ids` are (prefix, outside id) by column, `equal` values by column."""
    query = select(model).where(model.operator_id == operator_of(uow))
    for name, (prefix, text) in (ids or {}).items():
        if text is not None:
            query = query.where(getattr(model, name) == decode_id(prefix, text))
    for name, value in (equal or {}).items():
        if value is not None:
            query = query.where(getattr(model, name) == value)
    if begin is not None:
        query = query.where(time >= begin)
    if end is not None:
        query = query.where(time < end)
    return query


async def listed(
    uow: UnitOfWork,
    query: Any,
    model: Any,
    schema: type[FromRow],
    *,
    sorts: Mapping[str, Any],
    sort: str,
    csv: bool,
    cursor: str | None,
    limit: int,
    filename: str,
) -> Any:
    """A page as JSON, or the whole list as CSV."""

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(uow, query, model=model, sorts=sorts, sort=sort, cursor=position, limit=size)

    async def show(rows: Any) -> Any:
        return [schema.of(row, hide=hidden(uow)) for row in rows]

    return await answer(fetch, show, schema, csv=csv, cursor=cursor, limit=limit, filename=filename)
