"""Gateways, an API and workers as processes of their own, on an external PostgreSQL and NATS."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from forecourt.kit.postgres import Version
from tests.conftest import free_port
from tests.e2e.chargers import Charger16, plug_in
from tests.e2e.processes import Processes, external, processes
from tests.e2e.test_first_charge import ok, until

pytestmark = pytest.mark.e2e

CHARGER_PASSWORD = "charger-password-1"


class Stream:
    """Everything that `GET /events` says, read in a thread."""

    def __init__(self, client: httpx.Client) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.ready = threading.Event()
        self._client = client
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            with self._client.stream("GET", "/events", timeout=120) as response:
                kind = ""
                for line in response.iter_lines():
                    if line.startswith("event:"):
                        kind = line.removeprefix("event:").strip()
                    elif line.startswith("data:"):
                        self.events.append((kind, json.loads(line.removeprefix("data:"))))
                        self.ready.set()
        except httpx.HTTPError:
            return

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [data for name, data in self.events if name == kind]

    def energy(self, session: str) -> list[float]:
        return [
            float(e["data"]["energy_wh"]) for e in self.of("session.updated") if e["subject_id"] == session
        ]


@pytest.fixture
def site(nats_url: str) -> Iterator[tuple[Processes, dict[str, int]]]:
    """Two gateways, an API and a worker; the ports of the gateways by name."""
    ports = {"a": free_port(), "b": free_port()}
    health = free_port()
    with (
        external() as server,
        processes(FORECOURT_DATABASE_URL=server.make_login(), FORECOURT_NATS_URL=nats_url) as made,
    ):
        made.cli("init")
        made.start("a", "gateway", FORECOURT_OCPP_PORT=str(ports["a"]), FORECOURT_HEALTH_PORT=str(health))
        made.start("b", "gateway", FORECOURT_OCPP_PORT=str(ports["b"]))
        made.start("api", "api")
        made.start("worker", "worker")
        made.wait("a", "b", "api", "worker")
        checks = httpx.get(f"http://127.0.0.1:{health}/readyz").json()["checks"]
        assert checks == {"database": "ok", "gateway": "ok"}
        metrics = httpx.get(f"http://127.0.0.1:{health}/metrics").text
        assert "forecourt_gateway_links" in metrics
        assert "forecourt_bus_connected 1.0" in metrics
        yield made, ports


async def plug(port: int, identity: str) -> Any:
    """A charger that tries again until it is let in: gateways hear of new stations within moments."""
    for _ in range(50):
        with contextlib.suppress(InvalidStatus):
            url = f"ws://127.0.0.1:{port}/ocpp"
            charger, _, _ = await plug_in(Charger16, url, identity, CHARGER_PASSWORD)
            assert (await charger.boot()).status == "Accepted"
            return charger
        await asyncio.sleep(0.1)
    raise AssertionError(f"{identity} was never let in")


class TestManyProcesses:
    async def test_a_station_moves_and_a_gateway_and_a_worker_die(
        self, site: tuple[Processes, dict[str, int]]
    ) -> None:
        made, ports = site
        client = await asyncio.to_thread(made.client)

        async def get(path: str, **params: Any) -> Any:
            return ok(await asyncio.to_thread(client.get, path, params=params))

        async def post(path: str, **body: Any) -> Any:
            return ok(await asyncio.to_thread(client.post, path, json=body))

        async def reset(station: str) -> dict[str, Any]:
            return dict(await post(f"/stations/{station}/commands/reset?wait=10"))

        location = await post("/locations", name="Depot", country="DE", time_zone="Europe/Berlin")
        moving, staying = [
            (await post("/stations", identity=i, location_id=location["id"], password=CHARGER_PASSWORD))[
                "station"
            ]["id"]
            for i in ("MOVING", "STAYING")
        ]
        await post("/tokens", value="TAG")
        stream = Stream(client)
        await until(stream.ready.is_set, "the beginning of the stream")

        # A command from the API reaches the gateway that holds the socket.
        charger = await plug(ports["a"], "MOVING")
        await plug(ports["a"], "STAYING")
        assert (await reset(moving))["status"] in ("accepted", "effective")
        assert charger.asked == ["Reset"]

        # A session, and its live values in another process than the socket's.
        evse = (await get("/evses", station=moving))["items"][0]["id"]
        await post("/sessions", evse_id=evse, id_token="TAG")
        await asyncio.wait_for(charger.started.wait(), 20)
        await charger.meter(2000)
        session = (await get("/sessions", station=moving))["items"][0]["id"]
        await until(lambda: 2000.0 in stream.energy(session), "live energy from gateway a")

        # The station moves to the other gateway, in the middle of the session.
        moved = await plug(ports["b"], "MOVING")
        moved.transaction_id, moved.register_wh = charger.transaction_id, charger.register_wh
        await asyncio.wait_for(charger._connection.wait_closed(), 10)
        assert charger._connection.close_code == 1008
        await moved.meter(1500)
        await until(lambda: 3500.0 in stream.energy(session), "live energy from gateway b")
        assert (await reset(moving))["status"] in ("accepted", "effective")
        assert (charger.asked, moved.asked) == (["Reset", "RemoteStartTransaction"], ["Reset"])
        link = (await get("/links", station=moving))["items"][0]
        assert (link["epoch"], link["node"].rpartition(":")[2]) == (2, str(ports["b"]))

        # Gateway a dies: commands say so at once, and the links that it held end.
        await asyncio.to_thread(made.kill, "a")
        refused = await reset(staying)
        assert (refused["status"], refused["reason"]) == ("failed", "station_offline")

        # So does the worker; another one goes on with jobs and the order of events.
        await asyncio.to_thread(made.kill, "worker")
        made.start("worker2", "worker")
        await asyncio.to_thread(made.wait, "worker2")
        await until(lambda: stream.of("station.disconnected"), "the end of the dead gateway's link", 40)
        gone = stream.of("station.disconnected")
        assert [(e["subject_id"], e["data"]["reason"]) for e in gone] == [(staying, "gateway lost")]
        online = {row["id"]: row["link"] for row in (await get("/stations"))["items"]}
        assert online == {moving: "online", staying: "offline"}
        assert [row["status"] for row in (await get("/links", station=staying))["items"]] == ["offline"]

        # Its station comes back to the one that lives, and the session ends there.
        again = await plug(ports["b"], "STAYING")
        assert (await reset(staying))["status"] in ("accepted", "effective")
        assert again.asked == ["Reset"]
        await post(f"/sessions/{session}/stop")
        ended = await until(lambda: stream.of("session.ended"), "the end of the session")
        assert ended[0]["subject_id"] == session
        positions = [data["position"] for _, data in stream.events if "position" in data]
        assert positions == list(range(positions[0], positions[0] + len(positions)))
        settled = await until(
            lambda: (found := ok(client.get(f"/sessions/{session}/price")))["final"] and found,
            "the settlement",
        )
        assert settled["final"]
        assert await asyncio.to_thread(made.stop) == {"b": 0, "api": 0, "worker2": 0}


class TestExternalServer:
    @pytest.mark.parametrize("version", [16, 18])
    async def test_a_first_charge_on_a_database_of_the_operators_own(self, version: Version) -> None:
        port = free_port()
        with (
            external(version) as server,
            processes(FORECOURT_DATABASE_URL=server.make_login(), FORECOURT_OCPP_PORT=str(port)) as made,
        ):
            made.cli("init")
            made.cli("station", "add", "FIRST", "--password", CHARGER_PASSWORD, "--free-vend")
            made.start("serve", "serve")
            client = made.client()
            await asyncio.to_thread(made.wait, "serve")
            charger = await plug(port, "FIRST")
            await charger.start_session("ANYBODY")
            await charger.meter(2500)
            await charger.stop_session()

            def settled() -> Any:
                (session,) = ok(client.get("/sessions"))["items"]
                return ok(client.get(f"/sessions/{session['id']}/price"))["final"] and session

            session = await until(settled, "the settled session")
            assert (session["state"], float(session["energy_wh"])) == ("ended", 2500.0)
            rows = server.run("SHOW server_version", database="energy")
            assert str(rows[0][0]).startswith(str(version))
            assert made.stop() == {"serve": 0}
