"""New hardware in the place of old: the EVSE, its tariff and its history stay, and it charges."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.chargers import Charger16, Charger201, plug_in
from tests.e2e.conftest import Program
from tests.e2e.steps import (
    add_location,
    adopt,
    final_price,
    knocks,
    let_in,
    ok,
    publish_tariff,
    session_of,
    until,
)
from tests.e2e.test_live_view import agree
from tests.e2e.viewer import Viewer

pytestmark = pytest.mark.e2e

CARD = "CARD0042"


class TestSwap:
    async def test_a_2_0_1_station_takes_the_place_of_a_1_6_one(self, served: Program) -> None:
        client = served.client()
        publish_tariff(client)
        served.cli("token", "add", CARD)
        location = add_location(client)
        async with httpx.AsyncClient(base_url=served.api, headers=client.headers, timeout=30) as screen:
            viewer = Viewer(screen)
            following = asyncio.create_task(viewer.follow())
            old, old_socket, old_task, station = await adopt(client, served, Charger16, "OLD-1", location)
            evse = ok(client.get("/evses", params={"station": station}))["items"][0]
            publish_tariff(client, "0.60", evse_id=evse["id"])
            await old.start_session(CARD)
            await old.meter(3000)
            await old.stop_session()
            first = await session_of(client, evse=evse["id"])
            before = await final_price(client, first["id"])
            # 1.00 + 3 kWh at 0.60, and 19 % tax on it
            assert before["rounded"]["total_cost"]["after_taxes"] == "3.33"

            knock = await knocks(client, served, Charger201, "NEW-1")
            swapped = ok(client.post(f"/stations/{station}/swap", json={"knock_id": knock}))
            new = swapped["station"]["id"]
            self._same_place(client, evse, new)
            await self._old_one_is_out(client, served, station, old_task)
            await old_socket.close()

            await self._new_one_charges(client, served, swapped["password"], new, evse["id"])
            self._history_stays(client, evse["id"], first, before, station, new)
            await agree(viewer, screen)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    def _same_place(self, client: httpx.Client, evse: dict[str, Any], new: str) -> None:
        after = ok(client.get(f"/evses/{evse['id']}"))
        assert after["evse_uid"] == evse["evse_uid"]
        assert after["location_id"] == evse["location_id"]
        assert after["station_id"] == new
        assert after["revision"] > evse["revision"]

    async def _old_one_is_out(
        self, client: httpx.Client, served: Program, station: str, task: asyncio.Task[None]
    ) -> None:
        await asyncio.wait({task}, timeout=20)
        assert task.done(), "the old station keeps its socket"
        assert task.exception() is not None
        assert ok(client.get(f"/stations/{station}"))["registration"] == "retired"
        with pytest.raises(InvalidStatus) as refused:
            await plug_in(Charger16, served.ocpp, "OLD-1", "whatever-password-1")
        assert refused.value.response.status_code == 404

    async def _new_one_charges(
        self, client: httpx.Client, served: Program, password: str, new: str, evse: str
    ) -> None:
        charger, socket, task = await let_in(Charger201, served, "NEW-1", password)
        assert (await charger.boot()).status == "Accepted"
        body = {"evse_id": evse, "id_token": CARD}
        ok(await asyncio.to_thread(client.post, "/sessions", json=body))
        await asyncio.wait_for(charger.started.wait(), 20)
        await charger.meter(5000)
        await charger.stop_session()
        session = await session_of(client, station=new)
        price = await final_price(client, session["id"])
        # 1.00 + 5 kWh at 0.60, and 19 % tax on it: the tariff of the EVSE
        assert price["rounded"]["total_cost"]["after_taxes"] == "4.76"
        status = await until(
            lambda: [c["status"] for c in ok(client.get("/connectors", params={"evse": evse}))["items"]],
            "its connector",
        )
        assert status == ["available"]
        task.cancel()
        await socket.close()

    def _history_stays(
        self,
        client: httpx.Client,
        evse: str,
        first: dict[str, Any],
        before: dict[str, Any],
        station: str,
        new: str,
    ) -> None:
        sessions = ok(client.get("/sessions", params={"evse": evse}))["items"]
        assert [row["station_id"] for row in sessions] == [new, station]
        assert ok(client.get(f"/sessions/{first['id']}")) == sessions[1]
        assert ok(client.get(f"/sessions/{first['id']}/price"))["price"] == before
