"""A screen that follows the live stream shows what a fresh load shows, however often its connection is cut."""

from __future__ import annotations

import asyncio
import contextlib
import random
from functools import partial
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Program
from tests.e2e.queueing import QueueingStation
from tests.e2e.steps import add_location, ok, publish_tariff, until
from tests.e2e.viewer import LIVE, Viewer

pytestmark = pytest.mark.e2e

STATIONS = 4
PASSWORD = "live-view-password"
PHASES = 3
"""Things happen before, between and after the two times that the server goes away."""
UNFOLLOWED = frozenset({"last_seen_at"})
"""Says how fresh a station is, has no revision, and is not followed."""


class Wire:
    """A TCP relay to the program that can be cut at any byte."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self.cuts = 0

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """End every connection without a word."""
        self.cuts += bool(self._open)
        for writer in self._open:
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._open |= ends
        ways = [
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        with contextlib.suppress(asyncio.CancelledError):  # the test is over
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        self._open -= ends
        for end in ends:
            end.transport.abort()

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(700):  # small pieces, so that cuts fall into the middle of events
                writer.write(data)
                await writer.drain()


async def charge_again_and_again(station: QueueingStation, dice: random.Random) -> None:
    station.boot()
    while True:
        station.start("TAG")
        for _ in range(dice.randint(1, 3)):
            await asyncio.sleep(dice.uniform(0.3, 0.8))
            station.read(dice.randint(10, 400))
        station.stop()
        await station.settled()
        await asyncio.sleep(dice.uniform(0.2, 0.8))


class Operator:
    """Somebody who changes things by the API all the time; a server that is away is tried again."""

    def __init__(self, client: httpx.AsyncClient, location: str, stations: list[str]) -> None:
        self.client, self.location, self.stations = client, location, stations
        self.done = 0

    async def work(self, dice: random.Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(0.1, 0.4))
            with contextlib.suppress(httpx.TransportError):
                response = await self._one(dice)
                assert response.status_code < 500, response.text
                self.done += 1

    async def _one(self, dice: random.Random) -> httpx.Response:
        station = dice.choice(self.stations)
        call = self.client.post
        match dice.randrange(6):
            case 0:
                return await call(f"/stations/{station}/commands/reset", json={"type": "soft"})
            case 1:
                return await self.client.patch(f"/stations/{station}", json={"label": str(dice.random())})
            case 2:
                return await call("/evses", json={"location_id": self.location})
            case 3:
                name = f"Site {dice.random()}"
                return await call(
                    "/locations", json={"name": name, "country": "DE", "time_zone": "Europe/Berlin"}
                )
            case 4:
                made = await call(
                    "/stations", json={"identity": f"NEW-{dice.random()}", "location_id": self.location}
                )
                return await call(f"/stations/{made.json()['station']['id']}/retire")
            case _:
                return await call(f"/stations/{station}/commands/reset", json={"type": "soft"})


def differences(shown: Viewer, fresh: Viewer) -> list[str]:
    """What a screen shows wrong. Of a session that goes on, live values alone are compared."""
    found = [f"{name} is missing" for name in fresh.rows.keys() - shown.rows.keys()]
    found += [f"{name} is too much" for name in shown.rows.keys() - fresh.rows.keys()]
    for name in shown.rows.keys() & fresh.rows.keys():
        here, there = shown.rows[name], fresh.rows[name]
        going_on = name.startswith("ses_") and there["ended_at"] is None
        for field in LIVE if going_on else there.keys() - UNFOLLOWED:
            if here[field] != there[field]:
                found.append(f"{name} {field}: {here[field]!r} is shown, {there[field]!r} is true")
    return found


async def agree(viewer: Viewer, client: httpx.AsyncClient) -> Viewer:
    """Wait until the screen shows what is there; both go on changing while somebody looks."""
    for _ in range(100):
        fresh = Viewer(client)
        await fresh.load()
        if not (found := differences(viewer, fresh)):
            return fresh
        await asyncio.sleep(0.2)
    raise AssertionError("\n".join(found))


class TestALiveView:
    async def test_it_shows_what_a_fresh_load_shows(self, served: Program) -> None:
        setup = served.client()
        publish_tariff(setup)
        location = add_location(setup)
        identities = [f"LIVE-{number}" for number in range(STATIONS)]
        made = [
            ok(
                setup.post(
                    "/stations",
                    json={
                        "identity": identity,
                        "location_id": location,
                        "password": PASSWORD,
                        "free_vend": True,
                    },
                )
            )["station"]["id"]
            for identity in identities
        ]
        stations = [
            QueueingStation(served.ocpp, identity, PASSWORD, version=("1.6", "2.0.1")[number % 2])
            for number, identity in enumerate(identities)
        ]
        wire = Wire(served.http_port)
        port = await wire.start()
        headers = dict(setup.headers)
        dice = random.Random(11)
        async with (
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=20
            ) as screen,
            httpx.AsyncClient(base_url=served.api, headers=headers, timeout=20) as office,
        ):
            viewer = Viewer(screen)
            operator = Operator(office, location, made)
            following = asyncio.create_task(viewer.follow())
            hardware = [asyncio.create_task(station.run()) for station in stations]
            busy = [asyncio.create_task(charge_again_and_again(station, dice)) for station in stations]
            busy.append(asyncio.create_task(operator.work(dice)))
            cutting = asyncio.create_task(self._cut(wire, dice))

            def enough(phase: int) -> bool:
                """The test would otherwise hold for a screen that shows nothing."""
                sessions = sum(len(station.charges) for station in stations)
                seen = min(sessions // STATIONS, operator.done // 4, wire.cuts // 2, viewer.connections)
                return seen >= phase

            for phase in range(1, PHASES + 1):
                await until(partial(enough, phase), f"enough of phase {phase}", 60)
                if phase < PHASES:
                    await asyncio.to_thread(served.kill if phase == 1 else served.stop)
                    await asyncio.to_thread(served.start)
            cutting.cancel()
            await self._stop(busy)
            await asyncio.wait_for(asyncio.gather(*(station.settled() for station in stations)), 120)
            fresh = await agree(viewer, office)
            await self._stop([cutting, *hardware, following])
        assert {name[:3] for name in fresh.rows} == {"loc", "sta", "evs", "con", "ses", "cdr", "cmd"}
        positions = [fact["position"] for fact in viewer.facts]
        assert positions == sorted(set(positions)), "a fact came twice, or in the wrong order"

    async def _cut(self, wire: Wire, dice: random.Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(0.1, 1.2))
            wire.cut()

    async def _stop(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
