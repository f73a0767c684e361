"""Networks of stations: drivers by recording, at random and by plan; faults; the public entry points."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from forecourt.kit.clock import ScaledClock
from forecourt.kit.errors import Invalid
from forecourt.simulator import scenario as scenario_module
from forecourt.simulator.cli import app
from forecourt.simulator.faults import Fault, FaultKind, apply_fault
from forecourt.simulator.network import BadDrivers, Counters, Drivers, Network, PlannedVisit, UnknownVersion
from forecourt.simulator.replay import BadReplay, read_begin, read_replay
from forecourt.simulator.run import SimulatedNetwork, simulate, station_specs
from forecourt.simulator.scenario import BadScenario, read_scenario, scenario_from, span_s
from forecourt.simulator.session import Visit, start_visit
from tests.simulator.conftest import Online
from tests.simulator.server import TinyServer, tiny_server


@pytest.fixture
async def server() -> AsyncIterator[TinyServer]:
    async with tiny_server() as tiny:
        yield tiny


class TestReplay:
    def test_the_shipped_recording_is_small_and_real(self) -> None:
        replay = read_replay()
        assert 1_500 < len(replay) < 2_500
        assert set(replay.sites) == {"caltech", "jpl"}

    def test_a_workday_morning_is_busy_and_a_night_is_not(self) -> None:
        replay = read_replay()
        rng = random.Random(1)
        morning = replay.already_there(100, begin_s=read_begin("tue 08:00"), rng=rng)
        night = replay.already_there(100, begin_s=read_begin("tue 03:00"), rng=rng)
        assert 20 < len(morning) < 100
        assert len(night) < 10

    def test_drivers_come_in_order_for_ever_and_as_many_as_the_network_is_large(self) -> None:
        replay = read_replay()

        def a_week(connectors: int) -> list[float]:
            found: list[float] = []
            for arrival in replay.arrivals(connectors, begin_s=0, rng=random.Random(1)):
                if arrival.after_s > 7 * 86_400:
                    return found
                found.append(arrival.after_s)
            return found

        small, large = a_week(40), a_week(400)
        assert small == sorted(small)
        assert large == sorted(large)
        assert 8 < len(large) / len(small) < 12

    def test_a_file_that_is_none_is_refused(self, tmp_path: Path) -> None:
        bad = tmp_path / "x.csv"
        bad.write_text("a,b\n1,2\n")
        with pytest.raises(BadReplay):
            read_replay(bad)
        with pytest.raises(BadReplay):
            read_begin("whenever")


class TestSimulatedNetwork:
    async def test_it_starts_warm_and_counts(self, server: TinyServer) -> None:
        specs = [
            {
                "identity": f"S-{n}",
                "version": v,
                "connectors": 2,
                "kind": k,
                "max_power_w": 22_000,
                "site": "x",
            }
            for n, (v, k) in enumerate([("1.6", "AC"), ("2.0.1", "AC"), ("2.1", "DC")] * 3)
        ]
        clock = ScaledClock(60)
        network = SimulatedNetwork(
            specs, url=server.url, id_tags=["A", "B", "C"] * 20, clock=clock, density=2
        )
        await network.start()
        try:
            await server.when(lambda: network.counters.online == 9)
            await server.when(lambda: network.counters.charging >= 4)
            counters = network.counters
            assert counters.connectors == 18
            await server.when(lambda: network.counters.energy_wh > 100)
            assert network.counters.power_w > 0
            assert network.counters.crashes == 0
        finally:
            await network.stop(end_sessions=True)
        assert network.counters.messages_waiting == 0
        assert network.counters.sessions_ended == network.counters.sessions_started

    async def test_an_unknown_version_is_refused(self) -> None:
        with pytest.raises(UnknownVersion):
            Network([{"identity": "X", "version": "1.5"}], url="ws://localhost")


class TestSimulate:
    async def test_many_stations_for_a_while(self, server: TinyServer) -> None:
        told: list[Counters] = []
        counters = await simulate(
            server.url,
            stations=station_specs(150, password="pw-{identity}"),
            speed=60,
            duration_s=240,
            progress=told.append,
            progress_every_s=0.5,
        )
        assert counters.online == 150
        assert counters.crashes == 0
        assert told
        assert len(server.sockets) == 150

    async def test_a_server_that_is_away_is_tried_again(self) -> None:
        counters = await simulate("ws://127.0.0.1:9/", stations=2, duration_s=1.5)
        assert counters.online == 0
        assert counters.failed_connects >= 2


class TestFaults:
    async def test_duplicates_have_the_same_message_id(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            apply_fault(station, Fault(kind=FaultKind.DUPLICATE_MESSAGES, count=1))
            station.say("Heartbeat", {})
            await server.until("Heartbeat", 2)
            first, second = [frame for frame in server.frames if frame[2] == "Heartbeat"][:2]
            assert first[1] == second[1]

    async def test_a_ground_fault_ends_the_session_and_heals(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=9_000, stay_s=36_000))
            await server.until("MeterValues")
            apply_fault(station, Fault(kind=FaultKind.GROUND_FAULT, for_s=300))
            await server.until("StopTransaction")
            await server.when(lambda: server.of("StatusNotification")[-1]["status"] == "Available")
            faulted = [s for s in server.of("StatusNotification") if s["status"] == "Faulted"]
            assert faulted[0]["errorCode"] == "GroundFailure"
            assert station.connectors[0].free

    async def test_a_stuck_plug_is_not_unlocked(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            apply_fault(station, Fault(kind=FaultKind.STUCK_CONNECTOR, for_s=600))
            await asyncio.sleep(0.01)
            answer = await server.command("CP-1", "UnlockConnector", {"connectorId": 1})
            assert answer == {"status": "UnlockFailed"}

    async def test_a_wrong_clock_shows_in_time_stamps(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            apply_fault(station, Fault(kind=FaultKind.WRONG_CLOCK, by_s=-86_400 * 400, for_s=60_000))
            await asyncio.sleep(0.01)
            await server.command(
                "CP-1", "TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 1}
            )
            await server.until("StatusNotification", 3)
            year = int(server.of("StatusNotification")[-1]["timestamp"][:4])
            assert year <= station.pace.now().year - 1


SCENARIO = """
id_tags: {prefix: C-, count: 3}
speed: 600
duration: 1h
stations:
  - {identity: "AC-{n:02}", count: 2, version: "1.6", password: "p-{identity}"}
  - {identity: DC, version: "2.0.1", kind: DC, max_power_w: 50000}
arrivals:
  visits:
    - {at: 60s, station: AC-01, id_tag: C-1, energy_kwh: 1, stay: 20m}
faults:
  - {kind: disconnect, at: 5m, for: 2m, stations: DC}
"""


class TestScenario:
    async def test_a_scenario_runs_as_written(self, server: TinyServer, tmp_path: Path) -> None:
        path = tmp_path / "s.yaml"
        path.write_text(SCENARIO)
        scenario = read_scenario(path)
        assert [spec.password for spec in scenario.stations] == ["p-AC-01", "p-AC-02", None]
        counters = await simulate(server.url, scenario=scenario)
        assert counters.sessions_ended == 1
        assert counters.connects == 4
        assert server.of("StartTransaction")[0]["idTag"] == "C-1"

    @pytest.mark.parametrize(
        "wrong",
        [
            [],
            {"statoins": []},
            {"stations": [{"count": 2}]},
            {"stations": [{"identity": "same", "count": 2}]},
            {"faults": [{"kind": "lightning"}]},
            {"arrivals": {"every": "soon"}},
            {"arrivals": {"visits": [{"station": "A"}]}},
            {"arrivals": {"stay": ["1h"]}},
            {"arrivals": {"energy_kwh": 5}},
            {"arrivals": {"replay": "not-there.csv"}},
            {"arrivals": {"time_zone": "Nowhere/Land"}},
            {"arrivals": {"density": -1}},
            {"speed": -1},
            {"stations": [{"identity": "A-{x}"}]},
            {"stations": [{"identity": "A", "connectors": "many"}]},
            {"stations": [{"identity": "A", "connectors": 0}]},
            {"stations": [{"identity": "A", "kind": "XX"}]},
            {"stations": [{"identity": "A", "max_power_w": -1}]},
        ],
    )
    def test_what_cannot_be_is_refused_in_one_line(self, wrong: object) -> None:
        with pytest.raises(Invalid) as refused:
            scenario_from(wrong)
        assert refused.value.message
        assert "\n" not in refused.value.message

    @pytest.mark.parametrize("content", [b"a: [b", b"\xff\xfe\x00", b"", b"\x00"])
    def test_a_file_that_is_no_scenario_is_refused_in_one_line(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "scenario.yaml"
        path.write_bytes(content)
        with pytest.raises(BadScenario) as refused:
            read_scenario(path)
        assert "\n" not in refused.value.message

    def test_the_example_in_the_documentation_is_a_scenario(self) -> None:
        example = [line for line in (scenario_module.__doc__ or "").splitlines() if line.startswith("    ")]
        scenario = scenario_from(yaml.safe_load("\n".join(example)))
        assert len(scenario.stations) == 10
        assert scenario.faults[0].share == 0.1

    def test_spans(self) -> None:
        assert [span_s(text) for text in (5, "5", "5s", "1.5m", "2h", "1d")] == [5, 5, 5, 90, 7200, 86_400]

    def test_a_visit_to_nowhere_is_refused(self, server: TinyServer) -> None:
        nowhere = PlannedVisit(at_s=0, station="?", connector=1, visit=Visit(id_token="A", energy_wh=1))
        with pytest.raises(BadDrivers, match="no connector 1 at station"):
            Network([], url=server.url, drivers=Drivers(planned=[nowhere]))


class TestCommand:
    def test_a_wrong_version_is_told_plainly(self) -> None:
        result = CliRunner().invoke(app, ["--versions", "9.9", "--stations", "1"])
        assert result.exit_code == 2
        assert "UnknownVersion" in result.output

    @pytest.mark.parametrize(
        "wrong",
        [
            ["--url", "http://localhost:9000/ocpp"],
            ["--url", "nonsense"],
            ["--speed", "0"],
            ["--speed", "-3"],
            ["--density", "-1"],
            ["--time-zone", "Mars"],
            ["--duration", "soon"],
            ["--begin", "never"],
            ["--url", "wss://localhost:1/ocpp", "--ca", __file__],
            ["--replay", __file__],
        ],
    )
    def test_wrong_input_is_one_clear_answer(self, wrong: list[str]) -> None:
        result = CliRunner().invoke(app, [*wrong, "--stations", "1"])
        assert result.exit_code == 2
        assert isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
