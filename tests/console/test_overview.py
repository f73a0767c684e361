"""The overview's figures: what a day sums to, each connector counted once, facts with names; and what it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from forecourt.console.days import _SQL
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id, new_id
from tests.api.harness import all_routers, client_of, make_api, make_key, make_operator

NOW = datetime(2026, 3, 30, 12, 7, tzinfo=UTC)
"""In Berlin 14:07 on a Monday; on the Sunday before it clocks went forward, so that day has 23 hours."""


class Network:
    """An operator in Berlin with stations, sessions and facts written straight into the tables."""

    def __init__(self, database: Database, owner_url: str, operator: UUID) -> None:
        self.database, self.owner_url, self.operator = database, owner_url, operator
        self.location = new_id()

    async def run(self, sql: str, **values: Any) -> None:
        async with await psycopg.AsyncConnection.connect(self.owner_url, autocommit=True) as connection:
            await connection.execute(
                sql.encode(), {"operator": self.operator, **values} if "%(" in sql else None
            )

    async def station(self, *statuses: str, link: str = "online") -> UUID:
        station = new_id()
        await self.run(
            "INSERT INTO station (operator_id, id, identity, location_id, registration, reported, link)"
            " VALUES (%(operator)s, %(id)s, %(identity)s, %(location)s, 'adopted', '{}', %(link)s)",
            id=station, identity=station.hex, location=self.location, link=link,
        )  # fmt: skip
        for number, status in enumerate(statuses, 1):
            ids = {
                "evse": new_id(),
                "connector": new_id(),
                "id": new_id(),
                "station": station,
                "number": number,
            }
            for sql in (
                "INSERT INTO evse (operator_id, id, location_id, evse_uid)"
                " VALUES (%(operator)s, %(evse)s, %(location)s, %(uid)s)",
                "INSERT INTO connector (operator_id, id, evse_id, connector_no, status)"
                " VALUES (%(operator)s, %(connector)s, %(evse)s, 1, %(status)s)",
                "INSERT INTO installation (operator_id, id, station_id, evse_id, evse_no, valid_from)"
                " VALUES (%(operator)s, %(id)s, %(station)s, %(evse)s, %(number)s, now())",
            ):
                await self.run(sql, **ids, location=self.location, status=status, uid=ids["evse"].hex)
        return station

    async def session(self, station: UUID, begins: datetime, hours: str, wh: str, **more: Any) -> None:
        values: dict[str, Any] = {
            "cost": None, "currency": None, "state": "ended", "power": None, "priced": None, "open": False, **more,
        }  # fmt: skip
        ends = begins + timedelta(hours=float(hours))
        await self.run(
            "INSERT INTO session (operator_id, id, station_id, protocol, state, opened_at, started_at, stopped_at,"
            " ended_at, last_at, energy_wh, cost_after_taxes, currency, power_w, tariff_version_id, time_zone, quality)"
            " VALUES (%(operator)s, %(id)s, %(station)s, 'ocpp1.6', %(state)s, %(begins)s, %(begins)s, %(stops)s,"
            " %(stops)s, %(ends)s, %(wh)s, %(cost)s, %(currency)s, %(power)s, %(priced)s, 'UTC', '[]')",
            id=new_id(), station=station, begins=begins, ends=ends, wh=Decimal(wh),
            stops=None if values["open"] else ends, **values,
        )  # fmt: skip


@pytest.fixture
async def network(empty_database: Database, empty_database_urls: Any) -> Network:
    empty_database.clock = ManualClock(NOW)
    made = Network(empty_database, empty_database_urls.owner, await make_operator(empty_database))
    await made.run("UPDATE operator SET time_zone = 'Europe/Berlin' WHERE id = %(operator)s")
    await made.run(
        "INSERT INTO location (operator_id, id, name, country, time_zone, latitude, longitude)"
        " VALUES (%(operator)s, %(id)s, 'Garage', 'DE', 'Europe/Berlin', 52.5, 13.4)",
        id=made.location,
    )
    return made


@pytest.fixture
async def client(network: Network) -> AsyncIterator[httpx.AsyncClient]:
    app = make_api(network.database, routers=all_routers())
    async with client_of(app, await make_key(network.database, network.operator)) as caller:
        yield caller


def in_utc(hour: int, minute: int = 0, *, day: int = 30) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


class TestDays:
    async def test_sessions_are_spread_over_the_quarters_of_the_hour_and_cut_at_midnight(
        self, network: Network, client: httpx.AsyncClient
    ) -> None:
        station = await network.station("available")
        # Midnight in Berlin is 22:00 UTC: a quarter of this one belongs to yesterday.
        await network.session(station, in_utc(21, 45, day=29), "1", "4000", cost="4", currency="EUR")
        await network.session(station, in_utc(11, 50), "0.25", "900", cost="2", currency="CHF")
        answer = (await client.get("/network/days")).json()
        today, yesterday = answer["today"], answer["yesterday"]
        assert answer["time_zone"] == "Europe/Berlin"
        assert today["energy_wh"] == "3900"
        assert yesterday["energy_wh"] == "1000"
        assert today["energy_by_quarter_hour_wh"][:4] == ["1000", "1000", "1000", "0"]
        assert today["energy_by_quarter_hour_wh"][-2:] == ["600", "300"]
        assert len(today["energy_by_quarter_hour_wh"]) == 57, "56 quarters until 14:00, and 7 minutes"
        revenue = {one["currency"]: Decimal(one["total"]) for one in today["revenue"]}
        assert revenue == {"EUR": Decimal(3), "CHF": Decimal(2)}

    async def test_yesterday_is_compared_at_the_same_time_of_the_clock(
        self, network: Network, client: httpx.AsyncClient
    ) -> None:
        station = await network.station("available")
        # 14:07 of the Sunday is 12:07 UTC; half of this one was done by then.
        await network.session(station, in_utc(11, 37, day=29), "1", "5000")
        yesterday = (await client.get("/network/days")).json()["yesterday"]
        assert len(yesterday["energy_by_quarter_hour_wh"]) == 92, "that day had 23 hours"
        assert Decimal(yesterday["energy_so_far_wh"]) == pytest.approx(Decimal(2500), abs=1)
        assert yesterday["energy_wh"] == "5000"

    async def test_the_table_of_stations_sums_to_the_same(
        self, network: Network, client: httpx.AsyncClient
    ) -> None:
        stations = [await network.station("available") for _ in range(3)]
        for number, station in enumerate(stations):
            await network.session(station, in_utc(20 + number, 7, day=29), "3", str(1000 * (number + 1)))
        today = (await client.get("/network/days")).json()["today"]
        rows = (await client.get("/network/stations")).json()["items"]
        total = sum(Decimal(row["energy_today_wh"]) for row in rows)
        assert total == pytest.approx(Decimal(today["energy_wh"]), abs=len(stations))
        assert total > 0

    async def test_a_day_without_sessions_is_zero(self, client: httpx.AsyncClient) -> None:
        today = (await client.get("/network/days")).json()["today"]
        assert today["energy_wh"] == "0"
        assert today["revenue"] == []


class TestOverview:
    async def test_each_station_and_connector_is_counted_once_by_its_state(
        self, network: Network, client: httpx.AsyncClient
    ) -> None:
        await network.station("available", "faulted")
        await network.station("available", "charging", link="offline")
        await network.station("charging")
        answer = (await client.get("/network/overview")).json()
        assert answer["stations"] == {"faulted": 1, "offline": 1, "charging": 1}
        assert answer["connectors"] == {"faulted": 1, "offline": 2, "charging": 1, "available": 1}
        (place,) = answer["places"]
        assert place["name"] == "Garage"
        assert place["states"] == answer["connectors"]

    async def test_odd_sessions_are_told_apart_and_power_is_of_those_that_can_be_seen(
        self, network: Network, client: httpx.AsyncClient
    ) -> None:
        station, away = await network.station("charging"), await network.station("charging", link="offline")
        tariff, begins = new_id(), in_utc(11)
        for at, more in (
            (station, {"state": "charging", "power": "7000", "priced": tariff}),
            (station, {"state": "suspended_evse", "power": "0", "priced": tariff}),
            (station, {"state": "charging", "power": "3000"}),
            (away, {"state": "charging", "power": "9000", "priced": tariff}),
        ):
            await network.session(at, begins, "1", "10", open=True, **more)
        await network.session(station, begins, "0.1", "10", open=True, state="charging", priced=tariff)
        answer = (await client.get("/network/overview")).json()
        assert answer["open_sessions"] == 5
        assert answer["look_at"] == {"unseen": 1, "no_power": 1, "no_price": 1, "silent": 1}
        assert Decimal(answer["power_w"]) == 10_000


class TestFeed:
    async def fact(self, network: Network, position: int, kind: str, subject: UUID, data: str) -> None:
        await network.run(
            "INSERT INTO outbox_event (operator_id, id, position, type, subject_id, at, data)"
            " VALUES (%(operator)s, %(id)s, %(position)s, %(type)s, %(subject)s, %(at)s, %(data)s)",
            id=new_id(), position=position, type=kind, subject=subject, at=NOW, data=data,
        )  # fmt: skip

    async def test_facts_come_newest_first_with_names_and_without_noise(
        self, network: Network, client: httpx.AsyncClient
    ) -> None:
        station = await network.station("available")
        named = f'"station_id": "{encode_id("sta", station)}"'
        await self.fact(network, 900_001, "station.connected", station, f"{{{named}}}")
        await self.fact(network, 900_002, "station.updated", station, "{}")
        await self.fact(
            network, 900_003, "connector.status_changed", new_id(),
            f'{{{named}, "status": "faulted", "error_code": "GroundFailure"}}',
        )  # fmt: skip
        answer = (await client.get("/network/feed")).json()
        assert [(item["type"], item["detail"]) for item in answer["items"]] == [
            ("connector.status_changed", "GroundFailure"),
            ("station.connected", None),
        ]
        assert {item["location_name"] for item in answer["items"]} == {"Garage"}
        assert answer["last_minute"] == 3
        trouble = (await client.get("/network/feed", params={"kind": "trouble"})).json()
        assert [item["state"] for item in trouble["items"]] == ["faulted"]


class TestCost:
    async def test_days_are_read_by_index_whatever_the_number_of_old_sessions(self, network: Network) -> None:
        station = await network.station("available")
        await network.run(
            "INSERT INTO session (operator_id, id, station_id, protocol, state, opened_at, time_zone, quality)"
            " SELECT %(operator)s, gen_random_uuid(), %(station)s, 'ocpp1.6', 'ended',"
            " %(now)s::timestamptz - n * interval '1 hour', 'UTC', '[]' FROM generate_series(1, 5000) n",
            station=station, now=NOW,
        )  # fmt: skip
        await network.run("ANALYZE session")
        values = {
            "operator": network.operator,
            "since": NOW - timedelta(days=3),
            "start": NOW,
            "sessions": True,
        }
        sql = _SQL
        for name in values:
            sql = sql.replace(f":{name}", f"%({name})s")
        async with network.database.transaction(network.operator) as uow:
            found = await (await uow.connection()).execute(f"EXPLAIN {sql}".encode(), values)
            plan = "\n".join(row[0] for row in await found.fetchall())
        assert "ix_session_opened" in plan, plan
        assert "Seq Scan on session" not in plan, plan
