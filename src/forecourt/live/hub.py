"""One hub a process: wakes viewers when the outbox has grown, and hands them the live values of their operator."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import text

from forecourt.kit.bus import Bus, Unsubscribe
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database, conninfo
from forecourt.kit.errors import TooManyRequests, Unavailable
from forecourt.kit.notify import Listener
from forecourt.kit.outbox import SEQUENCED_CHANNEL

MAX_VIEWERS = 2_000
MAX_VIEWERS_PER_OPERATOR = 500
_STOP_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class TooManyViewers(TooManyRequests):
    """Too many event streams are open."""


class HubStopped(Unavailable):
    """The server is stopping; connect again in a moment."""


class Viewer(Protocol):
    """One who looks. Both methods return at once."""

    operator_id: UUID

    def wake(self) -> None:
        """The outbox may have grown, or the hub stops."""
        ...

    def offer(self, subject: str, value: dict[str, Any]) -> None:
        """A live value of the viewer's operator."""
        ...


class EventHub:
    """Who is looking, and what wakes them."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock) -> None:
        """Describe it; ``start`` listens."""
        self.database = database
        self.clock = clock
        self.stopping = False
        self._bus = bus
        self._viewers: dict[UUID, set[Viewer]] = {}
        self._subscriptions: dict[UUID, Unsubscribe] = {}
        self._lock = asyncio.Lock()
        self._empty = asyncio.Event()
        self._empty.set()
        self._listener: Listener | None = None

    @property
    def viewers(self) -> int:
        """How many streams are open."""
        return sum(len(found) for found in self._viewers.values())

    async def start(self) -> None:
        """Listen for new positions of the outbox."""
        self.stopping = False
        self._listener = Listener(
            conninfo(self.database.urls.system), {SEQUENCED_CHANNEL: self._on_sequenced}
        )
        await self._listener.start()

    async def stop(self) -> None:
        """End every stream, wait for them (5 seconds at most), stop listening."""
        self.stopping = True
        self._wake_all()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._empty.wait()
        except TimeoutError:
            _log.warning("live.streams_left_open", count=self.viewers)
        if self._listener is not None:
            await self._listener.stop()
            self._listener = None
        async with self._lock:
            for unsubscribe in self._subscriptions.values():
                await unsubscribe()
            self._subscriptions.clear()

    def check_room(self, operator_id: UUID) -> None:
        """Whether one more may look.

        Raises:
            HubStopped: the server is stopping.
            TooManyViewers: there are too many streams, of this operator or in all.
        """
        if self.stopping:
            raise HubStopped
        if self.viewers >= MAX_VIEWERS or len(self._viewers.get(operator_id, ())) >= MAX_VIEWERS_PER_OPERATOR:
            raise TooManyViewers(f"{self.viewers} event streams are open", retry_after_seconds=10)

    async def join(self, viewer: Viewer) -> None:
        """Let the viewer hear of everything from now on."""
        async with self._lock:
            self._viewers.setdefault(viewer.operator_id, set()).add(viewer)
            self._empty.clear()
            if viewer.operator_id not in self._subscriptions:
                self._subscriptions[viewer.operator_id] = await self._bus.subscribe(
                    f"live.{viewer.operator_id}.>", self._handler(viewer.operator_id)
                )

    async def leave(self, viewer: Viewer) -> None:
        """The viewer is gone; the operator's last one ends its subscription."""
        async with self._lock:
            viewers = self._viewers.get(viewer.operator_id, set())
            viewers.discard(viewer)
            if not viewers:
                self._viewers.pop(viewer.operator_id, None)
                unsubscribe = self._subscriptions.pop(viewer.operator_id, None)
                if unsubscribe is not None:
                    await unsubscribe()
            if not self._viewers:
                self._empty.set()

    async def bounds(self) -> tuple[int, int]:
        """The first position that is still kept, and the last that was given; first = last + 1 when none is kept."""
        async with self.database.transaction(role="system") as uow:  # positions are of all tenants
            oldest, head = (
                await uow.session.execute(
                    text(
                        "SELECT (SELECT min(position) FROM outbox_event),"
                        " coalesce((SELECT max(position) FROM outbox_head), 0)"
                    )
                )
            ).one()
        return (head + 1 if oldest is None else oldest), head

    def _handler(self, operator_id: UUID) -> Any:
        async def handle(subject: str, data: bytes) -> None:
            value = msgspec.json.decode(data)
            if not isinstance(value, dict) or not isinstance(value.get("type"), str):
                _log.warning("live.value_unreadable", subject=subject)
                return
            for viewer in tuple(self._viewers.get(operator_id, ())):
                viewer.offer(subject, value)

        return handle

    async def _on_sequenced(self, payload: str | None) -> None:
        self._wake_all()

    def _wake_all(self) -> None:
        for viewers in self._viewers.values():
            for viewer in viewers:
                viewer.wake()
