"""Jobs: work outside the database, enqueued inside the transaction that wants it (procrastinate).

    def register(jobs: Jobs, database: Database) -> None:
        @jobs.task("thing.announce", retry=5)
        async def announce(operator_id: UUID, thing_id: UUID) -> None: ...

A job runs at least once: write handlers that may run twice. Arguments arrive as they are annotated. A worker
that does not know a task puts the job back (a rolling deploy), and jobs of a worker that died are taken up
again within a minute and a half.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, get_type_hints

import msgspec
import procrastinate
import psycopg
import structlog
from procrastinate import exceptions, retry
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from procrastinate.tasks import Task
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base
from forecourt.kit.tenancy import APP_ROLE, SYSTEM_ROLE

SCHEMA = "jobs"
_STALLED_SECONDS = 30.0
_KEEP_FINISHED_HOURS = 72
_MAX_BACKOFF_SECONDS = 3600

TaskFunction = Callable[..., Awaitable[Any]]

_log = structlog.get_logger(__name__)


class JobError(Base):
    """Why a job did not succeed when it was last tried. Across tenants, for fc_system only."""

    __tablename__ = "job_error"

    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    error: Mapped[str]


class Backoff(retry.BaseRetryStrategy):
    """Retry after 2, 4, 8, … seconds (an hour at most), so many times in all."""

    def __init__(self, attempts: int) -> None:
        """Try again at most ``attempts`` times after the first failure."""
        self.attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> retry.RetryDecision | None:
        """When to try again; None: never."""
        if isinstance(exception, asyncio.CancelledError | exceptions.JobAborted):
            return retry.RetryDecision(retry_at=datetime.now(UTC))  # cut off by a stop, not failed
        if job.attempts >= self.attempts:
            return None
        seconds = min(2 ** (job.attempts + 1), _MAX_BACKOFF_SECONDS)
        return retry.RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=seconds))


class _UnknownTask(retry.BaseRetryStrategy):
    """Put the job back until a worker comes that knows its task."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> retry.RetryDecision:
        return retry.RetryDecision(
            retry_at=datetime.now(UTC) + timedelta(seconds=min(15 * (job.attempts + 1), 600))
        )


class _Tasks(dict[str, Task[Any, Any, Any]]):
    """The worker looks tasks up with ``get`` and fails the job for good if there is none: never say none."""

    def __init__(
        self, known: dict[str, Task[Any, Any, Any]], unknown: Callable[[str], Task[Any, Any, Any]]
    ) -> None:
        super().__init__(known)
        self._unknown = unknown

    def get(self, name: str, default: Any = None) -> Task[Any, Any, Any]:
        return self[name] if name in self else self._unknown(name)


class Jobs:
    """The registry of tasks, and the worker that runs them."""

    def __init__(self, conninfo: str) -> None:
        """Describe it; nothing connects before ``start``.

        Args:
            conninfo: libpq URI of fc_system.
        """
        self.app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=6, timeout=10)
        )
        self._worker: asyncio.Task[None] | None = None
        self._opened = False
        self._register_own()

    def task(
        self, name: str, *, retry: int | procrastinate.BaseRetryStrategy = 0, queue: str = "default"
    ) -> Callable[[TaskFunction], TaskFunction]:
        """Register a coroutine function under a name.

        Args:
            name: what ``UnitOfWork.enqueue`` calls it.
            retry: how many times to try again, waiting 2, 4, 8, … seconds; or a strategy.
            queue: informative; the queue is chosen when enqueueing.
        """
        strategy = Backoff(retry) if isinstance(retry, int) else retry

        def register(function: TaskFunction) -> TaskFunction:
            run = self._noting_errors(_typed(function))
            self.app.task(name=name, retry=strategy, queue=queue, pass_context=True)(run)
            return function

        return register

    def periodic(
        self, name: str, cron: str, *, retry: int = 0, queue: str = "default"
    ) -> Callable[[Callable[[datetime], Awaitable[Any]]], Callable[[datetime], Awaitable[Any]]]:
        """Register a coroutine function that runs at the times of a cron line (UTC; six fields: seconds last).

        It is called with the time it was due. However many workers there are, each time runs once.
        """

        def register(function: Callable[[datetime], Awaitable[Any]]) -> Callable[[datetime], Awaitable[Any]]:
            async def run(timestamp: int) -> None:
                await function(datetime.fromtimestamp(timestamp, UTC))

            run.__name__ = run.__qualname__ = name
            task = self.app.task(
                name=name, retry=Backoff(retry), queue=queue, queueing_lock=name, pass_context=True
            )(self._noting_errors(run))
            self.app.periodic(cron=cron, periodic_id=name)(task)
            return function

        return register

    async def start(
        self,
        *,
        queues: Sequence[str] | None = None,
        concurrency: int = 10,
        graceful_seconds: float = 20.0,
        poll_seconds: float = 5.0,
    ) -> None:
        """Start the worker in the background.

        Args:
            queues: only jobs of these; all by default.
            concurrency: jobs at a time.
            graceful_seconds: how long ``stop`` waits for running jobs before it aborts (and requeues) them.
            poll_seconds: how long a missed notification may delay a job.
        """
        await self.open()
        self._worker = asyncio.create_task(
            self._run(
                **_only(queues),
                concurrency=concurrency,
                fetch_job_polling_interval=poll_seconds,
                shutdown_graceful_timeout=graceful_seconds,
                install_signal_handlers=False,
            ),
            name="jobs",
        )

    async def open(self) -> None:
        """Connect and complete the registry without starting a worker."""
        if not self._opened:
            await self.app.open_async()
            self.app.tasks = _Tasks(dict(self.app.tasks), self._unknown)
            self._opened = True

    async def stop(self) -> None:
        """Stop the worker after its running jobs, and disconnect."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
            self._worker = None
        if self._opened:
            await self.app.close_async()
            self._opened = False

    async def run_until_idle(self, *, queues: Sequence[str] | None = None, concurrency: int = 1) -> None:
        """Run the jobs that are due, then return. For tests and commands."""
        await self.open()
        await self.app.run_worker_async(
            **_only(queues),
            concurrency=concurrency,
            wait=False,
            listen_notify=False,
            install_signal_handlers=False,
        )

    async def rescue_stalled(self, *, seconds_since_heartbeat: float = _STALLED_SECONDS) -> int:
        """Put back the jobs of workers that died; tells how many. Runs every minute by itself."""
        stalled = list(
            await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds_since_heartbeat)
        )
        for job in stalled:
            _log.warning("jobs.rescued", task=job.task_name, job_id=job.id)
            await self.app.job_manager.retry_job(job)
        return len(stalled)

    async def _run(self, **options: Any) -> None:
        # The library's worker ends when one of its side tasks fails, e.g. because the database went away.
        delay = 0.5
        while True:
            try:
                await self.app.run_worker_async(**options)
                _log.warning("jobs.worker_ended")
            except Exception:
                _log.exception("jobs.worker_failed")
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)

    def _register_own(self) -> None:
        @self.periodic("kit.rescue_stalled_jobs", "* * * * *")
        async def rescue(at: datetime) -> None:
            await self.rescue_stalled()

        @self.periodic("kit.delete_old_jobs", "17 * * * *")
        async def delete_old(at: datetime) -> None:
            await self.app.job_manager.delete_old_jobs(nb_hours=_KEEP_FINISHED_HOURS, include_aborted=True)
            await self.app.connector.execute_query_async(_FORGET_ERRORS)

    def _noting_errors(self, function: TaskFunction) -> TaskFunction:
        """Keep the error of a run in `job_error`: the queue itself knows only that there was one."""

        @wraps(function)
        async def run(context: JobContext, *args: Any, **kwargs: Any) -> Any:
            try:
                return await function(*args, **kwargs)
            except Exception as error:
                words = f"{type(error).__name__}: {error}"[:_ERROR_LENGTH].replace("\x00", "")
                try:
                    await self.app.connector.execute_query_async(
                        _NOTE_ERROR, job_id=context.job.id, error=words
                    )
                except Exception:  # the job's own error is the one that counts
                    _log.warning("jobs.error_not_noted", task=context.job.task_name, exc_info=True)
                raise

        return run

    def _unknown(self, name: str) -> Task[Any, Any, Any]:
        async def refuse(**_: Any) -> None:
            raise LookupError(f"this worker does not know the task {name!r}; another may")

        return Task(refuse, blueprint=self.app, name=name, queue="default", retry=_UnknownTask())


def _only(queues: Sequence[str] | None) -> dict[str, Any]:
    return {} if queues is None else {"queues": list(queues)}


def _typed(function: TaskFunction) -> TaskFunction:
    """Convert JSON arguments to the annotated types."""
    hints = get_type_hints(function)
    names = [name for name in inspect.signature(function).parameters if name in hints]

    @wraps(function)
    async def run(*args: Any, **kwargs: Any) -> Any:
        for name in names:
            if name in kwargs and hints[name] is not Any:
                kwargs[name] = msgspec.convert(kwargs[name], hints[name], strict=False)
        return await function(*args, **kwargs)

    return run


_ERROR_LENGTH = 1000
_NOTE_ERROR = """
INSERT INTO job_error (job_id, at, error) VALUES (%(job_id)s, now(), %(error)s)
ON CONFLICT (job_id) DO UPDATE SET at = excluded.at, error = excluded.error
"""
_FORGET_ERRORS = """
DELETE FROM job_error e WHERE NOT EXISTS (SELECT FROM jobs.procrastinate_jobs j WHERE j.id = e.job_id)
"""
_DEFER = b"""
INSERT INTO jobs.procrastinate_jobs (task_name, queue_name, lock, queueing_lock, args, scheduled_at)
VALUES (%s, %s, %s, %s, %s::jsonb, %s) ON CONFLICT DO NOTHING RETURNING id
"""


async def defer(
    connection: psycopg.AsyncConnection[Any],
    task_name: str,
    args: dict[str, Any],
    *,
    queue: str = "default",
    schedule_in: timedelta | None = None,
    lock: str | None = None,
    queueing_lock: str | None = None,
) -> int | None:
    """Enqueue a job in the connection's transaction. See ``UnitOfWork.enqueue``.

    Not by procrastinate's own call: that breaks the transaction when the queueing lock is taken, and fails
    without the right to read the queue, which a tenant's transaction has not.
    """
    scheduled_at = datetime.now(UTC) + schedule_in if schedule_in is not None else None
    text = msgspec.json.encode(args).decode()
    cursor = await connection.execute(
        _DEFER, (task_name, queue, lock, queueing_lock, text, scheduled_at), prepare=True
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


def install_jobs_schema(driver_connection: Any) -> None:
    """Make the schema ``jobs`` with procrastinate's tables, as fc_owner, in the connection's transaction.

    For Alembic: ``install_jobs_schema(op.get_bind().connection.driver_connection)``. Does nothing if it is
    there. Enqueuing sessions need it on their search_path, which ``create_database`` sets.
    """
    assert isinstance(driver_connection, psycopg.Connection)
    with driver_connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('jobs.procrastinate_jobs') IS NOT NULL")
        row = cursor.fetchone()
        if row is not None and row[0]:
            return
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        cursor.execute(f"SET LOCAL search_path TO {SCHEMA}, public")
        cursor.execute(SchemaManager.get_schema())
        roles = f"{APP_ROLE}, {SYSTEM_ROLE}"
        cursor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {roles}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {SYSTEM_ROLE}"
        )
        # To enqueue is all that a tenant's transaction may do: no operator reads another's jobs.
        cursor.execute(f"GRANT INSERT ON ALL TABLES IN SCHEMA {SCHEMA} TO {APP_ROLE}")
        cursor.execute(f"GRANT SELECT (id) ON {SCHEMA}.procrastinate_jobs TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {roles}")
        cursor.execute("SET LOCAL search_path TO public, jobs")
