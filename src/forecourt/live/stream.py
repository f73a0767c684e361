"""One viewer's stream: reads the outbox when woken, coalesces live values, keeps the connection warm.

Nothing queues up: stored facts are read from the database when the reader can take them, and of live values
only the newest of each subject waits. A reader that takes nothing for 30 seconds is let go.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from forecourt.identity.actor import Actor
from forecourt.kit.errors import ForecourtError
from forecourt.kit.ids import encode_id
from forecourt.kit.outbox import Event, read_events
from forecourt.live.hub import EventHub
from forecourt.live.subjects import matches, may_see, subject_text

KEEP_ALIVE_SECONDS = 15.0
COALESCE_SECONDS = 1.0
RECHECK_SECONDS = 60.0
SEND_SECONDS = 30.0
MAX_PENDING = 2_000
_BATCH = 200
_READ_PAUSE_SECONDS = 0.1


class EventStream(Response):
    """The answer of ``GET /events``."""

    def __init__(
        self,
        *,
        hub: EventHub,
        actor: Actor,
        types: frozenset[str],
        after_position: int | None,
        recheck: Callable[[], Awaitable[Actor]],
    ) -> None:
        """Describe it.

        Args:
            hub: where to look.
            actor: who looks.
            types: event types, or ``noun.*``; empty for all.
            after_position: the last event that the viewer has; None for what comes from now on.
            recheck: authenticates the caller again; raises when it may not look any more.
        """
        super().__init__(
            media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        del self.headers["content-length"]
        self.operator_id: UUID = actor.operator_id
        self._hub = hub
        self._actor = actor
        self._types = types
        self._position = after_position
        self._recheck = recheck
        self._woken = asyncio.Event()
        self._grown = True
        self._pending: dict[str, dict[str, Any]] = {}
        self._sent_at: dict[str, float] = {}
        self._overflow = False

    def wake(self) -> None:
        """Look at the outbox."""
        self._grown = True
        self._woken.set()

    def offer(self, subject: str, value: dict[str, Any]) -> None:
        """Keep the newest value of the subject, if the viewer may see it."""
        kind = value["type"]
        if not matches(kind, self._types) or not may_see(self._actor, kind):
            return
        if self._actor.partner_id is not None:
            if (
                str(self._actor.partner_id) not in (value.get("partner_ids") or ())
                or "partner_data" not in value
            ):
                return
            value = {**value, "data": value["partner_data"]}
        waiting = self._pending.get(subject)
        if waiting is not None and (waiting.get("revision") or 0) > (value.get("revision") or 0):
            return
        if waiting is None and len(self._pending) >= MAX_PENDING:
            self._pending.clear()
            self._overflow = True
        self._pending[subject] = value
        self._woken.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the client leaves, the hub stops, or the caller may not look any more."""
        await self._hub.join(self)
        gone = asyncio.create_task(_disconnected(receive))
        streaming = asyncio.create_task(self._stream(send))
        try:
            await asyncio.wait({gone, streaming}, return_when=asyncio.FIRST_COMPLETED)
            if streaming.done():
                streaming.result()
        finally:
            for task in (gone, streaming):
                task.cancel()
            await asyncio.gather(gone, streaming, return_exceptions=True)
            await self._hub.leave(self)

    async def _stream(self, send: Send) -> None:
        async def push(*chunks: str) -> None:
            body = "".join(chunks).encode()
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "http.response.body", "body": body, "more_body": True})

        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            await push("retry: 2000\n\n", await self._begin())
            await self._run(push)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            return  # the reader is too slow, or gone: it will come back with its Last-Event-ID

    async def _begin(self) -> str:
        oldest, head = await self._hub.bounds()
        if self._position is not None and oldest - 1 <= self._position <= head:
            return _frame("ready", {"position": self._position})
        reason = (
            None if self._position is None else "too_old" if self._position < oldest else "unknown_position"
        )
        self._position = head
        if reason is None:
            return _frame("ready", {"position": head}, event_id=head)
        return _frame("resync", {"position": head, "reason": reason}, event_id=head)

    async def _run(self, push: Callable[..., Awaitable[None]]) -> None:
        keep_alive_at = time.monotonic() + KEEP_ALIVE_SECONDS
        recheck_at = time.monotonic() + RECHECK_SECONDS
        while not self._hub.stopping:
            self._woken.clear()
            if self._grown:
                self._grown = False
                await self._push_stored(push)
            wait = await self._push_live(push)
            now = time.monotonic()
            if now >= keep_alive_at:
                # An id without data moves the viewer's Last-Event-ID, and fires nothing.
                await push(f"id: {self._position}\n: keep-alive\n\n")
                keep_alive_at = now + KEEP_ALIVE_SECONDS
            if now >= recheck_at:
                try:
                    self._actor = await self._recheck()
                except ForecourtError as error:
                    await push(_frame("closed", {"code": error.code}))
                    return
                recheck_at = now + RECHECK_SECONDS
            try:
                async with asyncio.timeout(min(wait, keep_alive_at - now, recheck_at - now)):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _push_stored(self, push: Callable[..., Awaitable[None]]) -> None:
        actor, database = self._actor, self._hub.database
        while not self._hub.stopping:
            _, head = await self._hub.bounds()
            position = self._position or 0
            if head <= position:
                return
            async with database.transaction(
                actor.operator_id, partner_id=actor.partner_id, actor=actor
            ) as uow:
                events = await read_events(uow.session, position, _BATCH)
            frames = [
                _fact(event)
                for event in events
                if matches(event.type, self._types) and may_see(actor, event.type)
            ]
            if frames:
                await push(*frames)
            if len(events) < _BATCH:  # all up to the head, read before
                self._position = max(head, events[-1].position if events else 0)
                await asyncio.sleep(_READ_PAUSE_SECONDS)
                return
            self._position = events[-1].position

    async def _push_live(self, push: Callable[..., Awaitable[None]]) -> float:
        """Send what is due; returns in how many seconds the next is."""
        if self._overflow:
            self._overflow = False
            await push(_frame("resync", {"position": self._position, "reason": "too_many_changes"}))
        now = time.monotonic()
        due = [key for key in self._pending if now - self._sent_at.get(key, 0.0) >= COALESCE_SECONDS]
        frames = []
        for key in due:
            value = self._pending.pop(key)
            self._sent_at[key] = now
            shown = {name: value.get(name) for name in ("type", "subject_id", "revision", "data")}
            frames.append(_frame(value["type"], shown))
        if frames:
            await push(*frames)
        if len(self._sent_at) > MAX_PENDING:
            self._sent_at = {key: at for key, at in self._sent_at.items() if now - at < COALESCE_SECONDS}
        if not self._pending:
            return KEEP_ALIVE_SECONDS
        return max(0.0, min(self._sent_at.get(key, 0.0) for key in self._pending) + COALESCE_SECONDS - now)


def _fact(event: Event) -> str:
    return _frame(
        event.type,
        {
            "id": encode_id("evt", event.id),
            "position": event.position,
            "type": event.type,
            "subject_id": subject_text(event.type, event.subject_id),
            "revision": event.subject_revision,
            "at": event.at,
            "data": event.data,
        },
        event_id=event.position,
    )


def _frame(kind: str, data: dict[str, Any], *, event_id: int | None = None) -> str:
    head = "" if event_id is None else f"id: {event_id}\n"
    name = kind.replace("\n", " ").replace("\r", " ")
    return f"{head}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
