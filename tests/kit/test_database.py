"""Transactions: committed at the edge, scoped, stamped; and how a database comes to be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import func, select, text
from sqlalchemy.exc import StatementError

from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls, conninfo, create_database, with_database
from forecourt.kit.errors import Conflict, StaleRow
from forecourt.kit.ids import new_id
from forecourt.kit.outbox import OutboxEvent

from .models import Book, Colour, Shelf


async def count(database: Database, operator_id: UUID, table: type[Any]) -> int:
    async with database.transaction(operator_id) as uow:
        return await uow.session.scalar(select(func.count()).select_from(table)) or 0


class TestTransaction:
    async def test_commits_when_the_block_is_left(self, kit_database: Database, operator_id: UUID) -> None:
        async with kit_database.transaction(operator_id, actor="me") as uow:
            assert (uow.actor, uow.operator_id) == ("me", operator_id)
            uow.session.add(Shelf(operator_id=operator_id, name="a"))
            uow.record("thing.made", subject_id=new_id(), subject_revision=1, data={"a": 1})
        assert await count(kit_database, operator_id, Shelf) == 1
        assert await count(kit_database, operator_id, OutboxEvent) == 1

    async def test_an_exception_rolls_back_rows_events_and_jobs(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        async def attempt() -> None:
            async with kit_database.transaction(operator_id) as uow:
                uow.session.add(Shelf(operator_id=operator_id, name="a"))
                uow.record("thing.made", subject_id=new_id(), subject_revision=1, data={})
                await uow.enqueue("thing.announce", queue=str(operator_id), operator_id=operator_id)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await attempt()
        assert await count(kit_database, operator_id, Shelf) == 0
        assert await count(kit_database, operator_id, OutboxEvent) == 0
        async with kit_database.transaction(role="system") as uow:
            jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = :queue")
            assert await uow.session.scalar(jobs, {"queue": str(operator_id)}) == 0

    async def test_the_driver_connection_is_in_the_same_transaction(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        async def attempt() -> None:
            async with kit_database.transaction(operator_id) as uow:
                connection = await uow.connection()
                await connection.execute(
                    "INSERT INTO book (operator_id, id) VALUES (%s, %s)", (operator_id, new_id())
                )
                assert await uow.session.scalar(select(func.count()).select_from(Book)) == 1
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await attempt()
        assert await count(kit_database, operator_id, Book) == 0

    async def test_a_savepoint_keeps_the_scope(self, kit_database: Database, operator_id: UUID) -> None:
        async with kit_database.transaction(operator_id) as uow:
            for fail in (True, False):
                savepoint = await uow.session.begin_nested()
                uow.session.add(Shelf(operator_id=operator_id, name="a"))
                await uow.session.flush()
                await (savepoint.rollback() if fail else savepoint.commit())
        assert await count(kit_database, operator_id, Shelf) == 1

    async def test_survives_a_connection_that_the_server_closed(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        database = Database(kit_database.urls, pool_size=1, max_overflow=0)
        async with database.transaction(operator_id) as uow:
            pid = await uow.session.scalar(text("SELECT pg_backend_pid()"))
        async with kit_database.transaction() as uow:
            await uow.session.execute(text("SELECT pg_terminate_backend(:pid, 2000)"), {"pid": pid})
        async with database.transaction(operator_id) as uow:
            assert await uow.session.scalar(text("SELECT pg_backend_pid()")) != pid
        await database.close()

    async def test_a_cancelled_one_leaves_nothing_behind(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        async def work() -> None:
            async with kit_database.transaction(operator_id) as uow:
                uow.session.add(Shelf(operator_id=operator_id, name="a"))
                await uow.session.flush()
                await uow.session.execute(text("SELECT pg_sleep(30)"))

        task = asyncio.create_task(work())
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await count(kit_database, operator_id, Shelf) == 0


class TestAfterCommit:
    async def test_runs_once_it_is_on_disk(self, kit_database: Database, operator_id: UUID) -> None:
        seen: list[object] = []

        async def look() -> None:
            seen.append(await count(kit_database, operator_id, Shelf))

        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Shelf(operator_id=operator_id, name="a"))
            uow.after_commit(look)
            uow.after_commit(lambda: seen.append("sync"))
            uow.after_commit(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
            uow.after_commit(lambda: seen.append("last"))
            assert seen == []
        assert seen == [1, "sync", "last"]

    async def test_does_not_run_after_a_rollback(self, kit_database: Database, operator_id: UUID) -> None:
        seen: list[str] = []

        async def attempt() -> None:
            async with kit_database.transaction(operator_id) as uow:
                uow.after_commit(lambda: seen.append("x"))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await attempt()
        assert seen == []


class TestRecord:
    async def test_needs_an_owner(self, kit_database: Database, operator_id: UUID) -> None:
        async with kit_database.transaction(role="system") as uow:
            with pytest.raises(ValueError, match="whose event"):
                uow.record("thing.made", subject_id=new_id(), subject_revision=1, data={})
            uow.record(
                "thing.made", subject_id=new_id(), subject_revision=1, data={}, operator_id=operator_id
            )
        assert await count(kit_database, operator_id, OutboxEvent) == 1


class TestColumns:
    async def test_times_are_utc_and_naive_ones_refused(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        at = datetime(2026, 6, 15, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=2)))
        async with kit_database.transaction(operator_id) as uow:
            await uow.session.execute(text("SET LOCAL timezone = 'Asia/Tokyo'"))
            uow.session.add(Book(operator_id=operator_id, at=at))
            await uow.session.flush()
            found = await uow.session.scalar(select(Book.at))
        assert found == at
        assert found.tzinfo is UTC

        async def attempt() -> None:
            async with kit_database.transaction(operator_id) as uow:
                uow.session.add(Book(operator_id=operator_id, at=datetime(2026, 1, 1)))  # noqa: DTZ001

        with pytest.raises(StatementError, match="has no time zone"):
            await attempt()

    async def test_json_enums_and_null(self, kit_database: Database, operator_id: UUID) -> None:
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(
                Shelf(operator_id=operator_id, name="a", colour=Colour.GREEN, data={"id": operator_id})
            )
            uow.session.add(Shelf(operator_id=operator_id, name="b", data=None))
        async with kit_database.transaction(operator_id) as uow:
            first, second = await uow.session.scalars(select(Shelf).order_by(Shelf.name))
            stored = await uow.session.execute(text("SELECT colour, data IS NULL FROM shelf ORDER BY name"))
        assert (first.colour, first.data) == (Colour.GREEN, {"id": str(operator_id)})
        assert (second.colour, second.data) == (Colour.RED, None)
        assert stored.all() == [("green", False), ("red", True)]

    async def test_rows_are_stamped_by_the_given_clock(
        self, kit_urls: DatabaseUrls, operator_id: UUID, clock: ManualClock
    ) -> None:
        database, shelf_id, made = Database(kit_urls, clock=clock), new_id(), clock.now()
        async with database.transaction(operator_id) as uow:
            uow.session.add(Shelf(operator_id=operator_id, id=shelf_id, name="a"))
        clock.advance(timedelta(hours=1))
        async with database.transaction(operator_id) as uow:
            shelf = await uow.session.get_one(Shelf, (operator_id, shelf_id))
            shelf.name = "a"  # no change, no stamp
        assert (shelf.created_at, shelf.updated_at, shelf.revision) == (made, made, 1)
        async with database.transaction(operator_id) as uow:
            shelf = await uow.session.get_one(Shelf, (operator_id, shelf_id))
            shelf.name = "b"
        async with database.transaction(operator_id) as uow:
            shelf = await uow.session.get_one(Shelf, (operator_id, shelf_id))
            assert (shelf.created_at, shelf.updated_at, shelf.revision) == (made, clock.now(), 2)
        await database.close()

    async def test_a_lost_update_is_a_conflict(self, kit_database: Database, operator_id: UUID) -> None:
        shelf_id = new_id()
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Shelf(operator_id=operator_id, id=shelf_id, name="a"))

        async def attempt() -> None:
            async with kit_database.transaction(operator_id) as slow:
                mine = await slow.session.get_one(Shelf, (operator_id, shelf_id))
                async with kit_database.transaction(operator_id) as quick:
                    (await quick.session.get_one(Shelf, (operator_id, shelf_id))).name = "quick"
                mine.name = "slow"

        with pytest.raises(StaleRow) as caught:
            await attempt()
        assert isinstance(caught.value, Conflict)
        async with kit_database.transaction(operator_id) as uow:
            assert (await uow.session.get_one(Shelf, (operator_id, shelf_id))).name == "quick"


class TestUrls:
    def test_any_driver_becomes_libpq(self) -> None:
        for url in (
            "postgresql+psycopg://u@h/d?host=%2Fa",
            "postgres://u@h/d?host=%2Fa",
            "postgresql://u@h/d?host=%2Fa",
        ):
            assert conninfo(url) == "postgresql://u@h/d?host=%2Fa"

    def test_a_password_and_options_survive(self) -> None:
        url = "postgres://u:p%20w%3A+d@h:1/d?options=-c%20work_mem%3D8MB&sslmode=require"
        taken = conninfo_to_dict(DatabaseUrls.from_login(url).system)
        assert taken["password"] == "p w:+d"
        assert taken["options"] == "-c work_mem=8MB -c role=fc_system"
        assert (taken["host"], taken["port"], taken["dbname"], taken["sslmode"]) == ("h", "1", "d", "require")
        assert conninfo_to_dict(with_database("postgresql:///d?host=%2Fa", "b c")) == {
            "host": "/a",
            "dbname": "b c",
        }

    async def test_one_login_may_take_all_three_roles(self, cluster: Any, kit_urls: DatabaseUrls) -> None:
        name, login = kit_urls.app.rsplit("/", 1)[1].split("?")[0], f"login_{new_id().hex}"
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {login} LOGIN CREATEROLE CREATEDB".encode())
            connection.execute(f"GRANT fc_app, fc_system, fc_owner TO {login}".encode())
        url = cluster.url(name, login) + "&application_name=a%20b&options=-c%20work_mem%3D8MB"
        database = Database(DatabaseUrls.from_login(url))
        for role in ("app", "system", "owner"):
            async with database.transaction(role=role) as uow:
                row = (await uow.session.execute(text(
                    "SELECT current_user, session_user, current_setting('work_mem')"))).one()  # fmt: skip
            assert tuple(row) == (f"fc_{role}", login, "8MB")
        await database.close()


class TestCreateDatabase:
    def test_a_login_that_may_create_roles_and_databases_is_enough(self, cluster: Any) -> None:
        login, name = f"admin_{new_id().hex}", f"db_{new_id().hex}"
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {login} LOGIN CREATEROLE CREATEDB".encode())
            # As if it had made the roles, which on this cluster are there already.
            connection.execute(f"GRANT fc_app, fc_system, fc_owner TO {login} WITH ADMIN OPTION".encode())
        for _ in range(2):
            create_database(cluster.url("postgres", login), name)
        with psycopg.connect(cluster.url(name, "fc_owner")) as connection:
            connection.execute("CREATE TABLE mine (x int)")
            assert connection.execute("SHOW search_path").fetchone() == ("public, jobs",)
        with (
            psycopg.connect(cluster.url(name, "fc_app")) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE theirs (x int)")
        cluster.drop(name)

    async def test_ping(self, kit_database: Database) -> None:
        await kit_database.ping()
