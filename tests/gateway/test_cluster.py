"""Several processes: commands over NATS, a station that moves, figures for Prometheus."""

from __future__ import annotations

import asyncio
import json

from forecourt.gateway import GatewayStations
from forecourt.gateway.metrics import GatewayCollector
from forecourt.kit.bus import NatsBus
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.stations import commands as cmd
from forecourt.stations.events import CommandAnswered, Connected
from tests.gateway.conftest import World, until


class TestNats:
    async def test_a_command_finds_the_gateway_that_holds_the_station(
        self, database: Database, nats_url: str
    ) -> None:
        buses = [NatsBus(nats_url) for _ in range(3)]
        for bus in buses:
            await bus.connect()
        first, second = World(database, buses[0]), World(database, buses[1])  # type: ignore[arg-type]
        await first.start(node="one")
        await second.start(node="two")
        second.entries = first.entries
        entry = first.add()
        second.gateway.directory.update(entry.station_id, [entry])
        stations = GatewayStations(buses[2])

        async def clear_cache() -> bool:
            return await stations.send(
                operator_id=entry.operator_id, station_id=entry.station_id, command_id=new_id(),
                command=cmd.ClearCache(), timeout_s=5,
            )  # fmt: skip

        assert not await clear_cache()
        second.slug = first.slug
        station = await second.connect(path=f"/ocpp/{first.slug}/CP1")
        await station.boot()
        await asyncio.sleep(0.1)
        assert await clear_cache()
        call = await station.receive()
        await station.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        await until(lambda: second.handler.events(CommandAnswered))

        moved = await first.connect()
        assert (await moved.boot())[0] == 3
        assert first.handler.events(Connected)[0].epoch == 2
        assert await station.closed() == 1008
        await asyncio.sleep(0.1)
        assert await clear_cache()
        assert (await moved.receive())[2] == "ClearCache"

        await first.stop()
        await second.stop()
        assert not await clear_cache()
        for bus in buses:
            await bus.close()


class TestMetrics:
    async def test_every_figure_is_there(self, world: World) -> None:
        world.add()
        station = await world.connect()
        await station.boot()
        found = {
            sample.name: sample.value
            for m in GatewayCollector(world.gateway).collect()
            for sample in m.samples
        }
        assert found["forecourt_gateway_frames_in_total"] == 1
        assert found["forecourt_gateway_links"] == 1
        assert found["forecourt_gateway_ready"] == 1
