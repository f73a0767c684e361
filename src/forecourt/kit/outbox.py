"""Business facts as rows of the transaction that made them true, and the order in which they are read.

A writer adds rows (``UnitOfWork.record``, or ``outbox_row`` with COPY). They have no position yet: the order
of commits is not the order of writes. One ``Sequencer`` at a time, under an advisory lock, numbers committed
rows 1, 2, 3, … without gaps. A reader that has read up to position n therefore never misses a late commit.
The counter is a row of its own, so that retention, and a restored database, go on counting.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Index, Text, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, TenantRow
from forecourt.kit.ids import new_id
from forecourt.kit.notify import Listener, notify

CHANNEL = "outbox"
"""NOTIFY channel that says: there are rows without a position."""
SEQUENCED_CHANNEL = "outbox_sequenced"
"""NOTIFY channel that says: there are new positions; the payload is the highest."""
OUTBOX_COLUMNS = ("operator_id", "id", "type", "subject_id", "subject_revision", "at", "data")
"""Columns of the tuples that ``outbox_row`` makes, for ``insert_rows(connection, "outbox_event", ...)``."""

_LOCK_KEY = 0x6F75_7462_6F78  # "outbox"
_BATCH = 1000
_POLL_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class OutboxEvent(TenantRow, Base):
    """A fact in the past tense about one subject. Never changed, but for its position, which is given once."""

    __tablename__ = "outbox_event"

    position: Mapped[int | None]
    type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    subject_revision: Mapped[int | None]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("uq_outbox_event_position", "position", unique=True),
        Index("ix_outbox_event_operator_id_position", "operator_id", "position"),
        Index("ix_outbox_event_unsequenced", "id", postgresql_where=text("position IS NULL")),
        # The system role sequences, and deletes what retention has done with.
        {"info": {"app_grants": "SELECT, INSERT"}},
    )


class OutboxHead(Base):
    """The last position that was given; one row."""

    __tablename__ = "outbox_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A sequenced fact as its readers see it."""

    position: int
    operator_id: UUID
    id: UUID
    type: str
    subject_id: UUID
    subject_revision: int | None
    at: datetime
    data: dict[str, Any]


def outbox_row(
    operator_id: UUID,
    event_type: str,
    *,
    subject_id: UUID,
    subject_revision: int | None,
    at: datetime,
    data: Mapping[str, Any],
) -> tuple[Any, ...]:
    """One row in the order of ``OUTBOX_COLUMNS``. The writer also calls ``wake(connection)`` once."""
    return (operator_id, new_id(), event_type, subject_id, subject_revision, at, dict(data))


async def wake(connection: psycopg.AsyncConnection[Any]) -> None:
    """Tell the sequencer, once the transaction commits, that there are new rows."""
    await notify(connection, CHANNEL)


async def read_events(
    session: AsyncSession, after_position: int, limit: int = 500, types: Sequence[str] | None = None
) -> list[Event]:
    """Sequenced events above ``after_position``, in order, as far as the session's scope sees them.

    Args:
        session: ``uow.session``; an fc_app transaction reads its own operator's events only.
        after_position: 0 for the beginning.
        limit: at most so many.
        types: only these event types.
    """
    query = (
        select(OutboxEvent)
        .where(OutboxEvent.position > after_position)
        .order_by(OutboxEvent.position)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if types is not None:
        query = query.where(OutboxEvent.type.in_(types))
    return [
        Event(
            position=row.position or 0,
            operator_id=row.operator_id,
            id=row.id,
            type=row.type,
            subject_id=row.subject_id,
            subject_revision=row.subject_revision,
            at=row.at,
            data=row.data,
        )
        for row in await session.scalars(query)
    ]


async def last_position(session: AsyncSession) -> int:
    """The highest position that the session's scope sees; 0 if there is none."""
    found = await session.scalar(select(OutboxEvent.position).where(
        OutboxEvent.position.is_not(None)).order_by(OutboxEvent.position.desc()).limit(1))  # fmt: skip
    return found or 0


_SEQUENCE = """
WITH todo AS (
    SELECT operator_id, id, row_number() OVER (ORDER BY id, operator_id) AS number
    FROM (SELECT operator_id, id FROM outbox_event WHERE position IS NULL ORDER BY id, operator_id LIMIT %s) AS next
), head AS (
    INSERT INTO outbox_head AS head (id, position) SELECT 1, count(*) FROM todo HAVING count(*) > 0
    ON CONFLICT (id) DO UPDATE SET position = head.position + excluded.position
    RETURNING position
)
UPDATE outbox_event AS event
SET position = head.position - (SELECT count(*) FROM todo) + todo.number
FROM todo, head
WHERE event.operator_id = todo.operator_id AND event.id = todo.id AND event.position IS NULL
"""


async def sequence_once(connection: psycopg.AsyncConnection[Any], *, limit: int = _BATCH) -> int:
    """Give positions to at most ``limit`` committed rows, in a transaction of its own; tells how many.

    0 when there is nothing to do, or another sequencer is at it.
    """
    async with connection.transaction():
        cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK_KEY,))
        row = await cursor.fetchone()
        if row is None or not row[0]:
            return 0
        # A new statement, hence a new snapshot: it sees what the previous holder of the lock committed.
        cursor = await connection.execute(_SEQUENCE, (limit,))
        count = cursor.rowcount
        if count:
            head = await (
                await connection.execute("SELECT position FROM outbox_head WHERE id = 1")
            ).fetchone()
            await notify(connection, SEQUENCED_CHANNEL, str(head[0]) if head else "")
        return count


class Sequencer:
    """Numbers committed events as they come. Run one in every worker: only one at a time does the work."""

    def __init__(self, conninfo: str, *, poll_seconds: float = _POLL_SECONDS) -> None:
        """Describe it.

        Args:
            conninfo: libpq URI of fc_system.
            poll_seconds: how long a missed notification may delay an event.
        """
        self._conninfo = conninfo
        self._poll_seconds = poll_seconds
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled. Reconnects by itself."""

        async def on_notification(payload: str | None) -> None:
            self._wake.set()

        async with Listener(self._conninfo, {CHANNEL: on_notification}, poll_seconds=self._poll_seconds):
            while True:
                try:
                    async with await psycopg.AsyncConnection.connect(
                        self._conninfo, autocommit=True
                    ) as connection:
                        await self._work(connection)
                except psycopg.OperationalError as error:
                    _log.warning("outbox.sequencer_disconnected", error=str(error))
                    await asyncio.sleep(1.0)

    async def _work(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            self._wake.clear()
            while await sequence_once(connection) == _BATCH:
                pass
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._poll_seconds)
