"""Queries behind the system page.

Jobs, sizes and nodes belong to nobody or to everybody: they are read as fc_system, and this module decides what of
them an operator sees. `own` is that operator; `home` says that it is the installation's own, who sees what belongs to
nobody too, and counts over everybody. Rows of another operator are shown to no one.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from forecourt.kit.database import UnitOfWork
from forecourt.kit.partitions import partition_day
from forecourt.operations.system_schemas import (
    DatabaseOut,
    DatabaseSetting,
    JobsOut,
    OutboxOut,
    PartitionsOut,
    QueueOut,
    TellingOut,
)

OWN_JOBS = "(args ->> 'operator_id' = :own OR (:home AND args ->> 'operator_id' IS NULL))"
"""Jobs whose rows an operator may see."""
_SETTINGS = (
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "data_checksums",
    "wal_level",
    "shared_buffers",
)
_DURABLE = frozenset({"fsync", "full_page_writes", "synchronous_commit"})
_SIZES = text("""
    SELECT pg_database_size(current_database()) AS size,
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
           current_setting('max_connections')::int AS most, (SELECT count(*) FROM pg_stat_replication) AS replicas
""")
_PARTITIONS = text("""
    SELECT p.relname AS parent, c.relname AS child, pg_total_relation_size(c.oid) AS size
    FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
    WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
""")
_MAILS = text("""
    SELECT state, count(*) FROM mail_message WHERE operator_id = :own AND created_at >= :since GROUP BY state
""")
_WEBHOOKS = text("""
    SELECT state, count(*) FROM alert_delivery
    WHERE operator_id = :own AND created_at >= :since AND channel_kind = 'webhook' GROUP BY state
""")
_ALIVE = timedelta(minutes=1)


async def database_facts(session: AsyncSession, *, home: bool, embedded: bool) -> DatabaseOut:
    """The server's settings and latency; its size to the installation's own operator."""
    took = []
    for _ in range(5):
        begin = time.perf_counter()
        await session.execute(text("SELECT 1"))
        took.append((time.perf_counter() - begin) * 1000)
    settings = []
    for name in _SETTINGS:
        value = str(await session.scalar(text("SELECT current_setting(:name)"), {"name": name}))
        settings.append(
            DatabaseSetting(name=name, value=value, safe=not (name in _DURABLE and value == "off"))
        )
    started = await session.scalar(text("SELECT pg_postmaster_start_time()"))
    sizes = (await session.execute(_SIZES)).one() if home else None
    return DatabaseOut(
        latency_ms=round(statistics.median(took), 2),
        started_at=started or datetime.now(UTC),
        embedded=embedded,
        settings=settings,
        size_bytes=sizes.size if sizes else None,
        connections=sizes.connections if sizes else None,
        max_connections=sizes.most if sizes else None,
        replicas=sizes.replicas if sizes else None,
    )


async def job_facts(session: AsyncSession, *, own: UUID, home: bool) -> JobsOut:
    """Depths by queue: of all jobs for the installation's own operator, of their own for another."""
    mine = "TRUE" if home else OWN_JOBS
    parameters = {} if home else {"own": str(own), "home": False}
    rows = await session.execute(
        text(
            "SELECT queue_name, count(*) FILTER (WHERE status = 'todo') AS waiting,"  # noqa: S608
            " count(*) FILTER (WHERE status = 'doing') AS running, count(*) FILTER (WHERE status = 'failed') AS failed"
            f" FROM jobs.procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') AND {mine}"
            " GROUP BY queue_name ORDER BY 1"
        ),
        parameters,
    )
    queues = [
        QueueOut(queue=row.queue_name, waiting=row.waiting, running=row.running, failed=row.failed)
        for row in rows
    ]
    # When a job was enqueued stands in its events; one that is due at a time says so itself.
    oldest = await session.scalar(
        text(
            "SELECT min(coalesce(j.scheduled_at, e.at)) FROM jobs.procrastinate_jobs j"  # noqa: S608
            " LEFT JOIN jobs.procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'"
            f" WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now() AND {mine}"
        ),
        parameters,
    )
    workers = await session.scalar(
        text("SELECT count(*) FROM jobs.procrastinate_workers WHERE last_heartbeat > now() - :alive"),
        {"alive": _ALIVE},
    )
    age = int((datetime.now(UTC) - oldest).total_seconds()) if oldest is not None else None
    return JobsOut(workers=workers or 0, queues=queues, oldest_due_seconds=age)


async def outbox_facts(session: AsyncSession, *, own: UUID, home: bool) -> OutboxOut:
    """Facts without a position: everybody's for the installation's own operator, else the operator's."""
    mine = "" if home else " AND operator_id = :own"
    row = (
        await session.execute(
            text(
                "SELECT count(*) AS many, min(id::text) AS oldest FROM outbox_event"  # noqa: S608
                f" WHERE position IS NULL{mine}"
            ),
            {} if home else {"own": own},
        )
    ).one()
    position = await session.scalar(text("SELECT position FROM outbox_head")) if home else None
    lag = time.time() - (UUID(row.oldest).int >> 80) / 1000 if row.oldest else 0.0
    return OutboxOut(
        unsequenced=row.many, lag_seconds=max(0, int(lag)), position=(position or 0) if home else None
    )


async def partition_facts(session: AsyncSession, *, home: bool, today: date) -> list[PartitionsOut]:
    """The big tables; their sizes to the installation's own operator."""
    tables: dict[str, list[Any]] = {}
    for row in await session.execute(_PARTITIONS):
        tables.setdefault(row.parent, []).append(row)
    shown = []
    for table, rows in tables.items():
        days = [day for row in rows if (day := partition_day(row.child)) is not None]
        newest = max(days, default=None)
        shown.append(
            PartitionsOut(
                table=table,
                partitions=len(days),
                oldest=min(days, default=None),
                newest=newest,
                days_ahead=max(0, (newest - today).days) if newest else 0,
                size_bytes=sum(row.size for row in rows) if home else None,
            )
        )
    return shown


async def telling_facts(uow: UnitOfWork, *, own: UUID, mail_configured: bool) -> TellingOut:
    """What became of the operator's mails and webhooks within a day."""
    parameters = {"own": own, "since": uow.clock.now() - timedelta(days=1)}
    mails = {row[0]: row[1] for row in await uow.session.execute(_MAILS, parameters)}
    hooks = {row[0]: row[1] for row in await uow.session.execute(_WEBHOOKS, parameters)}
    return TellingOut(
        mail_configured=mail_configured,
        mails_sent=mails.get("sent", 0),
        mails_failed=mails.get("failed", 0),
        mails_not_sent=mails.get("not_sent", 0),
        mails_waiting=mails.get("waiting", 0),
        webhooks_sent=hooks.get("sent", 0),
        webhooks_failed=hooks.get("failed", 0),
        webhooks_waiting=hooks.get("waiting", 0),
    )


async def message_rate(uow: UnitOfWork, *, own: UUID) -> float:
    """The operator's OCPP messages a minute, over the last five. Row ids are UUIDv7: they hold the (real) time."""
    begin = UUID(int=(int((time.time() - 300) * 1000) << 80) | (7 << 76) | (8 << 60))
    count = await uow.session.scalar(
        text("SELECT count(*) FROM message_log WHERE operator_id = :own AND id >= :begin"),
        {"own": own, "begin": begin},
    )
    return round((count or 0) / 5, 1)
