"""The contract of transport and framing (spec/ocpp.md section 3.0), case by case."""

from __future__ import annotations

import asyncio
import json
import zlib

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from forecourt.gateway import connection
from forecourt.stations.events import HeartbeatReceived, MeterValuesReported, TransactionReported
from tests.gateway.conftest import Station, World, stamp, until


async def booted(
    world: World, identity: str = "CP1", protocol: str = "ocpp1.6", **options: object
) -> Station:
    station = await world.connect(identity, protocols=[protocol], **options)  # type: ignore[arg-type]
    await station.boot()
    return station


def raw_frame(opcode: int, data: bytes, *, fin: bool = True, bits: int = 0) -> bytes:
    """A masked frame of any kind, lawful or not. `bits` are the reserved ones: 4, 2, 1."""
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    return bytes([(0x80 if fin else 0) | bits << 4 | opcode]) + length + b"\0\0\0\0" + data


class TestSubprotocol:
    @pytest.mark.parametrize("name", ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
    async def test_the_one_that_is_offered_is_echoed(self, world: World, name: str) -> None:
        world.add()
        station = await world.connect(protocols=[name])
        assert station.socket.subprotocol == name

    async def test_the_first_known_one_wins(self, world: World) -> None:
        world.add()
        station = await world.connect(protocols=["ocpp0.1", "ocpp2.0.1", "ocpp1.6"])
        assert station.socket.subprotocol == "ocpp2.0.1"

    @pytest.mark.parametrize("names", [["ocpp0.1"], ["ocpp2.0"], ["ocpp2.0.1.1"], []])
    async def test_nothing_in_common_is_refused(self, world: World, names: list[str]) -> None:
        world.add()
        assert await world.refused(protocols=names) == 400

    async def test_nothing_offered_is_1_6_for_a_station_known_for_it(self, world: World) -> None:
        world.add(quirks={"assume_16": True})
        station = await world.connect(protocols=[])
        assert station.socket.subprotocol is None
        assert (await station.boot())[2]["status"] == "Accepted"


class TestFrames:
    async def test_a_fragmented_message_is_joined(self, world: World) -> None:
        world.add()
        station = await booted(world)
        text = json.dumps([2, "f", "Heartbeat", {}])
        await station.socket.send([text[:5], text[5:9], text[9:]])
        assert (await station.receive())[:2] == [3, "f"]

    @pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])
    async def test_empty_text_frames_are_ignored(self, world: World, protocol: str) -> None:
        entry = world.add()
        station = await booted(world, protocol=protocol)
        await station.send("")
        await station.send("  ")
        assert (await station.call("Heartbeat", {}))[0] == 3
        assert [row["type"] for row in await world.log(entry) if row["type"] not in (2, 3)] == []

    async def test_a_message_that_is_too_big_closes_with_1009(self, world: World) -> None:
        world.add(quirks={"max_message": 4096})
        station = await booted(world)
        await station.send("x" * 5000)
        assert await station.closed() == 1009

    async def test_invalid_utf_8_closes_with_1007(self, world: World) -> None:
        world.add()
        station = await booted(world)
        await station.socket.send(b"\xff\xfe[", text=True)
        assert await station.closed() == 1007

    async def test_not_json_is_no_reason_to_close(self, world: World) -> None:
        world.add("A")
        old = await booted(world, "A")
        await old.send("hello")
        assert (await old.call("Heartbeat", {}))[0] == 3
        world.add("B")
        new = await booted(world, "B", "ocpp2.0.1")
        assert (await new.say("hello"))[:3] == [4, "-1", "RpcFrameworkError"]

    async def test_the_error_is_spelt_as_the_version_does(self, world: World) -> None:
        world.add("A")
        world.add("B")
        old, new = await booted(world, "A"), await booted(world, "B", "ocpp2.0.1")
        assert (await old.call("Nonsense", {}))[2] == "NotImplemented"
        assert (await new.call("Nonsense", {}))[2] == "NotImplemented"
        assert (await new.call("BatterySwap", {}))[2] == "NotImplemented"
        assert (await old.call("Reset", {"type": "Hard"}))[2] == "NotSupported"

    async def test_an_integer_id_comes_back_as_an_integer(self, world: World) -> None:
        world.add()
        station = await booted(world)
        assert (await station.say('[2, 17, "Heartbeat", {}]'))[1] == 17

    async def test_null_for_a_payload_is_an_empty_one(self, world: World) -> None:
        world.add()
        station = await booted(world)
        assert (await station.say('[2,"n","Heartbeat",null]'))[0] == 3

    async def test_a_send_is_taken_and_never_answered(self, world: World) -> None:
        entry = world.add()
        station = await booted(world, protocol="ocpp2.1")
        payload = {"id": 1, "pending": 0, "basetime": stamp(), "data": [{"t": 0, "v": "1"}]}
        await station.send(json.dumps([6, "s", "NotifyPeriodicEventStream", payload]))
        assert (await station.call("Heartbeat", {}))[0] == 3
        assert [row["type"] for row in await world.log(entry) if row["message_id"] == "s"] == [6]

    async def test_a_callresulterror_is_logged(self, world: World) -> None:
        entry = world.add()
        station = await booted(world, protocol="ocpp2.1")
        await station.send('[5,"x","FormatViolation","",{}]')
        await station.call("Heartbeat", {})
        assert "FormatViolation" in [row["error"] for row in await world.log(entry)]


class TestUnreadable:
    """What is no message closes the socket, and its beginning can be read in the message log."""

    async def broken(self, world: World, *frames: bytes, **quirks: object) -> tuple[int | None, str, str]:
        entry = world.add(quirks=quirks)
        station = await booted(world, compression=None)
        for frame in frames:
            station.socket.transport.write(frame)
        code = await station.closed()
        rows: list[dict[str, str]] = []
        for _ in range(100):
            rows = [row for row in await world.log(entry) if (row["error"] or "").startswith("unreadable")]
            if rows:
                break
        (row,) = rows
        return code, row["error"], row["payload"]

    async def test_not_utf_8(self, world: World) -> None:
        answer = await self.broken(world, raw_frame(1, b'[2,"1","\xffX\0"]'))
        assert answer == (
            1007,
            "unreadable: not UTF-8",
            '[2,"1","\N{REPLACEMENT CHARACTER}X\N{REPLACEMENT CHARACTER}"]',
        )

    async def test_too_big_for_the_station(self, world: World) -> None:
        code, error, payload = await self.broken(world, raw_frame(1, b"x" * 5000), max_message=4500)
        assert (code, error) == (1009, "unreadable: message too big")
        assert payload == "x" * 4096 + "… (5000 bytes, cut)"

    async def test_too_big_in_fragments(self, world: World) -> None:
        parts = [raw_frame(1, b"y" * 3000, fin=False), raw_frame(0, b"y" * 3000)]
        code, error, payload = await self.broken(world, *parts, max_message=4500)
        assert (code, error) == (1009, "unreadable: message too big")
        assert payload == "y" * 3000 + "… (not read to its end)"

    async def test_too_big_for_anybody(self, world: World) -> None:
        head = bytes([0x81, 0x80 | 127]) + (2**40).to_bytes(8, "big") + b"\0\0\0\0"
        code, error, payload = await self.broken(world, head)
        assert code == 1009
        assert error.startswith("unreadable: ")
        assert payload == "… (not read to its end)"

    async def test_reserved_bits(self, world: World) -> None:
        code, error, payload = await self.broken(world, raw_frame(1, b"[]", bits=2))
        assert (code, error, payload) == (1002, "unreadable: reserved bits", "[]")

    async def test_a_station_may_be_allowed_more(self, world: World) -> None:
        world.add(quirks={"max_message": 4 * 1024 * 1024})
        station = await booted(world)
        assert (await station.call("DataTransfer", {"vendorId": "v", "data": "z" * 3_000_000}))[0] == 3

    async def test_a_binary_frame_is_read_as_text(self, world: World) -> None:
        entry = world.add()
        station = await booted(world)
        await station.socket.send(b'[2,"bin","Heartbeat",{}]')
        assert (await station.receive())[:2] == [3, "bin"]
        assert next(
            row["payload"] for row in await world.log(entry) if row["message_id"] == "bin"
        ).startswith("[2")


class TestDuplicates:
    async def test_an_integer_id_is_known_again(self, world: World) -> None:
        world.add()
        station = await booted(world)
        start = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": stamp()}
        text = json.dumps([2, 5, "StartTransaction", start])
        assert await station.say(text) == await station.say(text)
        assert len(world.handler.events(TransactionReported)) == 1

    async def test_the_same_message_gets_the_same_reply_and_no_second_effect(self, world: World) -> None:
        world.add()
        station = await booted(world)
        start = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": stamp()}
        first = await station.call("StartTransaction", start, message_id="same")
        again = await station.call("StartTransaction", start, message_id="same")
        assert first == again
        assert len(world.handler.events(TransactionReported)) == 1

    async def test_the_same_id_with_another_payload_is_another_message(self, world: World) -> None:
        world.add()
        station = await booted(world)
        for meter in (0, 5):
            start = {"connectorId": 1, "idTag": "T", "meterStart": meter, "timestamp": stamp()}
            await station.call("StartTransaction", start, message_id="same")
        assert len(world.handler.events(TransactionReported)) == 2


class TestPipelining:
    async def test_calls_in_flight_are_answered_in_order(self, world: World) -> None:
        world.add()
        station = await booted(world)
        for number in range(200):
            await station.send(json.dumps([2, f"p{number}", "Heartbeat", {}]))
        assert [(await station.receive())[1] for _ in range(200)] == [f"p{number}" for number in range(200)]
        assert len(world.handler.events(HeartbeatReceived)) == 200

    async def test_a_slow_friend_delays_only_its_own_station(self, world: World) -> None:
        gate = asyncio.Event()

        async def ask(_message: object) -> None:
            await gate.wait()

        world.add("SLOW")
        world.add("FAST")
        slow, fast = await booted(world, "SLOW"), await booted(world, "FAST")
        world.handler.friend = ask
        await slow.send(json.dumps([2, "a", "Authorize", {"idTag": "T"}]))
        assert (await fast.call("Heartbeat", {}))[0] == 3
        gate.set()
        assert (await slow.receive())[1] == "a"


class TestReplyAfterCommit:
    async def test_nothing_is_answered_before_it_is_on_disk(self, world: World) -> None:
        entry = world.add()
        station = await booted(world)
        world.handler.hold = asyncio.Event()
        await station.send(json.dumps([2, "h", "Heartbeat", {}]))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(station.socket.recv(), 0.3)
        assert "h" not in [row["message_id"] for row in await world.log(entry)]
        world.handler.hold.set()
        assert (await station.receive())[1] == "h"
        assert "h" in [row["message_id"] for row in await world.log(entry)]

    async def test_one_bad_message_does_not_cost_the_others(self, world: World) -> None:
        for number in range(8):
            world.add(f"S{number}")
        stations = [await booted(world, f"S{number}") for number in range(8)]
        world.handler.poison = "POISON"
        world.handler.hold = asyncio.Event()
        for number, station in enumerate(stations):
            error = "POISON" if number == 3 else "fine"
            status = {"connectorId": 1, "errorCode": "OtherError", "status": "Faulted", "info": error}
            await station.send(json.dumps([2, "x", "StatusNotification", status]))
        world.handler.hold.set()
        answers = [await station.receive() for station in stations]
        assert [answer[0] for answer in answers] == [3, 3, 3, 4, 3, 3, 3, 3]
        assert answers[3][2] == "InternalError"

    async def test_money_that_cannot_be_stored_is_parked_and_acknowledged(self, world: World) -> None:
        entry = world.add()
        station = await booted(world)
        world.handler.poison = "666"
        stop = {"transactionId": 7, "meterStop": 666, "timestamp": stamp()}
        assert (await station.call("StopTransaction", stop))[2] == {}
        assert [message.action for message in world.parked] == ["StopTransaction"]
        assert any((row["error"] or "").startswith("parked") for row in await world.log(entry))

    async def test_money_that_cannot_be_read_is_parked_and_acknowledged(self, world: World) -> None:
        world.add()
        station = await booted(world)
        started = (await station.call("StartTransaction", {"connectorId": {"no": 1}, "idTag": ["x"]}))[2]
        assert started == {"transactionId": 4001, "idTagInfo": {"status": "Accepted"}}
        assert world.parked[0].action == "StartTransaction"

    async def test_a_fault_of_ours_is_answered_too(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entry = world.add()
        station = await booted(world)

        def broken(*_: object, **__: object) -> None:
            raise ArithmeticError("a fault")

        monkeypatch.setattr(connection, "decode", broken)
        assert (await station.call("Heartbeat", {}))[2] == "InternalError"
        stop = {"transactionId": 7, "meterStop": 6, "timestamp": stamp()}
        await station.send("[]")
        assert (await station.call("StopTransaction", stop))[:1] == [3]
        monkeypatch.undo()
        assert (await station.call("Heartbeat", {}))[0] == 3
        assert [message.action for message in world.parked] == ["StopTransaction"]
        assert [row["error"] for row in await world.log(entry) if row["type"] == 0] == ["fault"]

    async def test_a_number_beyond_all_bounds_is_no_fault(self, world: World) -> None:
        world.add()
        station = await booted(world, protocol="ocpp2.0.1")
        answer = await station.say('[2,"n","DataTransfer",{"vendorId":"v","data":1e999999999999999999999}]')
        assert answer[:2] == [3, "n"]

    async def test_a_rejected_message_is_a_business_fact_once_a_minute(self, world: World) -> None:
        world.add()
        station = await booted(world)
        for _ in range(3):
            assert (await station.call("Nonsense", {}))[0] == 4
        async with await world.database.system_connection() as connection:
            cursor = await connection.execute(
                "SELECT type, data FROM outbox_event WHERE operator_id = %s", (world.operator_id,)
            )
            rows = await cursor.fetchall()
        assert [(row[0], row[1]["code"]) for row in rows] == [("message.rejected", "NotImplemented")]

    async def test_anything_else_that_cannot_be_read_is_refused(self, world: World) -> None:
        world.add()
        station = await booted(world)
        answer = await station.call("StatusNotification", {"connectorId": [], "status": 3})
        assert answer[0] == 4
        assert answer[4] == {}


class TestCompression:
    async def test_it_is_used_when_offered(self, world: World) -> None:
        world.add()
        station = await booted(world)
        response = station.socket.response
        assert response is not None
        assert "permessage-deflate" in response.headers["Sec-WebSocket-Extensions"]
        values = [{"timestamp": stamp(), "sampledValue": [{"value": str(n)} for n in range(500)]}]
        assert (await station.call("MeterValues", {"connectorId": 1, "meterValue": values}))[0] == 3

    @pytest.mark.parametrize(
        "factory",
        [
            ClientPerMessageDeflateFactory(server_max_window_bits=10, client_max_window_bits=True),
            ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True),
            ClientPerMessageDeflateFactory(client_max_window_bits=9),
        ],
    )
    async def test_its_parameters_are_kept(
        self, world: World, factory: ClientPerMessageDeflateFactory
    ) -> None:
        world.add()
        station = await booted(world, compression=None, extensions=[factory])
        values = [{"timestamp": stamp(), "sampledValue": [{"value": str(n)} for n in range(500)]}]
        assert (await station.call("MeterValues", {"connectorId": 1, "meterValue": values}))[0] == 3

    @pytest.mark.parametrize("fragments", [1, 3])
    async def test_a_bomb_closes_with_1009_without_being_inflated(self, world: World, fragments: int) -> None:
        world.add(quirks={"max_message": 65_536})
        station = await booted(world)
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = squeezer.compress(b" " * 30_000_000) + squeezer.flush(zlib.Z_SYNC_FLUSH)
        bomb = bomb[:-4]
        size = len(bomb) // fragments + 1
        parts = [bomb[at : at + size] for at in range(0, len(bomb), size)]
        for number, part in enumerate(parts):
            station.socket.transport.write(
                raw_frame(0 if number else 1, part, fin=number == len(parts) - 1, bits=0 if number else 4)
            )
        assert await station.closed() == 1009

    async def test_a_compressed_message_in_fragments_is_lawful(self, world: World) -> None:
        world.add()
        station = await booted(world)
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = squeezer.compress(b'[2,"z","Heartbeat",{}]') + squeezer.flush(zlib.Z_SYNC_FLUSH)
        station.socket.transport.write(raw_frame(1, data[:6], fin=False, bits=4))
        station.socket.transport.write(raw_frame(0, data[6:-4]))
        assert (await station.receive())[:2] == [3, "z"]

    @pytest.mark.parametrize("bits", [2, 1])
    async def test_reserved_bits_close_with_1002(self, world: World, bits: int) -> None:
        world.add()
        station = await booted(world)
        station.socket.transport.write(raw_frame(1, b"[]", bits=bits))
        assert await station.closed() == 1002


class TestBootFirst:
    async def test_2_x_may_say_nothing_before_its_boot_is_accepted(self, world: World) -> None:
        world.add()
        station = await world.connect(protocols=["ocpp2.0.1"])
        assert (await station.call("Heartbeat", {}))[2] == "SecurityError"
        await station.boot()
        assert (await station.call("Heartbeat", {}))[0] == 3

    async def test_it_is_remembered_over_a_reconnect(self, world: World) -> None:
        world.add()
        station = await booted(world, protocol="ocpp2.0.1")
        await station.socket.close()
        again = await world.connect(protocols=["ocpp2.0.1"])
        assert (await again.call("Heartbeat", {}))[0] == 3

    async def test_pending_is_not_accepted(self, world: World) -> None:
        world.add()
        world.handler.boot_status = "pending"
        station = await booted(world, protocol="ocpp2.1")
        assert (await station.call("Heartbeat", {}))[2] == "SecurityError"

    async def test_1_6_may(self, world: World) -> None:
        world.add()
        station = await world.connect()
        assert (await station.call("Heartbeat", {}))[0] == 3


class TestTransactionEvent:
    async def test_it_is_answered_with_price_and_token(self, world: World) -> None:
        world.add()
        station = await booted(world, protocol="ocpp2.1")
        event = {
            "eventType": "Started",
            "timestamp": stamp(),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "t-1", "chargingState": "Charging"},
            "idToken": {"idToken": "ABC", "type": "ISO14443"},
            "evse": {"id": 2, "connectorId": 1},
            "meterValue": [
                {"timestamp": stamp(), "sampledValue": [{"value": 1.5, "unitOfMeasure": {"unit": "kWh"}}]}
            ],
        }
        answer = (await station.call("TransactionEvent", event))[2]
        assert answer == {"totalCost": 1.25, "idTokenInfo": {"status": "Accepted"}}
        heard = world.handler.events(TransactionReported)[0]
        assert (heard.evse_no, heard.transaction, heard.readings[0].import_wh) == (2, "t-1", 1500)

    async def test_meter_values_without_a_transaction(self, world: World) -> None:
        world.add()
        station = await booted(world, protocol="ocpp2.0.1")
        values = [
            {"timestamp": stamp(), "sampledValue": [{"value": 230, "measurand": "Voltage", "phase": "L1-N"}]}
        ]
        assert (await station.call("MeterValues", {"evseId": 1, "meterValue": values}))[2] == {}
        await until(lambda: world.handler.events(MeterValuesReported))
        assert world.handler.events(MeterValuesReported)[0].readings[0].voltage_l1_v == 230
