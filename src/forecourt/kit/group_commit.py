"""Write what queued while the last write ran, in one transaction, and only then answer.

No timers: a lone item is written at once, and under load batches grow by themselves. What one item spoils,
the others do not pay for; while the database is away nobody is answered.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Generic, TypeAlias, TypeVar, cast

import psycopg
import sqlalchemy.exc
import structlog

from forecourt.kit.errors import ForecourtError, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")
Done: TypeAlias = Callable[[Result | None, Exception | None], None]
"""Told of an item's fate: its result, or why there is none."""

_log = structlog.get_logger(__name__)

_UNAVAILABLE_AFTER_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0


class PoisonItem(ForecourtError):
    """This one item cannot be written, by itself or with others. ``__cause__`` says why."""


class WriterClosed(Unavailable):
    """The writer does not take items any more."""


class GroupCommit(Generic[Item, Result]):
    """Batches items for one writer. Lives in one event loop."""

    def __init__(
        self,
        write: Callable[[list[Item]], Awaitable[Sequence[Result | Exception]]],
        max_batch: int = 2000,
        *,
        on_unavailable: Callable[[float], Awaitable[None] | None] | None = None,
        on_available: Callable[[], Awaitable[None] | None] | None = None,
        unavailable_after_seconds: float = _UNAVAILABLE_AFTER_SECONDS,
    ) -> None:
        """Describe it; ``start`` (or the first ``submit``) starts it.

        Args:
            write: writes a batch in one transaction and hands back one result, or one exception, for each
                item, in order. It is called again with the same items after it raised. A connection lost
                during COMMIT leaves open whether it took place, so it must be idempotent. What it raises for a lost connection (OperationalError, InterfaceError,
                OSError, and ours for an absent service) makes the batch wait; anything else bisects it.
            max_batch: so many items at most in one call.
            on_unavailable: called once with the time (``time.monotonic()``) since when nothing can be
                written, after ``unavailable_after_seconds``.
            on_available: called when a batch was written after that.
            unavailable_after_seconds: see ``on_unavailable``.
        """
        self._write = write
        self._max_batch = max_batch
        self._on_unavailable = on_unavailable
        self._on_available = on_available
        self._unavailable_after = unavailable_after_seconds
        self._queue: deque[tuple[Item, Done[Result]]] = deque()
        self._unsettled: list[list[tuple[Item, Done[Result]]]] = []
        self._wake = asyncio.Event()
        self._idle = False
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._down_since: float | None = None
        self._reported = False
        self.batches = 0
        """Calls of ``write`` that succeeded."""
        self.items = 0
        """Items that were written."""

    @property
    def depth(self) -> int:
        """Items that wait for their turn."""
        return len(self._queue)

    @property
    def down_since(self) -> float | None:
        """Since when (``time.monotonic()``) nothing can be written; None while all is well."""
        return self._down_since

    def start(self) -> None:
        """Start writing in the background."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="group commit")

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Queue an item; the future holds its result once it is on disk.

        Cancelling the future does not take the item back.

        Raises:
            WriterClosed: ``close`` was called.
            PoisonItem: from the future.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.post(item, partial(_resolve, future))
        return future

    def post(self, item: Item, done: Done[Result]) -> None:
        """Queue an item and have ``done(result, error)`` called once its fate is known, in the event loop.

        Cheaper than ``submit``: no future, no turn of the loop for each item. ``error`` is ``PoisonItem``, what
        ``write`` gave for the item, or ``WriterClosed`` when the item was given up unwritten.

        Raises:
            WriterClosed: ``close`` was called.
        """
        if self._closing:
            raise WriterClosed("the writer is closed")
        self._queue.append((item, done))
        if self._task is None:
            self.start()
        if self._idle:
            self._idle = False
            self._wake.set()

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - how long to drain
        """Write what is queued, then end.

        Args:
            timeout: seconds after which items that still cannot be written are given up: their futures
                are cancelled, and who waits for them was not answered.
        """
        self._closing = True
        self._wake.set()
        if self._task is None:
            return
        _, pending = await asyncio.wait([self._task], timeout=timeout)
        if pending:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        while self._queue:
            self._give_up([self._queue.popleft()])

    async def _run(self) -> None:
        while True:
            if not self._queue:
                if self._closing:
                    return
                self._idle = True
                self._wake.clear()
                await self._wake.wait()
                continue
            count = min(len(self._queue), self._max_batch)
            batch = [self._queue.popleft() for _ in range(count)]
            try:
                await self._settle(batch)
            except BaseException:
                self._give_up(entry for part in self._unsettled for entry in part)
                raise

    def _give_up(self, entries: Iterable[tuple[Item, Done[Result]]]) -> None:
        for _, done in entries:
            _call(done, None, WriterClosed("the writer was closed before it could write"))

    async def _settle(self, batch: list[tuple[Item, Done[Result]]]) -> None:
        """Write a batch, whatever it takes; halves of one that does not go, smaller halves, single items."""
        todo = [batch]
        while todo:
            self._unsettled = todo.copy()
            part = todo.pop()
            try:
                results = await self._write_patiently([item for item, _ in part])
            except Exception as error:
                if len(part) > 1:
                    middle = len(part) // 2
                    todo += [part[middle:], part[:middle]]  # popped from the end: order is kept
                else:
                    poison = PoisonItem(f"it cannot be written: {error}")
                    poison.__cause__ = error
                    _call(part[0][1], None, poison)
            else:
                for (_, done), result in zip(part, results, strict=True):
                    try:
                        if isinstance(result, Exception):
                            done(None, result)
                        else:
                            done(result, None)
                    except Exception:
                        _log.exception("group_commit.callback_failed")
        self._unsettled = []

    async def _write_patiently(self, items: list[Item]) -> Sequence[Result | Exception]:
        """Call ``write`` until the database is there; raise what is not the database's absence."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                results = await self._write(items)
            except Exception as error:
                if not is_absence(error):
                    raise
                now = time.monotonic()
                if self._down_since is None:
                    self._down_since = now
                    _log.warning("group_commit.waiting", error=str(error), items=len(items))
                if not self._reported and now - self._down_since >= self._unavailable_after:
                    self._reported = True
                    await _tell(self._on_unavailable, self._down_since)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            if len(results) != len(items):
                raise RuntimeError(f"write gave {len(results)} results for {len(items)} items")
            self.batches += 1
            self.items += len(items)
            if self._down_since is not None:
                self._down_since = None
                if self._reported:
                    self._reported = False
                    await _tell(self._on_available)
            return results


def is_absence(error: BaseException) -> bool:
    """Whether an error says that the database is away or busy, not that the data is wrong."""
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_absence(error.orig))
    if isinstance(error, psycopg.OperationalError):
        # Class 54 is a limit that the data exceeds, e.g. a value too long for an index: waiting mends nothing.
        return not (error.sqlstate or "").startswith("54")
    return isinstance(error, psycopg.InterfaceError | OSError | Unavailable | sqlalchemy.exc.TimeoutError)


def _call(done: Done[Result], result: Result | None, error: Exception | None) -> None:
    """Tell of one item; what its owner gets wrong is not the other items' concern."""
    try:
        done(result, error)
    except Exception:
        _log.exception("group_commit.callback_failed")


def _resolve(future: asyncio.Future[Result], result: Result | None, error: Exception | None) -> None:
    if future.done():
        return
    if isinstance(error, WriterClosed):
        future.cancel()
    elif error is not None:
        future.set_exception(error)
    else:
        future.set_result(cast(Result, result))


async def _tell(call: Callable[..., Awaitable[None] | None] | None, *args: float) -> None:
    if call is None:
        return
    try:
        result = call(*args)
        if inspect.isawaitable(result):
            await result
    except Exception:
        _log.exception("group_commit.callback_failed")
