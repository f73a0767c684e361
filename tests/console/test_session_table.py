"""The table of sessions: names, filters, order, the price as everywhere, and what the caller may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from forecourt.app.routers import all_routers
from forecourt.charging.settle import settle_due
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from tests.api.harness import client_of, make_api, make_key
from tests.charging.site import TAG, Site, at, reading, start, stop, transaction_of, values


@pytest.fixture
async def site(database: Database) -> Site:
    database.clock = ManualClock(at(600))
    return await Site.build(database)


@pytest.fixture
def app(site: Site) -> FastAPI:
    return make_api(site.database, routers=all_routers())


@pytest.fixture
async def client(site: Site, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, await make_key(site.database, site.operator_id)) as client:
        yield client


async def two_sessions(site: Site) -> None:
    """One settled at EVSE 1 (2.5 kWh, € 1.25), then one open at EVSE 2 (1.0 kWh, € 0.50)."""
    (answer,) = await site.drive(start(0, 1000))
    await site.drive(stop(transaction_of(answer), 30, 3500))
    await settle_due(site.database, prices=site.prices)
    (answer,) = await site.drive(start(60, 0, evse_no=2))
    await site.drive(
        values(transaction_of(answer), reading(70, 1000, power_w=6000, soc_percent=40), evse_no=2)
    )


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/network/sessions", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestRows:
    async def test_carry_names_and_the_price_of_the_receipt(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        await two_sessions(site)
        running, settled = await listed(client)
        assert (settled["cost"], settled["final"], settled["power_w"]) == ("1.25", True, None)
        assert (running["cost"], running["final"], running["power_w"]) == ("0.50", False, "6000")
        assert running["station"] == site.station_id.hex
        assert running["location"] == "L"
        assert running["evse_uid"].startswith("DE*FCT*E")
        assert running["time_zone"] == "Europe/Berlin"
        assert running["token"] == TAG

    async def test_are_filtered(self, site: Site, client: httpx.AsyncClient) -> None:
        await two_sessions(site)
        station, place = encode_id("sta", site.station_id), encode_id("loc", site.location_id)
        for params, energies in (
            ({"open": True}, ["1000"]),
            ({"open": False}, ["2500"]),
            ({"state": "ended,charging"}, ["1000", "2500"]),
            ({"state": "faulted"}, []),
            ({"station": station, "location": place}, ["1000", "2500"]),
            ({"evse": encode_id("evs", site.evse_ids[1])}, ["1000"]),
            ({"min_cost": "1.00"}, ["2500"]),
            ({"max_cost": "1.00"}, ["1000"]),
            ({"from": at(50).isoformat()}, ["1000"]),
            ({"to": at(50).isoformat()}, ["2500"]),
            ({"held": True}, []),
            ({"flag": "jump_held,clock"}, []),
            ({"q": TAG[2:].lower()}, ["1000", "2500"]),
            ({"q": "nobody"}, []),
        ):
            assert [row["energy_wh"] for row in await listed(client, **params)] == energies, params

    @pytest.mark.parametrize(
        "sort",
        ["opened_at", "ended_at", "duration", "energy_wh", "power_w", "cost", "state", "station", "location"],
    )
    async def test_every_order_pages_through_all(
        self, site: Site, client: httpx.AsyncClient, sort: str
    ) -> None:
        await two_sessions(site)
        for name in (sort, f"-{sort}"):
            whole = [row["id"] for row in await listed(client, sort=name)]
            first = (await client.get("/network/sessions", params={"sort": name, "limit": 1})).json()
            assert first["total"] == 2
            later = (
                await client.get(
                    "/network/sessions", params={"sort": name, "limit": 1, "cursor": first["next_cursor"]}
                )
            ).json()
            assert [first["items"][0]["id"], later["items"][0]["id"]] == whole
            assert later["next_cursor"] is None

    async def test_are_exported(self, site: Site, client: httpx.AsyncClient) -> None:
        await two_sessions(site)
        answer = await client.get("/network/sessions", params={"format": "csv", "open": False})
        lines = answer.text.splitlines()
        assert len(lines) == 2
        assert "1.25" in lines[1]


class TestPermissions:
    async def test_the_token_is_masked_without_the_right_to_read_tokens(
        self, site: Site, app: FastAPI
    ) -> None:
        await two_sessions(site)
        key = await make_key(site.database, site.operator_id, permissions=["sessions:read"])
        async with client_of(app, key) as client:
            row = (await listed(client))[0]
            assert row["token"] == f"··{TAG[-4:]}"
            assert row["token_id"] is None
            assert await listed(client, q=TAG) == []


class TestFacets:
    async def test_count_what_is_open_and_what_waits(self, site: Site, client: httpx.AsyncClient) -> None:
        await two_sessions(site)
        await site.drive(stop("4711", 80, 5000))
        facets = (await client.get("/network/session-facets")).json()
        assert facets == {"open": 1, "states": {"charging": 1}, "orphans": 1, "findings": 0}
