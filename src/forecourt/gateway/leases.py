"""Which gateways live: each holds a lease by the database's clock, and renews it while it runs.

The links of a gateway whose lease is over are ended by any worker, with all that a closed socket does. They
also get a new epoch: a gateway that was only frozen, or cut off, finds its sockets fenced and closes them, so
that their stations connect anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from forecourt.kit.database import Database
from forecourt.stations.events import Disconnected, Inbound
from forecourt.stations.ports import StationHandler

if TYPE_CHECKING:
    from forecourt.gateway.gateway import Gateway

_log = logging.getLogger("forecourt.gateway")

_BATCH = 500
_BEATS = 5  # renewals in the time of a lease

_OF_NODE = "l.node = %(node)s"
_OF_THE_DEAD = (
    "NOT EXISTS (SELECT FROM gateway_node n WHERE n.node = l.node AND n.lease_until > clock_timestamp())"
)
_END = """
WITH dead AS (
    SELECT operator_id, station_id, epoch FROM station_link l
    WHERE disconnected_at IS NULL AND {condition}
    ORDER BY station_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE station_link l SET epoch = l.epoch + 1, disconnected_at = %(at)s
FROM dead WHERE l.operator_id = dead.operator_id AND l.station_id = dead.station_id
RETURNING l.operator_id, l.station_id, dead.epoch, l.protocol
"""


async def renew_lease(connection: psycopg.AsyncConnection[Any], node: str, seconds: float) -> None:
    """Hold the node's lease for so many seconds from now, by the database's clock."""
    await connection.execute(
        "INSERT INTO gateway_node (node, lease_until)"
        " VALUES (%s, clock_timestamp() + make_interval(secs => %s))"
        " ON CONFLICT (node) DO UPDATE SET lease_until = excluded.lease_until",
        (node, seconds),
    )


async def give_up_lease(database: Database, node: str) -> None:
    """The node ends in good order."""
    async with await database.system_connection() as connection:
        await connection.execute("DELETE FROM gateway_node WHERE node = %s", (node,))


async def keep_lease(gateway: Gateway) -> None:
    """Renew the gateway's lease for as long as it runs.

    When it was over in between, others may have said that our stations are gone: they are asked to come back.
    """
    seconds = gateway.settings.lease_s
    connection: psycopg.AsyncConnection[Any] | None = None
    held_since = monotonic()
    try:
        while True:
            await asyncio.sleep(seconds / _BEATS)
            try:
                async with asyncio.timeout(seconds / 2):
                    if connection is None or connection.closed:
                        connection = await gateway.database.system_connection()
                    await renew_lease(connection, gateway.settings.node, seconds)
            except (psycopg.Error, OSError, TimeoutError) as error:
                _log.warning("the gateway's lease is not renewed: %r", error)
                await _close(connection)
                connection = None
                continue
            now = monotonic()
            if now - held_since > seconds:
                _log.error("the gateway's lease was over for a while: its stations are asked to come back")
                for link in list(gateway.open_links):
                    link.end(1013, "try again later")
            held_since = now
    finally:
        await _close(connection)


async def end_dead_links(database: Database, handlers: Sequence[StationHandler]) -> int:
    """End the links of all gateways whose lease is over; tells how many. Any process may do it."""
    ended = await _end_links(database, handlers, _OF_THE_DEAD, {}, "gateway lost")
    async with await database.system_connection() as connection:
        await connection.execute(
            "DELETE FROM gateway_node WHERE lease_until < clock_timestamp() - interval '1 day'"
        )
    return ended


async def end_links_of(node: str, database: Database, handlers: Sequence[StationHandler]) -> int:
    """End the links that a gateway of this name held before it crashed. Called before it opens a port."""
    return await _end_links(database, handlers, _OF_NODE, {"node": node}, "gateway restarted")


async def _end_links(
    database: Database,
    handlers: Sequence[StationHandler],
    condition: str,
    parameters: dict[str, Any],
    reason: str,
) -> int:
    statement = _END.format(condition=condition).encode()
    total = 0
    async with await database.system_connection() as connection:
        while True:
            at = database.clock.now()
            async with connection.transaction():
                cursor = await connection.execute(statement, {**parameters, "limit": _BATCH, "at": at})
                rows: list[tuple[UUID, UUID, int, str]] = await cursor.fetchall()
                messages = [_goodbye(*row, at, reason) for row in rows]
                if messages:
                    await _apply(connection, handlers, messages)
            if messages:
                for handler in handlers:
                    await handler.committed()
            total += len(messages)
            if len(messages) < _BATCH:
                return total


def _goodbye(
    operator_id: UUID, station_id: UUID, epoch: int, protocol: str, at: datetime, reason: str
) -> Inbound:
    events = (Disconnected(epoch, reason),)
    return Inbound(operator_id, station_id, at, events, protocol, epoch=epoch)


async def _apply(
    tx: psycopg.AsyncConnection[Any], handlers: Sequence[StationHandler], messages: Sequence[Inbound]
) -> None:
    try:
        for handler in handlers:
            await handler.load(tx, messages)
        for message in messages:
            for event in message.events:
                for handler in handlers:
                    handler.apply(message, event)
        for handler in handlers:
            await handler.flush(tx)
    except BaseException:
        for handler in handlers:
            handler.rolled_back({message.station_id for message in messages})
        raise


async def _close(connection: psycopg.AsyncConnection[Any] | None) -> None:
    if connection is not None:
        with contextlib.suppress(Exception):
            await connection.close()
