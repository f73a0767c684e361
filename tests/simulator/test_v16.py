"""A 1.6 station against a tiny server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from forecourt.simulator.pace import Pace
from forecourt.simulator.session import Visit, start_visit
from forecourt.simulator.spec import StationSpec
from forecourt.simulator.v16 import Station16
from tests.simulator.server import TinyServer, tiny_server


@asynccontextmanager
async def station16(speed: float = 600, **spec: Any) -> AsyncIterator[tuple[Station16, TinyServer]]:
    async with tiny_server() as server:
        station = Station16(
            StationSpec(identity="CP-1", version="1.6", **spec),
            server.url,
            pace=Pace(speed=speed),
            backoff_s=0.05,
        )
        task = asyncio.create_task(station.run())
        try:
            await server.until("StatusNotification", 1 + len(station.connectors))
            yield station, server
        finally:
            await station.stop()
            await asyncio.wait_for(task, 5)


class TestSession:
    async def test_a_driver_charges_from_plug_in_to_unplug(self) -> None:
        async with station16() as (station, server):
            assert start_visit(
                station, station.connectors[0], Visit(id_token="TAG1", energy_wh=3000, stay_s=3600)
            )
            (stop,) = await server.until("StopTransaction", within=20)
            (start,) = server.of("StartTransaction")
            assert stop["transactionId"] == 101
            assert 2950 <= stop["meterStop"] - start["meterStart"] <= 3050
            values = server.of("MeterValues")
            assert len(values) > 10
            assert {v["measurand"] for v in values[0]["meterValue"][0]["sampledValue"]} >= {
                "Energy.Active.Import.Register",
                "Power.Active.Import",
                "Current.Import",
                "Voltage",
            }
            await server.when(lambda: server.of("StatusNotification")[-1]["status"] == "Available")
            seen = [s["status"] for s in server.of("StatusNotification") if s["connectorId"] == 1]
            assert seen == ["Available", "Preparing", "Charging", "SuspendedEV", "Finishing", "Available"]
