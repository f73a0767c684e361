"""Many rows at once: one statement, one array for each column.

`INSERT … SELECT … FROM unnest(…)` obeys row-level security and knows ON CONFLICT, which COPY does not; a
COPY by way of a temporary table costs three statements and a truncation at each commit. The arrays are
written as text, column by column, because nearly all columns hold one type and loops over one type run in C.
"""

from __future__ import annotations

import enum
import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

Encoder = Callable[[Any], str]

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\0": None})
_SEPARATOR = "\x1f"
_json = msgspec.json.Encoder()


async def insert_rows(
    connection: psycopg.AsyncConnection[Any],
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    conflict: str = "",
    returning: str = "",
) -> int | list[Any]:
    """Insert rows in one round trip, inside the connection's transaction.

    Values may be str, int, float, Decimal, bool, UUID, datetime (aware), date, bytes, Enum, None; dict, list,
    tuple and msgspec structs become JSON. NUL characters, which PostgreSQL cannot store, are dropped.

    Args:
        connection: in a transaction.
        table: its name, in the schema ``public``.
        columns: in the order of the rows' values; the others get their defaults.
        rows: sequences of values.
        conflict: an ``ON CONFLICT ...`` clause, trusted SQL.
        returning: columns for a ``RETURNING`` clause, trusted SQL.

    Returns:
        How many rows were written; with ``returning``, the returned rows.
    """
    arrays = encode_columns(rows)
    if not arrays:
        return [] if returning else 0
    statements = _statements_of(connection)
    key = (table, conflict, returning, *columns, *map(type, arrays))
    query = statements.get(key)
    if query is None:
        source = await _unnest(connection, table, columns, arrays)
        composed = sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM {source} {conflict}").format(
            table=sql.Identifier(table),
            names=_names(columns),
            source=source,
            conflict=sql.SQL(conflict),
        )
        if returning:
            composed += sql.SQL(" RETURNING ") + sql.SQL(returning)
        query = statements[key] = composed.as_bytes(connection)
    cursor = await connection.execute(query, [array for array in arrays if array is not None], prepare=True)
    return await cursor.fetchall() if returning else cursor.rowcount


async def update_rows(
    connection: psycopg.AsyncConnection[Any],
    table: str,
    key_columns: Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    where: str = "",
) -> int:
    """Set ``columns`` of the rows that the keys name; tells how many there were.

    Args:
        connection: in a transaction.
        table: its name, in the schema ``public``.
        key_columns: they find the row; they must be unique among ``rows``.
        columns: to set.
        rows: values of the key columns, then of the columns. Values as in ``insert_rows``.
        where: a further condition, trusted SQL, on ``target`` (the row) and ``new`` (the values), e.g.
            ``"target.revision < new.revision"``.
    """
    arrays = encode_columns(rows)
    if not arrays:
        return 0
    statements = _statements_of(connection)
    key = (table, where, len(key_columns), *key_columns, *columns, *map(type, arrays))
    query = statements.get(key)
    if query is None:
        source = await _unnest(connection, table, [*key_columns, *columns], arrays)
        composed = sql.SQL("UPDATE {table} AS target SET {values} FROM {source} WHERE {keys}").format(
            table=sql.Identifier(table),
            values=sql.SQL(", ").join(
                sql.SQL("{0} = new.{0}").format(sql.Identifier(name)) for name in columns
            ),
            source=source,
            keys=sql.SQL(" AND ").join(
                sql.SQL("target.{0} = new.{0}").format(sql.Identifier(name)) for name in key_columns
            ),
        )
        if where:
            composed += sql.SQL(f" AND ({where})")
        query = statements[key] = composed.as_bytes(connection)
    values = [array for array in arrays if array is not None]
    return (await connection.execute(query, values, prepare=True)).rowcount


_statements: weakref.WeakKeyDictionary[psycopg.AsyncConnection[Any], dict[tuple[Any, ...], bytes]]
_statements = weakref.WeakKeyDictionary()


def _statements_of(connection: psycopg.AsyncConnection[Any]) -> dict[tuple[Any, ...], bytes]:
    """Statements as they go to the server; composing them anew costs more than running them."""
    found = _statements.get(connection)
    if found is None:
        found = _statements[connection] = {}
    return found


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)


async def _unnest(
    connection: psycopg.AsyncConnection[Any],
    table: str,
    columns: Sequence[str],
    arrays: Sequence[str | None],
) -> sql.Composed:
    """The rows as a table ``new``: a parameter for each column that has a value, a null for each that has none."""
    cursor = await connection.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        (f'public."{table}"',),
    )
    types = dict(await cursor.fetchall())
    given = [column for column, array in zip(columns, arrays, strict=True) if array is not None]
    selected = [
        sql.Identifier(column)
        if array is not None
        else sql.SQL(f"NULL::{types[column]} AS {{}}").format(sql.Identifier(column))
        for column, array in zip(columns, arrays, strict=True)
    ]
    return sql.SQL("(SELECT {selected} FROM unnest({parameters}) AS given ({given})) AS new").format(
        selected=sql.SQL(", ").join(selected),
        parameters=sql.SQL(", ").join(sql.SQL(f"%s::{types[column]}[]") for column in given),
        given=_names(given),
    )


def encode_columns(rows: Iterable[Sequence[Any]]) -> list[str | None]:
    """The rows as arrays in PostgreSQL's text form, one for each column; ``None`` for a column of nulls.

    Raises:
        TypeError: a value of a type that has no encoding.
        ValueError: a naive datetime, or rows of different lengths.
    """
    return [_encode_column(column) for column in zip(*rows, strict=True)]


def _encode_column(values: tuple[Any, ...]) -> str | None:
    kinds = set(map(type, values))
    if len(kinds) == 1:
        encode = _column_encoders.get(kinds.pop())
        if encode is not None:
            return encode(values)
    encoders = _encoders
    items = ["NULL" if value is None else encoders[value.__class__](value) for value in values]
    return _storable("{" + ",".join(items) + "}")


def _storable(text: str) -> str:
    """Half of a surrogate pair is no character and has no encoding."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _text_column(values: Sequence[str]) -> str:
    together = _SEPARATOR.join(values)
    if "\0" in together or together.count(_SEPARATOR) != len(values) - 1:
        return _storable("{" + ",".join([_text(value) for value in values]) + "}")
    if "\\" in together:
        together = together.replace("\\", "\\\\")
    if '"' in together:
        together = together.replace('"', '\\"')
    return _storable('{"' + together.replace(_SEPARATOR, '","') + '"}')


def _uuid_column(values: Sequence[UUID]) -> str:
    different = dict(zip(map(id, values), values, strict=True))
    if len(different) * 4 < len(values):  # a tenant, as a rule
        texts = {key: f"{value.int:032x}" for key, value in different.items()}
        return "{" + ",".join(map(texts.__getitem__, map(id, values))) + "}"
    return "{" + ",".join(map("{:032x}".format, map(attrgetter("int"), values))) + "}"


def _moment_column(values: Sequence[datetime]) -> str:
    if len(set(map(id, values))) == 1:  # the time of the batch
        return "{" + ",".join([_moment(values[0])] * len(values)) + "}"
    if None in set(map(_zone_of, values)):
        return "{" + ",".join(map(_moment, values)) + "}"
    return "{" + ",".join(map(datetime.isoformat, values)) + "}"


def _plain_column(encode: Encoder, values: Sequence[Any]) -> str:
    return "{" + ",".join(map(encode, values)) + "}"


def _text(value: str) -> str:
    return f'"{value.translate(_ESCAPES)}"'


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; only aware datetimes are stored")
    return value.isoformat()


def _as_json(value: Any) -> str:
    text = _json.encode(value).decode()
    if "\\u0000" in text:  # jsonb cannot hold it
        text = _json.encode(_without_nul(msgspec.to_builtins(value, str_keys=True))).decode()
    return _text(text)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value


class _Encoders(dict[type, Encoder]):
    """Encoder by exact type; that of a derived type is found once."""

    def __missing__(self, kind: type) -> Encoder:
        if issubclass(kind, enum.Enum):
            encoder: Encoder = lambda value: self[value.value.__class__](value.value)  # noqa: E731
        elif issubclass(kind, msgspec.Struct):
            encoder = _as_json
        else:
            for base in kind.__mro__:
                if base in self:
                    encoder = self[base]
                    break
            else:
                raise TypeError(f"a {kind.__name__} cannot be put into a column")
        self[kind] = encoder
        return encoder


_encoders = _Encoders(
    {
        str: _text,
        int: int.__repr__,
        float: float.__repr__,
        Decimal: str,
        bool: lambda value: "t" if value else "f",
        UUID: lambda value: f"{value.int:032x}",
        datetime: _moment,
        date: date.isoformat,
        time: time.isoformat,
        timedelta: lambda value: f'"{value.total_seconds():.6f} seconds"',
        bytes: lambda value: '"\\\\x' + value.hex() + '"',
        dict: _as_json,
        list: _as_json,
        tuple: _as_json,
    }
)

_zone_of = attrgetter("tzinfo")
_column_encoders: dict[type, Callable[[Any], str | None]] = {
    type(None): lambda _values: None,
    str: _text_column,
    int: partial(_plain_column, int.__repr__),
    Decimal: partial(_plain_column, str),
    UUID: _uuid_column,
    datetime: _moment_column,
}
