"""Who may connect: every station with what a gateway must know at the handshake, held in its memory.

A gateway loads the directory at its start, listens on `CHANNEL` (the payload is a station's id, or empty for
"look at everything") and looks again every few seconds in case it heard nothing. A station that is no longer
admitted is disconnected by the gateway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
           s.security_profile, s.strictness, s.quirks, s.revision, c.salts, c.hashes, c.weak,
           s.registration = 'knocking' AND EXISTS (
               SELECT FROM inbox_window w WHERE w.operator_id = s.operator_id AND w.closes_at > %s)
    FROM station s
    JOIN operator o ON o.id = s.operator_id
    LEFT JOIN LATERAL (
        SELECT array_agg(salt ORDER BY id) AS salts, array_agg(hash ORDER BY id) AS hashes,
               array_agg(weak ORDER BY id) AS weak
        FROM station_credential c
        WHERE c.operator_id = s.operator_id AND c.station_id = s.id AND c.revoked_at IS NULL
          AND (c.expires_at IS NULL OR c.expires_at > now())
    ) c ON true
    WHERE s.registration <> 'retired'
"""


async def load_directory(
    connection: psycopg.AsyncConnection[Any],
    station_ids: Collection[UUID] | None = None,
    *,
    at: datetime | None = None,
) -> list[DirectoryEntry]:
    """Read the stations of all operators (role system), or only these. Retired ones are gone.

    A station with registration `knocking` is in the inbox: it is admitted, without a password, as long as its
    operator holds the door open. `at` is the time by our clock.
    """
    query = _SELECT
    parameters: list[Any] = [at or datetime.now(UTC)]
    if station_ids is not None:
        query += " AND s.id = ANY(%s)"
        parameters.append(list(station_ids))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), parameters)
        return [_entry(row) for row in await cursor.fetchall()]


def _entry(row: tuple[Any, ...]) -> DirectoryEntry:
    salts, hashes, weak = row[11] or (), row[12] or (), row[13] or ()
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
        door_open=row[14],
        credentials=tuple(
            StoredCredential(salt=bytes(a), hash=bytes(b), weak=c)
            for a, b, c in zip(salts, hashes, weak, strict=True)
        ),
    )


async def announce_station(uow: UnitOfWork, station_id: UUID | None) -> None:
    """Tell all gateways, once this transaction commits, to read the station again; None: all stations."""
    await notify(await uow.connection(), CHANNEL, str(station_id or ""))
