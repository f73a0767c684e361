"""Keeps the gateway's directory true: read in pages at the start, then only what changed.

What changed is asked for at every notification and every few seconds without one. Beside that a page at a time
is compared, so that even a change that nobody announced (somebody's SQL) is noticed within minutes. No step
takes the event loop for longer than a page takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import psycopg

from forecourt.gateway.directory import Directory, StationEntry
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database

_log = logging.getLogger("forecourt.gateway")

PAGE_PAUSE_S = 1.0
"""Between two pages of the comparison."""
READ_TIMEOUT_S = 30.0


class Changes(Protocol):
    """What changed since a mark."""

    @property
    def mark(self) -> Any: ...
    @property
    def entries(self) -> Sequence[Any]: ...
    @property
    def gone(self) -> Sequence[UUID]: ...


class DirectorySource(Protocol):
    """Where entries come from, e.g. `network.directory.StationDirectory`. Marks are the source's own business."""

    async def mark(self, connection: psycopg.AsyncConnection[Any], *, at: datetime) -> Any:
        """Where a reader stands who begins to read all pages now."""
        ...

    async def page(
        self, connection: psycopg.AsyncConnection[Any], after: UUID | None, *, at: datetime
    ) -> Sequence[Any]:
        """Entries in the order of their stations' ids; none: that was the last page."""
        ...

    async def changes(
        self,
        connection: psycopg.AsyncConnection[Any],
        since: Any,
        *,
        at: datetime,
        named: Collection[UUID] = (),
    ) -> Changes:
        """What changed since the mark, and the named stations in any case."""
        ...


class DirectoryFeed:
    """Reads a source into a directory and tells of stations whose entry changed."""

    def __init__(
        self,
        directory: Directory,
        source: DirectorySource,
        *,
        database: Database,
        clock: Clock,
        changed: Callable[[UUID], None],
    ) -> None:
        """Describe it. `changed` is called for every station that is new, different or gone."""
        self._directory = directory
        self._source = source
        self._database = database
        self._clock = clock
        self._changed = changed
        self._mark: Any = None
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Read everything.

        Raises:
            psycopg.OperationalError: the database is away.
        """
        async with self._reading() as connection:
            self._mark = await self._source.mark(connection, at=self._clock.now())
        await self._compare(pause_s=0.0)
        self._directory.loaded = True

    async def heard(self, payload: str | None) -> None:
        """A notification (a station's id, or empty), or the time to look without one."""
        named: list[UUID] = []
        if payload:
            with contextlib.suppress(ValueError):
                named.append(UUID(payload))
        async with self._reading() as connection:
            found = await self._source.changes(connection, self._mark, at=self._clock.now(), named=named)
            self._take(found.entries)
            self._drop(found.gone)
            self._mark = found.mark

    async def compare_forever(self) -> None:
        """Look through all stations, page by page, again and again."""
        while True:
            await asyncio.sleep(PAGE_PAUSE_S)
            try:
                await self._compare(pause_s=PAGE_PAUSE_S)
            except (psycopg.Error, OSError, TimeoutError) as error:
                _log.warning("the directory could not be compared: %r", error)

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                await connection.close()

    async def _compare(self, *, pause_s: float) -> None:
        missing = set(self._directory.stations())
        after: UUID | None = None
        while True:
            async with self._reading() as connection:
                page = await self._source.page(connection, after, at=self._clock.now())
                self._take(page)
            if not page:
                break
            missing.difference_update([entry.station_id for entry in page])
            after = page[-1].station_id
            await asyncio.sleep(pause_s)
        self._drop(missing)

    def _take(self, entries: Iterable[StationEntry]) -> None:
        for entry in entries:
            if self._directory.get(entry.station_id) != entry:
                self._directory.update(entry.station_id, [entry])
                self._changed(entry.station_id)
            else:
                self._directory.refresh(entry)

    def _drop(self, station_ids: Iterable[UUID]) -> None:
        for station_id in station_ids:
            if self._directory.get(station_id) is not None:
                self._directory.update(station_id, [])
                self._changed(station_id)

    @contextlib.asynccontextmanager
    async def _reading(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Our connection, for one reader at a time; one that failed or hangs is given up."""
        async with self._lock:
            try:
                if self._connection is None or self._connection.closed or self._connection.broken:
                    self._connection = await self._database.system_connection()
                async with asyncio.timeout(READ_TIMEOUT_S):
                    yield self._connection
            except BaseException:
                await self.close()
                raise
