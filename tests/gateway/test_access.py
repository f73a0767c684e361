"""Who may connect: credentials, profiles, addresses, revocation, guessing, knocks, takeover."""

from __future__ import annotations

import asyncio
import json
from time import monotonic

import pytest

from forecourt.gateway import directory
from forecourt.gateway.address import Address, Alias, read_address
from forecourt.gateway.directory import MAX_TRUSTED, GuessingBrake, read_basic
from forecourt.gateway.knocks import MAX_REMEMBERED, MAX_WAITING, PER_ADDRESS_AND_MINUTE, Knock, Knocks
from forecourt.kit.bus import MemoryBus
from forecourt.kit.database import Database
from forecourt.network.credentials import hash_password
from forecourt.stations.events import Connected, Disconnected, HeartbeatReceived
from tests.gateway.conftest import PASSWORD, PEPPER, World, until


class TestCredentials:
    async def test_the_right_password_is_profile_1(self, world: World) -> None:
        world.add()
        await world.connect()
        await until(lambda: world.handler.events(Connected))
        assert world.handler.events(Connected)[0].security_profile == 1

    async def test_a_wrong_password_is_401(self, world: World) -> None:
        world.add()
        assert await world.refused(password="wrong") == 401

    async def test_no_password_is_401(self, world: World) -> None:
        world.add()
        assert await world.refused(password=None) == 401

    async def test_another_user_name_is_401(self, world: World) -> None:
        world.add()
        world.add("CP2")
        assert await world.refused(user="CP2") == 401

    async def test_the_user_name_is_compared_with_the_decoded_identity(self, world: World) -> None:
        world.add("CP 1|é")
        await world.connect("CP 1|é", path="/ocpp/CP%201%7C%C3%A9")

    async def test_a_1_6_key_may_come_raw_or_in_hexadecimal(self, world: World) -> None:
        key = bytes(range(200, 216))
        world.add(credentials=(hash_password(key, pepper=PEPPER),))
        await world.connect(password=key)
        await world.connect(password=key.hex())

    async def test_nothing_is_enough_only_by_the_flag(self, world: World) -> None:
        world.add(password=None)
        assert await world.refused(password=None) == 401
        world.add("OPEN", password=None, allow_plain=True)
        await world.connect("OPEN", password=None)

    async def test_a_station_set_to_profile_2_is_refused_without_tls(self, world: World) -> None:
        world.add(security_profile=2)
        assert await world.refused() == 403

    async def test_guessing_is_slowed_down(self, world: World) -> None:
        world.add()
        answers = [await world.refused(password=f"guess{n}") for n in range(12)]
        assert answers[0] == 401
        assert answers[-1] == 429

    def test_a_guesser_elsewhere_does_not_lock_the_station_out(self) -> None:
        brake = GuessingBrake()
        brake.succeeded("cp1", "10.0.0.1")
        for _ in range(100):
            brake.failed("cp1", "6.6.6.6")
        assert brake.blocked("cp1", "6.6.6.6")
        assert not brake.blocked("cp1", "10.0.0.1")

    async def test_nor_after_a_restart(self, world: World, database: Database, bus: MemoryBus) -> None:
        entry = world.add()
        await world.connect()
        await until(lambda: world.handler.events(Connected))
        await world.gateway.stop()
        again = World(database, bus)
        again.slug, again.operator_id, again.entries = world.slug, world.operator_id, world.entries
        await again.start()
        for _ in range(100):
            again.gateway.brake.failed(str(entry.station_id), "6.6.6.6")
        assert again.gateway.brake.blocked(str(entry.station_id), "6.6.6.6")
        await again.connect()
        await again.stop()

    async def test_a_throttled_station_gets_in_when_its_minute_is_over(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.add()
        answers = [await world.refused(password=f"guess{n}") for n in range(12)]
        assert answers[-1] == 429
        assert await world.refused() == 429
        monkeypatch.setattr(directory, "monotonic", lambda: monotonic() + 61)
        await world.connect()

    async def test_a_proxy_is_believed_when_it_is_trusted(self, database: Database, bus: MemoryBus) -> None:
        world = World(database, bus)
        await world.start(trusted_proxies=frozenset({"127.0.0.1"}))
        world.add(security_profile=2)
        headers = {"X-Forwarded-For": "9.9.9.9, 192.0.2.5", "X-Forwarded-Proto": "https"}
        assert await world.refused() == 403
        await world.connect(additional_headers=headers)
        await until(lambda: world.handler.events(Connected))
        (connected,) = world.handler.events(Connected)
        assert (connected.remote_address, connected.security_profile) == ("192.0.2.5", 2)
        assert await world.refused("STRANGER", additional_headers=headers) == 404
        await until(lambda: world.knocks)
        assert world.knocks[0][2] == "192.0.2.5"
        await world.stop()

    def test_the_password_may_contain_colons_and_any_bytes(self) -> None:
        assert read_basic("Basic Q1AxOmE6Yg==") == (b"CP1", b"a:b")
        assert read_basic("Basic !!!") is None
        assert read_basic("Bearer x") is None
        assert read_basic(None) is None

    async def test_revoking_closes_the_socket(self, world: World) -> None:
        entry = world.add()
        station = await world.connect()
        await world.change(entry, credentials=())
        assert await station.closed() == 1008
        assert await world.refused() == 401

    async def test_a_new_password_beside_the_old_one_closes_nothing(self, world: World) -> None:
        entry = world.add()
        station = await world.connect()
        await world.change(entry, credentials=(*entry.credentials, hash_password(b"another", pepper=PEPPER)))
        assert (await station.boot())[0] == 3
        await world.connect(password="another")

    async def test_blocking_closes_the_socket(self, world: World) -> None:
        entry = world.add()
        station = await world.connect()
        await world.change(entry, blocked=True)
        assert await station.closed() == 1008
        assert await world.refused() == 404

    async def test_a_change_is_heard_without_an_event(self, world: World) -> None:
        entry = world.add()
        station = await world.connect()
        del world.entries[entry.station_id]
        assert await asyncio.wait_for(station.closed(), 8) == 1008


class TestUnknownStations:
    async def test_it_is_refused_and_told(self, world: World) -> None:
        assert await world.refused("STRANGER", protocols=["ocpp2.0.1"]) == 404
        await until(lambda: world.knocks)
        assert world.knocks == [("STRANGER", world.slug, "127.0.0.1", ("ocpp2.0.1",))]

    async def test_knocking_is_told_once_in_a_while(self, world: World) -> None:
        for _ in range(5):
            await world.refused("STRANGER")
        await until(lambda: world.knocks)
        assert len(world.knocks) == 1

    async def test_a_crowd_costs_a_bounded_memory(self) -> None:
        told: list[str] = []

        async def tell(identity: str, *_: object) -> None:
            told.append(identity)

        knocks = Knocks(tell)
        for number in range(100_000):
            knocks.note(Knock(f"X{number}", "op", f"10.0.{number % 200}.1", ()))
            if number % 500 == 0:
                worker = asyncio.ensure_future(knocks.run())
                await asyncio.sleep(0)
                worker.cancel()
        assert knocks._queue.qsize() <= MAX_WAITING
        assert len(knocks._told) <= MAX_REMEMBERED
        for number in range(1_000):
            knocks.note(Knock(f"Y{number}", "op", "6.6.6.6", ()))
        worker = asyncio.ensure_future(knocks.run())
        await until(knocks._queue.empty)
        worker.cancel()
        assert 0 < len([name for name in told if name.startswith("Y")]) <= PER_ADDRESS_AND_MINUTE

    def test_throttle_tables_are_bounded(self) -> None:
        brake = GuessingBrake()
        for number in range(120_000):
            brake.failed(f"cp{number}", f"10.{number >> 8}.0.1")
            brake.succeeded(f"cp{number}", f"10.{number >> 8}.0.1")
            brake.failed(f"cq{number}", f"10.{number}")
        assert len(brake._trusted) <= MAX_TRUSTED
        assert len(brake._identities._failures) <= 50_000
        assert len(brake._addresses._failures) <= 50_000

    async def test_one_that_is_let_in_needs_no_password_and_is_pending(self, world: World) -> None:
        world.handler.boot_status = "pending"
        entry = world.add("NEW", password=None, registration="knocking")
        station = await world.connect("NEW", password=None)
        assert (await station.boot())[2]["status"] == "Pending"
        adopted = (hash_password(PASSWORD.encode(), pepper=PEPPER),)
        await world.change(entry, registration="adopted", credentials=adopted)
        world.handler.boot_status = "accepted"
        assert (await station.boot())[2]["status"] == "Accepted"
        assert await world.refused("NEW", password=None) == 401

    async def test_another_operator_does_not_have_it(self, world: World) -> None:
        world.add()
        assert await world.refused(path="/ocpp/other/CP1") == 404


class TestAddresses:
    @pytest.mark.parametrize(
        ("target", "reading"),
        [
            ("/ocpp/CP1", Address(None, "CP1")),
            ("/ocpp/acme/CP1", Address("acme", "CP1")),
            ("/ocpp/acme/CP1/", Address("acme", "CP1")),
            ("//ocpp///acme//CP1", Address("acme", "CP1")),
            ("/ocpp/CP%201%7C", Address(None, "CP 1|")),
            ("/ocpp/CP%2541", Address(None, "CP%41")),
            ("/ocpp/A%2FB", Address(None, "A/B")),
            ("/ocpp/CP1?x=/y", Address(None, "CP1")),
            ("ws://host:9000/ocpp/acme/CP1", Address("acme", "CP1")),
            ("/ws://host:9000/ocpp/acme/CP1", Address("acme", "CP1")),
            ("/wss:/host:9000/ocpp/CP1", Address(None, "CP1")),
            ("/OCPP/CP1", Address(None, "CP1")),
        ],
    )
    def test_the_first_reading(self, target: str, reading: Address) -> None:
        assert read_address(target)[0] == reading

    @pytest.mark.parametrize(
        "target", ["/ocpp/%zz", "/ocpp/%ff", "/", "", "/ocpp/", "/ocpp/a%00b", "/ocpp/" + "x" * 300]
    )
    def test_what_cannot_be_an_identity(self, target: str) -> None:
        assert read_address(target) == []

    def test_other_platforms_paths_by_alias(self) -> None:
        aliases = [
            Alias("acme", prefix="/steve/websocket/CentralSystemService"),
            Alias("beta", host="old.example"),
        ]
        steve = read_address("/steve/websocket/CentralSystemService/CP1", "x", aliases)
        assert steve[0] == Address("acme", "CP1")
        assert read_address("/anything/CP1", "OLD.example:9000", aliases)[0] == Address("beta", "CP1")

    def test_a_prefix_or_a_missing_slash_still_finds_the_station(self) -> None:
        assert Address(None, "CP1") in read_address("/some/prefix/CP1")
        assert Address(None, "CP1") in read_address("/ocppCP1")
        assert Address(None, "CP1") in read_address("/CP1")

    async def test_the_identity_is_found_in_any_case(self, world: World) -> None:
        world.add("CP1")
        await world.connect("cp1")
        await world.connect("Cp1", path=f"/ocpp/{world.slug.upper()}/cP1")


class TestTakeover:
    async def test_the_newest_socket_wins(self, world: World) -> None:
        entry = world.add()
        old = await world.connect()
        await old.boot()
        new = await world.connect()
        assert (await new.call("Heartbeat", {}))[0] == 3
        assert await old.closed() == 1008
        assert world.gateway.links[entry.station_id].epoch == 2
        assert not world.handler.events(Disconnected)
        assert (await new.call("Heartbeat", {}))[0] == 3

    async def test_a_link_that_another_gateway_took_is_fenced(self, world: World) -> None:
        entry = world.add()
        station = await world.connect()
        await station.boot()
        async with await world.database.system_connection() as connection:
            await connection.execute(
                "UPDATE station_link SET epoch = epoch + 1 WHERE station_id = %s", (entry.station_id,)
            )
        await station.send(json.dumps([2, "h", "Heartbeat", {}]))
        assert await station.closed() == 1008
        assert not world.handler.events(HeartbeatReceived)

    async def test_a_storm_of_one_identity_leaves_one_socket(self, world: World) -> None:
        entry = world.add()
        stations = await asyncio.gather(*(world.connect() for _ in range(20)))
        await until(lambda: len(world.gateway.open_links) == 1)
        alive = [station for station in stations if station.socket.close_code is None]
        assert len(alive) >= 1
        assert (await alive[-1].boot())[0] == 3
        assert list(world.gateway.links) == [entry.station_id]


class TestStorm:
    async def test_many_stations_that_boot_at_once_all_get_in(self, world: World) -> None:
        entries = [world.add(f"S{number}") for number in range(150)]
        stations = await asyncio.gather(*(world.connect(f"S{number}") for number in range(150)))
        answers = await asyncio.gather(*(station.boot() for station in stations))
        assert {answer[2]["status"] for answer in answers} == {"Accepted"}
        await world.gateway.stop()
        async with await world.database.system_connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*), bool_and(boot_accepted), count(disconnected_at) FROM station_link"
                " WHERE operator_id = %s",
                (entries[0].operator_id,),
            )
            assert await cursor.fetchone() == (150, True, 150)


class TestStop:
    async def test_what_is_in_flight_is_answered_and_sockets_close_with_1001(self, world: World) -> None:
        world.add()
        station = await world.connect()
        await station.boot()
        world.handler.hold = asyncio.Event()
        await station.send(json.dumps([2, "last", "Heartbeat", {}]))
        await asyncio.sleep(0.1)
        stopping = asyncio.create_task(world.gateway.stop())
        await asyncio.sleep(0.1)
        world.handler.hold.set()
        assert (await station.receive())[1] == "last"
        assert await station.closed() == 1001
        await stopping
        assert world.handler.events(Disconnected)

    async def test_links_of_a_crash_are_buried_at_the_next_start(self, world: World) -> None:
        entry = world.add()
        station = await world.connect()
        await station.boot()
        async with await world.database.system_connection() as connection:
            await connection.execute(
                "UPDATE station_link SET node = 'crashed' WHERE station_id = %s", (entry.station_id,)
            )
        second = World(world.database, world.bus)
        second.entries = world.entries
        await second.start(node="crashed")
        await until(lambda: second.handler.events(Disconnected))
        await second.stop()
