"""A partner hears the stored facts of its own stations and sessions, and never who the driver is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from forecourt.charging.models import Session
from forecourt.identity.actor import system_actor
from forecourt.identity.manage_partners import Grant, grant
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.network.models import Command, Location, Station
from tests.api.harness import all_routers, client_of, make_api, make_key, make_operator, make_partner
from tests.live.test_events import Server, server

__all__ = ["server"]
DRIVER = "04DEADBEEF"


class Site:
    """A location with a station, one session and one command on it."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def make(self, uow: UnitOfWork, host: UUID | None) -> None:
        operator, now = uow.operator_id, uow.clock.now()
        place = Location(operator_id=operator, name=self.name, country="DE", time_zone="UTC")
        uow.session.add(place)
        await uow.session.flush()
        self.location: UUID = place.id
        station = Station(
            operator_id=operator,
            identity=self.name,
            location_id=place.id,
            registration="adopted",
            reported={},
        )
        uow.session.add(station)
        await uow.session.flush()
        self.station: UUID = station.id
        session = Session(
            operator_id=operator, station_id=station.id, location_id=place.id, protocol="ocpp1.6",
            state="charging", opened_at=now, time_zone="UTC", quality=[], host_partner_id=host,
            token_value=DRIVER, token_type="rfid",
        )  # fmt: skip
        command = Command(
            operator_id=operator, station_id=station.id, kind="remote-start", params={"id_token": DRIVER},
            reply={"echo": DRIVER}, expires_at=now + timedelta(minutes=1),
        )  # fmt: skip
        uow.session.add_all([session, command])
        await uow.session.flush()
        self.session: UUID = session.id
        self.command: UUID = command.id

    def record(self, uow: UnitOfWork) -> None:
        for kind, subject in (
            ("station.connected", self.station),
            ("session.started", self.session),
            ("command.updated", self.command),
            ("location.updated", self.location),
        ):
            uow.record(kind, subject_id=subject, subject_revision=1, data={"site": self.name})


async def two_sites(server: Server) -> tuple[UUID, UUID, Site, Site]:
    operator = await make_operator(server.database)
    partner = await make_partner(server.database, operator)
    granted, other = Site("granted"), Site("other")
    async with server.database.transaction(operator, actor=system_actor(operator, "test")) as uow:
        await granted.make(uow, host=partner)
        await other.make(uow, host=None)
        await grant(
            Grant(
                partner_id=partner,
                subject_type="location",
                subject_id=granted.location,
                valid_from=uow.clock.now() - timedelta(hours=1),
                valid_to=None,
            ),
            uow=uow,
        )
    await server.sequence()
    return operator, partner, granted, other


async def record_all(server: Server, operator: UUID, *sites: Site) -> None:
    async with server.database.transaction(operator) as uow:
        for site in sites:
            site.record(uow)
        uow.record("station.knocked", subject_id=sites[0].station, subject_revision=None, data={})
        uow.record("user.created", subject_id=sites[0].station, subject_revision=None, data={})
        uow.record("token.refused", subject_id=sites[0].session, subject_revision=None, data={"uid": DRIVER})
    await server.sequence()


class TestPartnerEvents:
    async def test_it_hears_of_its_own_and_of_nothing_else(self, server: Server) -> None:
        operator, partner, granted, other = await two_sites(server)
        key = await make_key(server.database, operator, partner_id=partner)
        async with server.follow(key) as events:
            await record_all(server, operator, other, granted)
            heard: list[dict[str, Any]] = [await events.next() for _ in range(4)]
            await events.silence()
        assert [event["type"] for event in heard] == [
            "station.connected",
            "session.started",
            "command.updated",
            "location.updated",
        ]
        assert heard[0]["subject_id"] == encode_id("sta", granted.station)
        assert {event["data"]["site"] for event in heard} == {"granted"}

    async def test_it_resumes_where_it_was_and_another_partner_hears_nothing(self, server: Server) -> None:
        operator, partner, granted, other = await two_sites(server)
        stranger = await make_partner(server.database, operator)
        key = await make_key(server.database, operator, partner_id=partner)
        async with server.follow(key) as events:
            start = events.first["position"]
        await record_all(server, operator, other, granted)
        async with server.follow(key, last=start, types="session.*") as events:
            fact = await events.next()
            assert fact["subject_id"] == encode_id("ses", granted.session)
            await events.silence()
        strange_key = await make_key(server.database, operator, partner_id=stranger)
        async with server.follow(strange_key, last=start) as events:
            await events.silence()

    async def test_what_is_no_longer_granted_is_no_longer_heard(self, server: Server) -> None:
        operator, partner, granted, _ = await two_sites(server)
        host = await make_key(server.database, operator, partner_id=partner)
        admin = await make_key(server.database, operator)
        app = make_api(server.database)
        async with client_of(app, admin) as client:
            grants = await client.get(f"/partners/{encode_id('ptn', partner)}/grants")
            ended = await client.delete(f"/partner-grants/{grants.json()['items'][0]['id']}")
            assert ended.status_code == 200
        async with server.follow(host, types="station.*") as events:
            await record_all(server, operator, granted)
            await events.silence()


class TestTheDriverStaysUnknown:
    @pytest.mark.parametrize("path", ["/sessions", "/commands", "/stations"])
    async def test_no_list_or_export_tells_a_host(self, server: Server, path: str) -> None:
        operator, partner, _, _ = await two_sites(server)
        app = make_api(server.database, routers=all_routers())
        async with (
            client_of(app, await make_key(server.database, operator, partner_id=partner)) as host,
            client_of(app, await make_key(server.database, operator)) as admin,
        ):
            for query in ("", "?format=csv"):
                told = await host.get(path + query)
                assert told.status_code == 200
                assert DRIVER not in told.text
            items = (await host.get(path)).json()["items"]
            assert len(items) == 1
            one = await host.get(f"{path}/{items[0]['id']}")
            assert one.status_code == 200
            assert DRIVER not in one.text
            if path != "/stations":
                assert DRIVER in (await admin.get(path)).text, "the test shows nothing"
