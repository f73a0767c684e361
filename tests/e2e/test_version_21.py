"""A charger of another make that speaks OCPP 2.1: from its first knock to prices, by card and from afar."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.e2e.chargers import Charger21, now
from tests.e2e.conftest import Program
from tests.e2e.steps import add_location, adopt, final_price, ok, publish_tariff, session_of, until

pytestmark = pytest.mark.e2e

CARD = {"id_token": "CARD0021", "type": "ISO14443"}


class TestAVersion21Charger:
    async def test_it_is_adopted_and_charges_by_card_and_from_afar(self, served: Program) -> None:
        client = served.client()
        publish_tariff(client)
        served.cli("token", "add", "CARD0021")
        location = add_location(client)
        charger, socket, task, station = await adopt(client, served, Charger21, "TWENTYONE-1", location)
        assert ok(client.get(f"/stations/{station}"))["protocol"] == "ocpp2.1"
        await self._by_card(client, charger, station)
        await self._from_afar(client, charger, station)
        await self._a_send_is_kept_and_not_answered(client, charger, station)
        task.cancel()
        await socket.close()

    async def _by_card(self, client: httpx.Client, charger: Charger21, station: str) -> None:
        authorised = await charger.authorise(CARD)
        assert authorised.id_token_info["status"] == "Accepted"
        started = await charger.start_session(CARD)
        assert started.id_token_info["status"] == "Accepted"
        await charger.meter(4000)
        ended = await charger.stop_session()
        # 1.00 + 4 kWh at 0.50, and 19 % tax on it. The charger is told unless late messages came out of order.
        assert ended.total_cost is None or round(float(ended.total_cost), 4) == 3.57
        session = await session_of(client, station=station)
        price = await final_price(client, session["id"])
        assert price["rounded"]["total_cost"] == {"before_taxes": "3.00", "after_taxes": "3.57"}

    async def _from_afar(self, client: httpx.Client, charger: Charger21, station: str) -> None:
        evse = ok(client.get("/evses", params={"station": station}))["items"][0]["id"]
        body = {"evse_id": evse, "id_token": "CARD0021"}
        command = ok(await asyncio.to_thread(client.post, "/sessions", json=body))
        await asyncio.wait_for(charger.started.wait(), 20)
        session = await session_of(client, station=station, open=True)
        assert session["command_id"] == command["id"]
        await until(
            lambda: ok(client.get(f"/commands/{command['id']}"))["status"] == "effective", "the effect"
        )
        await charger.meter(2000)
        ok(await asyncio.to_thread(client.post, f"/sessions/{session['id']}/stop"))
        await until(lambda: ok(client.get(f"/sessions/{session['id']}"))["state"] == "ended", "the end")
        price = await final_price(client, session["id"])
        # 1.00 + 2 kWh at 0.50, and 19 % tax on it
        assert price["rounded"]["total_cost"] == {"before_taxes": "2.00", "after_taxes": "2.38"}

    async def _a_send_is_kept_and_not_answered(
        self, client: httpx.Client, charger: Charger21, station: str
    ) -> None:
        data: dict[str, Any] = {"t": 0.5, "v": "230.4"}
        charger.frames.clear()
        await charger.send_unanswered(
            "stream-1",
            "NotifyPeriodicEventStream",
            {"id": 1, "pending": 0, "basetime": now(), "data": [data]},
        )
        beat = await charger.heartbeat()  # answered after what came before it
        assert beat.current_time
        assert [frame[0] for frame in charger.frames] == [3]
        assert charger.frames[0][1] != "stream-1"
        logged = ok(client.get("/messages", params={"station": station, "correlation": "stream-1"}))["items"]
        assert [(row["direction"], row["action"]) for row in logged] == [("in", "NotifyPeriodicEventStream")]
