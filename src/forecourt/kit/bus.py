"""Messages between processes that may be lost without harm: commands to a node, live values, wake-ups.

What must not be lost is a row (outbox, job), never a message. In one process the bus runs in memory, in
many over NATS; the same tests hold for both.

Subjects are words with dots between, e.g. ``live.sessions.ses_01…``; a subscription may end in ``>``, which
stands for one or more words. A handler that answers a request returns bytes; one that returns None does not
answer. Messages of one subscription are handled in order, requests beside each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Protocol

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from forecourt.kit.errors import Unavailable

Handler = Callable[[str, bytes], Awaitable[bytes | None]]
"""Called with the subject and the data."""
Unsubscribe = Callable[[], Awaitable[None]]

MAX_BYTES = 1_000_000
"""Size limit of a message (the default of a NATS server is 1 MiB)."""
_PENDING_LIMIT = 65_536
_RECONNECT_SECONDS = 0.25
_SUBJECT = re.compile(r"[^\s.*>]+(\.[^\s.*>]+)*")
_PATTERN = re.compile(r"[^\s.*>]+(\.[^\s.*>]+)*(\.>)?|>")

_log = structlog.get_logger(__name__)


class NoResponder(Unavailable):
    """Nobody has subscribed to that subject."""


class BusTimeout(Unavailable):
    """No answer in time."""


class Bus(Protocol):
    """Publish, ask, subscribe."""

    async def publish(self, subject: str, data: bytes) -> None:
        """Send to every subscriber, if there is any. It may be lost; nobody is told."""
        ...

    async def request(self, subject: str, data: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        """Ask, and hand back the first answer.

        Args:
            subject: whom.
            data: what, up to MAX_BYTES.
            timeout: seconds to wait for the answer.

        Raises:
            NoResponder: nobody listens there; known at once.
            BusTimeout: somebody does, but did not answer in time (or the bus is away).
        """
        ...

    async def subscribe(self, subject: str, handler: Handler) -> Unsubscribe:
        """Have ``handler`` called for messages to the subject (or under it: ``live.>``).

        Returns:
            An async function that ends the subscription.
        """
        ...


class MemoryBus:
    """The bus of one process."""

    def __init__(self) -> None:
        """Make an empty one."""
        self._subscriptions: list[_MemorySubscription] = []

    async def publish(self, subject: str, data: bytes) -> None:
        """Send to every subscriber; one that is far behind loses the message."""
        _check(subject, data)
        for subscription in self._matching(subject):
            subscription.offer(subject, data)

    async def request(self, subject: str, data: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        """Ask; see ``Bus``."""
        _check(subject, data)
        subscriptions = self._matching(subject)
        if not subscriptions:
            raise NoResponder(f"nobody listens to {subject}", subject=subject)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        for subscription in subscriptions:
            subscription.ask(subject, data, answer)
        try:
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            raise BusTimeout(f"no answer from {subject} in {timeout} s", subject=subject) from None

    async def subscribe(self, subject: str, handler: Handler) -> Unsubscribe:
        """Subscribe; see ``Bus``."""
        _check_pattern(subject)
        subscription = _MemorySubscription(subject, handler)
        self._subscriptions.append(subscription)

        async def unsubscribe() -> None:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
                await subscription.close()

        return unsubscribe

    async def close(self) -> None:
        """End all subscriptions."""
        while self._subscriptions:
            await self._subscriptions.pop().close()

    def _matching(self, subject: str) -> list[_MemorySubscription]:
        return [subscription for subscription in self._subscriptions if subscription.matches(subject)]


class _MemorySubscription:
    def __init__(self, pattern: str, handler: Handler) -> None:
        self._exact = pattern
        self._prefix = pattern[:-1] if pattern.endswith(">") else None
        self._handler = handler
        self._queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_PENDING_LIMIT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._keep(self._consume())

    def matches(self, subject: str) -> bool:
        if self._prefix is not None:
            return subject.startswith(self._prefix) and len(subject) > len(self._prefix)
        return subject == self._exact

    def offer(self, subject: str, data: bytes) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait((subject, data))

    def ask(self, subject: str, data: bytes, answer: asyncio.Future[bytes]) -> None:
        async def run() -> None:
            result = await _handle(self._handler, subject, data)
            if result is not None and not answer.done():
                answer.set_result(result)

        self._keep(run())

    async def close(self) -> None:
        current = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not current]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _consume(self) -> None:
        while True:
            await _handle(self._handler, *await self._queue.get())

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class NatsBus:
    """The bus of many processes, over one NATS connection. Reconnects for ever."""

    def __init__(self, url: str, *, name: str = "forecourt") -> None:
        """Describe it; ``connect`` connects.

        Args:
            url: ``nats://HOST:4222``, several with commas.
            name: of this client, shown by the server.
        """
        self._servers = url.split(",")
        self._name = name
        self._client = Client()
        self._opened = False
        self._trouble = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self, *, wait_seconds: float = 30.0) -> None:
        """Connect, trying for ``wait_seconds``.

        Raises:
            BusTimeout: no server answered.
        """
        client = Client()
        try:
            async with asyncio.timeout(wait_seconds):  # the library itself would try for ever
                await client.connect(
                    self._servers,
                    name=self._name,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_RECONNECT_SECONDS,  # type: ignore[arg-type] # fractions work
                    connect_timeout=2,
                    error_cb=self._on_error,
                    reconnected_cb=self._on_reconnected,
                )
        except (TimeoutError, OSError, nats.errors.Error) as error:
            raise BusTimeout(
                f"no NATS server at {', '.join(self._servers)}: {error or self._trouble}"
            ) from error
        self._client, self._opened = client, True

    @property
    def connected(self) -> bool:
        """Whether the server is there just now."""
        return self._client.is_connected

    async def close(self) -> None:
        """Send what is buffered, end all subscriptions, disconnect."""
        for task in list(self._tasks):
            task.cancel()
        if not self._opened:
            return
        if self._client.is_connected:
            with contextlib.suppress(nats.errors.Error, TimeoutError):
                await self._client.flush(1)
        await self._client.close()

    async def publish(self, subject: str, data: bytes) -> None:
        """Send to every subscriber. While the server is away it is buffered, then dropped."""
        _check(subject, data)
        try:
            await self._client.publish(subject, data)
        except nats.errors.OutboundBufferLimitError:
            _log.warning("bus.dropped", subject=subject)

    async def request(self, subject: str, data: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        """Ask; see ``Bus``."""
        _check(subject, data)
        try:
            return (await self._client.request(subject, data, timeout=timeout)).data
        except nats.errors.NoRespondersError:
            raise NoResponder(f"nobody listens to {subject}", subject=subject) from None
        except (nats.errors.TimeoutError, nats.errors.OutboundBufferLimitError):
            raise BusTimeout(f"no answer from {subject} in {timeout} s", subject=subject) from None

    async def subscribe(self, subject: str, handler: Handler) -> Unsubscribe:
        """Subscribe; see ``Bus``. Returns when the server knows."""
        _check_pattern(subject)

        async def answer(message: Msg) -> None:
            result = await _handle(handler, message.subject, message.data)
            if result is not None:
                await message.respond(result)

        async def receive(message: Msg) -> None:
            if message.reply:
                # A slow answer (a device may take 30 s) must not hold up the next question.
                task = asyncio.create_task(answer(message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                await _handle(handler, message.subject, message.data)

        subscription = await self._client.subscribe(subject, cb=receive)
        await self._client.flush(5)

        async def unsubscribe() -> None:
            with contextlib.suppress(nats.errors.Error, ValueError):
                await subscription.unsubscribe()

        return unsubscribe

    async def _on_error(self, error: Exception) -> None:
        trouble = str(error) or type(error).__name__
        if trouble != self._trouble:  # each attempt to reconnect says the same
            self._trouble = trouble
            _log.warning("bus.error", error=trouble)

    async def _on_reconnected(self) -> None:
        self._trouble = ""
        _log.info("bus.reconnected")


async def _handle(handler: Handler, subject: str, data: bytes) -> bytes | None:
    try:
        return await handler(subject, data)
    except Exception:
        _log.exception("bus.handler_failed", subject=subject)
        return None


def _check(subject: str, data: bytes) -> None:
    if not _SUBJECT.fullmatch(subject):
        raise ValueError(f"{subject!r} is not a subject")
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes to {subject} are too many for one message ({MAX_BYTES})")


def _check_pattern(subject: str) -> None:
    if not _PATTERN.fullmatch(subject):
        raise ValueError(f"{subject!r} is not a subject to subscribe to")
