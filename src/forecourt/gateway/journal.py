"""One transaction for what arrived while the last one ran: effects of the handlers, links, and the message log.

A reply leaves only after the commit of its batch. A batch with bad data is bisected by `kit.group_commit`;
while the database is away nothing is answered.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

import msgspec
import psycopg

from forecourt.gateway.models import LOG_COLUMNS
from forecourt.kit.bulk import insert_rows
from forecourt.kit.database import Database
from forecourt.kit.group_commit import is_absence
from forecourt.kit.outbox import OUTBOX_COLUMNS, wake
from forecourt.stations.answers import Answer
from forecourt.stations.events import Connected, Inbound
from forecourt.stations.ports import StationHandler

if TYPE_CHECKING:
    from forecourt.gateway.connection import Link

_log = logging.getLogger("forecourt.gateway")

LogRow: TypeAlias = tuple[Any, ...]
"""A row of the message log up to `quirks`."""
Reply: TypeAlias = tuple[datetime | None, int | None, str | None]
"""The rest of the row: when, message type, text."""
NO_REPLY: Reply = (None, None, None)
Written: TypeAlias = Literal["done", "stale"]
"""`stale`: the station has a newer connection, elsewhere or here; the message had no effect."""


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that money hangs on and that could not be taken: it is acknowledged, and somebody must look."""

    operator_id: UUID
    station_id: UUID
    received_at: datetime
    protocol: str
    action: str
    message_id: str
    payload: str
    error: str
    log_id: UUID


OnParked: TypeAlias = Callable[
    [psycopg.AsyncConnection[Any], Sequence[ParkedMessage]], Awaitable[Sequence[Answer | None]]
]
"""Called inside the batch's transaction; says what each station is answered (a parked start needs an id)."""


class Item(msgspec.Struct, eq=False):
    """One thing to write. `reply` is made in the batch from the handlers' answer, unless it is there already."""

    link: Link
    kind: Literal["message", "connect", "disconnect", "log"]
    inbound: Inbound | None = None
    answer_with: Callable[[Answer | None, datetime], str | None] | None = None
    log: LogRow | None = None
    fenced: bool = True
    parked: ParkedMessage | None = None
    reply: str | None = None
    logged_reply: Reply = NO_REPLY
    boot_accepted: bool | None = None
    outbox: tuple[Any, ...] | None = None
    text: str = ""


class Journal:
    """Writes batches of items on a connection of its own, in the role that sees all operators."""

    def __init__(
        self,
        database: Database,
        handlers: Sequence[StationHandler],
        *,
        now: Callable[[], datetime],
        on_parked: OnParked | None,
        node: str,
    ) -> None:
        """Describe it; the connection is opened by the first batch."""
        self._database = database
        self._handlers = tuple(handlers)
        self._now = now
        self._on_parked = on_parked
        self._node = node
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self.began_at: float | None = None
        """Since when (`time.monotonic()`) a batch is being written; `None` between batches."""

    async def write(self, items: list[Item]) -> list[Written]:
        """Write a batch; called by `GroupCommit`.

        Raises:
            psycopg.OperationalError, OSError: the database is away; the batch comes again.
            Exception: some item cannot be written; the batch comes again in halves.
        """
        self.began_at = monotonic()
        try:
            return await self._write_batch(items)
        finally:
            self.began_at = None

    def abandon(self) -> None:
        """Cut a connection that does not answer: the batch fails as if the database were away, and comes again."""
        connection = self._connection
        if connection is None or connection.closed:
            return
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as end:
            end.shutdown(socket.SHUT_RDWR)

    async def _write_batch(self, items: list[Item]) -> list[Written]:
        if self._connection is None or self._connection.closed or self._connection.broken:
            await self.close()
            self._connection = await self._database.system_connection()
        connection = self._connection
        began = False
        try:
            async with connection.transaction():
                began = True
                results = await self._write(connection, items)
        except BaseException as error:
            if began:
                stations = {item.inbound.station_id for item in items if item.inbound is not None}
                for handler in self._handlers:
                    handler.rolled_back(stations)
            if is_absence(error) or connection.closed:
                await self.close()
            raise
        for handler in self._handlers:
            try:
                await handler.committed()
            except Exception:
                # The batch is on disk: nothing that fails now may make it come again.
                _log.exception("a handler failed after the commit")
        return results

    @property
    def backend_pid(self) -> int | None:
        """The database's process at the other end, while there is one."""
        connection = self._connection
        return None if connection is None or connection.closed else connection.info.backend_pid

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.close()
            self._connection = None

    async def _write(self, tx: psycopg.AsyncConnection[Any], items: list[Item]) -> list[Written]:
        connects = [item for item in items if item.kind == "connect"]
        if connects:
            await self._connect(tx, connects)
        stale = await self._stale(tx, items)
        live = [
            item for item in items if (item.inbound is not None and item.link not in stale) or not item.fenced
        ]
        messages = [item.inbound for item in live if item.inbound is not None]
        if messages:
            for handler in self._handlers:
                await handler.load(tx, messages)
        now = self._now()
        for item in live:
            if item.inbound is not None:
                self._apply(item, item.inbound, now)
        if messages:
            for handler in self._handlers:
                await handler.flush(tx)
        await self._links(tx, items, stale)
        await self._park(tx, [item for item in items if item.parked is not None], now)
        rows: list[LogRow] = []
        for item in items:
            if item.fenced and item.link in stale and item.kind == "message":
                if item.log is not None:
                    rows.append((*item.log[:10], "stale_link", item.log[11], *NO_REPLY))
                continue
            if item.log is not None:
                rows.append(item.log + item.logged_reply)
        if rows:
            await insert_rows(tx, "message_log", LOG_COLUMNS, rows, conflict="ON CONFLICT DO NOTHING")
        facts = [item.outbox for item in items if item.outbox is not None]
        if facts:
            await insert_rows(tx, "outbox_event", OUTBOX_COLUMNS, facts, conflict="ON CONFLICT DO NOTHING")
            await wake(tx)
        return ["stale" if item.fenced and item.link in stale else "done" for item in items]

    async def _park(self, tx: psycopg.AsyncConnection[Any], items: Sequence[Item], now: datetime) -> None:
        """Keep what could not be taken, and acknowledge it."""
        if not items:
            return
        answers: Sequence[Answer | None] = [None] * len(items)
        if self._on_parked is not None:
            answers = await self._on_parked(tx, [item.parked for item in items if item.parked is not None])
        for item, answer in zip(items, answers, strict=True):
            parked = item.parked
            if parked is None or item.answer_with is None:
                continue
            item.reply = item.answer_with(answer, now)
            if item.reply is not None:
                item.logged_reply = item.link.logged_reply(now, 3, parked.action, item.reply)

    def _apply(self, item: Item, inbound: Inbound, now: datetime) -> None:
        answer: Answer | None = None
        inbound.epoch = item.link.epoch if item.fenced else inbound.epoch
        for event in inbound.events:
            if type(event) is Connected:
                event.epoch = inbound.epoch
            for handler in self._handlers:
                given = handler.apply(inbound, event)
                if answer is None and given is not None:
                    answer = given
        if item.answer_with is not None:
            item.reply = item.answer_with(answer, now)
            item.link.note_reply(item, answer, now)

    async def _connect(self, tx: psycopg.AsyncConnection[Any], items: list[Item]) -> None:
        """Give each new connection its epoch. Of two of one station in a batch the later one is the station's."""
        newest = {item.link.entry.station_id: item.link for item in items}
        links = sorted(newest.values(), key=lambda link: link.entry.station_id)
        for item in items:
            item.link.epoch = -1
        cursor = await tx.execute(
            """
            INSERT INTO station_link AS l (operator_id, station_id, node, epoch, protocol, security_profile,
                                           remote_address, connected_at)
            SELECT o, s, %s, 1, p, f, a, c
            FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[])
                 AS t(o, s, p, f, a, c)
            ON CONFLICT (operator_id, station_id) DO UPDATE
            SET node = excluded.node, epoch = l.epoch + 1, protocol = excluded.protocol,
                security_profile = excluded.security_profile, remote_address = excluded.remote_address,
                connected_at = excluded.connected_at, disconnected_at = NULL
            RETURNING station_id, epoch, boot_accepted
            """,
            (
                self._node,
                [link.entry.operator_id for link in links],
                [link.entry.station_id for link in links],
                [link.version.subprotocol for link in links],
                [link.profile for link in links],
                [link.remote_address for link in links],
                [link.connected_at for link in links],
            ),
        )
        for station_id, epoch, accepted in await cursor.fetchall():
            link = newest[station_id]
            link.epoch = epoch
            link.boot_accepted = accepted and link.entry.registration == "adopted"

    async def _stale(self, tx: psycopg.AsyncConnection[Any], items: list[Item]) -> set[Link]:
        """Links of the batch that are not their station's newest connection any more."""
        links = list({item.link for item in items if item.fenced})
        if not links:
            return set()
        # Array literals, and an answer that is empty as a rule: this runs for every batch.
        cursor = await tx.execute(
            "SELECT t.n FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) WITH ORDINALITY AS t(o, s, e, n)"
            " LEFT JOIN station_link l ON l.operator_id = t.o AND l.station_id = t.s"
            " WHERE l.epoch IS DISTINCT FROM t.e",
            (
                "{" + ",".join([link.operator_hex for link in links]) + "}",
                "{" + ",".join([link.station_hex for link in links]) + "}",
                "{" + ",".join([str(link.epoch) for link in links]) + "}",
            ),
            prepare=True,
        )
        return {links[number - 1] for (number,) in await cursor.fetchall()}

    async def _links(self, tx: psycopg.AsyncConnection[Any], items: list[Item], stale: set[Link]) -> None:
        """Note closed sockets and answered boots, each in one statement."""
        gone = [item.inbound for item in items if item.kind == "disconnect" and item.inbound is not None]
        if gone:
            await tx.execute(
                "UPDATE station_link l SET disconnected_at = t.c"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::timestamptz[]) AS t(o, s, e, c)"
                " WHERE l.operator_id = t.o AND l.station_id = t.s AND l.epoch = t.e AND l.disconnected_at IS NULL",
                (
                    [message.operator_id for message in gone],
                    [message.station_id for message in gone],
                    [message.epoch for message in gone],
                    [message.received_at for message in gone],
                ),
            )
        boots = {item.link: item.boot_accepted for item in items if item.boot_accepted is not None}
        changed = {link: accepted for link, accepted in boots.items() if link not in stale}
        if changed:
            await tx.execute(
                "UPDATE station_link l SET boot_accepted = t.a"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::boolean[]) AS t(o, s, a)"
                " WHERE l.operator_id = t.o AND l.station_id = t.s AND l.boot_accepted <> t.a",
                (
                    [link.entry.operator_id for link in changed],
                    [link.entry.station_id for link in changed],
                    list(changed.values()),
                ),
            )
