"""A gateway that gives no sign of life loses its lease, and with it its stations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from forecourt.gateway.leases import end_dead_links
from forecourt.kit.bus import MemoryBus
from forecourt.kit.database import Database
from forecourt.stations.events import Disconnected
from tests.conftest import Cluster
from tests.gateway.conftest import TinyHandler, World, until
from tests.gateway.test_outage import Outage


@pytest.fixture
async def alone(empty_database: Database, bus: MemoryBus) -> AsyncIterator[World]:
    """A gateway on a database of its own."""
    world = World(empty_database, bus)
    await world.start(node="first", lease_s=60.0)
    yield world
    await world.stop()


async def one(database: Database, statement: str) -> tuple[Any, ...]:
    async with await database.system_connection() as connection:
        row = await (await connection.execute(statement.encode())).fetchone()
    assert row is not None
    return row


async def expire(database: Database) -> None:
    await one(
        database, "UPDATE gateway_node SET lease_until = clock_timestamp() - interval '1 s' RETURNING 1"
    )


LINK = "SELECT epoch, disconnected_at IS NOT NULL FROM station_link"


class TestEndDeadLinks:
    async def test_a_living_gateway_keeps_its_stations(self, alone: World) -> None:
        alone.add()
        station = await alone.connect()
        await station.boot()
        assert await end_dead_links(alone.database, [TinyHandler()]) == 0
        assert (await station.call("Heartbeat", {}))[0] == 3
        assert await one(alone.database, LINK) == (1, False)

    async def test_a_lost_one_loses_them_and_finds_its_sockets_fenced(self, alone: World) -> None:
        alone.add()
        station = await alone.connect()
        await station.boot()
        await expire(alone.database)
        told = TinyHandler()
        assert await end_dead_links(alone.database, [told]) == 1
        assert [(e.epoch, e.reason) for e in told.events(Disconnected)] == [(1, "gateway lost")]
        assert await one(alone.database, LINK) == (2, True)
        assert await end_dead_links(alone.database, [told]) == 0

        await station.send(json.dumps([2, "late", "Heartbeat", {}]))
        assert await station.closed() == 1008
        again = await alone.connect()
        await again.boot()
        assert await one(alone.database, LINK) == (3, False)
        assert not alone.handler.events(Disconnected)

    async def test_many_are_ended_in_several_batches_and_once_each(self, alone: World) -> None:
        await one(
            alone.database,
            "INSERT INTO station_link (operator_id, station_id, node, epoch, protocol, security_profile, connected_at)"
            " SELECT gen_random_uuid(), gen_random_uuid(), 'never', 4, 'ocpp1.6', 1, now()"
            " FROM generate_series(1, 1203) RETURNING 1",
        )
        told = [TinyHandler(), TinyHandler()]
        found = await asyncio.gather(*(end_dead_links(alone.database, [handler]) for handler in told))
        assert sum(found) == 1203
        assert sum(len(handler.events(Disconnected)) for handler in told) == 1203
        assert await one(alone.database, "SELECT count(*) FROM station_link WHERE epoch = 5") == (1203,)


class TestStart:
    async def test_what_a_crash_left_is_ended_by_the_next_of_that_name(self, alone: World) -> None:
        entry = alone.add()
        station = await alone.connect()
        await station.boot()
        successor = World(alone.database, MemoryBus())
        await successor.start(node="first")
        gone = successor.handler.committed_messages
        assert [(m.station_id, m.events[0].reason) for m in gone] == [(entry.station_id, "gateway restarted")]  # type: ignore[union-attr]
        assert await one(alone.database, LINK) == (2, True)
        await successor.stop()

    async def test_a_stop_in_good_order_gives_the_lease_up(self, alone: World) -> None:
        other = World(alone.database, MemoryBus())
        await other.start(node="second")
        assert await one(alone.database, "SELECT count(*) FROM gateway_node") == (2,)
        await other.stop()
        assert await one(alone.database, "SELECT node FROM gateway_node") == ("first",)


class TestKeepLease:
    async def test_stations_are_sent_back_when_it_was_over_for_a_while(
        self, empty_database: Database, bus: MemoryBus, cluster: Cluster
    ) -> None:
        world = World(empty_database, bus)
        await world.start(node="first", lease_s=1.0)
        world.add()
        station = await world.connect()
        await station.boot()
        await asyncio.sleep(1.5)
        valid = "SELECT lease_until > clock_timestamp() FROM gateway_node"
        assert await one(empty_database, valid) == (True,)
        outage = Outage(cluster, empty_database.urls.system.rpartition("/")[2].partition("?")[0])
        await outage.begin()
        await asyncio.sleep(1.5)
        assert world.gateway.open_links
        await outage.end()
        assert await station.closed() == 1013
        await until(lambda: not world.gateway.open_links)
        await world.connect()
        assert await one(empty_database, valid) == (True,)
        await world.stop()
