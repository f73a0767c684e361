"""Batches that grow by themselves, bad items alone pay, nobody is answered before the disk is."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy.exc

from forecourt.kit.bulk import insert_rows
from forecourt.kit.database import Database
from forecourt.kit.group_commit import GroupCommit, PoisonItem, WriterClosed, is_absence
from forecourt.kit.ids import new_id


class Store:
    """Stands for the database: takes batches whole or not at all."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.rows: list[Any] = []
        self.calls: list[list[Any]] = []
        self.seconds = seconds
        self.down: Exception | None = None

    async def write(self, items: list[Any]) -> Sequence[Any]:
        self.calls.append(list(items))
        await asyncio.sleep(self.seconds)
        if self.down is not None:
            raise self.down
        if any(isinstance(item, str) and item.startswith("bad") for item in items):
            raise psycopg.DataError("bad item")
        self.rows += items
        return [ValueError(item) if item == "refused" else f"{item}!" for item in items]


class TestSubmit:
    async def test_answers_each_with_its_own_result(self) -> None:
        store = Store()
        writer = GroupCommit[Any, str](store.write)
        assert await asyncio.gather(*(writer.submit(number) for number in range(5))) == [
            f"{n}!" for n in range(5)
        ]
        assert store.rows == list(range(5))
        await writer.close()

    async def test_a_lone_item_is_written_at_once(self) -> None:
        store = Store()
        writer = GroupCommit[Any, str](store.write)
        async with asyncio.timeout(0.5):
            assert await writer.submit(1) == "1!"
        await writer.close()

    async def test_what_queued_during_a_write_is_the_next_batch(self) -> None:
        store = Store(seconds=0.03)
        writer = GroupCommit[Any, str](store.write, max_batch=4)
        first = writer.submit(0)
        await asyncio.sleep(0.01)
        rest = [writer.submit(number) for number in range(1, 10)]
        assert writer.depth == 9
        await asyncio.gather(first, *rest)
        assert [len(call) for call in store.calls] == [1, 4, 4, 1]
        assert store.rows == list(range(10))
        assert (writer.batches, writer.items) == (4, 10)
        await writer.close()

    async def test_an_exception_among_the_results_is_that_items(self) -> None:
        writer = GroupCommit[Any, str](Store().write)
        good, refused = writer.submit(1), writer.submit("refused")
        assert await good == "1!"
        with pytest.raises(ValueError, match="refused"):
            await refused
        await writer.close()

    async def test_a_cancelled_waiter_harms_nobody(self) -> None:
        store = Store(seconds=0.02)
        writer = GroupCommit[Any, str](store.write)
        one, two = writer.submit(1), writer.submit(2)
        await asyncio.sleep(0.005)
        one.cancel()
        assert await two == "2!"
        assert store.rows == [1, 2]
        await writer.close()


class TestPoison:
    @pytest.mark.parametrize("bad", [[0], [9], [4], [0, 9], [3, 4], list(range(10))])
    async def test_only_the_culprits_pay(self, bad: list[int]) -> None:
        store = Store()
        writer = GroupCommit[Any, str](store.write)
        items = [f"bad{number}" if number in bad else f"ok{number}" for number in range(10)]
        results = await asyncio.gather(*(writer.submit(item) for item in items), return_exceptions=True)
        assert [isinstance(result, PoisonItem) for result in results] == [
            item.startswith("bad") for item in items
        ]
        assert store.rows == [item for item in items if item.startswith("ok")]  # and in order
        await writer.close()

    async def test_costs_few_writes(self) -> None:
        store = Store()
        writer = GroupCommit[Any, str](store.write)
        futures = [writer.submit("bad" if number == 321 else number) for number in range(1000)]
        await asyncio.gather(*futures, return_exceptions=True)
        assert len(store.calls) < 25
        await writer.close()

    async def test_tells_the_cause(self) -> None:
        writer = GroupCommit[Any, str](Store().write)
        with pytest.raises(PoisonItem, match="bad item") as caught:
            await writer.submit("bad")
        assert isinstance(caught.value.__cause__, psycopg.DataError)
        await writer.close()

    async def test_a_write_that_miscounts_answers_nobody_wrongly(self) -> None:
        async def write(items: list[int]) -> list[int]:
            return []

        writer = GroupCommit[int, int](write)
        with pytest.raises(PoisonItem, match="0 results for 1 items"):
            await writer.submit(1)
        await writer.close()


class TestAbsence:
    async def test_waits_without_answering_and_tells_both_ends(self) -> None:
        store = Store()
        told: list[str] = []

        async def on_unavailable(since: float) -> None:
            told.append("away")

        writer = GroupCommit[Any, str](
            store.write,
            on_unavailable=on_unavailable,
            on_available=lambda: told.append("back"),
            unavailable_after_seconds=0.1,
        )
        store.down = psycopg.OperationalError("connection lost")
        futures = [writer.submit(number) for number in range(3)]
        await asyncio.sleep(0.5)
        assert not any(future.done() for future in futures)
        assert told == ["away"]
        assert isinstance(writer.down_since, float)
        store.down = None
        assert await asyncio.gather(*futures) == ["0!", "1!", "2!"]
        assert told == ["away", "back"]
        assert getattr(writer, "down_since") is None  # noqa: B009 - mypy believes it is still a float
        assert store.rows == [0, 1, 2]
        await writer.close()

    async def test_a_short_absence_is_nobodys_business(self) -> None:
        store = Store()
        told: list[str] = []
        writer = GroupCommit[Any, str](store.write, on_unavailable=lambda since: told.append("away"))
        store.down = ConnectionResetError()
        future = writer.submit(1)
        await asyncio.sleep(0.1)
        store.down = None
        assert await future == "1!"
        assert told == []
        await writer.close()

    @pytest.mark.parametrize(
        ("error", "absent"),
        [
            (psycopg.OperationalError(), True), (psycopg.InterfaceError(), True), (TimeoutError(), True),
            (psycopg.errors.DeadlockDetected(), True), (psycopg.errors.AdminShutdown(), True),
            (psycopg.errors.DiskFull(), True), (psycopg.errors.ProgramLimitExceeded(), False),
            (psycopg.DataError(), False), (psycopg.IntegrityError(), False), (psycopg.ProgrammingError(), False),
            (KeyError(), False),
            (sqlalchemy.exc.OperationalError("", {}, psycopg.OperationalError()), True),
            (sqlalchemy.exc.DataError("", {}, psycopg.DataError()), False),
        ],
    )  # fmt: skip
    def test_knows_absence_from_bad_data(self, error: Exception, absent: bool) -> None:
        assert is_absence(error) is absent


class TestClose:
    async def test_drains_then_refuses(self) -> None:
        store = Store(seconds=0.01)
        writer = GroupCommit[Any, str](store.write, max_batch=2)
        futures = [writer.submit(number) for number in range(7)]
        await writer.close()
        assert all(future.done() for future in futures)
        assert store.rows == list(range(7))
        with pytest.raises(WriterClosed):
            writer.submit(8)

    async def test_gives_up_after_a_while_and_answers_nobody(self) -> None:
        store = Store()
        store.down = psycopg.OperationalError("away")
        writer = GroupCommit[Any, str](store.write, max_batch=1)
        futures = [writer.submit(1), writer.submit(2)]
        await writer.close(timeout=0.1)
        assert all(future.cancelled() for future in futures)

    async def test_of_an_idle_or_unused_writer_returns(self) -> None:
        writer = GroupCommit[Any, str](Store().write)
        await writer.close()
        used = GroupCommit[Any, str](Store().write)
        await used.submit(1)
        await used.close()


class TestWithPostgres:
    async def test_a_lost_connection_loses_and_doubles_nothing(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        connection: psycopg.AsyncConnection[Any] | None = None

        async def write(items: list[tuple[UUID, object]]) -> list[int]:
            nonlocal connection
            if connection is None or connection.closed:
                connection = await kit_database.system_connection()
            async with connection.transaction():
                rows = [(operator_id, item[0], item[1]) for item in items]
                conflict = "ON CONFLICT DO NOTHING"  # a COMMIT whose answer was lost is repeated
                await insert_rows(connection, "book", ("operator_id", "id", "pages"), rows, conflict=conflict)
            return [0] * len(items)

        writer = GroupCommit[tuple[UUID, object], int](write, max_batch=50)
        expected: set[UUID] = set()
        poisoned = 0

        async def station(seed: int) -> None:
            nonlocal poisoned
            rng = random.Random(seed)
            for number in range(20):
                item = (new_id(), "x" if rng.random() < 0.02 else number)
                try:
                    await writer.submit(item)
                    expected.add(item[0])
                except PoisonItem:
                    poisoned += 1
                    assert item[1] == "x"

        async def saboteur() -> None:
            for _ in range(4):
                await asyncio.sleep(0.03)
                if connection is not None and not connection.closed:
                    async with kit_database.transaction(role="system") as uow:
                        other = await uow.connection()
                        await other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))

        await asyncio.gather(saboteur(), *(station(seed) for seed in range(30)))
        await writer.close()
        assert connection is not None
        cursor = await connection.execute("SELECT id FROM book WHERE operator_id = %s", (operator_id,))
        assert {row[0] for row in await cursor.fetchall()} == expected
        assert len(expected) + poisoned == 600
        assert poisoned > 0
        await connection.close()
