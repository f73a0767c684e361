"""Pings by each station's policy, and news of the directory by NOTIFY."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from forecourt.kit.bus import MemoryBus
from forecourt.kit.database import Database
from forecourt.kit.notify import notify
from tests.gateway.conftest import World, until


@pytest.fixture
async def impatient(database: Database, bus: MemoryBus) -> AsyncIterator[World]:
    """A gateway that pings ten times a second and waits for half a second."""
    world = World(database, bus)
    await world.start(ping_interval_s=0.1, silence_s=0.5)
    yield world
    await world.stop()


class TestPings:
    async def test_a_station_that_pongs_stays(self, impatient: World) -> None:
        entry = impatient.add()
        await impatient.connect()
        await asyncio.sleep(1.0)
        assert entry.station_id in impatient.gateway.links

    async def test_a_silent_one_is_cut(self, impatient: World) -> None:
        entry = impatient.add()
        station = await impatient.connect()
        station.socket.transport.pause_reading()
        await until(lambda: entry.station_id not in impatient.gateway.links, 3)

    @pytest.mark.parametrize("policy", ["observe", "off"])
    async def test_unless_its_policy_forbids_it(self, impatient: World, policy: str) -> None:
        entry = impatient.add(quirks={"ping": policy})
        station = await impatient.connect()
        station.socket.transport.pause_reading()
        await asyncio.sleep(1.2)
        assert entry.station_id in impatient.gateway.links
        station.socket.transport.resume_reading()


class TestBootBackstop:
    async def test_a_station_that_never_booted_is_asked_to(self, database: Database, bus: MemoryBus) -> None:
        world = World(database, bus)
        await world.start(boot_backstop_s=0.1)
        world.add("OLD")
        old = await world.connect("OLD")
        assert (await old.receive())[2:] == ["TriggerMessage", {"requestedMessage": "BootNotification"}]
        world.add("GOOD")
        good = await world.connect("GOOD")
        await good.boot()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(good.socket.recv(), 0.3)
        await world.stop()


class TestDirectory:
    async def test_a_notification_is_heard_at_once(self, world: World) -> None:
        entry = world.add()
        station = await world.connect()
        del world.entries[entry.station_id]
        async with await world.database.system_connection() as connection:
            await notify(connection, "stations", str(entry.station_id))
        assert await asyncio.wait_for(station.closed(), 2) == 1008

    async def test_a_new_station_may_connect_at_once(self, world: World) -> None:
        entry = world.add()
        world.gateway.directory.update(entry.station_id, [])
        assert await world.refused() == 404
        async with await world.database.system_connection() as connection:
            await notify(connection, "stations", str(entry.station_id))
        await until(lambda: world.gateway.directory.find(world.slug, "cp1"))
        await world.connect()
