"""The gateway on the network's own directory: rotation, revocation, and a clock that is not the machine's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest

from forecourt.gateway import Gateway, GatewaySettings
from forecourt.kit.bus import MemoryBus
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.network.directory import StationDirectory
from forecourt.network.handler import NetworkHandler
from forecourt.network.manage_credentials import list_credentials, rotate_credential
from forecourt.network.models import Station
from forecourt.network.retire_credentials import retire_replaced_credentials
from tests.gateway.conftest import World
from tests.network.harness import NOON, PEPPER, Network, make_network


class Site(World):
    """A gateway as the program wires it, and an operator with one station `CP1`."""

    network: Network
    station: Station
    clock: ManualClock

    async def open(self) -> None:
        self.clock = ManualClock(NOON)
        self.database = Database(self.database.urls, clock=self.clock)
        self.network = await make_network(self.database)
        (operator,) = await self.network.rows("SELECT slug FROM operator WHERE id = :operator")
        self.station = await self.network.add_station("CP1", protocol=None)
        async with self.network.work() as uow:
            for row in await list_credentials(uow, self.station.id):
                row.revoked_at = NOON
        self.gateway = Gateway(
            database=self.database,
            bus=self.bus,
            teams=[[NetworkHandler()]],
            stations=StationDirectory(),
            settings=GatewaySettings(
                pepper=PEPPER, host="127.0.0.1", port=0, default_operator=operator["slug"], node=self.slug
            ),
            clock=self.clock,
            on_credential_used=partial(retire_replaced_credentials, self.database),
        )
        await self.gateway.start()

    async def rotate(self, password: str, **options: timedelta) -> None:
        async with self.network.work() as uow:
            await rotate_credential(self.station.id, password=password, pepper=PEPPER, uow=uow, **options)
        await self.gateway.feed.heard(None)

    async def valid(self) -> int:
        async with self.network.work() as uow:
            return len(await list_credentials(uow, self.station.id))


@pytest.fixture
async def site(empty_database: Database, bus: MemoryBus) -> AsyncIterator[Site]:
    site = Site(empty_database, bus)
    await site.open()
    yield site
    await site.stop()
    await site.database.close()


class TestRotation:
    async def test_the_old_password_ends_when_the_new_one_is_used(self, site: Site) -> None:
        await site.rotate("the-first-password")
        await site.rotate("the-second-password")
        old = await site.connect(password="the-first-password")
        assert (await old.boot())[0] == 3
        assert await site.valid() == 2, "using the old one ends nothing"
        new = await site.connect(password="the-second-password")
        assert (await new.boot())[0] == 3
        for _ in range(100):
            if await site.valid() == 1:
                break
        assert await site.valid() == 1
        await site.gateway.feed.heard(None)
        assert await site.refused(password="the-first-password") == 401
        assert (await new.call("Heartbeat", {}))[0] == 3, "the socket of the new one stays"
        (event,) = await site.network.events("station.credential_retired")
        assert len(event["data"]["retired_ids"]) == 1
        trail = await site.network.rows(
            "SELECT actor_kind FROM audit_entry WHERE operator_id = :operator AND action = :action",
            action="station.credential_retired",
        )
        assert [row["actor_kind"] for row in trail] == ["system"]

    async def test_a_rotation_that_the_station_never_got_leaves_the_one_before(self, site: Site) -> None:
        for password in ("the-first-password", "the-second-password", "the-third-password"):
            await site.rotate(password)
        await site.connect(password="the-second-password")
        for _ in range(100):
            if await site.valid() == 2:
                break
        await site.gateway.feed.heard(None)
        assert await site.refused(password="the-first-password") == 401
        await site.connect(password="the-second-password")
        await site.connect(password="the-third-password")

    async def test_an_end_that_was_set_holds_by_our_clock(self, site: Site) -> None:
        await site.rotate("the-first-password")
        await site.rotate("the-second-password", grace=timedelta(hours=1))
        station = await site.connect(password="the-first-password")
        site.clock.advance(timedelta(minutes=59))
        await site.gateway.feed.heard(None)
        assert (await station.call("Heartbeat", {}))[0] == 3
        site.clock.advance(timedelta(minutes=2))
        await site.gateway.feed.heard(None)
        assert await station.closed() == 1008
        assert await site.refused(password="the-first-password") == 401
