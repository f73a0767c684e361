"""Daily partitions of big tables: made ahead of time, dropped when their time is over. As fc_owner.

A table is partitioned by saying so (``{"postgresql_partition_by": "RANGE (received_at)"}``); its partitions
are called ``{table}_pYYYYMMDD`` (UTC days) and ``{table}_default``. The default one takes what fits no day:
times far off, and rows of a day whose partition was not made in time; those move when it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import structlog
from psycopg import sql
from sqlalchemy import MetaData, Table

_NAME = re.compile(r"_p(\d{4})(\d{2})(\d{2})$")
_RANGE = re.compile(r"^\s*RANGE\s*\(\s*\"?(\w+)\"?\s*\)\s*$", re.IGNORECASE)
_LOCK_TIMEOUT_MS = 2000
_ATTEMPTS = 5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class PartitionPlan:
    """What to keep of a table: ``days_ahead`` partitions to come, ``keep_days`` past ones (None: all)."""

    table: str
    days_ahead: int = 7
    keep_days: int | None = None


def partition_key(table: Table) -> str | None:
    """The column by whose range the table is partitioned, None if it is not."""
    clause = table.dialect_options["postgresql"].get("partition_by")
    match = _RANGE.match(clause) if clause else None
    return match.group(1) if match else None


def default_partition_statements(metadata: MetaData) -> list[str]:
    """SQL that gives every partitioned table its default partition, if it has none."""
    return [
        f'CREATE TABLE IF NOT EXISTS "{table.name}_default" PARTITION OF "{table.name}" DEFAULT'
        for table in metadata.sorted_tables
        if partition_key(table) is not None
    ]


def partition_name(table: str, day: date) -> str:
    """Name of the partition that holds that UTC day."""
    return f"{table}_p{day:%Y%m%d}"


def partition_day(name: str) -> date | None:
    """The UTC day that a partition's name says, None for the default one."""
    match = _NAME.search(name)
    return date(*(int(part) for part in match.groups())) if match else None


async def list_partitions(connection: psycopg.AsyncConnection[Any], table: str) -> list[str]:
    """Names of the table's partitions, sorted; the default one is among them."""
    cursor = await connection.execute(
        "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
        " WHERE inhparent = to_regclass(%s) ORDER BY 1",
        (f'"{table}"',),
    )
    return [row[0] for row in await cursor.fetchall()]


async def count_default_rows(connection: psycopg.AsyncConnection[Any], table: str) -> int:
    """Rows that fit no day: a growing number means that partitions are not made in time."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(f"{table}_default"))
    row = await (await connection.execute(query)).fetchone()
    return int(row[0]) if row else 0


async def ensure_partitions(
    connection: psycopg.AsyncConnection[Any], table: str, *, first: date, days: int
) -> list[str]:
    """Make the missing partitions for ``days`` days from ``first`` on; tells which were made.

    ``connection`` is fc_owner's, in autocommit mode. Writers are held up for the moment of the attachment
    only; rows of that day in the default partition move.
    """
    there = set(await list_partitions(connection, table))
    made = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        name = partition_name(table, day)
        if name not in there:
            await _with_patience(connection, lambda day=day: _make(connection, table, day))
            made.append(name)
    return made


async def drop_partitions(connection: psycopg.AsyncConnection[Any], table: str, *, before: date) -> list[str]:
    """Drop the partitions of days before ``before``, rows and all; tells which. As ``ensure_partitions``."""
    dropped = []
    for name in await list_partitions(connection, table):
        day = partition_day(name)
        if day is not None and day < before:
            statement = sql.SQL("DROP TABLE {}").format(sql.Identifier(name))
            await _with_patience(connection, lambda statement=statement: connection.execute(statement))
            dropped.append(name)
    return dropped


async def maintain(
    connection: psycopg.AsyncConnection[Any], plans: Sequence[PartitionPlan], *, now: datetime
) -> None:
    """Do what the plans say; run it at start-up and daily. Also makes yesterday's, for late rows."""
    today = now.astimezone(UTC).date()
    for plan in plans:
        made = await ensure_partitions(
            connection, plan.table, first=today - timedelta(days=1), days=plan.days_ahead + 2
        )
        dropped: list[str] = []
        if plan.keep_days is not None:
            dropped = await drop_partitions(
                connection, plan.table, before=today - timedelta(days=plan.keep_days)
            )
        if made or dropped:
            _log.info("partitions.maintained", table=plan.table, made=made, dropped=dropped)


async def _with_patience(connection: psycopg.AsyncConnection[Any], action: Any) -> None:
    """Run DDL in a transaction that gives up its place in the lock queue rather than hold up everybody."""
    for attempt in range(_ATTEMPTS):
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}".encode())
                await action()
            return
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.2 * 2**attempt)


async def _make(connection: psycopg.AsyncConnection[Any], table: str, day: date) -> None:
    name, start, end = partition_name(table, day), _midnight(day), _midnight(day + timedelta(days=1))
    parent, child, default = sql.Identifier(table), sql.Identifier(name), sql.Identifier(f"{table}_default")
    bounds = {"start": sql.Literal(start), "end": sql.Literal(end)}
    # LIKE and ATTACH, because CREATE ... PARTITION OF locks out every reader of the parent.
    await connection.execute(
        sql.SQL(
            "CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)"
        ).format(child, parent)
    )
    cursor = await connection.execute(
        "SELECT attname FROM pg_partitioned_table JOIN pg_attribute"
        " ON attrelid = partrelid AND attnum = partattrs[0] WHERE partrelid = to_regclass(%s)",
        (f'"{table}"',),
    )
    row = await cursor.fetchone()
    if row is None:
        raise ValueError(f"{table} is not partitioned")
    key = sql.Identifier(row[0])
    if f"{table}_default" in await list_partitions(connection, table):
        # ATTACH locks it anyway; now, so that no row comes between the look and the attachment.
        await connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(default))
        inside = sql.SQL("{key} >= {start} AND {key} < {end}").format(key=key, **bounds)
        found = await connection.execute(sql.SQL("SELECT FROM {} WHERE {} LIMIT 1").format(default, inside))
        if await found.fetchone() is not None:
            # Its append-only trigger would refuse the move; it is off for this transaction, behind the lock.
            await connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(default))
            await connection.execute(
                sql.SQL(
                    "WITH moved AS (DELETE FROM {} WHERE {} RETURNING *) INSERT INTO {} SELECT * FROM moved"
                ).format(default, inside, child)
            )
            await connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(default))
    await connection.execute(
        sql.SQL("ALTER TABLE {parent} ATTACH PARTITION {child} FOR VALUES FROM ({start}) TO ({end})").format(
            parent=parent, child=child, **bounds
        )
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
