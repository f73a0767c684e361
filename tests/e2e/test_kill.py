"""kill -9 under load: what was acknowledged is on disk, nothing is doubled, sessions go on."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.e2e.conftest import Program

pytestmark = pytest.mark.e2e

STATIONS = 12
PASSWORD = "kill-test-password"


class Charger:
    """An OCPP 1.6 charger that queues: a message is sent again, unchanged, until it is acknowledged."""

    def __init__(self, program: Program, identity: str) -> None:
        self.program, self.identity = program, identity
        self.clock = datetime.now(UTC) - timedelta(days=1)
        self.register = 0
        self.transaction: int | None = None
        self.acknowledged: list[str] = []
        self.reconnects = 0
        self.stop = asyncio.Event()
        self.finished = False

    async def run(self) -> None:
        token = base64.b64encode(f"{self.identity}:{PASSWORD}".encode()).decode()
        pending: dict[str, Any] | None = None
        while not self.finished:
            try:
                async with connect(
                    f"{self.program.ocpp}/{self.identity}",
                    subprotocols=["ocpp1.6"],  # type: ignore[list-item]
                    additional_headers={"Authorization": f"Basic {token}"},
                    open_timeout=5,
                    close_timeout=1,
                ) as socket:
                    self.reconnects += 1
                    while not self.finished:
                        pending = pending or self._next()
                        answer = await self._call(socket, pending)
                        self._take(pending, answer)
                        pending = None
            except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
                await asyncio.sleep(0.1)

    def _next(self) -> dict[str, Any]:
        self.clock += timedelta(seconds=15)
        stamp = self.clock.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if self.transaction is None:
            payload = {"connectorId": 1, "idTag": "TAG", "meterStart": self.register, "timestamp": stamp}
            return {"action": "StartTransaction", "payload": payload, "stamp": stamp}
        self.register += 40
        if self.stop.is_set():
            payload = {"transactionId": self.transaction, "meterStop": self.register, "timestamp": stamp}
            return {"action": "StopTransaction", "payload": payload, "stamp": stamp}
        sample = {"value": str(self.register), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
        payload = {
            "connectorId": 1,
            "transactionId": self.transaction,
            "meterValue": [{"timestamp": stamp, "sampledValue": [sample]}],
        }
        return {"action": "MeterValues", "payload": payload, "stamp": stamp}

    async def _call(self, socket: ClientConnection, message: dict[str, Any]) -> dict[str, Any]:
        number = f"m{random.getrandbits(48):x}"
        await socket.send(json.dumps([2, number, message["action"], message["payload"]]))
        while True:
            frame = json.loads(await asyncio.wait_for(socket.recv(), 20))
            if frame[0] == 2:
                await socket.send(json.dumps([4, frame[1], "NotImplemented", "", {}]))
            elif frame[1] == number:
                assert frame[0] == 3, f"{self.identity}: {message} was answered by {frame}"
                return frame[2]  # type: ignore[no-any-return]

    def _take(self, message: dict[str, Any], answer: dict[str, Any]) -> None:
        if message["action"] == "StartTransaction":
            self.transaction = answer["transactionId"]
        elif message["action"] == "MeterValues":
            self.acknowledged.append(message["stamp"])
        else:
            self.finished = True


def kill_postgres(program: Program) -> None:
    """The whole process tree, postmaster first, so that nothing is cleaned up."""
    postmaster = psutil.Process(program.postgres_pid())
    for process in [postmaster, *postmaster.children(recursive=True)]:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def facts(program: Program) -> dict[str, Any]:
    url = f"postgresql://postgres@/forecourt?host={program.data_dir / 'postgres' / 'run'}"
    with psycopg.connect(url) as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

        return {
            "sessions": rows(
                "SELECT station.identity, session.transaction, session.state, session.energy_wh"
                " FROM session JOIN station ON station.id = session.station_id"
            ),
            "readings": rows(
                "SELECT station.identity, reading.raw_stamp FROM meter_reading reading"
                " JOIN station ON station.id = reading.station_id WHERE reading.context = 'Sample.Periodic'"
            ),
        }


class TestKill:
    async def test_nothing_acknowledged_is_lost_or_doubled(self, program: Program) -> None:
        for number in range(STATIONS):
            program.cli("station", "add", f"KILL-{number}", "--password", PASSWORD, "--free-vend")
        program.start()
        chargers = [Charger(program, f"KILL-{number}") for number in range(STATIONS)]
        tasks = [asyncio.create_task(charger.run()) for charger in chargers]
        dice = random.Random(7)
        for kill in ("server", "postgres", "server"):
            await asyncio.sleep(1.5 + dice.random())
            if kill == "postgres":
                kill_postgres(program)
                await asyncio.sleep(0.2)
            program.kill()
            await asyncio.to_thread(program.start)
        await asyncio.sleep(2)
        before = [len(charger.acknowledged) for charger in chargers]
        await asyncio.sleep(1.5)
        assert all(len(c.acknowledged) > n for c, n in zip(chargers, before, strict=True)), (
            "sessions do not go on"
        )
        for charger in chargers:
            charger.stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 60)

        found = await asyncio.to_thread(facts, program)
        sessions = {row[0]: row for row in found["sessions"]}
        assert len(found["sessions"]) == STATIONS, "a session is missing or doubled"
        readings = [tuple(row) for row in found["readings"]]
        assert len(readings) == len(set(readings)), "a reading is doubled"
        for charger in chargers:
            _, transaction, state, energy_wh = sessions[charger.identity]
            assert transaction == str(charger.transaction)
            assert state == "ended"
            assert energy_wh == charger.register
            stored = {
                datetime.fromisoformat(stamp) for identity, stamp in readings if identity == charger.identity
            }
            acknowledged = {datetime.fromisoformat(stamp) for stamp in charger.acknowledged}
            assert acknowledged <= stored, "an acknowledged reading is lost"
        assert all(charger.reconnects >= 4 for charger in chargers), "the kills were not noticed"
