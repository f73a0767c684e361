"""The inbox: knocks, the door, adoption, swapping."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from forecourt.kit.errors import Invalid
from forecourt.network.add_station import AddStation, add_station
from forecourt.network.adopt_station import Adopted, AdoptStation, adopt_station
from forecourt.network.decide_knock import close_window, decide_knock, open_window
from forecourt.network.directory import load_directory
from forecourt.network.errors import KnockDecided
from forecourt.network.match_knock import match_knock, stem_of
from forecourt.network.models import Station
from forecourt.network.queries import get_knock
from forecourt.network.record_knock import KnockAnswer, RecordKnock, record_knock
from forecourt.network.retire_station import retire_station
from forecourt.network.state import load_stations
from forecourt.network.swap_station import SwapStation, map_outlets, swap_station
from forecourt.stations.answers import BootAnswer
from forecourt.stations.commands import SetVariables, TriggerMessage
from forecourt.stations.events import Booted, Connected, StatusReported, VariablesReported, VariableValue
from tests.network.harness import NOON, PEPPER, Network


async def knock(network: Network, identity: str = "NEW-1", address: str = "192.0.2.7") -> KnockAnswer:
    async with network.database.transaction(role="system") as uow:
        return await record_knock(
            RecordKnock(operator_id=network.operator_id, identity=identity, remote_address=address), uow=uow
        )


async def let_in(network: Network, identity: str, protocol: str, outlets: Sequence[tuple[int, int]]) -> UUID:
    """A station that came through the open door and reported its outlets; its id."""
    async with network.work() as uow:
        await open_window(minutes=5, max_per_address=100, uow=uow)
    entry = (await knock(network, identity)).entry
    assert entry is not None
    await network.say(entry.station_id, Connected(protocol, "192.0.2.7", 0, 1), protocol=protocol)
    assert await network.say(entry.station_id, Booted("Acme", "X"), protocol=protocol) == [
        BootAnswer("pending", NOON, 30)
    ]
    for evse_no, connector_no in outlets:
        await network.say(
            entry.station_id, StatusReported(evse_no, connector_no, "available"), protocol=protocol
        )
    return entry.station_id


async def adopt(network: Network, identity: str) -> Adopted:
    row = await network.row(
        "SELECT id FROM knock WHERE operator_id = :operator AND identity = :identity", identity=identity
    )
    async with network.work() as uow:
        return await adopt_station(
            AdoptStation(knock_id=row["id"], location_id=network.location_id),
            uow=uow, stations=network.stations, database=network.database, pepper=PEPPER,
        )  # fmt: skip


async def outlets_of(
    network: Network, station_id: UUID
) -> list[tuple[int, int | None, UUID, int, str | None]]:
    rows = await network.rows(
        "SELECT i.evse_no, i.connector_no, i.evse_id, c.connector_no AS plug, c.status FROM installation i"
        " LEFT JOIN connector c ON c.evse_id = i.evse_id WHERE i.station_id = :id AND i.valid_to IS NULL"
        " ORDER BY i.evse_no, c.connector_no",
        id=station_id,
    )
    return [(r["evse_no"], r["connector_no"], r["evse_id"], r["plug"], r["status"]) for r in rows]


class TestMatchKnock:
    async def test_neighbours_tell_where_it_stands(self, network: Network) -> None:
        elsewhere = await network.add_location(name="Elsewhere")
        for number in (1, 2):
            station = await network.add_station(f"KRK-N-{number}")
            await network.say(station.id, Connected("ocpp1.6", "192.0.2.7", 0, 1))
            await network.say(station.id, Booted("Acme", "X", serial_number=f"S{number}"))
        async with network.work() as uow:
            far = await add_station(
                AddStation(identity="KRK-N-9", location_id=elsewhere.id, password="long enough 9"),
                uow=uow, pepper=PEPPER,
            )  # fmt: skip
        assert far[0].location_id == elsewhere.id
        async with network.work() as uow:
            await open_window(minutes=5, uow=uow)
        entry = (await knock(network, "KRK-N-10")).entry
        assert entry is not None
        await network.say(entry.station_id, Connected("ocpp1.6", "192.0.2.7", 0, 1))
        await network.say(entry.station_id, Booted("Acme", "X", serial_number="S2"))
        await network.say(entry.station_id, StatusReported(1, 1, "available"))
        row = await network.row("SELECT id FROM knock WHERE operator_id = :operator")
        async with network.work() as uow:
            found = await match_knock(await get_knock(uow, row["id"]), uow=uow)
        assert [(outlet.evse_no, outlet.connector_no, outlet.status) for outlet in found.outlets] == [
            (1, 1, "available")
        ]
        assert [(match.location.id, match.reason, match.identities) for match in found.locations] == [
            (network.location_id, "same_address", ("KRK-N-1", "KRK-N-2")),
            (elsewhere.id, "similar_name", ("KRK-N-9",)),
        ]
        assert (found.same_serial, found.same_model) == ("KRK-N-2", 2)

    async def test_a_stranger_matches_nothing(self, network: Network) -> None:
        await network.add_station("CP-1")
        await knock(network, "42", address="203.0.113.9")
        row = await network.row("SELECT id FROM knock WHERE operator_id = :operator")
        async with network.work() as uow:
            found = await match_knock(await get_knock(uow, row["id"]), uow=uow)
        assert (found.locations, found.same_serial, found.same_model) == ((), None, 0)

    def test_the_stem_is_the_identity_without_its_number(self) -> None:
        assert [stem_of(name) for name in ("KRK-NORD-05", "42", "DUS-HAF-09A", "charger")] == [
            "KRK-NORD-", "", "DUS-HAF-", "charger",
        ]  # fmt: skip


class TestRecordKnock:
    async def test_a_closed_door_counts(self, network: Network) -> None:
        for _ in range(3):
            assert (await knock(network)).reason == "door_closed"
        row = await network.row("SELECT * FROM knock WHERE operator_id = :operator")
        assert (row["count"], row["state"], row["station_id"]) == (3, "waiting", None)
        assert len(await network.events("station.knocked")) == 1

    async def test_an_open_door_lets_in_so_many_per_address(self, network: Network) -> None:
        async with network.work() as uow:
            await open_window(minutes=5, max_per_address=2, uow=uow)
        answers = [await knock(network, f"N-{n}") for n in (1, 2, 3)]
        assert [a.reason for a in answers] == [None, None, "address_limit"]
        assert (await knock(network, "n-1")).entry is not None
        assert (await knock(network, "N-3", "192.0.2.8")).entry is not None
        async with network.work() as uow:
            await close_window(uow=uow)
        assert (await knock(network, "N-1")).reason == "door_closed"

    async def test_who_knocked_a_moment_ago_is_in_when_the_door_opens(self, network: Network) -> None:
        await knock(network)
        async with network.work() as uow:
            window = await open_window(minutes=5, uow=uow)
        assert window.admitted == {"192.0.2.7": ["new-1"]}
        row = await network.row("SELECT id FROM station WHERE operator_id = :operator")
        async with network.database.transaction(role="system") as uow:
            (entry,) = await load_directory(await uow.connection(), [row["id"]], at=uow.clock.now())
        assert entry.admitted
        async with network.work() as uow:
            await close_window(uow=uow)
        async with network.database.transaction(role="system") as uow:
            (entry,) = await load_directory(await uow.connection(), [row["id"]], at=uow.clock.now())
        assert not entry.admitted

    async def test_who_is_blocked_stays_out(self, network: Network) -> None:
        station_id = await let_in(network, "NEW-1", "ocpp1.6", [])
        row = await network.row("SELECT id FROM knock WHERE operator_id = :operator")
        async with network.work() as uow:
            await decide_knock(row["id"], "blocked", uow=uow, stations=network.stations)
        assert (await knock(network)).reason == "blocked"
        assert network.stations.disconnected == [(station_id, "knock_blocked")]
        with pytest.raises(KnockDecided):
            await adopt(network, "NEW-1")

    async def test_a_full_inbox_forgets_the_least_serious(
        self, network: Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("forecourt.network.record_knock._MAX_WAITING", 3)
        for identity in ("REAL", "REAL", "JUNK-1", "JUNK-2", "JUNK-3", "JUNK-4", "REAL"):
            assert (await knock(network, identity)).reason == "door_closed"
        rows = await network.rows(
            "SELECT identity, count FROM knock WHERE operator_id = :operator ORDER BY id"
        )
        assert [(row["identity"], row["count"]) for row in rows] == [
            ("REAL", 3),
            ("JUNK-3", 1),
            ("JUNK-4", 1),
        ]

    async def test_an_identity_that_nobody_can_read_is_refused(self, network: Network) -> None:
        assert (await knock(network, "a\x07b")).reason == "unusable_identity"

    async def test_minutes_are_limited(self, network: Network) -> None:
        async with network.work() as uow:
            with pytest.raises(Invalid):
                await open_window(minutes=121, uow=uow)


class TestAdoptStation:
    async def test_16_connectors_become_evses(self, network: Network) -> None:
        await let_in(network, "NEW-1", "ocpp1.6", [(0, 0), (1, 1), (2, 1)])
        adopted = await adopt(network, "NEW-1")
        outlets = await outlets_of(network, adopted.station.id)
        assert [(e, c, p, s) for e, c, _, p, s in outlets] == [(1, 1, 1, "available"), (2, 1, 1, "available")]
        assert adopted.station.registration == "adopted"
        assert adopted.station.status == "available"

    async def test_2x_evses_keep_their_connectors(self, network: Network) -> None:
        await let_in(network, "NEW-2", "ocpp2.0.1", [(1, 1), (1, 2), (2, 1)])
        adopted = await adopt(network, "NEW-2")
        outlets = await outlets_of(network, adopted.station.id)
        assert [(e, c, p) for e, c, _, p, _ in outlets] == [(1, None, 1), (1, None, 2), (2, None, 1)]
        assert outlets[0][2] == outlets[1][2] != outlets[2][2]

    async def test_variables_are_evidence_too(self, network: Network) -> None:
        station_id = await let_in(network, "NEW-1", "ocpp1.6", [])
        value = VariableValue("", "NumberOfConnectors", "2")
        await network.say(station_id, VariablesReported(1, 0, False, (value,)))
        adopted = await adopt(network, "NEW-1")
        assert [o[0] for o in await outlets_of(network, adopted.station.id)] == [1, 2]

    async def test_2x_stations_say_what_their_plugs_are(self, network: Network) -> None:
        station_id = await let_in(network, "NEW-2", "ocpp2.0.1", [(1, 1)])
        plug = VariableValue("Connector", "ConnectorType", "cCCS2", evse_no=1, connector_no=1)
        await network.say(station_id, VariablesReported(1, 0, False, (plug,)), protocol="ocpp2.0.1")
        await adopt(network, "NEW-2")
        second = VariableValue("Connector", "ConnectorType", "sType2", evse_no=2, connector_no=1)
        await network.say(station_id, VariablesReported(2, 0, False, (second,)), protocol="ocpp2.0.1")
        rows = await network.rows(
            "SELECT connector_type, format FROM connector WHERE operator_id = :operator ORDER BY id"
        )
        assert [(r["connector_type"], r["format"]) for r in rows] == [
            ("IEC_62196_T2_COMBO", "cable"), ("IEC_62196_T2", "socket"),
        ]  # fmt: skip

    async def test_a_station_that_is_online_is_given_its_password_and_boots_again(
        self, network: Network
    ) -> None:
        station_id = await let_in(network, "NEW-1", "ocpp1.6", [(1, 1)])
        adopted = await adopt(network, "NEW-1")
        first, second = (command for _, command in network.stations.sent)
        assert isinstance(first, SetVariables)
        assert first.values[0][1] == adopted.password.encode().hex()
        assert second == TriggerMessage("BootNotification")
        assert await network.say(station_id, Booted("Acme", "X")) == [BootAnswer("accepted", NOON, 300)]

    async def test_the_credential_is_in_the_directory(self, network: Network) -> None:
        await knock(network)
        adopted = await adopt(network, "NEW-1")
        async with network.database.transaction(role="system") as uow:
            entries = await load_directory(await uow.connection(), [adopted.station.id], at=uow.clock.now())
        credential = entries[0].credentials[0]
        assert credential.matches(adopted.password.encode(), pepper=PEPPER)
        assert not credential.weak
        assert not credential.matches(b"other", pepper=PEPPER)

    async def test_it_can_be_done_once(self, network: Network) -> None:
        await knock(network)
        await adopt(network, "NEW-1")
        with pytest.raises(KnockDecided):
            await adopt(network, "NEW-1")

    async def test_it_waits_for_a_batch_of_the_same_station(self, network: Network) -> None:
        """A batch locks the station and then writes into its knock: who decides on it must not do the reverse."""
        station_id = await let_in(network, "NEW-1", "ocpp1.6", [(1, 1)])
        async with await network.database.system_connection() as batch, batch.transaction():
            await load_stations(batch, [station_id], {})
            deciding = asyncio.create_task(adopt(network, "NEW-1"))
            waiting = "SELECT FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
            while not (await batch.execute(waiting, (batch.info.backend_pid,))).rowcount:
                assert not deciding.done()
                await asyncio.sleep(0.02)
            await batch.execute("UPDATE knock SET last_at = now() WHERE station_id = %s", (station_id,))
        assert (await deciding).station.registration == "adopted"

    async def test_statuses_after_adoption_continue_the_intervals(self, network: Network) -> None:
        station_id = await let_in(network, "NEW-1", "ocpp1.6", [(1, 1)])
        await adopt(network, "NEW-1")
        from datetime import UTC, datetime, timedelta

        at = datetime.now(UTC) + timedelta(minutes=1)
        await network.say(station_id, StatusReported(1, 1, "charging"), at=at)
        rows = await network.rows(
            "SELECT status, ended_at FROM status_interval WHERE operator_id = :operator AND track = 'status'"
            " ORDER BY started_at"
        )
        assert [(r["status"], r["ended_at"]) for r in rows] == [("available", at), ("charging", None)]


class TestSwapStation:
    async def swap(self, network: Network, old: Station | UUID, identity: str) -> Adopted:
        row = await network.row(
            "SELECT id FROM knock WHERE operator_id = :operator AND identity = :identity", identity=identity
        )
        old_id = old if isinstance(old, UUID) else old.id
        async with network.work() as uow:
            return await swap_station(
                SwapStation(station_id=old_id, knock_id=row["id"]),
                uow=uow, stations=network.stations, database=network.database, pepper=PEPPER,
            )  # fmt: skip

    async def test_evses_and_history_stay(self, network: Network) -> None:
        old = await network.add_station("OLD")
        await network.say(old.id, StatusReported(1, 1, "available"), StatusReported(2, 1, "faulted"))
        before = await outlets_of(network, old.id)
        new_id = await let_in(network, "NEW-1", "ocpp1.6", [(1, 1), (2, 1)])
        swapped = await self.swap(network, old, "NEW-1")
        after = await outlets_of(network, new_id)
        assert [o[2] for o in after] == [o[2] for o in before]
        assert [o[4] for o in after] == ["available", "available"]
        assert await outlets_of(network, old.id) == []
        assert swapped.station.location_id == network.location_id
        assert swapped.password
        retired = await network.row("SELECT registration FROM station WHERE id = :id", id=old.id)
        assert retired["registration"] == "retired"
        history = await network.rows(
            "SELECT station_id, status FROM status_interval WHERE operator_id = :operator AND track = 'status'"
            " AND ended_at IS NOT NULL"
        )
        assert {(h["station_id"], h["status"]) for h in history} == {
            (old.id, "available"),
            (old.id, "faulted"),
        }
        assert len(await network.rows("SELECT 1 FROM evse WHERE operator_id = :operator")) == 2

    async def test_16_hardware_becomes_2x(self, network: Network) -> None:
        old = await network.add_station("OLD")
        await network.say(old.id, StatusReported(1, 1, "available"), StatusReported(2, 1, "available"))
        before = await outlets_of(network, old.id)
        new_id = await let_in(network, "NEW-1", "ocpp2.1", [(1, 1), (2, 1)])
        await self.swap(network, old, "NEW-1")
        after = await outlets_of(network, new_id)
        assert [(o[0], o[1], o[2], o[3]) for o in after] == [(o[0], None, o[2], o[3]) for o in before]

    async def test_the_same_identity_may_come_back(self, network: Network) -> None:
        old = await network.add_station("SAME")
        async with network.work() as uow:
            await retire_station(old.id, uow=uow, stations=network.stations)
        assert (await knock(network, "SAME")).reason == "door_closed"
        again = await adopt(network, "SAME")
        assert again.station.id != old.id
        assert network.stations.disconnected == [(old.id, "station_retired")]

    def test_numbers_of_shared_outlets(self) -> None:
        a, b = UUID(int=1), UUID(int=2)
        plugs = {a: [1, 2], b: [1]}
        to_16 = map_outlets([(a, 1), (b, 2)], plugs, False, True)
        assert [(m.evse_id, m.evse_no, m.connector_no) for m in to_16] == [(a, 1, 1), (a, 2, 2), (b, 3, 1)]
        to_2x = map_outlets([(a, 1), (a, 2), (b, 3)], plugs, True, False)
        assert [(m.evse_id, m.evse_no, m.connector_no) for m in to_2x] == [(a, 1, None), (b, 2, None)]
