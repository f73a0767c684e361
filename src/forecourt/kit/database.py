"""Transactions: one unit of work per request or job, committed at the edge, scoped to its tenant.

    async with database.transaction(operator_id, actor=caller) as uow:
        uow.session.add(row)
        uow.record("thing.made", subject_id=row.id, subject_revision=1, data={})
        await uow.enqueue("thing.announce", thing_id=row.id)

Nothing inside calls ``commit``: leaving the block does, and an exception rolls everything back, jobs and
events included. A transaction without an operator, in the role ``app``, sees no tenant's rows.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg import sql
from sqlalchemy import Connection, event, text
from sqlalchemy import inspect as row_state
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.exc import StaleDataError

from forecourt.kit import outbox
from forecourt.kit.clock import Clock, SystemClock
from forecourt.kit.columns import CreatedAt, Revision, UpdatedAt
from forecourt.kit.errors import StaleRow
from forecourt.kit.jobs import defer
from forecourt.kit.tenancy import APP_ROLE, OWNER_ROLE, ROLES, SYSTEM_ROLE, role_statements

RoleName = Literal["app", "system", "owner"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class DatabaseUrls:
    """libpq URIs of one database, by role."""

    app: str
    system: str
    owner: str

    @classmethod
    def by_role(cls, url: Callable[[str, str], str], database: str) -> DatabaseUrls:
        """Ask ``url(database, role)`` for each, e.g. ``DatabaseUrls.by_role(embedded.url, "forecourt")``."""
        return cls(**{name: url(database, role) for name, role in _ROLE_NAMES.items()})

    @classmethod
    def from_login(cls, url: str) -> DatabaseUrls:
        """Reach all three roles through one login that is a member of them (``create_database`` grants it)."""
        return cls(**{name: _with_role(url, role) for name, role in _ROLE_NAMES.items()})


# A server that vanished without a word is noticed in half a minute, not in the kernel's two hours.
_CONNECT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_ROLE_NAMES = {"app": APP_ROLE, "system": SYSTEM_ROLE, "owner": OWNER_ROLE}


def _with_role(url: str, role: str) -> str:
    parts = urlsplit(conninfo(url))  # not SQLAlchemy's, which writes passwords that libpq refuses
    query = parse_qsl(parts.query)
    options = " ".join([*(value for key, value in query if key == "options"), f"-c role={role}"])
    kept = [(key, value) for key, value in query if key != "options"]
    return _joined(parts, query=urlencode([*kept, ("options", options)], quote_via=quote))


def with_database(url: str, name: str) -> str:
    """The URI of another database of the same server, for the same login."""
    return _joined(urlsplit(conninfo(url)), path=f"/{quote(name, safe='')}")


def _joined(parts: SplitResult, **changes: str) -> str:
    changed = parts._replace(**changes)
    query = f"?{changed.query}" if changed.query else ""
    return f"postgresql://{changed.netloc}{changed.path}{query}"  # geturl drops the slashes of an empty host


def conninfo(url: str) -> str:
    """The libpq form of a URL that may name a SQLAlchemy driver."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql://{rest}" if separator and scheme.startswith("postgres") else url


def create_database(admin_url: str, name: str) -> None:
    """Make the roles and the database ``name``, whatever of it is missing.

    Args:
        admin_url: libpq URI of a login that may create roles and databases, to any existing database.
        name: of the database to make.

    Raises:
        psycopg.errors.InsufficientPrivilege: the login may not.
    """
    with psycopg.connect(conninfo(admin_url), autocommit=True) as connection:
        for statement in role_statements():
            connection.execute(statement.encode())
        # CREATE DATABASE ... OWNER wants membership in the owner, also from a login with CREATEROLE.
        connection.execute(f"GRANT {', '.join(ROLES)} TO CURRENT_USER".encode())
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(name), sql.Identifier(OWNER_ROLE)
                )
            )
        for setting in setting_statements(name):
            connection.execute(setting)


def setting_statements(name: str) -> list[sql.Composed]:
    """What every session of the database needs."""
    # procrastinate calls its functions without a schema, from every session that enqueues.
    settings = {"search_path": "public, jobs", "timezone": "'UTC'", "jit": "off"}
    return [
        sql.SQL("ALTER DATABASE {} SET {} TO {}").format(
            sql.Identifier(name), sql.Identifier(setting), sql.SQL(value)
        )
        for setting, value in settings.items()
    ]


class UnitOfWork:
    """One transaction, seen by the code in it."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        operator_id: UUID | None,
        partner_id: UUID | None,
        actor: Any,
        clock: Clock,
    ) -> None:
        """Made by ``Database.transaction``."""
        self.session = session
        self.operator_id = operator_id
        self.partner_id = partner_id
        self.actor = actor
        self.clock = clock
        self._told: set[tuple[UUID, int | None]] = set()
        self._after_commit: list[Callable[[], Awaitable[None] | None]] = []

    async def connection(self) -> psycopg.AsyncConnection[Any]:
        """The driver's connection of this very transaction, for COPY. Flush the session first if order matters."""
        raw = await (await self.session.connection()).get_raw_connection()
        driver_connection = raw.driver_connection
        assert isinstance(driver_connection, psycopg.AsyncConnection)
        return driver_connection

    def record(
        self,
        event_type: str,
        *,
        subject_id: UUID,
        subject_revision: int | None,
        data: Mapping[str, Any],
        operator_id: UUID | None = None,
    ) -> None:
        """Add a business fact to the outbox; its readers get it after the commit.

        Args:
            event_type: past tense, e.g. ``"station.adopted"``.
            subject_id: what it is about.
            subject_revision: the subject's revision after the change, if it has one.
            data: JSON-able; decimals, ids and times become strings.
            operator_id: whose it is; needed only in a transaction without an operator.

        Raises:
            ValueError: no operator, here or of the transaction.
        """
        owner = operator_id or self.operator_id
        if owner is None:
            raise ValueError(f"{event_type}: say whose event it is, the transaction has no operator")
        self._told.add((subject_id, subject_revision))
        self.session.add(
            outbox.OutboxEvent(
                operator_id=owner,
                type=event_type,
                subject_id=subject_id,
                subject_revision=subject_revision,
                at=self.clock.now(),
                data=dict(data),
            )
        )

    async def enqueue(
        self,
        task_name: str,
        *,
        queue: str = "default",
        schedule_in: timedelta | None = None,
        lock: str | None = None,
        queueing_lock: str | None = None,
        **args: Any,
    ) -> int | None:
        """Enqueue a job that exists if and when this transaction commits.

        Args:
            task_name: as registered with ``Jobs.task``; it need not be known to this process.
            queue: which workers take it.
            schedule_in: not before this much (real) time has passed.
            lock: jobs of the same lock never run at the same time.
            queueing_lock: if a job of the same lock waits already, this one is not added.
            **args: JSON-able arguments; ids, decimals and times go as strings and come back as annotated.
                A job has no scope: hand it its ``operator_id``.

        Returns:
            The job's id; None if its queueing lock says that it waits already.
        """
        return await defer(
            await self.connection(),
            task_name,
            args,
            queue=queue,
            schedule_in=schedule_in,
            lock=lock,
            queueing_lock=queueing_lock,
        )

    def after_commit(self, call: Callable[[], Awaitable[None] | None]) -> None:
        """Run ``call`` once the transaction is on disk; its exceptions are logged, not raised."""
        self._after_commit.append(call)

    async def _before_commit(self) -> None:
        await self.session.flush()
        changes: dict[Any, str] = self.session.info["changes"]
        for row, what in changes.items():
            revision = row_state(row).dict.get("revision")
            if row in self.session and (row.id, revision) not in self._told:
                self.record(
                    f"{row.followed}.{what}",
                    subject_id=row.id,
                    subject_revision=revision,
                    data={},
                    operator_id=row.operator_id,
                )
        if self._told:
            await self.session.flush()
            await outbox.wake(await self.connection())

    async def _run_after_commit(self) -> None:
        for call in self._after_commit:
            try:
                result = call()
                if inspect.isawaitable(result):
                    await result
            except Exception:
                _log.exception("transaction.after_commit_failed")


class Database:
    """The engines of one database: a pool per role, opened at first use."""

    def __init__(
        self, urls: DatabaseUrls, *, clock: Clock | None = None, pool_size: int = 10, max_overflow: int = 10
    ) -> None:
        """Describe it; nothing connects yet.

        Args:
            urls: by role.
            clock: stamps rows and events; the machine's by default.
            pool_size: connections kept per role.
            max_overflow: how many more at peak times.
        """
        self.urls = urls
        self.clock: Clock = clock or SystemClock()
        self._pool = {"pool_size": pool_size, "max_overflow": max_overflow}
        self._engines: dict[str, AsyncEngine] = {}

    def engine(self, role: RoleName) -> AsyncEngine:
        """The engine of a role."""
        if role not in self._engines:
            url = make_url(conninfo(getattr(self.urls, role))).set(drivername="postgresql+psycopg")
            self._engines[role] = create_async_engine(
                url,
                pool_pre_ping=True,
                connect_args=_CONNECT,
                json_serializer=_dump_json,
                json_deserializer=msgspec.json.decode,
                **self._pool,
            )
        return self._engines[role]

    @asynccontextmanager
    async def transaction(
        self,
        operator_id: UUID | None = None,
        *,
        partner_id: UUID | None = None,
        role: RoleName = "app",
        actor: Any = None,
    ) -> AsyncGenerator[UnitOfWork]:
        """Open a transaction; leaving the block commits it, an exception rolls it back.

        Args:
            operator_id: the tenant whose rows it sees. Needed for role ``app`` to see anything.
            partner_id: narrows it to what a partner of the operator may see.
            role: ``system`` and ``owner`` see every tenant; name them only where that is meant.
            actor: who does it, for the audit trail; handed on as ``uow.actor``.

        Raises:
            StaleRow: a ``Versioned`` row was changed by somebody else meanwhile.
        """
        info: dict[str, Any] = {
            "operator_id": operator_id,
            "partner_id": partner_id,
            "clock": self.clock,
            "changes": {},
        }
        async with AsyncSession(
            self.engine(role), sync_session_class=_ScopedSession, expire_on_commit=False, info=info
        ) as session:
            uow = UnitOfWork(
                session, operator_id=operator_id, partner_id=partner_id, actor=actor, clock=self.clock
            )
            try:
                async with session.begin():
                    yield uow
                    await uow._before_commit()
            except StaleDataError as error:
                raise StaleRow("somebody else changed it first: read it again") from error
        await uow._run_after_commit()

    async def system_connection(self) -> psycopg.AsyncConnection[Any]:
        """A connection of fc_system outside the pool, in autocommit mode; the caller closes it.

        For the hot path: ``async with connection.transaction(): ...``.
        """
        return await psycopg.AsyncConnection.connect(conninfo(self.urls.system), autocommit=True, **_CONNECT)

    async def ping(self) -> None:
        """Ask the database for a sign of life; raises SQLAlchemy's or the driver's error."""
        async with self.engine("system").connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all pooled connections."""
        for engine in self._engines.values():
            await engine.dispose()
        self._engines.clear()


class _ScopedSession(Session):
    """The session class of units of work, so that the hooks below bind to no other."""


@event.listens_for(_ScopedSession, "after_begin")
def _scope(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Set the tenant for this transaction only: the third argument of set_config is 'local'."""
    operator_id, partner_id = session.info.get("operator_id"), session.info.get("partner_id")
    if not transaction.nested and (operator_id is not None or partner_id is not None):
        connection.execute(
            text(
                "SELECT set_config('app.operator_id', :operator, true), set_config('app.partner_id', :partner, true)"
            ),
            {"operator": str(operator_id or ""), "partner": str(partner_id or "")},
        )


@event.listens_for(_ScopedSession, "before_flush")
def _stamp(session: Session, *_: object) -> None:
    """Stamp new and changed rows by the unit of work's clock, which a simulation may have scaled."""
    now = session.info["clock"].now()
    for row in session.new:
        if isinstance(row, CreatedAt) and getattr(row, "created_at", None) is None:
            row.created_at = now
        if isinstance(row, UpdatedAt) and getattr(row, "updated_at", None) is None:
            row.updated_at = now
    for row in session.dirty:
        if isinstance(row, UpdatedAt) and session.is_modified(row):
            row.updated_at = now


@event.listens_for(_ScopedSession, "after_flush")
def _follow(session: Session, *_: object) -> None:
    """Remember followed rows that are new, or have a new revision: somebody must tell of them."""
    changes: dict[Any, str] = session.info["changes"]
    for row in session.new:
        if isinstance(row, Revision) and row.followed:
            changes.setdefault(row, "created")
    for row in session.dirty:
        if isinstance(row, Revision) and row.followed and row_state(row).attrs.revision.history.has_changes():
            changes.setdefault(row, "updated")


def _dump_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
