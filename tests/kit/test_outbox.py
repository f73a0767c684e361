"""Events: in the transaction, numbered after it, never skipped."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg

from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.notify import Listener
from forecourt.kit.outbox import (
    SEQUENCED_CHANNEL,
    Event,
    Sequencer,
    last_position,
    read_events,
    sequence_once,
)


async def record(database: Database, operator_id: UUID, event_type: str = "thing.made") -> UUID:
    subject = new_id()
    async with database.transaction(operator_id) as uow:
        uow.record(event_type, subject_id=subject, subject_revision=3, data={"at": uow.clock.now()})
    return subject


async def read(
    database: Database, after: int = 0, operator_id: UUID | None = None, **options: object
) -> list[Event]:
    role = "app" if operator_id else "system"
    async with database.transaction(operator_id, role=role) as uow:  # type: ignore[arg-type]
        return await read_events(uow.session, after, **options)  # type: ignore[arg-type]


async def sequence(database: Database, **options: int) -> int:
    connection = await database.system_connection()
    try:
        return await sequence_once(connection, **options)
    finally:
        await connection.close()


class TestSequenceOnce:
    async def test_numbers_committed_rows_without_gaps(self, empty_database: Database) -> None:
        operators = [new_id(), new_id()]
        subjects = [await record(empty_database, operators[number % 2]) for number in range(5)]
        assert await sequence(empty_database, limit=3) == 3
        assert await sequence(empty_database, limit=3) == 2
        assert await sequence(empty_database) == 0
        events = await read(empty_database)
        assert [event.position for event in events] == [1, 2, 3, 4, 5]
        assert [event.subject_id for event in events] == subjects
        mine = await read(empty_database, operator_id=operators[1])
        assert [event.position for event in mine] == [2, 4]

    async def test_a_late_commit_comes_after_what_was_read(self, empty_database: Database) -> None:
        operator_id = new_id()
        async with empty_database.transaction(operator_id) as slow:
            slow.record("thing.slow", subject_id=new_id(), subject_revision=None, data={})
            await slow.session.flush()
            await record(empty_database, operator_id, "thing.fast")
            await sequence(empty_database)
            assert [event.type for event in await read(empty_database)] == ["thing.fast"]
        await sequence(empty_database)
        assert [(event.type, event.position) for event in await read(empty_database, 1)] == [
            ("thing.slow", 2)
        ]

    async def test_counts_on_when_rows_were_deleted(self, empty_database: Database) -> None:
        operator_id = new_id()
        await record(empty_database, operator_id)
        await sequence(empty_database)
        connection = await empty_database.system_connection()
        await connection.execute("DELETE FROM outbox_event")
        await connection.close()
        await record(empty_database, operator_id)
        await sequence(empty_database)
        assert [event.position for event in await read(empty_database)] == [2]

    async def test_two_at_a_time_give_every_number_once(self, empty_database: Database) -> None:
        operator_id = new_id()

        async def write() -> None:
            for _ in range(15):
                await record(empty_database, operator_id)

        async def number() -> None:
            connection = await empty_database.system_connection()
            for _ in range(40):
                await sequence_once(connection, limit=4)
                await asyncio.sleep(0.002)
            await connection.close()

        await asyncio.gather(write(), write(), number(), number(), number())
        while await sequence(empty_database):
            pass
        assert [event.position for event in await read(empty_database)] == list(range(1, 31))

    async def test_does_nothing_while_another_is_at_it(self, empty_database: Database) -> None:
        await record(empty_database, new_id())
        connection = await empty_database.system_connection()
        async with connection.transaction():
            await sequence_once(connection)
            assert await sequence(empty_database) == 0
        await connection.close()


class TestReadEvents:
    async def test_filters_by_type_and_limits(self, empty_database: Database, clock: ManualClock) -> None:
        empty_database.clock = clock
        operator_id = new_id()
        for event_type in ("a.b", "c.d", "a.b", "e.f"):
            await record(empty_database, operator_id, event_type)
        await sequence(empty_database)
        events = await read(empty_database, types=["a.b", "e.f"], limit=2)
        assert [(event.position, event.type) for event in events] == [(1, "a.b"), (3, "a.b")]
        first = events[0]
        assert (first.at, first.operator_id, first.subject_revision) == (clock.now(), operator_id, 3)
        assert first.data == {"at": "2026-06-15T12:00:00Z"}
        async with empty_database.transaction(operator_id) as uow:
            assert await last_position(uow.session) == 4
        async with empty_database.transaction(new_id()) as uow:
            assert await last_position(uow.session) == 0


class TestSequencer:
    async def test_is_woken_and_tells_its_readers(self, empty_database: Database) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()

        async def on_sequenced(payload: str | None) -> None:
            if payload is not None:
                await heard.put(payload)

        conninfo = empty_database.urls.system
        task = asyncio.create_task(Sequencer(conninfo, poll_seconds=60).run())
        async with Listener(conninfo, {SEQUENCED_CHANNEL: on_sequenced}, poll_seconds=60):
            for position in ("1", "2"):
                await record(empty_database, new_id())
                assert await asyncio.wait_for(heard.get(), 5) == position
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def test_polls_when_nobody_woke_it_and_survives_a_lost_connection(
        self, empty_database: Database
    ) -> None:
        operator_id = new_id()
        task = asyncio.create_task(Sequencer(empty_database.urls.system, poll_seconds=0.1).run())
        await asyncio.sleep(0.3)
        async with await psycopg.AsyncConnection.connect(
            empty_database.urls.system.replace("fc_system", "postgres", 1), autocommit=True
        ) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await connection.execute(  # without NOTIFY
                "INSERT INTO outbox_event (operator_id, id, type, subject_id, at, data)"
                " VALUES (%s, %s, 'a.b', %s, now(), '{}')",
                (operator_id, new_id(), new_id()),
            )
            for _ in range(100):
                row = await (await connection.execute("SELECT position FROM outbox_event")).fetchone()
                if row == (1,):
                    break
                await asyncio.sleep(0.05)
            assert row == (1,)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
