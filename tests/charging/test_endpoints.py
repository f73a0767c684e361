"""The API of sessions, tokens and records."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from forecourt.app.routers import all_routers
from forecourt.charging.settle import settle_due
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from tests.api.harness import client_of, make_api, make_key

from .site import Site, at, reading, start, status, stop, transaction_of, values


class Told:
    """A `Stations` port that remembers."""

    def __init__(self) -> None:
        self.commands: list[object] = []

    async def send(self, *, command: object, **_: object) -> bool:
        self.commands.append(command)
        return True

    async def disconnect(self, **_: object) -> None:
        pass


@pytest.fixture
async def site(database: Database) -> Site:
    database.clock = ManualClock(at(600))
    return await Site.build(database)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def client(site: Site, told: Told) -> AsyncIterator[httpx.AsyncClient]:
    app = make_api(site.database, routers=all_routers(), stations=told)
    key = await make_key(site.database, site.operator_id)
    async with client_of(app, key) as client:
        yield client


async def charge(site: Site) -> str:
    (answer,) = await site.drive(start(0, 1000))
    tx = transaction_of(answer)
    await site.drive(status("charging", 1), values(tx, reading(10, 3000)), values(tx, reading(20, 5000)))
    return tx


class TestSessions:
    async def test_are_listed_filtered_and_exported(self, site: Site, client: httpx.AsyncClient) -> None:
        await charge(site)
        page = (await client.get("/sessions", params={"open": True, "from": at(-5).isoformat()})).json()
        (item,) = page["items"]
        assert item["state"] == "charging"
        assert item["energy_wh"] == "4000"
        assert (await client.get("/sessions", params={"open": False})).json()["items"] == []
        csv = await client.get("/sessions", params={"format": "csv"})
        assert csv.headers["content-type"].startswith("text/csv")
        assert item["id"] in csv.text

    async def test_show_readings_timeline_and_price(self, site: Site, client: httpx.AsyncClient) -> None:
        await charge(site)
        ident = encode_id("ses", (await site.session())["id"])
        assert (await client.get(f"/sessions/{ident}")).headers["etag"]
        found = (await client.get(f"/sessions/{ident}/readings", params={"limit": 1})).json()
        assert found["items"][0]["import_wh"] == "3000"
        following = await client.get(
            f"/sessions/{ident}/readings", params={"limit": 1, "cursor": found["next_cursor"]}
        )
        assert following.json()["items"][0]["import_wh"] == "5000"
        timeline = (await client.get(f"/sessions/{ident}/timeline")).json()
        assert [fact["kind"] for fact in timeline["facts"]] == ["started", "authorised", "state"]
        assert timeline["stretches"][-1]["state"] == "charging"
        price = (await client.get(f"/sessions/{ident}/price")).json()
        assert not price["final"]
        assert price["price"]["rounded"]["total_cost"]["after_taxes"] == "2.00"
        assert price["price"]["trace"]

    async def test_have_a_record_once_they_are_settled(self, site: Site, client: httpx.AsyncClient) -> None:
        tx = await charge(site)
        await site.drive(stop(tx, 30, 6000))
        await settle_due(site.database, prices=site.prices)
        (record,) = (await client.get("/cdrs")).json()["items"]
        assert record["total_after_taxes_minor"] == 250
        whole = (await client.get(f"/cdrs/{record['id']}")).json()
        assert whole["tariff"]["currency"] == "EUR"
        price = (await client.get(f"/sessions/{record['session_id']}/price")).json()
        assert price["final"]
        assert price["cdr_id"] == record["id"]

    async def test_are_started_and_stopped_from_afar(
        self, site: Site, client: httpx.AsyncClient, told: Told
    ) -> None:
        await site.rows("UPDATE station SET link = 'online' WHERE operator_id = %(op)s RETURNING id")
        evse = encode_id("evs", site.evse_ids[0])
        answer = await client.post("/sessions", json={"evse_id": evse})
        assert answer.status_code == 202, answer.text
        tag = answer.json()["params"]["id_token"]
        assert len(tag) <= 20
        (sent,) = told.commands
        assert tag in repr(sent)
        (begun,) = await site.drive(start(601, 1000, tag=tag))
        assert begun is not None
        row = await site.session()
        assert row["token_status"] == "accepted"
        assert encode_id("cmd", row["command_id"]) == answer.json()["id"]
        (command,) = await site.rows("SELECT status FROM command WHERE operator_id = %(op)s")
        assert command["status"] == "effective"
        ident = encode_id("ses", row["id"])
        stopped = await client.post(f"/sessions/{ident}/stop")
        assert stopped.json()["params"] == {"transaction": row["transaction"]}
        await site.rows(
            "UPDATE command SET status = 'accepted' WHERE operator_id = %(op)s AND kind = 'remote-stop' RETURNING id"
        )
        await site.drive(stop(row["transaction"], 610, 2000))
        commands = await site.rows("SELECT status FROM command WHERE operator_id = %(op)s")
        assert [command["status"] for command in commands] == ["effective", "effective"]
        assert (await client.post(f"/sessions/{ident}/stop")).json()["code"] == "SessionOver"


class TestTokens:
    async def test_are_created_changed_blocked_and_imported(self, client: httpx.AsyncClient) -> None:
        group = (await client.post("/token-groups", json={"name": "Fleet", "code": "FLEET"})).json()
        made = await client.post("/tokens", json={"value": "ABCD", "group_id": group["id"]})
        assert made.status_code == 201, made.text
        token = made.json()
        assert (await client.post("/tokens", json={"value": "abcd"})).json()["code"] == "TokenExists"
        edited = await client.patch(f"/tokens/{token['id']}", json={"visual_number": "7"})
        assert edited.json()["visual_number"] == "7"
        blocked = (await client.post(f"/tokens/{token['id']}/block", json={"reason": "lost"})).json()
        assert blocked["block_reason"] == "lost"
        done = await client.post("/tokens/import", json={"tokens": [{"value": "ABCD"}, {"value": "EF01"}]})
        assert done.json() == {"created": 1, "existing": 1}
        found = await client.get("/tokens", params={"value": "ef 01"})
        assert len(found.json()["items"]) == 1

    async def test_every_refusal_is_listed_with_its_reason(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        await site.drive(start(tag="NOBODY"))
        (attempt,) = (await client.get("/authorisations", params={"status": "invalid"})).json()["items"]
        assert attempt["reason_code"] == "TokenUnknown"


class TestRecords:
    async def test_orphans_and_findings_wait_for_a_person(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        tx = await charge(site)
        await site.drive(stop("4711", 25, 1), values(tx, reading(20, 5001)))
        orphans = (await client.get("/orphans", params={"matched": False})).json()["items"]
        assert [orphan["transaction"] for orphan in orphans] == ["4711"]
        assert (await client.get(f"/orphans/{orphans[0]['id']}")).status_code == 200
        (finding,) = (await client.get("/findings")).json()["items"]
        done = await client.post(f"/findings/{finding['id']}/resolve")
        assert done.json()["resolved_at"]

    async def test_an_orphan_stop_is_matched_by_hand_once(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        tx = await charge(site)
        await site.drive(stop("4711", 30, 7000), values("4711", reading(25, 6000), evse_no=2))
        ident = encode_id("ses", (await site.session())["id"])
        stopped, readings = sorted(
            (await client.get("/orphans", params={"transaction": "4711"})).json()["items"],
            key=lambda item: item["kind"] != "stop",
        )
        assert readings["kind"] == "readings"
        matched = await client.post(f"/orphans/{stopped['id']}/match", json={"session_id": ident})
        assert matched.status_code == 200, matched.text
        assert matched.json()["matched_session_id"] == ident
        assert matched.json()["matched_by"]
        row = await site.session()
        assert (row["state"], row["ended_at"], row["energy_wh"]) == ("ended", at(30), 6000)
        (also,) = (await client.get("/orphans", params={"kind": "readings"})).json()["items"]
        assert also["matched_session_id"] == ident
        again = await client.post(f"/orphans/{stopped['id']}/match", json={"session_id": ident})
        assert again.json()["code"] == "OrphanJudged"
        assert (await site.rows("SELECT action FROM audit_entry WHERE operator_id = %(op)s"))[-1] == {
            "action": "orphan.matched"
        }
        site.restart()
        await site.drive(values(tx, reading(29, 6900)), received_at=at(40))
        row = await site.session()
        assert (row["energy_wh"], row["ended_at"]) == (6000, at(30))

    async def test_matching_a_settled_session_makes_the_next_revision(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        tx = await charge(site)
        await site.drive(values("88", reading(25, 8000), evse_no=2), stop(tx, 30, 6000))
        await settle_due(site.database, prices=site.prices)
        ident = encode_id("ses", (await site.session())["id"])
        (orphan,) = (await client.get("/orphans")).json()["items"]
        done = await client.post(f"/orphans/{orphan['id']}/match", json={"session_id": ident})
        assert done.status_code == 200, done.text
        await settle_due(site.database, prices=site.prices)
        records = (await client.get("/cdrs", params={"sort": "created_at"})).json()["items"]
        assert [record["revision"] for record in records] == [1, 2]

    async def test_an_orphan_is_dismissed_and_a_reader_may_not(
        self, site: Site, client: httpx.AsyncClient
    ) -> None:
        await site.drive(stop("4711", 25, 1))
        (orphan,) = (await client.get("/orphans", params={"dismissed": False})).json()["items"]
        key = await make_key(site.database, site.operator_id, permissions=["sessions:read"])
        app = make_api(site.database, routers=all_routers())
        async with client_of(app, key) as reader:
            refused = await reader.post(f"/orphans/{orphan['id']}/dismiss", json={"reason": "x"})
            assert refused.status_code == 403
        done = await client.post(f"/orphans/{orphan['id']}/dismiss", json={"reason": "installer's test"})
        assert done.json()["dismissed_by"]
        assert (await client.get("/orphans", params={"dismissed": False})).json()["items"] == []
        await site.drive(start(20, 0), received_at=at(26))
        assert (await site.session())["ended_at"] is None
