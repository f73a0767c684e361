"""Lists by pages: an opaque cursor that holds the sort key of the last row (keyset pagination).

A page costs the same wherever it is, and rows that come and go do not shift it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import desc_op

from forecourt.kit.columns import UtcDateTime
from forecourt.kit.errors import Invalid

T = TypeVar("T")
Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])

MAX_LIMIT = 500
DEFAULT_LIMIT = 50
Sorts = Mapping[str, Any]
"""Column by the name that ``sort`` may take; ``-name`` is descending."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="At most so many items.")]


class InvalidCursor(Invalid):
    """The cursor is not one that this list handed out."""


class Page(BaseModel, Generic[T]):
    """Some items of a list, and where the next ones begin."""

    items: list[T]
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; null at the end."
    )


def encode_cursor(values: Sequence[Any]) -> str:
    """Hold sort key values (str, int, bool, Decimal, UUID, datetime, date, Enum) as URL-safe text."""
    plain = [value.value if isinstance(value, Enum) else value for value in values]
    tagged = [[_TAGS[type(value)], value] for value in plain]
    return base64.urlsafe_b64encode(msgspec.json.encode(tagged)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The values of ``encode_cursor``.

    Raises:
        InvalidCursor: it is not one of ours.
    """
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        tagged = msgspec.json.decode(data, type=list[tuple[str, Any]])
        return [msgspec.convert(value, _TYPES[tag]) for tag, value in tagged]
    except (binascii.Error, ValueError, KeyError) as error:
        raise InvalidCursor(f"{cursor!r} is not a cursor of this list", cursor=cursor) from error


def keyset(
    query: Query,
    columns: Sequence[ColumnElement[Any]],
    cursor: str | None,
    limit: int,
) -> Query:
    """Order a query by ``columns`` and let it begin after the cursor; it yields one row more than ``limit``.

    Args:
        query: without ORDER BY and LIMIT.
        columns: never null, unique together (end with the id); ``column.desc()`` for descending.
        cursor: from ``page``, None for the beginning.
        limit: 1 to 500.

    Raises:
        InvalidCursor: the cursor belongs to another order.
        Invalid: the limit is out of range.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(f"limit {limit} is not between 1 and {MAX_LIMIT}", limit=limit)
    if cursor is not None:
        values = decode_cursor(cursor)
        if len(values) != len(columns):
            raise InvalidCursor(f"{cursor!r} is a cursor of another order", cursor=cursor)
        if not all(_fits(_column_of(column), value) for column, value in zip(columns, values, strict=True)):
            raise InvalidCursor(f"{cursor!r} is a cursor of another order", cursor=cursor)
        query = query.where(_after(columns, values))
    return query.order_by(*columns).limit(limit + 1)


def order(sorts: Sorts, sort: str, tie: Any) -> tuple[list[Any], Callable[[Any], list[Any]]]:
    """Columns to order by, and the function that takes a row's values of them, for ``keyset`` and ``page_of``.

    Args:
        sorts: which names ``sort`` may take; nulls come as the empty text, or the year 1970.
        sort: a name, or ``-name`` for descending.
        tie: the column that makes the order unique, the id.

    Raises:
        Invalid: no such name.
    """
    name = sort.removeprefix("-")
    if name not in sorts:
        raise Invalid(f"cannot sort by {name!r}; by {', '.join(sorts)} only", sort=sort)
    column = sorts[name]
    nullable = bool(column.property.columns[0].nullable)
    empty: Any = _EPOCH if isinstance(column.type, UtcDateTime) else ""
    first = func.coalesce(column, literal(empty, column.type), type_=column.type) if nullable else column
    columns: list[Any] = [first, tie]
    if sort.startswith("-"):
        columns = [item.desc() for item in columns]

    def key(row: Any) -> list[Any]:
        value = getattr(row, column.key)
        return [empty if value is None else value, getattr(row, tie.key)]

    return columns, key


def page_of(rows: Sequence[T], limit: int, key: Any) -> tuple[list[T], str | None]:
    """Split what ``keyset`` yielded into the page's rows and the next cursor.

    Args:
        rows: up to ``limit + 1`` rows.
        limit: as given to ``keyset``.
        key: function from a row to its values of the ordering columns.
    """
    if len(rows) <= limit:
        return list(rows), None
    kept = list(rows[:limit])
    return kept, encode_cursor(key(kept[-1]))


def _after(columns: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    """(a, b) > (x, y), written out, as each column may go its own way."""
    alternatives = []
    equal: list[ColumnElement[bool]] = []
    for ordered, value in zip(columns, values, strict=True):
        column = _column_of(ordered)
        bound = literal(value, column.type)
        alternatives.append(and_(*equal, column < bound if _descends(ordered) else column > bound))
        equal.append(column == bound)
    # The first column alone bounds the index scan, which an OR would not.
    first = _column_of(columns[0])
    bound = literal(values[0], first.type)
    return and_(first <= bound if _descends(columns[0]) else first >= bound, or_(*alternatives))


def _column_of(ordered: ColumnElement[Any]) -> ColumnElement[Any]:
    return ordered.element if isinstance(ordered, UnaryExpression) else ordered


def _descends(ordered: ColumnElement[Any]) -> bool:
    return isinstance(ordered, UnaryExpression) and ordered.modifier is desc_op


def _fits(column: ColumnElement[Any], value: Any) -> bool:
    """Whether a value out of a cursor can be compared with the column at all."""
    kind = column.type.python_type
    return isinstance(value, str if issubclass(kind, Enum) else kind)


_TYPES: dict[str, Any] = {
    "s": str,
    "i": int,
    "b": bool,
    "n": Decimal,
    "u": UUID,
    "t": datetime,
    "d": date,
}
_TAGS: dict[type, str] = {kind: tag for tag, kind in _TYPES.items()}
