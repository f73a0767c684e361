"""PostgreSQL is away: nobody is told a lie, stations queue, and it all comes back by itself.

The program runs on a PostgreSQL of the test's own, whose whole process tree is killed (SIGKILL) and started again
while the program lives on. By default it is away for 20 seconds, so that the run stays short;
FORECOURT_TEST_OUTAGE_S=120 makes it the two minutes that the gateway is built for.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import psutil
import pytest

from forecourt.kit.database import create_database
from forecourt.kit.postgres import EmbeddedPostgres
from tests.e2e.conftest import Program, installation, short_lived_folder
from tests.e2e.queueing import Charge, QueueingStation
from tests.e2e.steps import add_location, ok, publish_tariff, until
from tests.e2e.test_live_view import agree
from tests.e2e.viewer import Viewer

pytestmark = pytest.mark.e2e

OUTAGE_S = float(os.environ.get("FORECOURT_TEST_OUTAGE_S", "20"))
READ_EVERY_S = 1.0
PASSWORD = "outage-password"


@dataclass
class Site:
    """The program, and the PostgreSQL that it needs."""

    program: Program
    postgres: EmbeddedPostgres

    def lose_postgres(self) -> None:
        """Kill every process of it, postmaster first, so that nothing is cleaned up."""
        assert self.postgres.pid is not None
        postmaster = psutil.Process(self.postgres.pid)
        tree = [postmaster, *postmaster.children(recursive=True)]
        for process in tree:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        psutil.wait_procs(tree, timeout=10)
        self.postgres.stop()

    def readiness(self) -> dict[str, Any]:
        response = httpx.get(f"http://127.0.0.1:{self.program.http_port}/readyz", timeout=10)
        return {"status": response.status_code, **response.json()["checks"]}


@pytest.fixture
def site() -> Iterator[Site]:
    with short_lived_folder() as folder, EmbeddedPostgres(folder / "pg") as postgres:
        create_database(postgres.url("postgres", "postgres"), "forecourt")
        with installation(FORECOURT_DATABASE_URL=postgres.url("forecourt", "postgres")) as program:
            program.start()
            yield Site(program, postgres)


class Scene:
    """Stations before, in and after the outage. Half of them go on charging; half stop in it and begin anew."""

    def __init__(self, program: Program) -> None:
        versions = ("1.6", "2.0.1", "1.6", "2.0.1")
        self.stations = [
            QueueingStation(program.ocpp, f"AWAY-{number}", PASSWORD, version=version)
            for number, version in enumerate(versions)
        ]
        self.away, self.back = asyncio.Event(), asyncio.Event()

    async def play(self, station: QueueingStation, *, stays: bool) -> None:
        station.boot()
        station.start("CARD")
        await self._read(station, self.away)
        await asyncio.sleep(OUTAGE_S * 0.7)  # its socket is closed by now
        assert not station.online
        if not stays:
            station.read(500)
            station.stop()
            await asyncio.sleep(READ_EVERY_S)
            station.start("CARD")
        await self._read(station, self.back)
        station.read(240)
        station.stop()

    async def _read(self, station: QueueingStation, until: asyncio.Event) -> None:
        while not until.is_set():
            station.read(100)
            station.heartbeat()
            await asyncio.sleep(READ_EVERY_S)


class TestTheDatabaseGoesAway:
    async def test_nothing_is_lost_doubled_or_wrong(self, site: Site) -> None:
        program = site.program
        setup = program.client()
        publish_tariff(setup)
        program.cli("token", "add", "CARD")
        location = add_location(setup)
        scene = Scene(program)
        for station in scene.stations:
            self._add(setup, location, station.identity)
        async with httpx.AsyncClient(base_url=program.api, headers=setup.headers, timeout=30) as client:
            viewer = Viewer(client)
            tasks = [asyncio.create_task(viewer.follow())]
            tasks += [asyncio.create_task(station.run()) for station in scene.stations]
            plays = [
                asyncio.create_task(scene.play(station, stays=number < 2))
                for number, station in enumerate(scene.stations)
            ]
            await until(lambda: all(s.charges and s.charges[0].stamps for s in scene.stations), "sessions")
            await self._outage(site, scene, client)
            await asyncio.wait_for(asyncio.gather(*plays), 60)
            await asyncio.wait_for(asyncio.gather(*(s.settled() for s in scene.stations)), 60)
            await self._all_heals(site, setup, location, scene)
            await asyncio.to_thread(self._check_sessions, setup, scene)
            await agree(viewer, client)
            for task in tasks:
                assert not task.done() or task.exception() is None, task
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._check_facts(viewer, scene)
        assert program.process is not None
        assert program.process.poll() is None, "the program did not outlive its database"

    def _add(self, client: httpx.Client, location: str, identity: str) -> str:
        station = {"identity": identity, "location_id": location, "password": PASSWORD}
        return str(ok(client.post("/stations", json=station))["station"]["id"])

    async def _outage(self, site: Site, scene: Scene, client: httpx.AsyncClient) -> None:
        assert site.readiness() == {"status": 200, "database": "ok", "gateway": "ok"}
        await asyncio.to_thread(site.lose_postgres)
        began = time.monotonic()
        await asyncio.sleep(0.5)  # what was on disk before is still answered
        scene.away.set()
        silent_since = time.monotonic()
        assert site.readiness()["status"] == 503
        assert (await client.get("/stations")).status_code == 503, "an API without a database says so"
        await until(lambda: site.readiness()["gateway"] == "failed", "the gateway to give up")
        await until(lambda: not any(station.online for station in scene.stations), "sockets to close")
        await asyncio.sleep(max(0.0, began + OUTAGE_S - time.monotonic()))
        for station in scene.stations:
            assert station.close_codes == [1013], f"{station.identity}: {station.close_codes}"
            assert set(station.refusals) == {503}
            answered = [frame for at, frame in station.frames if at > silent_since]
            assert answered == [], f"{station.identity} was answered without a database"
            assert not any(json.loads(frame)[0] == 4 for _, frame in station.frames), "a CALLERROR"
        site.postgres.start()  # in the main thread: the kernel ties the server's life to it
        await until(lambda: site.readiness()["status"] == 200, "readiness", 60)
        await until(lambda: all(station.online for station in scene.stations), "the stations", 60)
        await asyncio.sleep(2 * READ_EVERY_S)
        scene.back.set()

    async def _all_heals(self, site: Site, setup: httpx.Client, location: str, scene: Scene) -> None:
        """Directory (LISTEN), sequencer, jobs and commands, each by what it does."""
        newcomer = QueueingStation(site.program.ocpp, "NEWCOMER", PASSWORD)
        station = self._add(setup, location, "NEWCOMER")
        newcomer.boot()
        running = asyncio.create_task(newcomer.run())
        await asyncio.wait_for(newcomer.settled(), 20)
        command = ok(
            await asyncio.to_thread(
                setup.post, f"/stations/{station}/commands/reset?wait=20", json={"type": "soft"}
            )
        )
        assert command["status"] == "accepted"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        expected = sum(len(station.charges) for station in scene.stations)
        await until(lambda: len(ok(setup.get("/cdrs"))["items"]) == expected, "all records", 60)

    def _check_sessions(self, client: httpx.Client, scene: Scene) -> None:
        stations = {row["identity"]: row["id"] for row in ok(client.get("/stations"))["items"]}
        for station in scene.stations:
            rows = ok(client.get("/sessions", params={"station": stations[station.identity]}))["items"]
            found = {row["transaction"]: row for row in rows}
            assert len(rows) == len(found) == len(station.charges), f"{station.identity}: lost or doubled"
            for charge in station.charges:
                self._check_session(client, found[charge.transaction], charge)

    def _check_session(self, client: httpx.Client, row: dict[str, Any], charge: Charge) -> None:
        energy_wh = charge.end_wh - charge.begin_wh
        assert row["state"] == "ended"
        assert float(row["energy_wh"]) == energy_wh
        assert row["quality"] == []
        readings = ok(client.get(f"/sessions/{row['id']}/readings", params={"limit": 500}))["items"]
        periodic = [r["raw_stamp"] for r in readings if r["context"] == "Sample.Periodic"]
        stored = {datetime.fromisoformat(stamp) for stamp in periodic}
        acknowledged = {datetime.fromisoformat(stamp) for stamp in charge.stamps}
        assert len(stored) == len(periodic), "a reading is doubled"
        assert stored == acknowledged, "an acknowledged reading is lost, or one was made up"
        assert len(acknowledged) == len(charge.stamps) > 0
        settled = ok(client.get(f"/sessions/{row['id']}/price"))
        # 1.00 + 0.50 for each kWh, which are whole cents here, and 19 % tax on it
        net = 1 + energy_wh * Decimal("0.50") / 1000
        gross = (net * Decimal("1.19")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert settled["final"]
        total = settled["price"]["rounded"]["total_cost"]
        assert {name: Decimal(amount) for name, amount in total.items()} == {
            "before_taxes": net,
            "after_taxes": gross,
        }

    def _check_facts(self, viewer: Viewer, scene: Scene) -> None:
        """The stream went on by itself, and told each end and each record once."""
        expected = sum(len(station.charges) for station in scene.stations)
        for kind in ("session.ended", "cdr.created"):
            subjects = [fact["subject_id"] for fact in viewer.facts if fact["type"] == kind]
            assert len(subjects) == len(set(subjects)) == expected, kind
