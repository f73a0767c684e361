"""Lists: filters are the caller's, order, pages and CSV are the same everywhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select
from starlette.responses import StreamingResponse

from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.paging import MAX_LIMIT, Page, Sorts, keyset, order, page_of

Out = TypeVar("Out", bound=BaseModel)
_MAX_EXPORT = 100_000


def text_filter(column: Any, words: str) -> ColumnElement[bool]:
    """The column contains the words, in any case of letters."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    result: ColumnElement[bool] = column.ilike(f"%{escaped}%")
    return result


async def fetch_page(
    uow: UnitOfWork,
    query: Select[Any],
    *,
    model: Any,
    sorts: Sorts,
    sort: str,
    cursor: str | None,
    limit: int,
) -> tuple[list[Any], str | None]:
    """One page of rows of ``model``, and the next cursor.

    Raises:
        Invalid: no such order.
        InvalidCursor.
    """
    ordered, key = order(sorts, sort, model.id)
    rows = (await uow.session.scalars(keyset(query, ordered, cursor, limit))).all()
    return page_of(rows, limit, key)


async def answer(
    fetch: Callable[[str | None, int], Any],
    show: Callable[[Any], Any],
    schema: type[Out],
    *,
    csv: bool,
    cursor: str | None,
    limit: int,
    filename: str,
) -> Page[Out] | StreamingResponse:
    """A page as JSON, or the whole list as CSV.

    Args:
        fetch: from cursor and limit to rows and the next cursor.
        show: from rows to schemas, awaitable (it may read what belongs to them).
        schema: what `show` makes; its fields are the CSV's columns.
    """
    if not csv:
        rows, following = await fetch(cursor, limit)
        return Page(items=await show(rows), next_cursor=following)
    items: list[Out] = []
    position: str | None = None
    while len(items) < _MAX_EXPORT:
        rows, position = await fetch(position, MAX_LIMIT)
        items += await show(rows)
        if position is None:
            break
    return csv_response(filename, list(schema.model_fields), _cells(items, list(schema.model_fields)))


async def _cells(items: Sequence[BaseModel], names: Sequence[str]) -> AsyncIterator[Sequence[Any]]:
    for item in items:
        yield [_plain(getattr(item, name)) for name in names]


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return value
