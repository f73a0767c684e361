"""What gateways read: in pages, and by what changed, whoever changed it and however long that took."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from forecourt.gateway.directory import Directory
from forecourt.gateway.directory_feed import DirectoryFeed
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.network.decide_knock import open_window
from forecourt.network.directory import Changes, Mark, StationDirectory, announce_station
from forecourt.network.manage_credentials import list_credentials, revoke_credential
from forecourt.network.retire_station import retire_station
from forecourt.stations.events import Booted, StatusReported
from tests.network.harness import NOON, PEPPER, make_network
from tests.network.test_inbox import knock

SOURCE = StationDirectory()


async def mark(database: Database) -> Mark:
    async with await database.system_connection() as connection:
        return await SOURCE.mark(connection, at=database.clock.now())


async def changes(database: Database, since: Mark, **options: object) -> Changes:
    async with await database.system_connection() as connection:
        return await SOURCE.changes(connection, since, at=database.clock.now(), **options)  # type: ignore[arg-type]


class TestChanges:
    async def test_only_what_changed_is_read(self, empty_database: Database) -> None:
        network = await make_network(empty_database)
        first, second = await network.add_station("A"), await network.add_station("B")
        since = (await changes(empty_database, await mark(empty_database))).mark
        assert (await changes(empty_database, since)).entries == []
        async with network.work() as uow:
            (credential,) = await list_credentials(uow, second.id)
            await revoke_credential(second.id, credential.id, uow=uow, stations=network.stations)
        found = await changes(empty_database, since)
        assert [(entry.station_id, entry.credentials) for entry in found.entries] == [(second.id, ())]
        async with network.work() as uow:
            await retire_station(first.id, uow=uow, stations=network.stations)
        found = await changes(empty_database, found.mark)
        assert (found.entries, found.gone) == ([], [first.id])

    async def test_what_stations_send_all_day_is_no_change(self, empty_database: Database) -> None:
        network = await make_network(empty_database)
        station = await network.add_station()
        since = (await changes(empty_database, await mark(empty_database))).mark
        await network.say(station.id, Booted("Acme", "X"), StatusReported(1, 1, "available"))
        assert (await changes(empty_database, since)).entries == []

    async def test_a_transaction_that_commits_late_is_not_missed(self, empty_database: Database) -> None:
        network = await make_network(empty_database)
        slow, quick = await network.add_station("SLOW"), await network.add_station("QUICK")
        since = (await changes(empty_database, await mark(empty_database))).mark
        async with network.work() as late:
            await announce_station(late, slow.id)
            async with network.work() as uow:
                await announce_station(uow, quick.id)
            found = await changes(empty_database, since)
            assert [entry.station_id for entry in found.entries] == [quick.id]
        found = await changes(empty_database, found.mark)
        assert slow.id in [entry.station_id for entry in found.entries]

    async def test_a_window_and_a_credential_end_by_our_clock(self, empty_database: Database) -> None:
        clock = ManualClock(NOON)
        database = Database(empty_database.urls, clock=clock)
        network = await make_network(database)
        station = await network.add_station()
        async with network.work() as uow:
            await open_window(minutes=5, uow=uow)
            (credential,) = await list_credentials(uow, station.id)
            credential.expires_at = NOON + timedelta(minutes=3)
        pending = (await knock(network)).entry
        assert pending is not None
        state: dict[UUID, tuple[bool, int]] = {}
        since = Mark(0, NOON)
        for minutes in (0, 2, 4, 6):
            clock.set(NOON + timedelta(minutes=minutes))
            found = await changes(database, since)
            since = Mark(2**62, found.mark.at)  # nothing but the time from now on
            state |= {entry.station_id: (entry.admitted, len(entry.credentials)) for entry in found.entries}
            assert state[station.id] == (True, 1 if minutes < 3 else 0)
            assert state[pending.station_id] == (minutes < 5, 0)
        await database.close()


class TestFeed:
    async def test_a_change_that_nobody_announced_is_found(self, empty_database: Database) -> None:
        network = await make_network(empty_database)
        stations = [await network.add_station(f"CP-{n}", protocol=None) for n in range(3)]
        directory, changed = Directory(PEPPER), list[UUID]()
        feed = DirectoryFeed(
            directory, SOURCE, database=empty_database, clock=empty_database.clock, changed=changed.append
        )
        await feed.load()
        assert len(directory) == 3
        async with await empty_database.system_connection() as connection:
            await connection.execute("UPDATE station SET blocked = true WHERE id = %s", (stations[1].id,))
            await connection.execute(
                "UPDATE station SET registration = 'retired' WHERE id = %s", (stations[2].id,)
            )
        changed.clear()
        await feed.heard(None)
        assert changed == []
        await feed._compare(pause_s=0.0)
        assert sorted(changed) == sorted([stations[1].id, stations[2].id])
        assert directory.get(stations[2].id) is None
        await feed.close()

    async def test_a_connection_that_broke_is_made_anew(self, empty_database: Database) -> None:
        network = await make_network(empty_database)
        directory = Directory(PEPPER)
        feed = DirectoryFeed(
            directory, SOURCE, database=empty_database, clock=empty_database.clock, changed=lambda _: None
        )
        await feed.load()
        await network.add_station("NEW", protocol=None)
        assert feed._connection is not None
        await feed._connection.close()
        await asyncio.gather(feed.heard(None), feed.heard(""))
        assert len(directory) == 1
        await feed.close()
