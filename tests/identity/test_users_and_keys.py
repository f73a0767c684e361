"""Users, API keys, partners and the audit trail, through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from forecourt.identity.actor import system_actor
from forecourt.identity.audit import record_change
from forecourt.identity.bootstrap import SlugInvalid, create_operator, ensure_operator
from forecourt.identity.errors import SlugTaken
from forecourt.identity.models import ApiKey
from forecourt.identity.permissions import PARTNER_CEILING, ROLE_PERMISSIONS, Role
from forecourt.kit.database import Database
from forecourt.kit.ids import decode_id, encode_id, new_id
from tests.api.harness import client_of, make_api, make_key, make_operator, make_partner, make_user, sign_in


class TestKeys:
    async def test_the_secret_is_shown_once_and_only_its_hash_is_stored(self, database: Database) -> None:
        operator = await make_operator(database)
        async with client_of(make_api(database), await make_key(database, operator)) as client:
            made = await client.post("/api-keys", json={"name": "billing", "permissions": ["sessions:read"]})
            assert made.status_code == 201
            assert made.headers["Cache-Control"] == "no-store"
            key = made.json()
            read = await client.get(f"/api-keys/{key['id']}")
            assert "key" not in read.json()
        assert key["key"].startswith(f"fck_{key['prefix']}_")
        secret = key["key"].rpartition("_")[2]
        assert len(bytes.fromhex(secret)) == 32
        async with database.transaction(operator) as uow:
            row = await uow.session.get(ApiKey, (operator, decode_id("key", key["id"])))
            assert row is not None
            assert len(row.secret_sha256) == 32
            assert secret.encode() not in row.secret_sha256

    async def test_revoked_expired_and_broken_keys_are_refused(self, database: Database) -> None:
        operator = await make_operator(database)
        app = make_api(database)
        async with client_of(app, await make_key(database, operator)) as client:
            past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
            old = (
                await client.post("/api-keys", json={"name": "old", "role": "viewer", "expires_at": past})
            ).json()
            gone = (await client.post("/api-keys", json={"name": "gone", "role": "viewer"})).json()
            assert (await client.delete(f"/api-keys/{gone['id']}")).json()["revoked_at"] is not None
        other_secret = gone["key"][:-1] + ("0" if gone["key"][-1] != "0" else "1")
        for key in (old["key"], gone["key"], other_secret, "fck_nonsense", "x"):
            async with client_of(app, key) as caller:
                response = await caller.get("/me")
                assert response.status_code == 401
                assert response.json()["code"] == "KeyRefused"

    async def test_nobody_gives_what_they_do_not_hold(self, database: Database) -> None:
        operator = await make_operator(database)
        narrow = await make_key(
            database, operator, permissions=["keys:write", "users:write", "sessions:read"]
        )
        async with client_of(make_api(database), narrow) as client:
            wide = await client.post("/api-keys", json={"name": "wide", "permissions": ["stations:write"]})
            assert wide.json()["code"] == "GrantTooWide"
            user = {"email": "x@example.org", "name": "X", "role": "viewer"}
            assert (await client.post("/users", json=user)).json()["code"] == "GrantTooWide"
            own = await client.post("/api-keys", json={"name": "own", "permissions": ["sessions:read"]})
            assert own.status_code == 201

    async def test_an_unknown_permission_is_named(self, database: Database) -> None:
        async with client_of(
            make_api(database), await make_key(database, await make_operator(database))
        ) as client:
            response = await client.post("/api-keys", json={"name": "x", "permissions": ["stations:fly"]})
        assert response.json()["params"] == {"permissions": ["stations:fly"]}


class TestUsers:
    async def test_a_made_up_password_works_and_the_e_mail_is_taken_then(self, database: Database) -> None:
        operator = await make_operator(database)
        app = make_api(database)
        email = f"{new_id().hex}@example.org"
        async with client_of(app) as owner, client_of(app) as new:
            await sign_in(owner, await make_user(database, operator))
            made = await owner.post("/users", json={"email": email, "name": "New", "role": "support"})
            assert made.status_code == 201, made.text
            assert (await sign_in(new, email, made.json()["password"])).status_code == 200
            again = await owner.post("/users", json={"email": email.upper(), "name": "N", "role": "viewer"})
            assert again.json()["code"] == "EmailTaken"

    async def test_an_admin_makes_no_owner_and_touches_none(self, database: Database) -> None:
        operator = await make_operator(database)
        owner_email = await make_user(database, operator)
        admin_email = await make_user(database, operator, role=Role.ADMIN)
        async with client_of(make_api(database)) as admin:
            await sign_in(admin, admin_email)
            users = {user["email"]: user["id"] for user in (await admin.get("/users")).json()["items"]}
            promoted = await admin.patch(f"/users/{users[admin_email]}", json={"role": "owner"})
            assert promoted.json()["code"] == "GrantTooWide"
            demoted = await admin.patch(f"/users/{users[owner_email]}", json={"role": "viewer"})
            assert demoted.json()["code"] == "GrantTooWide"
            password = await admin.patch(f"/users/{users[owner_email]}", json={"password": "taken over now"})
            assert password.status_code == 403

    async def test_the_last_owner_stays(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(database, operator)
        async with client_of(make_api(database)) as owner:
            await sign_in(owner, email)
            user_id = (await owner.get("/me")).json()["id"]
            for change in ({"active": False}, {"role": "admin"}):
                assert (await owner.patch(f"/users/{user_id}", json=change)).json()["code"] == "LastOwner"

    async def test_an_edit_of_an_older_revision_is_refused(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(database, operator)
        async with client_of(make_api(database)) as owner:
            await sign_in(owner, email)
            user_id = (await owner.get("/me")).json()["id"]
            etag = (await owner.get(f"/users/{user_id}")).headers["ETag"]
            first = await owner.patch(f"/users/{user_id}", json={"name": "A"}, headers={"If-Match": etag})
            assert first.status_code == 200
            assert first.headers["ETag"] != etag
            second = await owner.patch(f"/users/{user_id}", json={"name": "B"}, headers={"If-Match": etag})
            assert second.status_code == 412
            assert second.json()["code"] == "PreconditionFailed"

    async def test_pages_and_searches(self, database: Database) -> None:
        operator = await make_operator(database)
        emails = [await make_user(database, operator, role=Role.VIEWER) for _ in range(3)]
        async with client_of(make_api(database), await make_key(database, operator)) as client:
            seen: list[str] = []
            cursor: str | None = ""
            while cursor is not None:
                query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
                page = (await client.get("/users", params=query)).json()
                seen += [user["email"] for user in page["items"]]
                cursor = page["next_cursor"]
            assert seen == emails
            found = (await client.get("/users", params={"search": emails[1][:12]})).json()["items"]
            assert emails[1] in [user["email"] for user in found]
            assert (await client.get("/users", params={"search": "%"})).json()["items"] == []


class TestExport:
    @pytest.mark.parametrize("path", ["users", "api-keys", "partners"])
    async def test_a_list_comes_as_csv_with_all_its_pages(self, database: Database, path: str) -> None:
        operator = await make_operator(database)
        await make_user(database, operator)
        await make_partner(database, operator)
        async with client_of(make_api(database), await make_key(database, operator)) as client:
            items = (await client.get(f"/{path}")).json()["items"]
            exported = await client.get(f"/{path}", params={"format": "csv"})
        assert exported.headers["content-type"].startswith("text/csv")
        lines = exported.text.removeprefix("\ufeff").splitlines()
        assert lines[0].split(",")[:2] == ["id", list(items[0])[1]]
        assert [line.split(",")[0] for line in lines[1:]] == [item["id"] for item in items]


class TestPartners:
    async def test_a_partner_key_is_capped_and_sees_its_partner_only(self, database: Database) -> None:
        operator = await make_operator(database)
        partner, other = await make_partner(database, operator), await make_partner(database, operator)
        async with client_of(
            make_api(database), await make_key(database, operator, partner_id=partner)
        ) as client:
            me = (await client.get("/me")).json()
            assert set(me["permissions"]) == PARTNER_CEILING
            items = (await client.get("/partners")).json()["items"]
            assert [item["id"] for item in items] == [encode_id("ptn", partner)]
            assert (await client.get(f"/partners/{encode_id('ptn', other)}")).status_code == 404
            assert (await client.get("/users")).status_code == 403

    async def test_an_inactive_partner_is_shut_out(self, database: Database) -> None:
        operator = await make_operator(database)
        partner = await make_partner(database, operator)
        email = await make_user(database, operator, role=Role.VIEWER, partner_id=partner)
        app = make_api(database)
        async with (
            client_of(app, await make_key(database, operator)) as admin,
            client_of(app, await make_key(database, operator, partner_id=partner)) as machine,
            client_of(app) as person,
        ):
            await sign_in(person, email)
            assert (await person.get("/me")).json()["partner_id"] == encode_id("ptn", partner)
            assert (await machine.get("/me")).status_code == 200
            await admin.patch(f"/partners/{encode_id('ptn', partner)}", json={"active": False})
            assert (await machine.get("/me")).status_code == 401
            assert (await person.get("/me")).status_code == 401

    async def test_a_grant_names_something_that_is_there(self, database: Database) -> None:
        operator = await make_operator(database)
        partner = encode_id("ptn", await make_partner(database, operator))
        async with client_of(make_api(database), await make_key(database, operator)) as client:
            body = {"subject_type": "location", "subject_id": encode_id("loc", new_id())}
            response = await client.post(f"/partners/{partner}/grants", json=body)
        assert response.status_code == 422
        assert response.json()["code"] == "UnknownSubject"


class TestAudit:
    async def test_every_change_is_there_with_before_and_after(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(database, operator)
        async with client_of(make_api(database)) as owner:
            await sign_in(owner, email)
            user_id = (await owner.get("/me")).json()["id"]
            await owner.patch(f"/users/{user_id}", json={"name": "Renamed", "password": "a new secret one"})
            await sign_in(owner, email, "a new secret one")
            entries = (await owner.get("/audit", params={"subject_id": user_id})).json()["items"]
            exported = await owner.get(
                "/audit", params={"subject_id": user_id}, headers={"Accept": "text/csv"}
            )
        entry = next(entry for entry in entries if entry["action"] == "user.updated")
        assert entry["before"] == {"name": "Test user"}
        assert entry["after"] == {"name": "Renamed", "password": "•••"}
        assert entry["actor_id"] == user_id
        assert entry["address"] == "127.0.0.1"
        assert entry["request_id"]
        assert exported.headers["content-type"].startswith("text/csv")
        assert len(exported.text.splitlines()) == len(entries) + 1

    @pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
    @pytest.mark.parametrize("role", ["app", "system", "owner"])
    async def test_nobody_rewrites_it(self, database: Database, statement: str, role: str) -> None:
        operator = await make_operator(database)
        with pytest.raises((DBAPIError, psycopg.Error)):
            async with database.transaction(operator, role=role) as uow:  # type: ignore[arg-type]
                await uow.session.execute(text(statement))

    async def test_a_partner_writes_and_reads_its_own_entries(self, database: Database) -> None:
        operator = await make_operator(database)
        partner = await make_partner(database, operator)
        actor = system_actor(operator, "test")
        async with database.transaction(operator, partner_id=partner, actor=actor) as uow:
            await record_change(
                uow, action="thing.done", subject_type="thing", subject_id=None, after={"a": 1}
            )
            await uow.session.flush()
            actions = (await uow.session.execute(text("SELECT action FROM audit_entry"))).scalars().all()
        assert actions == ["thing.done"]


class TestBootstrap:
    async def test_ensure_finds_what_create_made(self, database: Database) -> None:
        slug = f"op-{new_id().hex[-12:]}"
        made = await create_operator(database, slug=slug, name="A")
        assert await ensure_operator(database, slug=slug, name="B") == made
        with pytest.raises(SlugTaken):
            await create_operator(database, slug=slug, name="C")
        with pytest.raises(SlugInvalid):
            await create_operator(database, slug="Not a slug", name="D")


def test_each_role_holds_no_more_than_the_owner() -> None:
    assert all(held <= ROLE_PERMISSIONS[Role.OWNER] for held in ROLE_PERMISSIONS.values())
    assert not any(p.endswith((":write", ":command")) for p in ROLE_PERMISSIONS[Role.VIEWER])
