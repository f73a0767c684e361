"""How the installation is, as far as the caller's operator may know, and what is not as it should be."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import func, select, text

from forecourt.identity.access import operator_of
from forecourt.identity.queries import get_operator
from forecourt.kit.database import Database, UnitOfWork
from forecourt.network.models import Station
from forecourt.operations.system_facts import (
    database_facts,
    job_facts,
    message_rate,
    outbox_facts,
    partition_facts,
    telling_facts,
)
from forecourt.operations.system_schemas import (
    BusOut,
    Check,
    CheckCode,
    GatewaysOut,
    NodeOut,
    SystemOut,
    Versions,
)

SLOW_MS = 50.0
LATE_SECONDS = 60
BEHIND_SECONDS = 15
LEAST_DAYS_AHEAD = 2


@dataclass(frozen=True, kw_only=True)
class Node:
    """A gateway, as the database knows it."""

    name: str
    alive: bool
    lease_until: datetime
    links: int


class SystemProbe(Protocol):
    """What only the process itself, or the gateway's tables, can tell."""

    home_operator: str
    """Slug of the operator whose installation it is."""
    version: str
    embedded: bool
    bus_kind: Literal["memory", "nats"]

    def bus_connected(self) -> bool:
        """Whether the bus reaches other processes."""
        ...

    def queue(self) -> int | None:
        """Messages of stations that wait for the database in this process; None without a gateway in it."""
        ...

    async def nodes(self, uow: UnitOfWork) -> Sequence[Node]:
        """The gateways, in a transaction of fc_system."""
        ...


async def is_home(uow: UnitOfWork, probe: SystemProbe) -> bool:
    """Whether the caller's operator is the one whose installation it is."""
    return (await get_operator(uow)).slug == probe.home_operator


async def system_health(
    uow: UnitOfWork, *, database: Database, probe: SystemProbe, mail_configured: bool
) -> SystemOut:
    """Everything that the page shows."""
    own = operator_of(uow)
    home = await is_home(uow, probe)
    # Jobs, sizes and nodes are no tenant's rows; what of them is shown, and to whom: see system_facts.
    async with database.transaction(role="system") as system:
        session = system.session
        version = str(await session.scalar(text("SHOW server_version"))).split()[0]
        facts = await database_facts(session, home=home, embedded=probe.embedded)
        jobs = await job_facts(session, own=own, home=home)
        outbox = await outbox_facts(session, own=own, home=home)
        partitions = await partition_facts(session, home=home, today=uow.clock.now().date())
        nodes = [
            NodeOut(node=node.name, alive=node.alive, lease_until=node.lease_until, links=node.links)
            for node in await probe.nodes(system)
        ]
    gateways = await _gateways(uow, own, nodes if home else None, probe.queue() if home else None)
    shown = SystemOut(
        scope="installation" if home else "operator",
        generated_at=uow.clock.now(),
        checks=[],
        versions=Versions(forecourt=probe.version, python=platform.python_version(), postgresql=version),
        database=facts,
        gateways=gateways,
        bus=BusOut(kind=probe.bus_kind, connected=probe.bus_connected()),
        jobs=jobs,
        outbox=outbox,
        partitions=partitions,
        telling=await telling_facts(uow, own=own, mail_configured=mail_configured),
    )
    shown.checks = find_faults(shown)
    return shown


async def _gateways(
    uow: UnitOfWork, own: UUID, nodes: list[NodeOut] | None, queue: int | None
) -> GatewaysOut:
    rows = await uow.session.execute(
        select(Station.link, func.count())
        .where(Station.operator_id == own, Station.registration == "adopted")
        .group_by(Station.link)
    )
    links = {row[0]: int(row[1]) for row in rows}
    return GatewaysOut(
        nodes=nodes,
        queue=queue,
        own_online=links.get("online", 0),
        own_offline=links.get("offline", 0),
        own_messages_per_minute=await message_rate(uow, own=own),
    )


def find_faults(system: SystemOut) -> list[Check]:
    """What is not as it should be, the worst first. Pure."""
    found: list[Check] = []

    def add(code: CheckCode, severity: Literal["bad", "warn"], when: bool, **params: Any) -> None:
        if when:
            found.append(Check(code=code, severity=severity, params=params))

    unsafe = [setting.name for setting in system.database.settings if not setting.safe]
    add("durability_off", "bad", bool(unsafe), settings=unsafe)
    add("bus_away", "bad", not system.bus.connected)
    add("no_worker", "bad", system.jobs.workers == 0)
    gone = [node.node for node in system.gateways.nodes or [] if not node.alive and node.links]
    add("gateway_gone", "bad", bool(gone), nodes=gone)
    short = [part.table for part in system.partitions if part.days_ahead < LEAST_DAYS_AHEAD]
    add("partitions_short", "bad", bool(short), tables=short)
    late = system.jobs.oldest_due_seconds or 0
    add("jobs_late", "warn", late > LATE_SECONDS, seconds=late)
    failed = sum(queue.failed for queue in system.jobs.queues)
    add("jobs_failed", "warn", failed > 0, count=failed)
    add(
        "outbox_behind", "warn", system.outbox.lag_seconds > BEHIND_SECONDS, seconds=system.outbox.lag_seconds
    )
    add("database_slow", "warn", system.database.latency_ms > SLOW_MS, ms=system.database.latency_ms)
    add("mail_off", "warn", not system.telling.mail_configured)
    add("mail_failing", "warn", system.telling.mails_failed > 0, count=system.telling.mails_failed)
    add("webhooks_failing", "warn", system.telling.webhooks_failed > 0, count=system.telling.webhooks_failed)
    return found
