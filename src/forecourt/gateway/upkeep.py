"""What a gateway does by the clock: pings, and a look at the database."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecourt.gateway.gateway import Gateway

_SLICES = 10


async def keep_links_alive(gateway: Gateway) -> None:
    """Ping every link once per interval, spread over it; cut the ones that fell silent.

    A station's ping policy: `on`, `observe` (ping, never cut), `off` (some firmwares break at a ping).
    """
    turn = 0
    while True:
        await asyncio.sleep(gateway.settings.ping_interval_s / _SLICES)
        turn = (turn + 1) % _SLICES
        now = monotonic()
        for link in [link for link in gateway.open_links if hash(link.entry.station_id) % _SLICES == turn]:
            socket, policy = link.socket, link.entry.ping_policy
            if socket is None or policy == "off":
                continue
            if policy == "on" and now - socket.last_heard > gateway.settings.silence_s:
                socket.abort()
            else:
                socket.ping()


async def guard_database(gateway: Gateway) -> None:
    """A database that neither answers nor refuses is away, too."""
    while True:
        await asyncio.sleep(0.25)
        stuck = gateway.writers.waiting_s > gateway.settings.unavailable_after_s
        gateway.writers.abandon(gateway.settings.give_up_s)
        if stuck and gateway.available:
            await gateway.went_away(monotonic())
        elif (
            not stuck
            and not gateway.available
            and gateway.writers.down_since is None
            and not gateway.writers.depth
        ):
            await gateway.came_back()
