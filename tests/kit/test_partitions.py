"""Days come, days go, and rows that were there first move into their day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.partitions import (
    PartitionPlan,
    count_default_rows,
    drop_partitions,
    ensure_partitions,
    list_partitions,
    maintain,
    partition_day,
    partition_key,
)

from .models import Book, Sample

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
async def owner(kit_database: Database) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection of the owner; the partitions that a test makes are dropped again."""
    async with await psycopg.AsyncConnection.connect(kit_database.urls.owner, autocommit=True) as connection:
        yield connection
        await connection.execute("ALTER TABLE sample_default DISABLE TRIGGER USER")
        await connection.execute("DELETE FROM sample_default")
        await connection.execute("ALTER TABLE sample_default ENABLE TRIGGER USER")
        await drop_partitions(connection, "sample", before=date(2100, 1, 1))


async def add(database: Database, operator_id: UUID, *times: datetime) -> None:
    async with database.transaction(operator_id) as uow:
        uow.session.add_all([Sample(operator_id=operator_id, at=at, left=1) for at in times])


async def count(connection: psycopg.AsyncConnection[Any], table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return int(row[0])


class TestEnsurePartitions:
    async def test_makes_days_once(self, owner: psycopg.AsyncConnection[Any]) -> None:
        expected = ["sample_p20260630", "sample_p20260701"]
        assert await ensure_partitions(owner, "sample", first=date(2026, 6, 30), days=2) == expected
        assert await ensure_partitions(owner, "sample", first=date(2026, 6, 30), days=2) == []
        assert await list_partitions(owner, "sample") == ["sample_default", *expected]

    async def test_rows_go_to_their_utc_day(
        self, kit_database: Database, operator_id: UUID, owner: psycopg.AsyncConnection[Any]
    ) -> None:
        await ensure_partitions(owner, "sample", first=date(2026, 6, 15), days=1)
        midnight = datetime(2026, 6, 15, tzinfo=UTC)
        await add(
            kit_database,
            operator_id,
            midnight,
            midnight + timedelta(days=1, microseconds=-1),
            midnight + timedelta(days=1),
            datetime(1970, 1, 1, tzinfo=UTC),
        )
        assert await count(owner, "sample_p20260615") == 2
        assert await count_default_rows(owner, "sample") == 2

    async def test_rows_that_came_too_early_move_though_they_are_append_only(
        self, kit_database: Database, operator_id: UUID, owner: psycopg.AsyncConnection[Any]
    ) -> None:
        await add(kit_database, operator_id, NOON, NOON + timedelta(days=30))
        await ensure_partitions(owner, "sample", first=NOON.date(), days=1)
        assert await count(owner, "sample_p20260615") == 1
        assert await count_default_rows(owner, "sample") == 1
        for table in ("sample_default", "sample_p20260615"):
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                await owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

    async def test_a_new_day_is_as_closed_and_guarded_as_the_others(
        self, kit_database: Database, operator_id: UUID, owner: psycopg.AsyncConnection[Any]
    ) -> None:
        await ensure_partitions(owner, "sample", first=NOON.date(), days=1)
        await add(kit_database, operator_id, NOON)
        for role in ("app", "system"):

            async def attempt(role: str = role) -> None:
                async with kit_database.transaction(operator_id, role=role) as uow:  # type: ignore[arg-type]
                    await (await uow.connection()).execute("SELECT * FROM sample_p20260615")

            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await attempt()
        async with kit_database.transaction(new_id()) as uow:
            cursor = await (await uow.connection()).execute("SELECT * FROM sample")
            assert await cursor.fetchall() == []
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            await owner.execute('UPDATE sample_p20260615 SET "left" = 2')

    async def test_waits_its_turn_behind_a_writer(
        self, kit_database: Database, operator_id: UUID, owner: psycopg.AsyncConnection[Any]
    ) -> None:
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Sample(operator_id=operator_id, at=NOON, left=1))
            await uow.session.flush()
            making = asyncio.create_task(ensure_partitions(owner, "sample", first=NOON.date(), days=1))
            await asyncio.sleep(0.1)
            assert not making.done()
        assert await making == ["sample_p20260615"]
        assert await count(owner, "sample_p20260615") == 1

    async def test_refuses_a_table_that_has_no_partitions(self, owner: psycopg.AsyncConnection[Any]) -> None:
        with pytest.raises(ValueError, match="not partitioned"):
            await ensure_partitions(owner, "book", first=NOON.date(), days=1)
        assert await count(owner, "book") >= 0


class TestMaintain:
    async def test_keeps_what_the_plan_says(
        self, kit_database: Database, operator_id: UUID, owner: psycopg.AsyncConnection[Any]
    ) -> None:
        plan = PartitionPlan(table="sample", days_ahead=1, keep_days=3)
        await maintain(owner, [plan], now=NOON)
        await add(kit_database, operator_id, NOON)
        assert await list_partitions(owner, "sample") == [
            "sample_default", "sample_p20260614", "sample_p20260615", "sample_p20260616"]  # fmt: skip
        await maintain(owner, [plan], now=NOON + timedelta(days=3))
        assert await list_partitions(owner, "sample") == [
            "sample_default", "sample_p20260615", "sample_p20260616", "sample_p20260617", "sample_p20260618",
            "sample_p20260619"]  # fmt: skip
        await maintain(owner, [plan], now=NOON + timedelta(days=4))
        assert (await list_partitions(owner, "sample"))[1] == "sample_p20260616"
        assert await count(owner, "sample") == 0


class TestNames:
    def test_tell_the_day(self) -> None:
        assert partition_day("sample_p20260615") == date(2026, 6, 15)
        assert partition_day("sample_default") is None

    def test_the_key_is_read_off_the_table(self) -> None:
        assert partition_key(Sample.__table__) == "at"  # type: ignore[arg-type]
        assert partition_key(Book.__table__) is None  # type: ignore[arg-type]
