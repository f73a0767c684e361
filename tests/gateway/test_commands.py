"""Commands: sent one at a time, answered in the station's stream, timed out, crossed, late."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from forecourt.gateway import GatewayStations
from forecourt.gateway.calls import MAX_QUEUE
from forecourt.kit.ids import encode_id, new_id
from forecourt.stations import commands as cmd
from forecourt.stations.events import CommandAnswered, IdTokenRef
from tests.gateway.conftest import Entry, Station, World, until


async def tell(world: World, entry: Entry, command: cmd.Command, *, timeout_s: float = 5.0) -> UUID:
    command_id = new_id()
    stations = GatewayStations(world.bus)
    assert await stations.send(
        operator_id=entry.operator_id,
        station_id=entry.station_id,
        command_id=command_id,
        command=command,
        timeout_s=timeout_s,
    )
    return command_id


async def outcome(world: World, command_id: UUID) -> CommandAnswered:
    def find() -> list[CommandAnswered]:
        return [event for event in world.handler.events(CommandAnswered) if event.command_id == command_id]

    await until(find)
    return find()[0]


async def online(world: World, protocol: str = "ocpp1.6") -> tuple[Entry, Station]:
    entry = world.add()
    station = await world.connect(protocols=[protocol])
    await station.boot()
    return entry, station


TOKEN = IdTokenRef("TAG")
REF = cmd.VariableRef("", "HeartbeatInterval")
REF_2X = cmd.VariableRef("OCPPCommCtrlr", "HeartbeatInterval")


class TestTranslation:
    @pytest.mark.parametrize(
        ("command", "action", "payload", "reply", "status"),
        [
            (cmd.RemoteStart(TOKEN, 2, 7), "RemoteStartTransaction", {"idTag": "TAG", "connectorId": 2}, {"status": "Accepted"}, "accepted"),
            (cmd.RemoteStop("12"), "RemoteStopTransaction", {"transactionId": 12}, {"status": "Rejected"}, "rejected"),
            (cmd.Reset(hard=True), "Reset", {"type": "Hard"}, {"status": "Accepted"}, "accepted"),
            (cmd.UnlockConnector(1), "UnlockConnector", {"connectorId": 1}, {"status": "Unlocked"}, "accepted"),
            (cmd.UnlockConnector(1), "UnlockConnector", {"connectorId": 1}, {"status": "UnlockFailed"}, "rejected"),
            (cmd.ChangeAvailability(operative=False), "ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}, {"status": "Scheduled"}, "accepted"),
            (cmd.TriggerMessage("Heartbeat"), "TriggerMessage", {"requestedMessage": "Heartbeat"}, {"status": "NotImplemented"}, "rejected"),
            (cmd.ClearCache(), "ClearCache", {}, {"status": "Accepted"}, "accepted"),
            (cmd.GetVariables(()), "GetConfiguration", {}, {"configurationKey": [{"key": "A", "readonly": True, "value": "1"}]}, "accepted"),
            (cmd.SetVariables(((REF, "60"),)), "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}, {"status": "RebootRequired"}, "accepted"),
            (cmd.RawCall("GetLocalListVersion", {}), "GetLocalListVersion", {}, {"listVersion": 3}, "accepted"),
        ],
    )  # fmt: skip
    async def test_1_6(
        self, world: World, command: cmd.Command, action: str, payload: Any, reply: Any, status: str
    ) -> None:
        entry, station = await online(world)
        command_id = await tell(world, entry, command)
        call = await station.receive()
        assert (call[0], call[2], call[3]) == (2, action, payload)
        await station.send(json.dumps([3, call[1], reply]))
        answered = await outcome(world, command_id)
        assert (answered.status, answered.reply) == (status, reply)

    @pytest.mark.parametrize(
        ("command", "action", "reply", "status"),
        [
            (cmd.RemoteStart(TOKEN, 2, 7), "RequestStartTransaction", {"status": "Accepted"}, "accepted"),
            (cmd.RemoteStop("t"), "RequestStopTransaction", {"status": "Rejected"}, "rejected"),
            (cmd.Reset(), "Reset", {"status": "Scheduled"}, "accepted"),
            (cmd.UnlockConnector(1, 2), "UnlockConnector", {"status": "UnknownConnector"}, "rejected"),
            (cmd.ChangeAvailability(operative=True, evse_no=1), "ChangeAvailability", {"status": "Accepted"}, "accepted"),
            (cmd.TriggerMessage("StatusNotification", 1, 1), "TriggerMessage", {"status": "Accepted"}, "accepted"),
            (cmd.ClearCache(), "ClearCache", {"status": "Accepted"}, "accepted"),
            (cmd.GetBaseReport("FullInventory", 5), "GetBaseReport", {"status": "Accepted"}, "accepted"),
            (
                cmd.GetVariables((REF_2X,)), "GetVariables",
                {"getVariableResult": [{"attributeStatus": "Accepted", "attributeValue": "300", "component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]},
                "accepted",
            ),
            (
                cmd.SetVariables(((REF_2X, "60"),)), "SetVariables",
                {"setVariableResult": [{"attributeStatus": "UnknownVariable", "component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]},
                "rejected",
            ),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("protocol", ["ocpp2.0.1", "ocpp2.1"])
    async def test_2_x(
        self, world: World, protocol: str, command: cmd.Command, action: str, reply: Any, status: str
    ) -> None:
        entry, station = await online(world, protocol)
        command_id = await tell(world, entry, command)
        call = await station.receive()
        assert (call[0], call[2]) == (2, action)
        await station.send(json.dumps([3, call[1], reply]))
        assert (await outcome(world, command_id)).status == status

    async def test_values_come_back_as_variables(self, world: World) -> None:
        entry, station = await online(world)
        command_id = await tell(
            world, entry, cmd.SetVariables(((REF, "60"), (cmd.VariableRef("", "B"), "1")))
        )
        for status in ("Accepted", "Rejected"):
            call = await station.receive()
            await station.send(json.dumps([3, call[1], {"status": status}]))
        answered = await outcome(world, command_id)
        assert (answered.status, answered.reason) == ("rejected", "B: Rejected")
        assert [(value.variable, value.value) for value in answered.variables] == [
            ("HeartbeatInterval", "60")
        ]

    @pytest.mark.parametrize(
        ("limits", "sizes"),
        [
            (cmd.Limits(), [5]),
            (cmd.Limits(items=2), [2, 2, 1]),
            (cmd.Limits(items=5), [5]),
            (cmd.Limits(octets=290), [2, 2, 1]),
            (cmd.Limits(octets=10), [1, 1, 1, 1, 1]),
        ],
    )
    @pytest.mark.parametrize("write", [False, True])
    async def test_what_a_station_takes_in_one_message_is_not_exceeded(
        self, world: World, limits: cmd.Limits, sizes: list[int], write: bool
    ) -> None:
        entry, station = await online(world, "ocpp2.0.1")
        refs = tuple(cmd.VariableRef("Comp", f"Var{n}") for n in range(5))
        command: cmd.Command = cmd.GetVariables(refs, limits)
        kind = "get"
        if write:
            command, kind = cmd.SetVariables(tuple((ref, "1") for ref in refs), limits), "set"
        command_id = await tell(world, entry, command)
        seen = []
        while sum(seen) < 5:
            call = await station.receive()
            asked = call[3][f"{kind}VariableData"]
            seen.append(len(asked))
            if limits.octets and limits.octets > 100:
                assert len(json.dumps(call, separators=(",", ":"))) <= limits.octets
            results = [{"attributeStatus": "Accepted", **one} for one in asked]
            if not write:
                results = [{**one, "attributeValue": one["variable"]["name"][3:]} for one in results]
            else:
                results = [{k: v for k, v in one.items() if k != "attributeValue"} for one in results]
            await station.send(json.dumps([3, call[1], {f"{kind}VariableResult": results}]))
        answered = await outcome(world, command_id)
        assert seen == sizes
        assert answered.status == "accepted"
        assert [value.variable for value in answered.variables] == [f"Var{n}" for n in range(5)]
        assert len(answered.reply[f"{kind}VariableResult"]) == 5

    async def test_keys_of_1_6_are_asked_for_within_the_limit(self, world: World) -> None:
        entry, station = await online(world)
        refs = tuple(cmd.VariableRef("", name) for name in ("No1", "No2", "A", "B", "No3"))
        command_id = await tell(world, entry, cmd.GetVariables(refs, cmd.Limits(items=2)))
        for keys in (["No1", "No2"], ["A", "B"], ["No3"]):
            call = await station.receive()
            assert call[3] == {"key": keys}
            known = [{"key": key, "readonly": False, "value": "1"} for key in keys if len(key) == 1]
            unknown = [key for key in keys if len(key) > 1]
            await station.send(json.dumps([3, call[1], {"configurationKey": known, "unknownKey": unknown}]))
        answered = await outcome(world, command_id)
        assert (answered.status, answered.reason) == ("accepted", "UnknownKey: No1, No2, No3")
        assert [value.variable for value in answered.variables] == ["A", "B"]

    async def test_what_a_version_cannot_say_fails_at_once(self, world: World) -> None:
        entry, _ = await online(world)
        report = await tell(world, entry, cmd.GetBaseReport("FullInventory", 1))
        stop = await tell(world, entry, cmd.RemoteStop("not-a-number"))
        raw = await tell(world, entry, cmd.RawCall("Reset", {"type": "Sideways"}))
        assert {(await outcome(world, each)).status for each in (report, stop, raw)} == {"failed"}


class TestOrder:
    async def test_nobody_holds_the_station(self, world: World) -> None:
        stations = GatewayStations(world.bus)
        sent = await stations.send(
            operator_id=new_id(),
            station_id=new_id(),
            command_id=new_id(),
            command=cmd.ClearCache(),
            timeout_s=1,
        )
        assert not sent

    async def test_another_operator_cannot_command_it(self, world: World) -> None:
        entry, _ = await online(world)
        sent = await GatewayStations(world.bus).send(
            operator_id=new_id(), station_id=entry.station_id, command_id=new_id(), command=cmd.ClearCache(), timeout_s=1
        )  # fmt: skip
        assert not sent

    async def test_one_call_at_a_time(self, world: World) -> None:
        entry, station = await online(world)
        commands = [await tell(world, entry, cmd.ClearCache()) for _ in range(3)]
        for command_id in commands:
            call = await station.receive()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(station.socket.recv(), 0.05)
            await station.send(json.dumps([3, call[1], {"status": "Accepted"}]))
            assert (await outcome(world, command_id)).status == "accepted"

    async def test_a_crossing_call_is_answered_while_ours_waits(self, world: World) -> None:
        entry, station = await online(world)
        command_id = await tell(world, entry, cmd.ClearCache())
        call = await station.receive()
        assert (await station.call("Heartbeat", {}))[0] == 3
        await station.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        assert (await outcome(world, command_id)).status == "accepted"

    async def test_our_answer_is_heard_while_the_stations_call_waits(self, world: World) -> None:
        gate = asyncio.Event()

        async def ask(_message: object) -> None:
            await gate.wait()

        entry, station = await online(world)
        world.handler.friend = ask
        await station.send(json.dumps([2, "a", "Authorize", {"idTag": "T"}]))
        command_id = await tell(world, entry, cmd.ClearCache())
        call = await station.receive()
        await station.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        assert (await outcome(world, command_id)).status == "accepted"
        gate.set()
        assert (await station.receive())[1] == "a"


class TestFailure:
    async def test_a_callerror_fails_whatever_its_shape(self, world: World) -> None:
        entry, station = await online(world)
        for text, reason in (
            ('[4,"{}","NotSupported","",{{}}]', "NotSupported"),
            ('[4,"{}","Wierd"]', "Wierd"),
        ):
            command_id = await tell(world, entry, cmd.ClearCache())
            call = await station.receive()
            await station.send(text.format(call[1]))
            answered = await outcome(world, command_id)
            assert (answered.status, answered.reason) == ("failed", reason)

    async def test_no_answer_times_out_and_a_late_one_is_only_logged(self, world: World) -> None:
        entry, station = await online(world)
        command_id = await tell(world, entry, cmd.ClearCache(), timeout_s=0.1)
        call = await station.receive()
        assert (await outcome(world, command_id)).status == "timed_out"
        await station.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        await station.call("Heartbeat", {})
        assert "late_reply" in [row["error"] for row in await world.log(entry)]
        assert len(world.handler.events(CommandAnswered)) == 1

    async def test_what_waited_too_long_is_not_sent(self, world: World) -> None:
        entry, station = await online(world)
        first = await tell(world, entry, cmd.ClearCache(), timeout_s=0.4)
        second = await tell(world, entry, cmd.RemoteStart(TOKEN, 1, 7), timeout_s=0.1)
        assert (await station.receive())[2] == "ClearCache"
        assert (await outcome(world, first)).status == "timed_out"
        answered = await outcome(world, second)
        assert (answered.status, answered.reason) == ("timed_out", "NotSent")
        assert (await station.call("Heartbeat", {}))[0] == 3

    async def test_the_same_command_twice_is_two_calls_and_two_outcomes(self, world: World) -> None:
        entry, station = await online(world)
        ids = [await tell(world, entry, cmd.Reset()) for _ in range(2)]
        for status in ("Accepted", "Rejected"):
            call = await station.receive()
            await station.send(json.dumps([3, call[1], {"status": status}]))
        assert [(await outcome(world, each)).status for each in ids] == ["accepted", "rejected"]

    async def test_so_many_may_wait(self, world: World) -> None:
        entry, _ = await online(world)
        ids = [await tell(world, entry, cmd.ClearCache()) for _ in range(MAX_QUEUE + 2)]
        answered = await outcome(world, ids[-1])
        assert (answered.status, answered.reason) == ("failed", "QueueFull")

    async def test_several_time_outs_close_the_half_dead_link(self, world: World) -> None:
        entry, station = await online(world)
        for _ in range(3):
            command_id = await tell(world, entry, cmd.ClearCache(), timeout_s=0.05)
            assert (await outcome(world, command_id)).reason == "NoAnswer"
        assert await station.closed() == 1011

    async def test_an_unreadable_answer_fails_the_command(self, world: World) -> None:
        entry, station = await online(world, "ocpp2.1")
        command_id = await tell(world, entry, cmd.ClearCache())
        call = await station.receive()
        await station.send(json.dumps([3, call[1], {"status": 5}]))
        assert (await station.receive())[0] == 5
        assert (await outcome(world, command_id)).status == "failed"

    async def test_losing_the_link_fails_what_waits(self, world: World) -> None:
        entry, station = await online(world)
        first, second = await tell(world, entry, cmd.ClearCache()), await tell(world, entry, cmd.ClearCache())
        await station.receive()
        await station.socket.close()
        assert (await outcome(world, first)).reason == "LinkLost"
        assert (await outcome(world, second)).reason == "LinkLost"

    async def test_a_takeover_fails_what_waits(self, world: World) -> None:
        entry, station = await online(world)
        command_id = await tell(world, entry, cmd.ClearCache())
        await station.receive()
        await world.connect()
        assert (await outcome(world, command_id)).status == "failed"

    async def test_disconnect_closes_the_socket(self, world: World) -> None:
        entry, station = await online(world)
        await GatewayStations(world.bus).disconnect(station_id=entry.station_id, reason="revoked")
        assert await station.closed() == 1008


class TestLog:
    async def test_both_frames_carry_the_command_and_no_secret(self, world: World) -> None:
        entry, station = await online(world)
        secret = cmd.SetVariables(((cmd.VariableRef("", "AuthorizationKey"), "c0ffee" * 6),))
        command_id = await tell(world, entry, secret)
        call = await station.receive()
        assert call[3]["value"] == "c0ffee" * 6
        await station.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        answered = await outcome(world, command_id)
        assert "c0ffee" not in repr(answered.variables)
        rows = [row for row in await world.log(entry) if row["correlation"] == encode_id("cmd", command_id)]
        assert [(row["direction"], row["type"]) for row in rows] == [("out", 2), ("in", 3)]
        assert "c0ffee" not in "".join(row["payload"] for row in rows)


class TestPendingStation:
    async def test_what_we_asked_for_is_taken_before_the_boot_is_accepted(self, world: World) -> None:
        world.handler.boot_status = "pending"
        entry, station = await online(world, "ocpp2.0.1")
        await tell(world, entry, cmd.TriggerMessage("StatusNotification", 1, 1))
        call = await station.receive()
        await station.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        status = {
            "timestamp": "2026-01-01T00:00:00Z",
            "connectorStatus": "Available",
            "evseId": 1,
            "connectorId": 1,
        }
        assert (await station.call("StatusNotification", status))[0] == 3
        assert (await station.call("Heartbeat", {}))[2] == "SecurityError"
