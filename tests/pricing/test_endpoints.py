"""The API of tariffs: versions, assignments, preview."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id, new_id
from forecourt.pricing.endpoints import router
from forecourt.pricing.price_book import PriceBook
from tests.api.harness import client_of, make_api, make_key
from tests.charging.site import NOON, Site

CHEAP = {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "0.30"}]}]}
DEAR = {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "0.60"}]}]}
SESSION = {
    "time_zone": "Europe/Berlin",
    "start_date_time": "2026-06-15T10:00:00Z",
    "end_date_time": "2026-06-15T11:00:00Z",
    "charging_periods": [
        {"start_date_time": "2026-06-15T10:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 10.0}]}
    ],
}


@pytest.fixture
async def site(database: Database) -> Site:
    database.clock = ManualClock(NOON)
    return await Site.build(database, tariff=None)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    key = await make_key(site.database, site.operator_id)
    async with client_of(make_api(site.database, routers=[router]), key) as client:
        yield client


async def published(client: httpx.AsyncClient, name: str, document: dict[str, Any]) -> str:
    made = await client.post("/tariffs", json={"name": name, "tariff": document})
    assert made.status_code == 201, made.text
    ident = str(made.json()["id"])
    answer = await client.post(f"/tariffs/{ident}/versions/1/publish")
    assert answer.json()["status"] == "live"
    return ident


class TestVersions:
    async def test_a_published_one_never_changes(self, client: httpx.AsyncClient) -> None:
        ident = await published(client, "A", CHEAP)
        answer = await client.put(f"/tariffs/{ident}/versions/1", json={"tariff": DEAR})
        assert answer.status_code == 409
        assert answer.json()["code"] == "VersionPublished"

    async def test_a_new_one_retires_the_one_before(self, client: httpx.AsyncClient) -> None:
        ident = await published(client, "A", CHEAP)
        draft = (await client.post(f"/tariffs/{ident}/versions", json={"tariff": DEAR})).json()
        assert (draft["number"], draft["status"]) == (2, "draft")
        again = await client.post(f"/tariffs/{ident}/versions", json={"tariff": DEAR})
        assert again.json()["code"] == "DraftExists"
        await client.post(f"/tariffs/{ident}/versions/2/publish")
        versions = (await client.get(f"/tariffs/{ident}/versions")).json()
        assert [version["status"] for version in versions] == ["live", "retired"]
        assert versions[0]["content_hash"] != versions[1]["content_hash"]

    async def test_a_draft_is_changed_only_on_top_of_what_was_read(self, client: httpx.AsyncClient) -> None:
        made = (await client.post("/tariffs", json={"name": "A", "tariff": CHEAP})).json()
        path = f"/tariffs/{made['id']}/versions/1"
        read = (await client.get(path)).headers["ETag"]
        first = await client.put(path, json={"tariff": DEAR}, headers={"If-Match": read})
        assert first.status_code == 200
        late = await client.put(path, json={"tariff": CHEAP}, headers={"If-Match": read})
        assert (late.status_code, late.json()["code"]) == (412, "PreconditionFailed")
        assert (await client.get(path)).json()["content_hash"] == first.json()["content_hash"]
        again = await client.put(path, json={"tariff": CHEAP}, headers={"If-Match": first.headers["ETag"]})
        assert again.status_code == 200

    async def test_a_document_that_is_no_tariff_is_refused_with_its_reason(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.post(
            "/tariffs", json={"name": "B", "tariff": {"currency": "EUR", "elements": []}}
        )
        assert answer.status_code == 422
        assert answer.json()["code"] == "TariffRefused"


class TestAssignments:
    async def test_the_most_specific_wins(self, site: Site, client: httpx.AsyncClient) -> None:
        cheap, dear = await published(client, "A", CHEAP), await published(client, "B", DEAR)
        location, evse = encode_id("loc", site.location_id), encode_id("evs", site.evse_ids[0])
        assert (await client.post("/tariff-assignments", json={"tariff_id": cheap})).status_code == 201
        made = await client.post("/tariff-assignments", json={"tariff_id": dear, "evse_id": evse})
        assert made.status_code == 201, made.text
        here = {"location": location}
        applied = (await client.get("/tariff-assignments/applied", params={**here, "evse": evse})).json()
        assert applied["tariff_id"] == dear
        other = encode_id("evs", site.evse_ids[1])
        applied = (await client.get("/tariff-assignments/applied", params={**here, "evse": other})).json()
        assert applied["tariff_id"] == cheap
        assert (await client.delete(f"/tariff-assignments/{made.json()['id']}")).status_code == 204
        applied = (await client.get("/tariff-assignments/applied", params={**here, "evse": evse})).json()
        assert applied["tariff_id"] == cheap

    async def test_a_tie_is_refused(self, site: Site, client: httpx.AsyncClient) -> None:
        cheap, dear = await published(client, "A", CHEAP), await published(client, "B", DEAR)
        soon = (NOON + timedelta(days=1)).isoformat()
        await client.post("/tariff-assignments", json={"tariff_id": cheap, "valid_to": soon})
        tied = await client.post("/tariff-assignments", json={"tariff_id": dear})
        assert tied.json()["code"] == "AssignmentTied"
        after = await client.post("/tariff-assignments", json={"tariff_id": dear, "valid_from": soon})
        assert after.status_code == 201
        gone = await client.delete(f"/tariffs/{cheap}")
        assert gone.json()["code"] == "TariffInUse"

    async def test_an_unknown_place_is_refused(self, client: httpx.AsyncClient) -> None:
        cheap = await published(client, "A", CHEAP)
        body = {"tariff_id": cheap, "location_id": encode_id("loc", new_id())}
        assert (await client.post("/tariff-assignments", json=body)).json()["code"] == "PlaceNotFound"


class TestPriceBook:
    async def test_keeps_the_version_that_was_live_then(self, site: Site, client: httpx.AsyncClient) -> None:
        cheap = await published(client, "A", CHEAP)
        await client.post("/tariff-assignments", json={"tariff_id": cheap})
        await client.post(f"/tariffs/{cheap}/versions", json={"tariff": DEAR})
        clock = site.database.clock
        assert isinstance(clock, ManualClock)
        clock.advance(timedelta(hours=1))
        await client.post(f"/tariffs/{cheap}/versions/2/publish")
        book = PriceBook()
        async with site.database.transaction(site.operator_id) as uow:
            tx = await uow.connection()
            before = await book.resolve(tx, site.operator_id, None, None, NOON)
            after = await book.resolve(tx, site.operator_id, None, None, clock.now())
        assert before is not None
        assert after is not None
        assert before.version.content_hash != after.version.content_hash


class TestPreview:
    async def test_prices_an_inline_tariff_exactly(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/tariffs/preview", json={"tariff": CHEAP, "session": SESSION})
        assert answer.status_code == 200, answer.text
        assert answer.json()["rounded"]["total_cost"]["after_taxes"] == "3.00"
        assert answer.json()["trace"]

    async def test_prices_a_stored_tariff(self, client: httpx.AsyncClient) -> None:
        ident = await published(client, "A", DEAR)
        answer = await client.post("/tariffs/preview", json={"tariff_id": ident, "session": SESSION})
        assert answer.json()["rounded"]["total_cost"]["after_taxes"] == "6.00"

    async def test_says_what_is_wrong(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/tariffs/preview", json={"tariff": CHEAP})
        assert answer.status_code == 422
        assert answer.json()["code"] == "TariffRefused"
