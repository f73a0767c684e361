"""Jobs: in the transaction or not at all, at least once, by whoever knows the task."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.jobs import Backoff, Jobs


class Size(enum.StrEnum):
    BIG = "big"


@pytest.fixture
async def jobs(empty_database: Database) -> AsyncIterator[Jobs]:
    jobs = Jobs(empty_database.urls.system)
    yield jobs
    await jobs.stop()


async def enqueue(database: Database, task: str, **options: Any) -> int | None:
    async with database.transaction(new_id()) as uow:
        return await uow.enqueue(task, **options)


async def states(database: Database) -> list[tuple[str, str, int]]:
    async with database.transaction(role="system") as uow:
        query = "SELECT task_name, status::text, attempts FROM procrastinate_jobs WHERE task_name NOT LIKE 'kit.%'"
        return [(row[0], row[1], row[2]) for row in await uow.session.execute(text(f"{query} ORDER BY id"))]


async def make_due(database: Database) -> None:
    async with database.transaction(role="system") as uow:
        await uow.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL"))


class TestTask:
    async def test_arguments_arrive_as_annotated(self, empty_database: Database, jobs: Jobs) -> None:
        got: list[Any] = []

        @jobs.task("thing.announce")
        async def announce(
            thing_id: UUID,
            at: datetime,
            price: Decimal,
            size: Size,
            names: list[str],
            maybe: UUID | None,
            plain: Any,
        ) -> None:
            got.extend([thing_id, at, price, size, names, maybe, plain])

        values: dict[str, Any] = {
            "thing_id": new_id(),
            "at": datetime(2026, 6, 15, tzinfo=UTC),
            "price": Decimal("1.50"),
            "size": Size.BIG,
            "names": ["a"],
            "maybe": None,
            "plain": {"x": 1},
        }
        await enqueue(empty_database, "thing.announce", **values)
        await jobs.run_until_idle()
        assert got == list(values.values())
        assert [type(value) for value in got[:4]] == [UUID, datetime, Decimal, Size]

    async def test_is_retried_so_many_times_then_fails(self, empty_database: Database, jobs: Jobs) -> None:
        runs = 0

        @jobs.task("thing.fail", retry=2)
        async def fail() -> None:
            nonlocal runs
            runs += 1
            raise RuntimeError("no")

        await enqueue(empty_database, "thing.fail")
        for expected in ("todo", "todo", "failed", "failed"):
            await jobs.run_until_idle()
            assert [state[1] for state in await states(empty_database)] == [expected]
            await make_due(empty_database)
        assert runs == 3

    def test_waits_longer_each_time_up_to_an_hour(self) -> None:
        class Attempt:
            def __init__(self, attempts: int) -> None:
                self.attempts = attempts

        def seconds(attempts: int) -> float:
            decision = Backoff(50).get_retry_decision(exception=ValueError(), job=Attempt(attempts))  # type: ignore[arg-type]
            assert decision is not None
            assert decision.retry_at is not None
            return round((decision.retry_at - datetime.now(UTC)).total_seconds())

        assert [seconds(attempts) for attempts in (0, 1, 2, 20)] == [2, 4, 8, 3600]

    async def test_an_unknown_task_waits_for_a_worker_that_knows_it(
        self, empty_database: Database, jobs: Jobs
    ) -> None:
        await enqueue(empty_database, "thing.new")
        await jobs.run_until_idle()
        assert [state[1] for state in await states(empty_database)] == ["todo"]
        ran = asyncio.Event()
        newer = Jobs(empty_database.urls.system)

        @newer.task("thing.new")
        async def new() -> None:
            ran.set()

        await make_due(empty_database)
        await newer.run_until_idle()
        await newer.stop()
        assert ran.is_set()


class TestEnqueue:
    async def test_a_rolled_back_job_never_runs(self, empty_database: Database, jobs: Jobs) -> None:
        async def attempt() -> None:
            async with empty_database.transaction(new_id()) as uow:
                await uow.enqueue("thing.x")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await attempt()
        assert await states(empty_database) == []

    async def test_a_second_job_of_a_queueing_lock_is_left_out_and_spoils_nothing(
        self, empty_database: Database, operator_id: UUID
    ) -> None:
        async with empty_database.transaction(operator_id) as uow:
            assert await uow.enqueue("thing.x", queueing_lock="one") is not None
            assert await uow.enqueue("thing.x", queueing_lock="one") is None
            uow.record("thing.made", subject_id=new_id(), subject_revision=None, data={})
        assert len(await states(empty_database)) == 1

    async def test_a_job_may_be_due_later(self, empty_database: Database, jobs: Jobs) -> None:
        ran = asyncio.Event()

        @jobs.task("thing.later")
        async def later() -> None:
            ran.set()

        await enqueue(empty_database, "thing.later", schedule_in=timedelta(hours=1))
        await jobs.run_until_idle()
        assert not ran.is_set()
        await make_due(empty_database)
        await jobs.run_until_idle()
        assert ran.is_set()

    async def test_a_worker_takes_its_queues_only(self, empty_database: Database, jobs: Jobs) -> None:
        ran: list[str] = []

        @jobs.task("thing.note")
        async def note(name: str) -> None:
            ran.append(name)

        for queue in ("default", "slow"):
            await enqueue(empty_database, "thing.note", queue=queue, name=queue)
        await jobs.run_until_idle(queues=["slow"])
        assert ran == ["slow"]


class TestWorker:
    async def test_runs_at_once_and_stop_waits_for_running_jobs(
        self, empty_database: Database, jobs: Jobs
    ) -> None:
        started, finished = asyncio.Event(), False

        @jobs.task("thing.slow")
        async def slow() -> None:
            nonlocal finished
            started.set()
            await asyncio.sleep(0.3)
            finished = True

        await jobs.start(poll_seconds=60)
        await asyncio.sleep(0.2)
        await enqueue(empty_database, "thing.slow")
        await asyncio.wait_for(started.wait(), 5)
        await jobs.stop()
        assert finished
        assert await states(empty_database) == [("thing.slow", "succeeded", 1)]

    async def test_a_job_cut_off_by_the_stop_runs_again(self, empty_database: Database, jobs: Jobs) -> None:
        started = asyncio.Event()

        @jobs.task("thing.endless", retry=3)
        async def endless() -> None:
            started.set()
            await asyncio.sleep(60)

        @jobs.task("thing.endless_once")
        async def endless_once() -> None:
            await asyncio.sleep(60)

        await enqueue(empty_database, "thing.endless_once")
        await enqueue(empty_database, "thing.endless")
        await jobs.start(graceful_seconds=0.1)
        await asyncio.wait_for(started.wait(), 5)
        await jobs.stop()
        assert await states(empty_database) == [
            ("thing.endless_once", "todo", 1),
            ("thing.endless", "todo", 1),
        ]

    async def test_jobs_of_a_dead_worker_are_rescued(self, empty_database: Database, jobs: Jobs) -> None:
        ran = asyncio.Event()

        @jobs.task("thing.rescued")
        async def rescued() -> None:
            ran.set()

        await enqueue(empty_database, "thing.rescued")
        async with empty_database.transaction(role="system") as uow:  # what kill -9 leaves behind
            await uow.session.execute(
                text(
                    "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes');"
                    "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)"
                )
            )
        await jobs.open()
        assert await jobs.rescue_stalled() == 1
        assert await jobs.rescue_stalled() == 0
        await jobs.run_until_idle()
        assert ran.is_set()

    async def test_survives_the_loss_of_its_connections(self, empty_database: Database, jobs: Jobs) -> None:
        ran = asyncio.Event()

        @jobs.task("thing.after")
        async def after() -> None:
            ran.set()

        await jobs.start(poll_seconds=0.2)
        await asyncio.sleep(0.2)
        async with empty_database.transaction(role="system") as uow:
            await uow.session.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                     " WHERE datname = current_database() AND usename = 'fc_system' AND pid <> pg_backend_pid()")
            )  # fmt: skip
        await enqueue(empty_database, "thing.after")
        await asyncio.wait_for(ran.wait(), 10)


class TestPeriodic:
    async def test_runs_when_it_is_due_however_many_workers_there_are(self, empty_database: Database) -> None:
        ran: list[datetime] = []
        workers = [Jobs(empty_database.urls.system) for _ in range(2)]
        for jobs in workers:

            @jobs.periodic("thing.tick", "* * * * * *")
            async def tick(at: datetime) -> None:
                ran.append(at)

            await jobs.start()
        for _ in range(100):
            if len(ran) >= 2:
                break
            await asyncio.sleep(0.05)
        for jobs in workers:
            await jobs.stop()
        assert len(ran) >= 2
        assert len(set(ran)) == len(ran)
        assert all(at.tzinfo is UTC for at in ran)
