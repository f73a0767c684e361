"""A station that is online at a tiny server, for each version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from forecourt.simulator.network import KINDS
from forecourt.simulator.pace import Pace
from forecourt.simulator.spec import StationSpec
from forecourt.simulator.station import Station
from tests.simulator.server import TinyServer, tiny_server

Online = Callable[..., AbstractAsyncContextManager[tuple[Station, TinyServer]]]


@asynccontextmanager
async def _online(
    version: str, speed: float = 600, wait: bool = True, **spec: Any
) -> AsyncIterator[tuple[Station, TinyServer]]:
    async with tiny_server() as server:
        station = KINDS[version](
            StationSpec(identity="CP-1", version=version, **spec),
            server.url,
            pace=Pace(speed=speed),
            backoff_s=0.05,
        )
        task = asyncio.create_task(station.run())
        try:
            if wait:
                await server.when(lambda: station.online)
                await server.until("StatusNotification", len(station.connectors) + (version == "1.6"))
            yield station, server
            assert station.totals.crashes == 0
        finally:
            await station.stop()
            await asyncio.wait_for(task, 5)


@pytest.fixture
def online() -> Online:
    """``async with online("1.6") as (station, server)``."""
    return _online
