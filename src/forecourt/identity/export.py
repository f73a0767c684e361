"""Lists as CSV: every page of them, in the columns of their JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.responses import StreamingResponse

from forecourt.kit.csv import csv_response
from forecourt.kit.paging import MAX_LIMIT

T = TypeVar("T")
FetchPage = Callable[[int, str | None], Awaitable[tuple[list[T], str | None]]]
"""Limit and cursor to rows and the next cursor."""


def export_pages(
    filename: str, model: type[BaseModel], fetch: FetchPage[T], show: Callable[[T], BaseModel]
) -> StreamingResponse:
    """All rows of a paged list as CSV; nested values are JSON in their cell."""

    async def rows() -> AsyncIterator[Sequence[Any]]:
        cursor: str | None = None
        while True:
            found, cursor = await fetch(MAX_LIMIT, cursor)
            for row in found:
                yield cells(show(row))
            if cursor is None:
                return

    return csv_response(filename, list(model.model_fields), rows())


def cells(row: BaseModel) -> list[Any]:
    """The values of a row, in the order of its fields."""
    return [
        json.dumps(value) if isinstance(value, dict | list) else value for value in row.model_dump().values()
    ]
