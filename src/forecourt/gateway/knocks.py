"""Tells of unknown stations, so that no crowd of them costs more than one worker and a few kilobytes."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple, Protocol

from forecourt.gateway.directory import Throttle

AGAIN_AFTER_S = 10.0
"""The same station is told of again after so long."""
PER_ADDRESS_AND_MINUTE = 120
MAX_WAITING = 1_000
MAX_REMEMBERED = 10_000

_log = logging.getLogger("forecourt.gateway")


class Knocker(Protocol):
    """Told of every station that is not registered and wanted to connect."""

    async def __call__(
        self, identity: str, operator_slug: str, remote_address: str | None, subprotocols: Sequence[str]
    ) -> None:
        """It was refused with 404."""
        ...


class Knock(NamedTuple):
    """Who knocked, at whose door, from where, offering what."""

    identity: str
    operator_slug: str
    remote_address: str | None
    subprotocols: Sequence[str]


class Knocks:
    """Knocks on their way to the inbox, one after the other. What comes too thick is dropped: it knocks again."""

    def __init__(self, tell: Knocker | None) -> None:
        """Tell `tell`."""
        self._tell = tell
        self._queue: asyncio.Queue[Knock] = asyncio.Queue(MAX_WAITING)
        self._told: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._addresses = Throttle(PER_ADDRESS_AND_MINUTE, 60.0)

    def note(self, knock: Knock) -> None:
        """Somebody unknown was refused."""
        if self._tell is None or self._queue.full():
            return
        key, now = (knock.operator_slug.lower(), knock.identity.lower()), monotonic()
        if now - self._told.get(key, -AGAIN_AFTER_S) < AGAIN_AFTER_S:
            return
        address = knock.remote_address or ""
        if self._addresses.blocked(address):
            return
        self._addresses.failed(address)
        self._told[key] = now
        self._told.move_to_end(key)
        if len(self._told) > MAX_REMEMBERED:
            self._told.popitem(last=False)
        self._queue.put_nowait(knock)

    async def run(self) -> None:
        """Tell, for ever."""
        while self._tell is not None:
            knock = await self._queue.get()
            try:
                await self._tell(*knock)
            except Exception:
                _log.exception("a knock could not be told")
