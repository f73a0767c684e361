"""Who may connect: every station with what a gateway must know at the handshake, held in its memory.

A gateway loads the directory at its start, listens on `CHANNEL` and asks every few seconds for what changed
since it last looked. `station.directory_change` holds the transaction that last changed an entry: with the
horizon of the reader's snapshot no change can be missed, and nothing that did not change is read. A station
that is no longer admitted is disconnected by the gateway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from forecourt.kit.database import UnitOfWork
from forecourt.kit.notify import notify
from forecourt.network.credentials import StoredCredential

CHANNEL = "stations"
"""NOTIFY channel: a station was added, changed, blocked, retired, or got or lost a credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """A station as the handshake sees it."""

    operator_id: UUID
    operator_slug: str
    station_id: UUID
    identity: str
    """Lower case."""
    registration: str
    blocked: bool
    credentials: tuple[StoredCredential, ...]
    allow_plain: bool
    security_profile: int
    """The lowest profile that the station may connect with."""
    strictness: str
    quirks: Mapping[str, Any] = field(default_factory=dict)
    door_open: bool = False
    """Is there a window in which stations that are not adopted yet may be in?"""
    revision: int = field(default=0, compare=False)

    @property
    def assume_16(self) -> bool:
        """Take it for an OCPP 1.6 station when it names no subprotocol."""
        return bool(self.quirks.get("assume_16"))

    @property
    def ping_policy(self) -> str:
        """`on`: ping, and close when no pong comes; `observe`: ping only; `off`: never ping."""
        return str(self.quirks.get("ping", "on"))

    @property
    def admitted(self) -> bool:
        """May it have a socket at all?"""
        return not self.blocked and (self.registration == "adopted" or self.door_open)


_SELECT = """
    SELECT s.operator_id, o.slug, s.id, lower(s.identity), s.registration, s.blocked, s.allow_plain,
           s.security_profile, s.strictness, s.quirks, s.revision,
           c.ids, c.salts, c.hashes, c.weak, c.replaced,
           s.registration = 'knocking' AND EXISTS (
               SELECT FROM inbox_window w WHERE w.operator_id = s.operator_id AND w.closes_at > %(at)s)
    FROM station s
    JOIN operator o ON o.id = s.operator_id
    LEFT JOIN LATERAL (
        SELECT array_agg(id ORDER BY id) AS ids, array_agg(salt ORDER BY id) AS salts,
               array_agg(hash ORDER BY id) AS hashes, array_agg(weak ORDER BY id) AS weak,
               array_agg(replaced_at IS NOT NULL ORDER BY id) AS replaced
        FROM station_credential c
        WHERE c.operator_id = s.operator_id AND c.station_id = s.id AND c.revoked_at IS NULL
          AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
    ) c ON true
"""
_CHANGED = """
    WHERE s.id IN (
        SELECT id FROM station WHERE directory_change >= %(since)s AND directory_change < %(now)s
        UNION
        SELECT id FROM station WHERE registration = 'knocking'
            AND operator_id IN (SELECT operator_id FROM inbox_window WHERE closes_at > %(looked_at)s)
        UNION
        SELECT station_id FROM station_credential WHERE expires_at > %(looked_at)s AND expires_at <= %(at)s
        UNION
        SELECT unnest(%(named)s::uuid[])
    )
"""
_HORIZON = b"""
    SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() AS s
"""
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where a reader has seen the changes: all transactions below `horizon`, all moments until `at`."""

    horizon: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a mark; `gone` stations are retired. `mark` is where to go on from."""

    mark: Mark
    entries: Sequence[DirectoryEntry]
    gone: Sequence[UUID]


class StationDirectory:
    """The directory as gateways read it: in pages, and by what changed. Needs the role that sees all operators.

    `at` is the time by our clock: windows and credentials end by it.
    """

    async def mark(self, connection: psycopg.AsyncConnection[Any], *, at: datetime) -> Mark:
        """Where a reader stands who begins to read all pages now."""
        return Mark((await _horizon(connection))[0], at)

    async def page(
        self,
        connection: psycopg.AsyncConnection[Any],
        after: UUID | None,
        *,
        at: datetime,
        limit: int = _CHUNK,
    ) -> Sequence[DirectoryEntry]:
        """The stations that follow `after` in the order of their ids, none of them retired."""
        query = (
            _SELECT + " WHERE s.registration <> 'retired' AND s.id > %(after)s ORDER BY s.id LIMIT %(limit)s"
        )
        rows = await _read(connection, query, {"at": at, "after": after or UUID(int=0), "limit": limit})
        return [_entry(row) for row in rows]

    async def changes(
        self,
        connection: psycopg.AsyncConnection[Any],
        since: Mark,
        *,
        at: datetime,
        named: Collection[UUID] = (),
    ) -> Changes:
        """What changed since `since`, by anybody's transaction or because its time came; and the `named` ones."""
        # The snapshot of the reading is not older than this one: what it sees beyond comes again, that is all.
        horizon, upper = await _horizon(connection)
        rows = await _read(
            connection,
            _SELECT + _CHANGED,
            {
                "at": at,
                "since": since.horizon,
                "now": upper,
                "looked_at": min(since.at, at),
                "named": list(named),
            },
        )
        entries: list[DirectoryEntry] = []
        gone: list[UUID] = [station_id for station_id in named if all(row[2] != station_id for row in rows)]
        for number, row in enumerate(rows):
            if row[4] == "retired":
                gone.append(row[2])
            else:
                entries.append(_entry(row))
            if number % _CHUNK == _CHUNK - 1:
                await asyncio.sleep(0)
        return Changes(Mark(horizon, at), entries, gone)


async def load_directory(
    connection: psycopg.AsyncConnection[Any], station_ids: Collection[UUID], *, at: datetime
) -> list[DirectoryEntry]:
    """The entries of these stations at that time by our clock. Retired ones are gone.

    A station with registration `knocking` is in the inbox: it is admitted, without a password, as long as its
    operator holds the door open.
    """
    query = _SELECT + " WHERE s.registration <> 'retired' AND s.id = ANY(%(ids)s)"
    return [_entry(row) for row in await _read(connection, query, {"at": at, "ids": list(station_ids)})]


async def _horizon(connection: psycopg.AsyncConnection[Any]) -> tuple[int, int]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_HORIZON)
        row: Any = await cursor.fetchone()
        return row[0], row[1]


async def _read(
    connection: psycopg.AsyncConnection[Any], query: str, parameters: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """All rows, fetched in chunks, so that a large answer does not hold up the event loop."""
    rows: list[tuple[Any, ...]] = []
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), parameters)
        while chunk := await cursor.fetchmany(_CHUNK):
            rows += chunk
            await asyncio.sleep(0)
    return rows


def _entry(row: tuple[Any, ...]) -> DirectoryEntry:
    credentials = zip(*(column or () for column in row[11:16]), strict=True)
    return DirectoryEntry(
        operator_id=row[0],
        operator_slug=row[1],
        station_id=row[2],
        identity=row[3],
        registration=row[4],
        blocked=row[5],
        allow_plain=row[6],
        security_profile=row[7],
        strictness=row[8],
        quirks=row[9] or {},
        revision=row[10],
        door_open=row[16],
        credentials=tuple(
            StoredCredential(salt=bytes(salt), hash=bytes(digest), weak=weak, id=id_, replaced=replaced)
            for id_, salt, digest, weak, replaced in credentials
        ),
    )


async def announce_station(uow: UnitOfWork, station_id: UUID | None) -> None:
    """Tell all gateways, once this transaction commits, to read the station again; `None`: a window opened or
    closed. Call it wherever something changes that an entry holds."""
    connection = await uow.connection()
    if station_id is not None:
        await uow.session.flush()
        await connection.execute(
            "UPDATE station SET directory_change = pg_current_xact_id()::text::bigint WHERE id = %s",
            (station_id,),
        )
    await notify(connection, CHANNEL, str(station_id or ""))
