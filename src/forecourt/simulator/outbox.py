"""What a station still has to say, in order. What matters for billing survives losing the connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from forecourt.simulator.link import LinkLost, Payload


@dataclass(eq=False)
class Pending:
    """One call to make.

    Attributes:
        action: name of the message.
        build: makes the payload at the moment of sending; gets True if it waited through an offline spell.
        keep: survives a lost connection (transaction messages do).
        early: may be sent while the registration is Pending.
        on_result: gets the answer.
        future: gets the answer, or the error.
    """

    action: str
    build: Callable[[bool], Payload]
    keep: bool = False
    early: bool = False
    on_result: Callable[[Payload], None] | None = None
    future: asyncio.Future[Payload] | None = None
    attempts: int = 0
    offline: bool = False

    def answered(self, result: Payload) -> None:
        """Hand the answer to whoever asked."""
        if self.on_result is not None:
            self.on_result(result)
        if self.future is not None and not self.future.done():
            self.future.set_result(result)

    def failed(self, error: Exception) -> None:
        """Tell whoever asked that there will be no answer."""
        if self.future is not None and not self.future.done():
            self.future.set_exception(error)
            self.future.exception()


class Outbox:
    """A queue of calls of one station."""

    def __init__(self) -> None:
        self._entries: deque[Pending] = deque()
        self.ready = asyncio.Event()
        self.online = False

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Pending]:
        return iter(self._entries)

    @property
    def kept(self) -> int:
        """How many entries would survive a lost connection."""
        return sum(1 for entry in self._entries if entry.keep)

    def put(self, entry: Pending, *, first: bool = False) -> None:
        """Add an entry. While offline, what need not be kept fails at once."""
        if not self.online:
            if not entry.keep:
                entry.failed(LinkLost("the station is offline"))
                return
            entry.offline = True
        if first:
            self._entries.appendleft(entry)
        else:
            self._entries.append(entry)
        self.ready.set()

    def peek(self, *, early: bool = False) -> Pending | None:
        """The next entry (with ``early``: that may go before the registration is accepted)."""
        if not early:
            return self._entries[0] if self._entries else None
        return next((entry for entry in self._entries if entry.early), None)

    def done(self, entry: Pending) -> None:
        """Forget an entry."""
        if entry in self._entries:
            self._entries.remove(entry)

    def go_online(self) -> None:
        """From now on everything is queued."""
        self.online = True

    def go_offline(self) -> None:
        """Drop what need not be kept; mark the rest as delayed by an offline spell."""
        self.online = False
        kept: deque[Pending] = deque()
        for entry in self._entries:
            if entry.keep:
                entry.offline = True
                kept.append(entry)
            else:
                entry.failed(LinkLost("the connection closed"))
        self._entries = kept
