"""The API of tariffs: versions, assignments, preview."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
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

CHEAP: dict[str, Any] = {
    "currency": "EUR",
    "elements": [{"prices": [{"dimension": "energy", "price": "0.30"}]}],
}
DEAR: dict[str, Any] = {
    "currency": "EUR",
    "elements": [{"prices": [{"dimension": "energy", "price": "0.60"}]}],
}
NIGHT: dict[str, Any] = {
    "currency": "EUR",
    "elements": [
        {
            "prices": [{"dimension": "energy", "price": "0.30", "tax_percent": "19"}],
            "when": {"start_time": "22:30", "end_time": "06:00"},
        },
        {
            "prices": [
                {"dimension": "energy", "price": "0.40", "tax_percent": "19"},
                {"dimension": "idle_time", "price": "6", "tax_percent": "19"},
                {"dimension": "flat", "price": "1"},
            ]
        },
    ],
    "idle": {"grace_s": 600, "pauses": [{"start_time": "22:00", "end_time": "07:00"}]},
}
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


class TestSchedule:
    async def test_a_scheduled_version_takes_over_at_its_time_and_not_before(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        ident = await published(client, "A", CHEAP)
        await client.post("/tariff-assignments", json={"tariff_id": ident})
        await client.post(f"/tariffs/{ident}/versions", json={"tariff": DEAR})
        at = NOON + timedelta(days=1)
        answer = await client.post(f"/tariffs/{ident}/versions/2/publish", json={"at": at.isoformat()})
        assert (answer.status_code, answer.json()["status"]) == (200, "scheduled")
        hashes = {
            one["number"]: one["content_hash"]
            for one in (await client.get(f"/tariffs/{ident}/versions")).json()
        }

        async def seen() -> tuple[list[str], int]:
            versions = (await client.get(f"/tariffs/{ident}/versions")).json()
            applied = (await client.get("/tariff-assignments/applied")).json()
            async with site.database.transaction(site.operator_id) as uow:
                priced = await PriceBook().resolve(
                    await uow.connection(), site.operator_id, None, None, clock.now()
                )
            assert priced is not None
            assert applied["content_hash"] == priced.version.content_hash
            number = next(n for n, content in hashes.items() if content == applied["content_hash"])
            return [version["status"] for version in versions], number

        clock = site.database.clock
        assert isinstance(clock, ManualClock)
        clock.advance(timedelta(hours=23, minutes=59))
        assert await seen() == (["scheduled", "live"], 1)
        clock.advance(timedelta(minutes=1))
        assert await seen() == (["live", "retired"], 2)
        late = await client.post(f"/tariffs/{ident}/versions/2/withdraw")
        assert (late.status_code, late.json()["code"]) == (409, "NotScheduled")
        await client.post(f"/tariffs/{ident}/versions", json={"tariff": CHEAP})
        assert (await client.post(f"/tariffs/{ident}/versions/3/publish")).status_code == 200
        assert [one["status"] for one in (await client.get(f"/tariffs/{ident}/versions")).json()] == [
            "live", "retired", "retired",
        ]  # fmt: skip

    async def test_a_schedule_can_be_withdrawn_and_one_at_a_time_stands(
        self, client: httpx.AsyncClient
    ) -> None:
        ident = await published(client, "A", CHEAP)
        path = f"/tariffs/{ident}/versions"
        await client.post(path, json={"tariff": DEAR})
        past = await client.post(f"{path}/2/publish", json={"at": (NOON - timedelta(days=1)).isoformat()})
        assert past.status_code == 422
        soon = {"at": (NOON + timedelta(days=1)).isoformat()}
        assert (await client.post(f"{path}/2/publish", json=soon)).status_code == 200
        assert (await client.put(f"{path}/2", json={"tariff": CHEAP})).json()["code"] == "VersionPublished"
        assert (await client.post(path, json={"tariff": DEAR})).status_code == 201
        assert (await client.post(f"{path}/3/publish")).json()["code"] == "VersionScheduled"
        assert (await client.post(f"{path}/2/withdraw")).json()["code"] == "DraftExists"
        assert (await client.delete(f"{path}/3")).status_code == 204
        assert (await client.post(f"{path}/2/withdraw")).json()["status"] == "draft"
        assert (await client.post(f"{path}/2/publish")).json()["status"] == "live"
        assert (await client.delete(f"{path}/1")).json()["code"] == "VersionPublished"

    async def test_the_only_version_stays(self, client: httpx.AsyncClient) -> None:
        made = (await client.post("/tariffs", json={"name": "A", "tariff": CHEAP})).json()
        assert (await client.delete(f"/tariffs/{made['id']}/versions/1")).json()["code"] == "OnlyVersion"


class TestList:
    async def test_says_prices_versions_and_places(self, site: Site, client: httpx.AsyncClient) -> None:
        live = await published(client, "Live", NIGHT)
        await client.post(f"/tariffs/{live}/versions", json={"tariff": DEAR})
        await client.post("/tariffs", json={"name": "New in francs", "tariff": {**CHEAP, "currency": "CHF"}})
        place = {"tariff_id": live, "location_id": encode_id("loc", site.location_id)}
        await client.post("/tariff-assignments", json=place)
        rows = {row["name"]: row for row in (await client.get("/tariffs")).json()["items"]}
        row = rows["Live"]
        assert [(one["dimension"], one["price"], one["per_minute"]) for one in row["posted"]] == [
            ("energy", "0.357", None), ("energy", "0.476", None), ("idle_time", "7.14", "0.119"),
            ("flat", "1", None),
        ]  # fmt: skip
        assert (row["live_version"], row["draft_version"], row["shown_version"]) == (1, 2, 1)
        assert (row["everywhere"], row["locations"], row["evses"]) == (False, 1, 0)

        async def names(**query: str) -> list[str]:
            return [one["name"] for one in (await client.get("/tariffs", params=query)).json()["items"]]

        assert await names(state="live") == ["Live"]
        assert await names(state="draft") == ["Live", "New in francs"]
        assert await names(currency="CHF") == ["New in francs"]
        assert await names(q="FRANC") == ["New in francs"]
        assert await names(q="%") == []
        assert await names(sort="-currency") == ["Live", "New in francs"]
        assert (await client.get("/tariffs", params={"state": "odd"})).status_code == 422
        csv = await client.get("/tariffs", params={"format": "csv"})
        assert "Live" in csv.text
        assert "posted" not in csv.text


class TestWeek:
    async def test_every_hour_costs_what_a_session_then_costs(self, client: httpx.AsyncClient) -> None:
        week = await client.post(
            "/tariffs/preview/week", json={"tariff": NIGHT, "time_zone": "Europe/Berlin"}
        )
        assert week.status_code == 200, week.text
        # The week of NOON begins on Monday, 15 June 2026: summer time, two hours ahead of UTC.
        assert week.json()["monday"] == "2026-06-15"
        for hour, price in ((12, "0.476"), (23, "0.357")):
            part = next(one for one in week.json()["week"] if (one["day"], one["hour"]) == (0, hour))
            assert part["energy"] == price
            start, end = f"2026-06-15T{hour - 2}:00:00Z", f"2026-06-15T{hour - 1}:00:00Z"
            dimensions = [{"type": "ENERGY", "volume": "11"}, {"type": "TIME", "volume": "1"}]
            session = {
                "time_zone": "Europe/Berlin", "start_date_time": start, "end_date_time": end,
                "charging_periods": [{"start_date_time": start, "dimensions": dimensions}],
            }  # fmt: skip
            priced = (
                await client.post("/tariffs/preview", json={"tariff": NIGHT, "session": session})
            ).json()
            assert Decimal(priced["exact"]["total_energy_cost"]["after_taxes"]) == 11 * Decimal(price)

    async def test_a_window_within_an_hour_and_pauses_of_idling_are_told_apart(
        self, client: httpx.AsyncClient
    ) -> None:
        ident = await published(client, "A", NIGHT)
        body = {"tariff_id": ident, "time_zone": "Europe/Berlin"}
        answer = (await client.post("/tariffs/preview/week", json=body)).json()
        found = [part for part in answer["week"] if part["day"] == 2]
        split = [
            (one["start_minute"], one["end_minute"], one["energy"]) for one in found if one["hour"] == 22
        ]
        assert split == [(0, 30, "0.476"), (30, 60, "0.357")]
        idle = {one["hour"]: one["standing"] for one in found}
        assert (idle[12], idle[3]) == ("7.14", None)
        assert [one["dimension"] for one in answer["posted"]] == ["energy", "energy", "idle_time", "flat"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("document", "path"),
        [
            ({"elements": [{"prices": [{"dimension": "energy", "price": "x"}]}]}, "elements.0.prices.0.price"),
            (
                {"elements": [{"prices": [{"dimension": "energy", "price": "1", "tax_percent": "300"}]}]},
                "elements.0.prices.0.tax_percent",
            ),
            (
                {"elements": [{**CHEAP["elements"][0], "when": {"min_kwh": "3", "max_kwh": "2"}}]},
                "elements.0.when.min_kwh",
            ),
            ({"elements": []}, "elements"),
            (
                {
                    "elements": CHEAP["elements"], "min_price": {"after_taxes": "3"},
                    "max_price": {"after_taxes": "2"},
                },
                "min_price.after_taxes",
            ),
        ],
    )  # fmt: skip
    async def test_name_the_field(
        self, client: httpx.AsyncClient, document: dict[str, Any], path: str
    ) -> None:
        answer = await client.post("/tariffs", json={"name": "B", "tariff": {"currency": "EUR", **document}})
        assert answer.status_code == 422
        assert answer.json()["params"]["path"] == path


class TestOcpi:
    async def test_a_version_goes_out_and_comes_back(self, client: httpx.AsyncClient) -> None:
        ident = await published(client, "A", {**CHEAP, "tax_included": True})
        out = (await client.get(f"/tariffs/{ident}/versions/1/ocpi")).json()
        assert out["tariff"]["elements"][0]["price_components"][0]["price"] == 0.3
        assert out["lossy"] == ["step_size"]
        back = await client.post("/tariffs", json={"name": "B", "ocpi_tariff": out["tariff"]})
        assert back.status_code == 201, back.text
        assert back.json()["draft"]["tariff"]["elements"][0]["prices"][0]["price"] == "0.3"
        older = await client.get(f"/tariffs/{ident}/versions/1/ocpi", params={"version": "2.2.1"})
        assert older.json()["lossy"] == ["step_size", "tax_included"]


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
        assert [(one["tariff_name"], one["scope"], one["reason"]) for one in applied["candidates"]] == [
            ("B", "evse", "applies"), ("A", "operator", "less_specific"),
        ]  # fmt: skip
        listed = (await client.get("/tariff-assignments", params={"tariff": dear})).json()["items"]
        assert listed[0]["location_name"]
        assert listed[0]["evse_uid"]
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
