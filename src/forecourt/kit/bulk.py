"""Many rows at once: COPY into a temporary table, then INSERT ... SELECT (or UPDATE ... FROM).

PostgreSQL refuses COPY into a table under row-level security, and COPY knows no ON CONFLICT; a temporary
table has neither problem. It is made once per connection and columns, and empties itself at commit. Rows of
several calls in one transaction are told apart by a number in its first column, so that nothing needs to be
emptied in between.
"""

from __future__ import annotations

import enum
import weakref
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import repeat
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

Encoder = Callable[[Any], str]

_BATCH_COLUMN = "fc_batch"
_BATCHES = 32_768
_CHUNK_ROWS = 5000

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})
_json = msgspec.json.Encoder()


async def copy_insert(
    connection: psycopg.AsyncConnection[Any],
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    conflict: str = "",
    returning: str = "",
) -> int | list[Any]:
    """Insert rows in two round trips, inside the connection's transaction.

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
    staged = await _stage(connection, table, columns, rows)
    if staged is None:
        return [] if returning else 0
    query = staged.queries.get((conflict, returning))
    if query is None:
        names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
        composed = sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {names} FROM {stage} WHERE {batch} = %s {conflict}"
        ).format(
            table=sql.Identifier(table),
            names=names,
            stage=staged.identifier,
            batch=sql.Identifier(_BATCH_COLUMN),
            conflict=sql.SQL(conflict),
        )
        if returning:
            composed += sql.SQL(" RETURNING ") + sql.SQL(returning)
        query = staged.queries[conflict, returning] = composed.as_bytes(connection)
    cursor = await connection.execute(query, (staged.batch,), prepare=True)
    return await cursor.fetchall() if returning else cursor.rowcount


async def copy_update(
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
        rows: values of the key columns, then of the columns. Values as in ``copy_insert``.
        where: a further condition, trusted SQL, on ``target`` (the row) and ``new`` (the values), e.g.
            ``"target.revision < new.revision"``.
    """
    staged = await _stage(connection, table, [*key_columns, *columns], rows)
    if staged is None:
        return 0
    key = (where, *key_columns)
    query = staged.queries.get(key)
    if query is not None:
        return (await connection.execute(query, (staged.batch,), prepare=True)).rowcount
    composed = sql.SQL(
        "UPDATE {table} AS target SET {values} FROM {stage} AS new WHERE new.{batch} = %s AND {keys}"
    ).format(
        table=sql.Identifier(table),
        values=sql.SQL(", ").join(
            sql.SQL("{0} = new.{0}").format(sql.Identifier(column)) for column in columns
        ),
        stage=staged.identifier,
        batch=sql.Identifier(_BATCH_COLUMN),
        keys=sql.SQL(" AND ").join(
            sql.SQL("target.{0} = new.{0}").format(sql.Identifier(column)) for column in key_columns
        ),
    )
    if where:
        composed += sql.SQL(f" AND ({where})")
    query = staged.queries[key] = composed.as_bytes(connection)
    cursor = await connection.execute(query, (staged.batch,), prepare=True)
    return cursor.rowcount


class _Stage:
    """A temporary table of one connection."""

    def __init__(self, name: str) -> None:
        self.identifier = sql.Identifier(name)
        self.name = name
        self.batch = 0
        self.made_in: int | None = (
            None  # the transaction that made it; None once that is known to be committed
        )
        self.copy: bytes | None = None
        self.queries: dict[tuple[str, ...], bytes] = {}
        """Statements of this table as they go to the server; composing them anew costs more than running them."""


_stages: weakref.WeakKeyDictionary[psycopg.AsyncConnection[Any], dict[tuple[str, ...], _Stage]]
_stages = weakref.WeakKeyDictionary()


async def _stage(
    connection: psycopg.AsyncConnection[Any],
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> _Stage | None:
    """Copy the rows into the temporary table; None if there are none."""
    rows = rows if isinstance(rows, Sequence) else list(rows)
    if not rows:
        return None
    stages = _stages.setdefault(connection, {})
    key = (table, *columns)
    stage = stages.get(key)
    if stage is None:
        name = f"fc_{table[:40]}_{zlib.crc32(repr(key).encode()):08x}"
        stage = _Stage(name)
        await _make(connection, stage, table, columns)
        stages[key] = stage
    elif stage.made_in is not None:
        await _confirm(connection, stage, table, columns)
    stage.batch = (stage.batch + 1) % _BATCHES
    assert stage.copy is not None
    async with connection.cursor() as cursor, cursor.copy(stage.copy) as copy:
        prefix = f"{stage.batch}\t"
        for start in range(0, len(rows), _CHUNK_ROWS):
            await copy.write(encode_rows(rows[start : start + _CHUNK_ROWS], prefix))
    return stage


async def _make(
    connection: psycopg.AsyncConnection[Any], stage: _Stage, table: str, columns: Sequence[str]
) -> None:
    # Without data it takes the columns' types from the table and nothing else: no constraint, no default.
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    await connection.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS"
            " SELECT 0::smallint AS {batch}, {names} FROM public.{table} WITH NO DATA"
        ).format(
            stage=stage.identifier,
            batch=sql.Identifier(_BATCH_COLUMN),
            names=names,
            table=sql.Identifier(table),
        )
    )
    stage.copy = sql.SQL("COPY {} FROM STDIN").format(stage.identifier).as_bytes(connection)
    stage.made_in, _ = await _present(connection, stage)


async def _confirm(
    connection: psycopg.AsyncConnection[Any], stage: _Stage, table: str, columns: Sequence[str]
) -> None:
    """The transaction that made the table may have been rolled back, and the table with it."""
    transaction, there = await _present(connection, stage)
    if not there:
        await _make(connection, stage, table, columns)
    elif transaction != stage.made_in:
        stage.made_in = None


async def _present(connection: psycopg.AsyncConnection[Any], stage: _Stage) -> tuple[int, bool]:
    cursor = await connection.execute(
        "SELECT coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0), to_regclass(%s) IS NOT NULL",
        (f'pg_temp."{stage.name}"',),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0]), bool(row[1])


def encode_rows(rows: Iterable[Sequence[Any]], prefix: str = "") -> bytes:
    """Rows in COPY's text format, each after ``prefix``.

    Raises:
        TypeError: a value of a type that has no encoding.
        ValueError: a naive datetime.
    """
    # Column by column: nearly all columns hold one type, and one type is encoded by loops that run in C.
    columns = [_encode_column(column) for column in zip(*rows, strict=True)]
    if not columns:
        return b""
    lines = [prefix + line for line in map("\t".join, zip(*columns, strict=True))]
    lines.append("")
    return "\n".join(lines).encode("utf-8", "replace")


def _encode_column(values: tuple[Any, ...]) -> Iterable[str]:
    kinds = set(map(type, values))
    if len(kinds) == 1:
        encode = _column_encoders.get(kinds.pop())
        if encode is not None:
            return encode(values)
    encoders = _encoders
    return ["\\N" if value is None else encoders[value.__class__](value) for value in values]


def _text_column(values: Sequence[str]) -> Iterable[str]:
    together = "".join(values)
    # Five searches for a character are an order of magnitude cheaper than one pattern.
    if "\\" in together or "\n" in together or "\t" in together or "\r" in together or "\0" in together:
        return [value.translate(_ESCAPES) for value in values]
    return values


def _uuid_column(values: Sequence[UUID]) -> Iterable[str]:
    different = dict(zip(map(id, values), values, strict=True))
    if len(different) * 4 < len(values):  # a tenant, as a rule
        texts = {key: f"{value.int:032x}" for key, value in different.items()}
        return map(texts.__getitem__, map(id, values))
    return map("{:032x}".format, map(attrgetter("int"), values))


def _moment_column(values: Sequence[datetime]) -> Iterable[str]:
    if None in set(map(_zone_of, values)):
        return map(_moment, values)
    return map(datetime.isoformat, values)


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; only aware datetimes are stored")
    return value.isoformat()


def _as_json(value: Any) -> str:
    text = _json.encode(value).decode()
    if "\\u0000" in text:  # jsonb cannot hold it
        text = _json.encode(_without_nul(msgspec.to_builtins(value, str_keys=True))).decode()
    return text.replace("\\", "\\\\") if "\\" in text else text


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
                raise TypeError(f"a {kind.__name__} cannot be copied into a column")
        self[kind] = encoder
        return encoder


_encoders = _Encoders(
    {
        type(None): lambda value: "\\N",
        str: _text,
        int: int.__repr__,
        float: float.__repr__,
        Decimal: str,
        bool: lambda value: "t" if value else "f",
        UUID: lambda value: f"{value.int:032x}",
        datetime: _moment,
        date: date.isoformat,
        time: time.isoformat,
        timedelta: lambda value: f"{value.total_seconds():.6f} seconds",
        bytes: lambda value: "\\\\x" + value.hex(),
        dict: _as_json,
        list: _as_json,
        tuple: _as_json,
    }
)

_zone_of = attrgetter("tzinfo")
_column_encoders: dict[type, Callable[[Any], Iterable[str]]] = {
    type(None): lambda values: repeat("\\N", len(values)),
    str: _text_column,
    int: partial(map, int.__repr__),
    Decimal: partial(map, str),
    UUID: _uuid_column,
    datetime: _moment_column,
}
