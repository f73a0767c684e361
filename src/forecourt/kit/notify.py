"""LISTEN and NOTIFY: a change made in one process is heard in the others.

A notification may be lost (a connection breaks), so every listener also hears a poll every few seconds and
must then look for itself. Notifications are hints, never the data.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psycopg
import structlog
from psycopg import sql

Handler = Callable[[str | None], Awaitable[None]]
"""Called with the payload of a notification, or with None when it is time to look by oneself."""

_log = structlog.get_logger(__name__)


async def notify(connection: psycopg.AsyncConnection[Any], channel: str, payload: str = "") -> None:
    """Send a notification when the connection's transaction commits; equal ones of a transaction are one.

    The payload holds less than 8,000 bytes: send an id, not the data.
    """
    await connection.execute("SELECT pg_notify(%s, %s)", (channel, payload))


class Listener:
    """Hears notifications on some channels; reconnects by itself. An async context manager."""

    def __init__(self, conninfo: str, channels: Mapping[str, Handler], *, poll_seconds: float = 5.0) -> None:
        """Describe it.

        Args:
            conninfo: libpq URI.
            channels: handler by channel. Handlers run one after the other; an exception is logged.
            poll_seconds: how often handlers are called with None; also at once after each (re)connection.
        """
        self._conninfo = conninfo
        self._channels = dict(channels)
        self._poll_seconds = poll_seconds
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Start listening in the background; returns once connected, or after 5 seconds."""
        self._task = asyncio.create_task(self._run(), name="listener")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), 5.0)

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def __aenter__(self) -> Listener:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def _run(self) -> None:
        delay = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True, connect_timeout=5
                ) as connection:
                    for channel in self._channels:
                        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    self._listening.set()
                    delay = 0.1
                    await self._hear(connection)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                _log.warning("listener.disconnected", channels=list(self._channels), error=str(error))
                # The database is away, polling it would tell the same.
                await asyncio.sleep(delay)
                delay = min(delay * 2, self._poll_seconds)

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await self._poll()
        next_poll = time.monotonic() + self._poll_seconds
        while True:
            async for heard in connection.notifies(timeout=max(0.0, next_poll - time.monotonic())):
                await self._call(heard.channel, heard.payload)
                if time.monotonic() >= next_poll:
                    break
            await self._poll()
            next_poll = time.monotonic() + self._poll_seconds

    async def _poll(self) -> None:
        for channel in self._channels:
            await self._call(channel, None)

    async def _call(self, channel: str, payload: str | None) -> None:
        try:
            await self._channels[channel](payload)
        except Exception:
            _log.exception("listener.handler_failed", channel=channel)
