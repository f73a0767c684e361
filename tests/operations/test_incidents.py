"""What people do with incidents, by the API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from forecourt.kit.ids import encode_id
from tests.api.harness import all_routers, client_of, make_api, make_key
from tests.operations.floor import Floor


@pytest.fixture
async def client(floor: Floor) -> AsyncIterator[httpx.AsyncClient]:
    key = await make_key(floor.database, floor.operator_id)
    async with client_of(make_api(floor.database, routers=all_routers()), key) as client:
        yield client


@pytest.fixture
async def incident(floor: Floor) -> str:
    await floor.link("offline")
    floor.wait(15)
    await floor.evaluate()
    return encode_id("inc", (await floor.incident()).id)


class TestHandle:
    async def test_from_open_to_resolved(
        self, client: httpx.AsyncClient, floor: Floor, incident: str
    ) -> None:
        taken = await client.post(
            f"/incidents/{incident}/acknowledge", json={"note": "On my way"}, headers={"If-Match": '"1"'}
        )
        assert taken.status_code == 200, taken.text
        assert (taken.json()["state"], taken.json()["acknowledged_by"]) == ("acknowledged", "test key")
        said = await client.post(f"/incidents/{incident}/comment", json={"text": "No power on the row"})
        assert said.status_code == 200
        ended = await client.post(f"/incidents/{incident}/resolve", json={"reason": "Works until Friday"})
        assert (ended.json()["state"], ended.json()["resolve_cause"]) == ("resolved", "person")
        kinds = [entry["kind"] for entry in ended.json()["entries"]]
        assert kinds == ["opened", "acknowledged", "commented", "resolved"]
        await floor.evaluate()
        assert (await floor.incident()).state == "resolved"

    async def test_an_old_revision_is_refused(self, client: httpx.AsyncClient, incident: str) -> None:
        await client.post(f"/incidents/{incident}/acknowledge", json={})
        late = await client.post(
            f"/incidents/{incident}/resolve", json={"reason": "x"}, headers={"If-Match": '"1"'}
        )
        assert late.status_code == 412

    async def test_what_has_ended_cannot_be_taken(self, client: httpx.AsyncClient, incident: str) -> None:
        await client.post(f"/incidents/{incident}/resolve", json={"reason": "x"})
        again = await client.post(f"/incidents/{incident}/acknowledge", json={})
        assert (again.status_code, again.json()["code"]) == (409, "IncidentResolved")

    async def test_who_took_it_keeps_it_when_it_comes_back(
        self, client: httpx.AsyncClient, floor: Floor, incident: str
    ) -> None:
        await client.post(f"/incidents/{incident}/acknowledge", json={})
        await floor.link("online")
        await floor.evaluate()
        await floor.set_rule("station_offline", delay_minutes=0)
        await floor.link("offline")
        await floor.evaluate()
        assert (await floor.incident()).state == "acknowledged"


class TestList:
    async def test_filters_and_csv(self, client: httpx.AsyncClient, floor: Floor, incident: str) -> None:
        for query, count in (
            ({"unresolved": True}, 1), ({"unresolved": False}, 0), ({"state": "open"}, 1), ({"severity": "info"}, 0),
            ({"kind": "station_offline"}, 1), ({"station": encode_id("sta", floor.station_ids[1])}, 0),
            ({"location": encode_id("loc", floor.location_id)}, 1), ({"from": "2030-01-01T00:00:00Z"}, 0),
        ):  # fmt: skip
            page = await client.get("/incidents", params=query)
            assert len(page.json()["items"]) == count, query
        table = await client.get("/incidents", params={"format": "csv"})
        assert table.headers["content-type"].startswith("text/csv")
        assert incident in table.text


class TestRules:
    async def test_edit_with_if_match(self, client: httpx.AsyncClient, floor: Floor, incident: str) -> None:
        rules = (await client.get("/alert-rules")).json()["items"]
        rule = next(rule for rule in rules if rule["kind"] == "station_offline")
        assert (rule["open_incidents"], rule["delay_minutes"], rule["builtin"]) == (1, 15, True)
        place = encode_id("loc", floor.location_id)
        changed = await client.patch(
            f"/alert-rules/{rule['id']}",
            json={"delay_minutes": 30, "location_ids": [place]},
            headers={"If-Match": f'"{rule["revision"]}"'},
        )
        assert changed.status_code == 200, changed.text
        assert (changed.json()["delay_minutes"], changed.json()["location_ids"]) == (30, [place])
        assert changed.json()["enabled"] is True
        stale = await client.patch(
            f"/alert-rules/{rule['id']}",
            json={"enabled": False},
            headers={"If-Match": f'"{rule["revision"]}"'},
        )
        assert stale.status_code == 412

    async def test_the_one_of_its_kind_stays(self, client: httpx.AsyncClient, incident: str) -> None:
        rule = (await client.get("/alert-rules")).json()["items"][0]
        refused = await client.delete(f"/alert-rules/{rule['id']}")
        assert (refused.status_code, refused.json()["code"]) == (409, "BuiltinRuleStays")

    async def test_a_deleted_rule_ends_its_incidents(self, client: httpx.AsyncClient, floor: Floor) -> None:
        made = await client.post("/alert-rules", json={"kind": "station_offline", "delay_minutes": 1})
        await floor.link("offline")
        floor.wait(2)
        await floor.evaluate()
        assert (await floor.incident()).state == "open"
        assert (await client.delete(f"/alert-rules/{made.json()['id']}")).status_code == 204
        assert (await floor.incident()).resolve_cause == "rule_off"

    async def test_unknown_places_are_refused(self, client: httpx.AsyncClient, floor: Floor) -> None:
        there = encode_id("loc", floor.station_ids[0])
        refused = await client.post("/alert-rules", json={"kind": "station_offline", "location_ids": [there]})
        assert (refused.status_code, refused.json()["code"]) == (422, "UnknownScope")
