"""The network's part of the hot path, on a real PostgreSQL."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from forecourt.kit.ids import new_id
from forecourt.network.handler import NetworkHandler
from forecourt.stations.answers import BootAnswer, DataTransferAnswer, HeartbeatAnswer
from forecourt.stations.events import (
    Booted,
    CommandAnswered,
    Connected,
    DataTransferred,
    Disconnected,
    HeartbeatReceived,
    Inbound,
    OtherReported,
    ProblemReported,
    SecurityEventReported,
    StatusReported,
    TransactionReported,
    VariablesReported,
    VariableValue,
)
from tests.network.harness import NOON, Network

BOOT = Booted(vendor="Acme", model="Wall 22", serial_number="S1", firmware_version="1.2", reason="PowerUp")
MINUTE = timedelta(minutes=1)


class TestBooted:
    async def test_an_adopted_station_is_accepted(self, network: Network) -> None:
        station = await network.add_station()
        assert await network.say(station.id, BOOT) == [BootAnswer("accepted", NOON, 300)]
        row = await network.row("SELECT * FROM station WHERE id = :id", id=station.id)
        assert (row["vendor"], row["firmware_version"], row["boot_status"]) == ("Acme", "1.2", "accepted")
        assert len(await network.events("station.booted")) == 1

    async def test_a_boot_loop_is_one_boot_counted(self, network: Network) -> None:
        station = await network.add_station()
        for minute in range(4):
            await network.say(station.id, BOOT, at=NOON + minute * MINUTE)
        boot = await network.row("SELECT * FROM station_boot WHERE station_id = :id", id=station.id)
        assert (boot["count"], boot["last_at"]) == (4, NOON + 3 * MINUTE)
        assert len(await network.events("station.booted")) == 1

    async def test_another_firmware_is_another_boot(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, BOOT)
        await network.say(station.id, Booted("Acme", "Wall 22", "S1", "1.3"), at=NOON + MINUTE)
        assert (
            len(await network.rows("SELECT 1 FROM station_boot WHERE station_id = :id", id=station.id)) == 2
        )

    async def test_overlong_names_are_cut_for_display_and_kept_raw(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, Booted("V" * 300, "M\0odel"))
        row = await network.row("SELECT vendor FROM station WHERE id = :id", id=station.id)
        boot = await network.row("SELECT data FROM station_boot WHERE station_id = :id", id=station.id)
        assert len(row["vendor"]) == 100
        assert len(boot["data"]["vendor"]) == 300

    async def test_a_boot_proves_a_reset(self, network: Network) -> None:
        from forecourt.network.queries import get_station
        from forecourt.network.send_command import request_command

        station = await network.add_station()
        async with network.work() as uow:
            row = await get_station(uow, station.id)
            command = await request_command(
                row, "reset", {}, uow=uow, database=network.database, stations=network.stations
            )
        await network.say(station.id, CommandAnswered(command.id, "accepted", reply={"status": "Accepted"}))
        later = command.created_at + MINUTE
        await network.say(station.id, BOOT, at=later)
        kept = await network.row("SELECT * FROM command WHERE id = :id", id=command.id)
        assert (kept["status"], kept["effective_at"]) == ("effective", later)


class TestHeartbeat:
    async def test_it_is_answered_and_writes_last_seen_coarsely(self, network: Network) -> None:
        station = await network.add_station()
        at = NOON + 10 * MINUTE
        assert await network.say(station.id, HeartbeatReceived(), at=at) == [HeartbeatAnswer(at)]
        await network.say(station.id, HeartbeatReceived(), at=at + MINUTE)
        row = await network.row("SELECT last_seen_at, revision FROM station WHERE id = :id", id=station.id)
        assert row["last_seen_at"] == at


class TestStatusReported:
    async def test_a_16_connector_becomes_an_evse_with_one_connector(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(2, 1, "available", NOON))
        row = await network.row(
            "SELECT e.evse_uid, e.location_id, i.evse_no, i.connector_no, c.connector_no AS plug, c.status"
            " FROM installation i JOIN evse e ON e.id = i.evse_id JOIN connector c ON c.evse_id = e.id"
            " WHERE i.station_id = :id",
            id=station.id,
        )
        assert (row["evse_no"], row["connector_no"], row["plug"], row["status"]) == (2, 1, 1, "available")
        assert row["evse_uid"].startswith("DE*OP")
        assert row["evse_uid"].endswith("*ECP1*2")
        assert row["location_id"] == network.location_id

    async def test_2x_connectors_are_numbered_within_their_evse(self, network: Network) -> None:
        station = await network.add_station("CP-2X", protocol="ocpp2.0.1")
        for evse_no, connector_no in ((1, 1), (1, 2), (2, 1)):
            await network.say(
                station.id, StatusReported(evse_no, connector_no, "available", NOON), protocol="ocpp2.0.1"
            )
        rows = await network.rows(
            "SELECT i.evse_no, i.connector_no AS wire, c.connector_no FROM installation i"
            " JOIN connector c ON c.evse_id = i.evse_id WHERE i.station_id = :id ORDER BY 1, 3",
            id=station.id,
        )
        assert [(r["evse_no"], r["connector_no"]) for r in rows] == [(1, 1), (1, 2), (2, 1)]
        assert {r["wire"] for r in rows} == {None}

    async def test_intervals_follow_each_other_and_are_never_overwritten(self, network: Network) -> None:
        station = await network.add_station()
        for minute, status in enumerate(("available", "preparing", "charging", "charging")):
            at = NOON + minute * MINUTE
            await network.say(station.id, StatusReported(1, 1, status, at), at=at)  # type: ignore[arg-type]
        rows = await network.rows(
            "SELECT status, started_at, ended_at FROM status_interval WHERE operator_id = :operator"
            " AND track = 'status' ORDER BY started_at"
        )
        assert [(r["status"], r["started_at"], r["ended_at"]) for r in rows] == [
            ("available", NOON, NOON + MINUTE),
            ("preparing", NOON + MINUTE, NOON + 2 * MINUTE),
            ("charging", NOON + 2 * MINUTE, None),
        ]
        assert [e["data"]["status"] for e in await network.events("connector.status_changed")] == [
            "available", "preparing", "charging",
        ]  # fmt: skip

    async def test_several_changes_in_one_batch_all_count(self, network: Network) -> None:
        station = await network.add_station()
        messages = [
            Inbound(network.operator_id, station.id, NOON + n * MINUTE, (StatusReported(1, 1, status, None),))  # type: ignore[arg-type]
            for n, status in enumerate(("available", "preparing", "charging"))
        ]
        await network.batch(messages)
        rows = await network.rows(
            "SELECT status, ended_at FROM status_interval WHERE operator_id = :operator AND track = 'status'"
            " ORDER BY started_at"
        )
        assert [(r["status"], r["ended_at"] is None) for r in rows] == [
            ("available", False), ("preparing", False), ("charging", True),
        ]  # fmt: skip
        connector = await network.row("SELECT status, revision FROM connector WHERE operator_id = :operator")
        assert connector["status"] == "charging"

    async def test_an_old_status_that_comes_late_is_history_only(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "charging", NOON))
        await network.say(station.id, StatusReported(1, 1, "available", NOON - 30 * MINUTE), at=NOON + MINUTE)
        connector = await network.row("SELECT status FROM connector WHERE operator_id = :operator")
        assert connector["status"] == "charging"
        late = await network.row("SELECT * FROM status_interval WHERE operator_id = :operator AND late")
        assert (late["status"], late["started_at"], late["ended_at"]) == (
            "available",
            NOON - 30 * MINUTE,
            NOON,
        )

    async def test_an_offline_queue_sent_twice_changes_nothing(self, network: Network) -> None:
        station = await network.add_station()
        queue = [
            StatusReported(1, 1, status, NOON + n * MINUTE)  # type: ignore[arg-type]
            for n, status in enumerate(("available", "preparing", "charging", "finishing"))
        ]
        await network.say(
            station.id, StatusReported(1, 1, "available", NOON + 30 * MINUTE), at=NOON + 30 * MINUTE
        )
        query = "SELECT count(*) AS n FROM status_interval WHERE operator_id = :operator AND track = 'status'"
        for hour in (1, 2):
            await network.say(station.id, *queue, at=NOON + hour * 60 * MINUTE)
            assert (await network.row(query))["n"] == 5
        connector = await network.row("SELECT status FROM connector WHERE operator_id = :operator")
        assert connector["status"] == "available"

    async def test_evse_0_is_the_station(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(0, 0, "faulted", NOON, error_code="GroundFailure"))
        row = await network.row("SELECT status, error_code FROM station WHERE id = :id", id=station.id)
        assert (row["status"], row["error_code"]) == ("faulted", "GroundFailure")
        assert await network.rows("SELECT 1 FROM connector WHERE operator_id = :operator") == []

    async def test_a_clock_of_1970_is_replaced_by_the_time_of_receipt(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available", NOON.replace(year=1970)))
        row = await network.row(
            "SELECT * FROM status_interval WHERE operator_id = :operator AND track = 'status'"
        )
        assert (row["started_at"], row["raw_at"].year) == (NOON, 1970)

    async def test_a_clock_that_is_ahead_is_corrected(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available", NOON + 120 * MINUTE))
        row = await network.row("SELECT clock_skew_ms FROM station WHERE id = :id", id=station.id)
        assert row["clock_skew_ms"] == 2 * 3600 * 1000
        connector = await network.row("SELECT status_since FROM connector WHERE operator_id = :operator")
        assert connector["status_since"] == NOON

    async def test_memory_of_another_process_is_not_trusted(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available", NOON))
        other = NetworkHandler()
        await network.say(station.id, Connected("ocpp1.6", None, 1, 2), handler=other, at=NOON + MINUTE)
        await network.say(station.id, StatusReported(1, 1, "charging"), handler=other, at=NOON + 2 * MINUTE)
        await network.say(station.id, Connected("ocpp1.6", None, 1, 3), at=NOON + 3 * MINUTE)
        await network.say(station.id, StatusReported(1, 1, "finishing"), at=NOON + 4 * MINUTE)
        rows = await network.rows(
            "SELECT status, ended_at FROM status_interval WHERE operator_id = :operator AND track = 'status'"
            " ORDER BY started_at"
        )
        assert [(r["status"], r["ended_at"] is None) for r in rows] == [
            ("available", False), ("charging", False), ("finishing", True),
        ]  # fmt: skip

    async def test_a_batch_that_was_rolled_back_leaves_no_memory(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available", NOON))
        message = Inbound(network.operator_id, station.id, NOON + MINUTE, (StatusReported(1, 1, "charging"),))
        connection = await network.database.system_connection()
        with suppress(RuntimeError):
            async with connection.transaction():
                await network.handler.load(connection, [message])
                network.handler.apply(message, message.events[0])
                await network.handler.flush(connection)
                raise RuntimeError
        await connection.close()
        network.handler.rolled_back([station.id])
        await network.batch([message])
        connector = await network.row("SELECT status, revision FROM connector WHERE operator_id = :operator")
        assert connector["status"] == "charging"
        assert len(await network.events("connector.status_changed")) == 2

    async def test_nonsense_numbers_make_no_evse(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(99999, 1, "available", NOON))
        assert await network.rows("SELECT 1 FROM evse WHERE operator_id = :operator") == []

    async def test_evse_ids_that_would_be_equal_are_told_apart(self, network: Network) -> None:
        for identity in ("CP-1", "C.P1"):
            station = await network.add_station(identity)
            await network.say(station.id, StatusReported(1, 1, "available", NOON))
        rows = await network.rows("SELECT evse_uid FROM evse WHERE operator_id = :operator")
        assert len({r["evse_uid"] for r in rows}) == 2


class TestLink:
    async def test_it_is_an_interval_of_its_own(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, Disconnected(1, "closed"), at=NOON + MINUTE)
        rows = await network.rows(
            "SELECT status, started_at, ended_at, cause FROM status_interval WHERE station_id = :id"
            " AND track = 'link' ORDER BY started_at",
            id=station.id,
        )
        assert [(r["status"], r["ended_at"], r["cause"]) for r in rows] == [
            ("online", NOON + MINUTE, "connected"),
            ("offline", None, "closed"),
        ]
        assert len(await network.events("station.connected")) == 1
        assert len(await network.events("station.disconnected")) == 1

    async def test_the_end_of_an_older_socket_is_not_the_end_of_the_link(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, Connected("ocpp1.6", None, 1, 2), at=NOON + MINUTE)
        await network.say(station.id, Disconnected(1, "replaced"), at=NOON + MINUTE)
        row = await network.row(
            "SELECT link, link_epoch, link_since FROM station WHERE id = :id", id=station.id
        )
        assert (row["link"], row["link_epoch"], row["link_since"]) == ("online", 2, NOON)


class TestVariablesReported:
    async def test_values_are_upserted_and_secrets_dropped(self, network: Network) -> None:
        station = await network.add_station()
        first = (
            VariableValue("", "HeartbeatInterval", "300"),
            VariableValue("", "AuthorizationKey", "geheim"),
            VariableValue("", "HeartbeatInterval", "600"),
        )
        await network.say(station.id, VariablesReported(1, 0, True, first))
        again = (VariableValue("", "HeartbeatInterval", "900", mutability="ReadWrite"),)
        await network.say(station.id, VariablesReported(1, 1, False, again), at=NOON + MINUTE)
        rows = await network.rows(
            "SELECT * FROM variable WHERE station_id = :id ORDER BY variable", id=station.id
        )
        assert [(r["variable"], r["value"]) for r in rows] == [
            ("AuthorizationKey", None), ("HeartbeatInterval", "900"),
        ]  # fmt: skip
        assert rows[1]["changed_at"] == NOON + MINUTE

    async def test_the_number_of_connectors_makes_evses(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(
            station.id, VariablesReported(1, 0, False, (VariableValue("", "NumberOfConnectors", "3"),))
        )
        rows = await network.rows("SELECT evse_no FROM installation WHERE station_id = :id", id=station.id)
        assert sorted(r["evse_no"] for r in rows) == [1, 2, 3]


class TestEvents:
    async def test_problems_and_security_events_are_kept(self, network: Network) -> None:
        station = await network.add_station()
        await network.say(
            station.id,
            ProblemReported("Connector", "Problem", "true", evse_no=1),
            SecurityEventReported("SettingSystemTime", NOON),
        )
        rows = await network.rows(
            "SELECT kind, code FROM station_event WHERE station_id = :id ORDER BY kind", id=station.id
        )
        assert [(r["kind"], r["code"]) for r in rows] == [
            ("problem", "Connector.Problem"), ("security", "SettingSystemTime"),
        ]  # fmt: skip

    async def test_data_transfer_of_an_unknown_vendor(self, network: Network) -> None:
        station = await network.add_station()
        answers = await network.say(
            station.id, DataTransferred("acme"), OtherReported("LogStatusNotification")
        )
        assert answers[0] == DataTransferAnswer("unknown_vendor_id")
        assert answers[1] is not None

    async def test_a_station_that_is_gone_is_rejected(self, network: Network) -> None:
        answer = (await network.say(new_id(), BOOT))[0]
        assert isinstance(answer, BootAnswer)
        assert answer.status == "rejected"


class TestOutletsShown:
    async def test_a_transaction_on_an_unknown_outlet_makes_it_before_others_load(
        self, network: Network
    ) -> None:
        station = await network.add_station()
        event = TransactionReported("started", None, NOON, evse_no=2)
        message = Inbound(network.operator_id, station.id, NOON, (event,))
        connection = await network.database.system_connection()
        async with connection.transaction():
            await network.handler.load(connection, [message])
            cursor = await connection.execute(
                "SELECT evse_no FROM installation WHERE station_id = %s", (station.id,)
            )
            assert await cursor.fetchall() == [(2,)]
            assert network.handler.apply(message, event) is None
            await network.handler.flush(connection)
        await connection.close()
        await network.handler.committed()
        await network.say(station.id, StatusReported(2, 1, "charging"))
        connector = await network.row("SELECT status FROM connector WHERE operator_id = :operator")
        assert connector["status"] == "charging"
