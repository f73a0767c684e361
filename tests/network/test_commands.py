"""Commands: the row first, the wire next, the outcome later."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from forecourt.kit.database import Database
from forecourt.network.answered_commands import Evidence
from forecourt.network.ask_for_boots import ask_for_boots
from forecourt.network.command_kinds import KINDS, build_command, masked, read_parameters
from forecourt.network.errors import CommandNotSupported, InvalidParameters, UnknownCommand
from forecourt.network.mark_effective import mark_effective
from forecourt.network.models import Command, Station
from forecourt.network.queries import get_station
from forecourt.network.send_command import push_password, request_command, wait_for_command
from forecourt.network.time_out_commands import time_out_commands
from forecourt.stations import commands
from forecourt.stations.commands import Limits
from forecourt.stations.events import (
    Booted,
    CommandAnswered,
    StatusReported,
    VariablesReported,
    VariableValue,
)
from tests.network.harness import NOON, Network, make_network


async def ask(network: Network, station: Station, kind: str, params: dict[str, Any] | None = None) -> Command:
    async with network.work() as uow:
        row = await get_station(uow, station.id)
        return await request_command(
            row, kind, params or {}, uow=uow, database=network.database, stations=network.stations
        )


async def read(network: Network, command_id: UUID) -> dict[str, Any]:
    return await network.row("SELECT * FROM command WHERE id = :id", id=command_id)


class TestRequestCommand:
    async def test_it_is_sent_after_the_commit(self, network: Network) -> None:
        station = await network.add_station()
        async with network.work() as uow:
            target = await get_station(uow, station.id)
            command = await request_command(
                target,
                "reset",
                {"type": "hard"},
                uow=uow,
                database=network.database,
                stations=network.stations,
            )
            assert network.stations.sent == []
        assert network.stations.sent == [(command.id, commands.Reset(hard=True))]
        row = await read(network, command.id)
        assert (row["status"], row["requested_by"]) == ("sent", "system test")

    async def test_a_rollback_sends_nothing(self, network: Network) -> None:
        station = await network.add_station()
        with suppress(RuntimeError):
            async with network.work() as uow:
                row = await get_station(uow, station.id)
                await request_command(
                    row, "reset", {}, uow=uow, database=network.database, stations=network.stations
                )
                raise RuntimeError
        assert network.stations.sent == []

    async def test_a_station_that_is_offline_fails_at_once(self, network: Network) -> None:
        station = await network.add_station(protocol=None)
        command = await ask(network, station, "reset")
        assert (command.status, command.reason) == ("failed", "station_offline")
        assert network.stations.sent == []

    async def test_a_socket_that_went_away_fails_it(self, network: Network) -> None:
        station = await network.add_station()
        network.stations.reachable = False
        command = await ask(network, station, "clear-cache")
        row = await read(network, command.id)
        assert (row["status"], row["reason"]) == ("failed", "station_offline")

    async def test_an_answer_that_is_quicker_than_the_note_stands(self, network: Network) -> None:
        station = await network.add_station()

        async def answer_at_once(**message: Any) -> bool:
            await network.say(station.id, CommandAnswered(message["command_id"], "accepted"))
            return True

        network.stations.send = answer_at_once  # type: ignore[method-assign]
        command = await ask(network, station, "clear-cache")
        assert (await read(network, command.id))["status"] == "accepted"

    async def test_passwords_are_not_kept(self, network: Network) -> None:
        station = await network.add_station()
        async with network.work() as uow:
            row = await get_station(uow, station.id)
            command = await push_password(
                row, "geheim-geheim-geheim", uow=uow, database=network.database, stations=network.stations
            )
        kept = await read(network, command.id)
        assert kept["params"]["values"][0]["value"] == "***"
        sent = network.stations.sent[0][1]
        assert sent.values[0][1] == b"geheim-geheim-geheim".hex()


_EXAMPLES: dict[str, dict[str, Any]] = {
    "remote-start": {"id_token": "A"}, "remote-stop": {"transaction": "1"}, "reset": {},
    "unlock-connector": {"evse_no": 1}, "change-availability": {"operative": True},
    "trigger-message": {"message": "Heartbeat"}, "clear-cache": {}, "get-variables": {},
    "set-variables": {"values": [{"variable": "A", "value": "1"}]}, "get-base-report": {},
    "raw": {"action": "Foo"},
}  # fmt: skip


class TestLimits:
    async def test_they_come_from_what_the_station_reported(self, network: Network) -> None:
        new, old = await network.add_station("NEW", protocol="ocpp2.0.1"), await network.add_station("OLD")
        for action, items, octets in (("GetVariables", "4", "900"), ("SetVariables", "2", "nonsense")):
            told = [
                VariableValue("DeviceDataCtrlr", name, value, variable_instance=action)
                for name, value in (("ItemsPerMessage", items), ("BytesPerMessage", octets))
            ]
            await network.say(new.id, VariablesReported(1, 0, False, tuple(told)), protocol="ocpp2.0.1")
        await network.say(
            old.id, VariablesReported(1, 0, False, (VariableValue("", "GetConfigurationMaxKeys", "7"),))
        )
        values = {"values": [{"variable": "A", "value": "1"}]}
        for station, kind, params, expected in (
            (new, "get-variables", {}, Limits(4, 900)),
            (new, "set-variables", values, Limits(2, None)),
            (old, "get-variables", {}, Limits(7, None)),
            (old, "set-variables", values, Limits()),
        ):
            await ask(network, station, kind, params)
            assert network.stations.sent[-1][1].limits == expected

    async def test_a_command_of_many_calls_has_more_time(self, network: Network) -> None:
        station = await network.add_station()
        one = await read(network, (await ask(network, station, "clear-cache")).id)
        values = [{"variable": f"K{n}", "value": "1"} for n in range(10)]
        many = await read(network, (await ask(network, station, "set-variables", {"values": values})).id)
        spans = [(row["expires_at"] - row["created_at"]).total_seconds() for row in (one, many)]
        assert spans[1] - spans[0] > 9 * 29


class TestParameters:
    def test_every_kind_of_the_port_can_be_asked_for(self) -> None:
        made = {
            type(build_command(kind, read_parameters(kind, params), number=7))
            for kind, params in _EXAMPLES.items()
        }
        assert made == set(commands.Command.__args__)
        assert len(made) == len(KINDS)

    def test_what_does_not_fit_is_refused(self) -> None:
        with pytest.raises(UnknownCommand):
            read_parameters("dance", {})
        with pytest.raises(InvalidParameters):
            read_parameters("reset", {"typ": "soft"})
        with pytest.raises(CommandNotSupported):
            read_parameters("get-base-report", {}, protocol="ocpp1.6")

    def test_masking_reaches_raw_payloads(self) -> None:
        payload = {
            "key": "AuthorizationKey", "value": "AA",
            "setVariableData": [{"variable": {"name": "BasicAuthPassword"}, "attributeValue": "x"}],
            "connectionData": {"basicAuthPassword": "y", "url": "z"},
        }  # fmt: skip
        text = str(masked(payload))
        assert "AA" not in text
        assert "'x'" not in text
        assert "'y'" not in text
        assert "'z'" in text


class TestCommandAnswered:
    async def test_the_outcome_and_the_variables_are_kept(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "get-variables", {"variables": [{"variable": "A"}]})
        await network.say(
            station.id,
            CommandAnswered(command.id, "accepted", reply={"x": 1}, variables=(VariableValue("", "A", "1"),)),
        )
        row = await read(network, command.id)
        assert (row["status"], row["reply"]) == ("accepted", {"x": 1})
        assert len(await network.rows("SELECT 1 FROM variable WHERE station_id = :id", id=station.id)) == 1
        assert [e["data"]["status"] for e in await network.events("command.updated")] == ["sent", "accepted"]

    async def test_passwords_in_replies_are_not_kept(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "get-variables")
        reply = {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": "geheim"}]}
        variables = (
            VariableValue("", "AuthorizationKey", "geheim"),
            VariableValue("", "A\0", "1"),
            VariableValue("", "A", "2"),
        )
        await network.say(
            station.id, CommandAnswered(command.id, "accepted", reply=reply, variables=variables)
        )
        kept = await read(network, command.id)
        values = await network.rows(
            "SELECT * FROM variable WHERE station_id = :id ORDER BY variable", id=station.id
        )
        assert "geheim" not in str(kept)
        assert [(v["variable"], v["value"]) for v in values] == [("A", "2"), ("AuthorizationKey", None)]

    async def test_the_same_answer_twice_changes_nothing(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "clear-cache")
        for status in ("rejected", "accepted"):
            await network.say(station.id, CommandAnswered(command.id, status))
        assert (await read(network, command.id))["status"] == "rejected"

    async def test_another_stations_command_of_another_operator_is_untouched(
        self, network: Network, database: Any
    ) -> None:
        station = await network.add_station()
        command = await ask(network, station, "clear-cache")
        stranger = await make_network(database)
        other = await stranger.add_station()
        await stranger.say(other.id, CommandAnswered(command.id, "accepted"))
        assert (await read(network, command.id))["status"] == "sent"


class TestEvidence:
    @pytest.mark.parametrize(
        ("minutes", "reason", "status"),
        [(1, "LinkLost", "effective"), (1, "QueueFull", "failed"), (20, "LinkLost", "failed")],
    )
    async def test_a_station_that_restarts_at_once_cannot_answer(
        self, network: Network, minutes: int, reason: str, status: str
    ) -> None:
        station = await network.add_station()
        command = await ask(network, station, "reset")
        await network.say(station.id, CommandAnswered(command.id, "failed", reason), at=command.created_at)
        await network.say(station.id, Booted("Acme", "X"), at=command.created_at + timedelta(minutes=minutes))
        kept = await read(network, command.id)
        assert (kept["status"], kept["reason"]) == (status, None if status == "effective" else reason)

    async def test_a_report_is_effective_with_its_last_part(self, network: Network) -> None:
        station = await network.add_station(protocol="ocpp2.0.1")
        command = await ask(network, station, "get-base-report")
        await network.say(station.id, CommandAnswered(command.id, "accepted"), at=command.created_at)
        for part, number, status in (
            (0, command.number, "accepted"), (1, command.number + 1, "accepted"), (1, command.number, "effective"),
        ):  # fmt: skip
            report = VariablesReported(number, part, part == 0, (VariableValue("C", f"V{part}", "1"),))
            await network.say(station.id, report, at=command.created_at, protocol="ocpp2.0.1")
            assert (await read(network, command.id))["status"] == status

    async def test_availability_is_proved_by_status(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available", NOON))
        command = await ask(network, station, "change-availability", {"operative": False, "evse_no": 1})
        whole = await ask(network, station, "change-availability", {"operative": False})
        for each in (command, whole):
            await network.say(station.id, CommandAnswered(each.id, "accepted"), at=each.created_at)
        at = command.created_at + timedelta(minutes=1)
        await network.say(station.id, StatusReported(1, 1, "unavailable", at), at=at)
        assert (await read(network, command.id))["status"] == "effective"
        assert (await read(network, whole.id))["status"] == "effective"

    async def test_a_remote_start_is_proved_by_number_even_after_its_time_out(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "remote-start", {"id_token": "AB", "evse_no": 1})
        await time_out_commands(network.database, now=command.expires_at + timedelta(seconds=1))
        proof = Evidence(
            network.operator_id, station.id, "remote-start", command.created_at + timedelta(minutes=1),
            number=command.number,
        )  # fmt: skip
        async with network.work(role="system") as uow:
            assert await mark_effective(await uow.connection(), [proof]) == 1
        assert (await read(network, command.id))["status"] == "effective"

    async def test_a_16_remote_start_is_proved_by_its_token(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "remote-start", {"id_token": "AB", "evse_no": 1})
        await network.say(station.id, CommandAnswered(command.id, "accepted"), at=command.created_at)
        proof = Evidence(
            network.operator_id, station.id, "remote-start", command.created_at + timedelta(minutes=1),
            params={"id_token": "AB"},
        )  # fmt: skip
        async with network.work(role="system") as uow:
            assert await mark_effective(await uow.connection(), [proof]) == 1
            assert await mark_effective(await uow.connection(), [proof]) == 0


class TestTimeOut:
    async def test_silence_times_out_and_a_late_answer_still_counts(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "clear-cache")
        await time_out_commands(network.database, now=command.expires_at + timedelta(seconds=1))
        row = await read(network, command.id)
        assert (row["status"], row["reason"]) == ("timed_out", "no_answer")
        await network.say(station.id, CommandAnswered(command.id, "accepted"))
        assert (await read(network, command.id))["status"] == "accepted"

    async def test_an_accepted_start_without_a_transaction_is_ineffective(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "remote-start", {"id_token": "AB"})
        await network.say(station.id, CommandAnswered(command.id, "accepted"), at=command.created_at)
        await time_out_commands(network.database, now=command.created_at + timedelta(minutes=4))
        row = await read(network, command.id)
        assert (row["status"], row["reason"]) == ("ineffective", "no_transaction_followed")


class TestWait:
    async def test_it_returns_when_the_time_is_up(self, network: Network) -> None:
        station = await network.add_station()
        command = await ask(network, station, "clear-cache")
        row = await wait_for_command(network.database, network.operator_id, command.id, seconds=0.2)
        assert row.status == "sent"


class TestAskForBoots:
    async def test_a_station_that_never_booted_is_asked_once(self, empty_database: Database) -> None:
        network = await make_network(empty_database)
        silent = await network.add_station("SILENT")
        booted = await network.add_station("BOOTED")
        await network.say(booted.id, Booted("Acme", "X"))
        later = NOON + timedelta(minutes=2)
        assert await ask_for_boots(empty_database, network.stations, now=NOON) == 0
        assert await ask_for_boots(empty_database, network.stations, now=later) == 1
        assert await ask_for_boots(empty_database, network.stations, now=later) == 0
        assert network.stations.sent[0][1] == commands.TriggerMessage("BootNotification")
        row = await network.row("SELECT station_id FROM command WHERE operator_id = :operator")
        assert row["station_id"] == silent.id
