"""The curve of a session: thinned without losing its shape, with its gaps, and equal to the price."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from forecourt.app.routers import all_routers
from forecourt.charging.curve import curve_of, thin
from forecourt.charging.fold import Fact, new_course
from forecourt.charging.settle import settle_due
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from tests.api.harness import client_of, make_api, make_key

from .site import Site, at, reading, start, status, stop, transaction_of, values


def facts_of(powers: list[int | None], *, skip: frozenset[int] = frozenset()) -> list[Fact]:
    """A reading a minute with a register that grows by 100 Wh, without those minutes."""
    return [
        Fact("started", at(0), "charging", Decimal(1000)),
        *(
            Fact(
                "reading", at(minute), "Sample.Periodic", Decimal(1000 + 100 * minute),
                power_w=None if power is None else Decimal(power),
            )
            for minute, power in enumerate(powers, 1)
            if minute not in skip
        ),
    ]  # fmt: skip


def empty(source: int = 3) -> object:
    return new_course(price=None, max_power_w=50_000, until_unplugged=False, source=source)


class TestThin:
    def test_keeps_the_extremes_of_each_span_and_both_ends(self) -> None:
        dice = random.Random(7)
        times = [at(minute) for minute in range(1000)]
        powers = [Decimal(dice.randrange(0, 50_000)) for _ in times]
        kept = thin(times, powers, 20)
        assert len(kept) <= 80
        assert {times[0], times[-1]} <= kept
        for bucket in range(20):
            span = range(bucket * 50, bucket * 50 + 49)
            highest = max(powers[index] for index in span)
            found = [
                powers[index]
                for index in range(bucket * 50, bucket * 50 + 51)
                if index < 1000 and times[index] in kept
            ]
            assert max(found) >= highest
        assert kept == thin(times, powers, 20)

    def test_keeps_everything_where_there_is_little(self) -> None:
        times = [at(minute) for minute in range(8)]
        assert thin(times, [None] * 8, 2) == set(times)


class TestCurve:
    def test_marks_what_is_missing_and_nothing_else(self) -> None:
        missing = frozenset(range(20, 30))
        found = curve_of(empty(), facts_of([11_000] * 60, skip=missing), 600)  # type: ignore[arg-type]
        assert found.every_s == 60
        assert found.gaps == [(at(19), at(30))]
        assert found.readings == 50
        assert found.power_source == "measured"
        assert [point.energy_wh for point in found.points][-1] == 6000

    def test_no_reading_is_due_after_the_stop(self) -> None:
        facts = [
            *facts_of([11_000] * 10),
            Fact("stopped", at(11), "Local", Decimal(2100)),
            Fact("unplugged", at(90)),
        ]
        found = curve_of(empty(), facts, 600)  # type: ignore[arg-type]
        assert found.gaps == []
        assert (found.points[-1].at, found.points[-1].energy_wh) == (at(90), 1100)

    def test_power_that_is_not_told_is_energy_over_time_and_says_so(self) -> None:
        found = curve_of(empty(), facts_of([None] * 5), 600)  # type: ignore[arg-type]
        assert found.power_source == "mean"
        assert [point.power_w for point in found.points[1:]] == [6000] * 5

    def test_thinned_it_ends_at_the_same_energy(self) -> None:
        facts = facts_of([1000 + minute % 97 for minute in range(5000)])
        whole = curve_of(empty(), facts, 20_000)  # type: ignore[arg-type]
        few = curve_of(empty(), facts, 200)  # type: ignore[arg-type]
        assert len(whole.points) == 5001
        assert len(few.points) <= 202
        assert few.points[-1] == whole.points[-1]
        by_time = {point.at: point for point in whole.points}
        assert all(by_time[point.at] == point for point in few.points)


@pytest.fixture
async def site(database: Database) -> Site:
    database.clock = ManualClock(at(600))
    return await Site.build(database)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    key = await make_key(site.database, site.operator_id)
    async with client_of(make_api(site.database, routers=all_routers()), key) as client:
        yield client


async def charged(site: Site) -> str:
    (answer,) = await site.drive(start(0, 1000))
    tx = transaction_of(answer)
    await site.drive(
        status("charging", 1), *(values(tx, reading(m, 1000 + 200 * m, power_w=12_000)) for m in range(1, 21))
    )
    return tx


class TestEndpoint:
    async def test_the_last_point_costs_what_the_session_costs(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        tx = await charged(site)
        ident = encode_id("ses", (await site.session())["id"])
        for _ in range(2):
            curve = (await client.get(f"/sessions/{ident}/curve")).json()
            price = (await client.get(f"/sessions/{ident}/price")).json()
            row = (await client.get(f"/network/sessions/{ident}")).json()
            total = price["price"]["rounded"]["total_cost"]["after_taxes"]
            assert Decimal(curve["points"][-1]["cost"]) == Decimal(total) == Decimal(row["cost"])
            assert curve["points"][-1]["energy_wh"] == row["energy_wh"]
            assert row["final"] is price["final"]
            await site.drive(stop(tx, 21, 5150))
            await settle_due(site.database, prices=site.prices)
        assert price["final"]
        assert curve["gaps"] == []

    async def test_the_tariff_behind_the_price_is_told(self, site: Site, client: httpx.AsyncClient) -> None:
        await charged(site)
        ident = encode_id("ses", (await site.session())["id"])
        tariff = (await client.get(f"/sessions/{ident}/price")).json()["tariff"]
        assert (tariff["name"], tariff["number"], tariff["place"]) == ("T", 1, "operator")
        assert tariff["document"]["elements"][0]["prices"][0]["price"] == "0.50"

    async def test_a_session_of_ten_thousand_readings_comes_thinned(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        step = 1 / 20
        batch = [reading(1 + n * step, 1000 + 5 * n, power_w=6000 + n % 211) for n in range(10_000)]
        for first in range(0, len(batch), 500):
            await site.drive(values(tx, *batch[first : first + 500]))
        ident = encode_id("ses", (await site.session())["id"])
        curve = (await client.get(f"/sessions/{ident}/curve", params={"points": 600})).json()
        assert curve["readings"] == 10_000
        assert curve["every_s"] == 3
        assert len(curve["points"]) <= 604
        row = (await client.get(f"/network/sessions/{ident}")).json()
        assert Decimal(curve["points"][-1]["cost"]) == Decimal(row["cost"])
        assert (await site.session())["last_at"] == at(1) + timedelta(seconds=3) * 9_999

    async def test_signed_values_come_as_they_were_sent(self, site: Site, client: httpx.AsyncClient) -> None:
        tx = await charged(site)
        row = await site.session()
        data = 'OCMF|{"FV":"1.0","RD":[{"RV":1.5}]}|{"SD":"3046 é"}'
        await site.rows(
            "INSERT INTO signed_value (operator_id, id, station_id, scope, digest, session_id, measured_at, context, data,"
            " encoding_method) VALUES (%(op)s, gen_random_uuid(), %(station)s, %(scope)s, 'd', %(session)s, %(at)s,"
            " 'Transaction.Begin', %(data)s, 'OCMF') RETURNING id",
            station=site.station_id, scope=f"t:{tx}", session=row["id"], at=at(0), data=data,
        )  # fmt: skip
        (found,) = (await client.get(f"/sessions/{encode_id('ses', row['id'])}/signed-values")).json()
        assert found["data"] == data
        assert found["context"] == "Transaction.Begin"
