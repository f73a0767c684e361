"""From an unknown charger to a priced session, through the real program, with chargers of another make."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.e2e.chargers import Charger16, Charger201
from tests.e2e.conftest import Program
from tests.e2e.steps import add_location, adopt, final_price, let_in, ok, publish_tariff, session_of, until

pytestmark = pytest.mark.e2e


class TestAKnockingCharger:
    async def test_is_refused_listed_let_in_adopted_and_charges(self, served: Program) -> None:
        client = served.client()
        publish_tariff(client)
        location = add_location(client)
        served.cli("token", "add", "DEADBEEF")

        charger, socket, task, station = await adopt(client, served, Charger16, "STRANGER-1", location)
        await self._charge(client, charger, station, "DEADBEEF")
        task.cancel()
        await socket.close()

    async def _charge(self, client: httpx.Client, charger: Charger16, station: str, token: str) -> None:
        evse = ok(client.get("/evses", params={"station": station}))["items"][0]["id"]
        stream = asyncio.create_task(
            asyncio.to_thread(follow, client, {"session.started", "session.ended"}, 2)
        )
        await asyncio.sleep(0.5)
        started = await asyncio.to_thread(client.post, "/sessions", json={"evse_id": evse, "id_token": token})
        ok(started)
        await asyncio.wait_for(charger.started.wait(), 20)
        await charger.meter(2000)
        session = await session_of(client, station=station)
        await until(
            lambda: float(ok(client.get(f"/sessions/{session['id']}"))["energy_wh"]) == 2000.0,
            "energy while charging",
        )
        ok(await asyncio.to_thread(client.post, f"/sessions/{session['id']}/stop"))
        await until(lambda: ok(client.get(f"/sessions/{session['id']}"))["state"] == "ended", "the end")
        price = await final_price(client, session["id"])
        # 1.00 + 2 kWh at 0.50, and 19 % tax on it
        assert price["currency"] == "EUR"
        assert price["rounded"]["total_cost"] == {"before_taxes": "2.00", "after_taxes": "2.38"}
        assert {line["dimension"] for line in price["trace"]} == {"energy", "flat"}
        seen = await asyncio.wait_for(stream, 30)
        assert [event["type"] for event in seen] == ["session.started", "session.ended"]


def follow(client: httpx.Client, types: set[str], count: int) -> list[dict[str, Any]]:
    """Read the event stream until `count` events of these types have come."""
    seen: list[dict[str, Any]] = []
    with client.stream("GET", "/events", params={"types": ",".join(sorted(types))}, timeout=60) as response:
        assert response.status_code == 200
        kind = ""
        for line in response.iter_lines():
            if line.startswith("event:"):
                kind = line.removeprefix("event:").strip()
            elif line.startswith("data:") and kind in types:
                seen.append({"type": kind, **json.loads(line.removeprefix("data:"))})
                if len(seen) == count:
                    return seen
    raise AssertionError("the stream ended")


class TestAVersion2Charger:
    async def test_charges_by_card_and_is_told_the_price(self, served: Program) -> None:
        client = served.client()
        publish_tariff(client)
        served.cli("token", "add", "CARD0001")
        served.cli("station", "add", "TWO-1", "--password", "a-good-password-1")
        charger, socket, task = await let_in(Charger201, served, "TWO-1", "a-good-password-1")
        assert (await charger.boot()).status == "Accepted"
        refused = await charger.start_session({"id_token": "NOBODY", "type": "ISO14443"})
        assert refused.id_token_info["status"] != "Accepted"
        await charger.stop_session()
        accepted = await charger.start_session({"id_token": "card0001", "type": "ISO14443"})
        assert accepted.id_token_info["status"] == "Accepted"
        running = await charger.meter(4000)
        ended = await charger.stop_session()
        # 1.00 + 4 kWh at 0.50, and 19 % tax: running and final price are the same for the same facts
        assert float(ended.total_cost) == pytest.approx(3.57)
        if running.total_cost is not None:
            assert float(running.total_cost) == pytest.approx(3.57)
        task.cancel()
        await socket.close()
