"""Signing in and out with a password."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from forecourt.identity.models import AuditEntry, WebSession
from forecourt.identity.permissions import Role
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls
from tests.api.harness import PASSWORD, client_of, make_api, make_operator, make_partner, make_user, sign_in


class TestSignIn:
    async def test_opens_a_session_that_knows_who_it_is(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(database, operator, role=Role.OPERATIONS)
        async with client_of(make_api(database)) as client:
            response = await sign_in(client, email.upper())
            assert response.status_code == 200
            cookie = next(
                c for c in response.headers.get_list("set-cookie") if c.startswith("forecourt_session")
            )
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            me = (await client.get("/me")).json()
        assert me["email"] == email
        assert me["role"] == "operations"
        assert "stations:write" in me["permissions"]
        assert "users:write" not in me["permissions"]
        assert me["csrf_token"] == response.json()["csrf_token"]

    async def test_stores_no_token_and_leaves_a_trail(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(database, operator)
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            token = client.cookies["forecourt_session"]
        async with database.transaction(operator) as uow:
            session = (await uow.session.scalars(select(WebSession))).one()
            actions = (await uow.session.scalars(select(AuditEntry.action).order_by(AuditEntry.at))).all()
        assert token.encode() not in session.token_sha256
        assert actions[-1] == "user.signed_in"

    async def test_refuses_a_wrong_password_and_an_unknown_account_alike(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        async with client_of(make_api(database)) as client:
            wrong = await sign_in(client, email, "not the password")
            unknown = await sign_in(client, "nobody-" + email, "not the password")
        for response in (wrong, unknown):
            assert response.status_code == 401
            assert response.json()["code"] == "SignInFailed"
        assert wrong.json()["detail"] == unknown.json()["detail"]

    async def test_refuses_a_deactivated_user_at_once(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(database, operator, role=Role.VIEWER)
        owner = await make_user(database, operator)
        app = make_api(database)
        async with client_of(app) as viewer, client_of(app) as admin:
            await sign_in(viewer, email)
            await sign_in(admin, owner)
            users = (await admin.get("/users")).json()["items"]
            user_id = next(user["id"] for user in users if user["email"] == email)
            changed = await admin.patch(f"/users/{user_id}", json={"active": False})
            assert changed.status_code == 200, changed.text
            assert (await viewer.get("/me")).json()["code"] == "SessionExpired"
            assert (await sign_in(viewer, email)).status_code == 401

    async def test_asks_which_operator_when_the_same_person_is_at_two(self, database: Database) -> None:
        first, second = await make_operator(database), await make_operator(database)
        email = await make_user(database, first)
        await make_user(database, second, email=email)
        async with client_of(make_api(database)) as client:
            response = await sign_in(client, email)
            assert response.status_code == 409
            slugs = response.json()["params"]["operators"]
            assert len(slugs) == 2
            assert (await sign_in(client, email, operator=slugs[0])).status_code == 200
            assert (await client.get("/me")).json()["operator"]["slug"] == slugs[0]

    async def test_the_names_of_operators_are_told_only_to_who_knows_the_password(
        self, database: Database
    ) -> None:
        first, second = await make_operator(database), await make_operator(database)
        email = await make_user(database, first)
        await make_user(database, second, email=email)
        async with client_of(make_api(database)) as client:
            response = await sign_in(client, email, "a wrong password")
        assert response.status_code == 401
        assert "operators" not in response.json()["params"]


class TestThrottling:
    async def test_five_wrong_tries_close_the_door_even_for_the_right_password(
        self, database_urls: DatabaseUrls, clock: ManualClock
    ) -> None:
        database = Database(database_urls, clock=clock, pool_size=2)
        email = await make_user(database, await make_operator(database))
        async with _client_from(database, "198.51.100.7") as client:
            for _ in range(5):
                assert (await sign_in(client, email, "wrong password")).status_code == 401
            closed = await sign_in(client, email)
            assert closed.status_code == 429
            assert int(closed.headers["Retry-After"]) > 0
            clock.advance(timedelta(minutes=16))
            assert (await sign_in(client, email)).status_code == 200
        await database.close()

    async def test_somebody_elsewhere_is_not_locked_out_by_it(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        async with _client_from(database, "198.51.100.8") as attacker:
            for _ in range(6):
                last = await sign_in(attacker, email, "wrong password")
            assert last.status_code == 429
        async with _client_from(database, "203.0.113.9") as owner:
            assert (await sign_in(owner, email)).status_code == 200

    async def test_a_success_forgets_the_wrong_tries(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        async with _client_from(database, "198.51.100.10") as client:
            for _ in range(2):
                for _ in range(4):
                    assert (await sign_in(client, email, "wrong password")).status_code == 401
                assert (await sign_in(client, email)).status_code == 200


class TestCsrf:
    async def test_a_change_by_cookie_needs_the_token(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            token = client.headers.pop("X-CSRF-Token")
            body = {"name": "Host", "kind": "site_host"}
            assert (await client.post("/partners", json=body)).json()["code"] == "CsrfRefused"
            wrong = await client.post("/partners", json=body, headers={"X-CSRF-Token": "x" + token[1:]})
            assert wrong.status_code == 403
            right = await client.post("/partners", json=body, headers={"X-CSRF-Token": token})
            assert right.status_code == 201

    async def test_sign_in_takes_no_form(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        async with client_of(make_api(database)) as client:
            text = f'{{"email": "{email}", "password": "{PASSWORD}"}}'
            response = await client.post("/sign-in", content=text, headers={"Content-Type": "text/plain"})
        assert response.status_code == 415


class TestSession:
    async def test_sign_out_ends_it(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            token = client.cookies["forecourt_session"]
            assert (await client.post("/sign-out")).status_code == 204
            assert "forecourt_session" not in client.cookies
            client.cookies.set("forecourt_session", token)
            assert (await client.get("/me")).status_code == 401

    async def test_a_partners_member_signs_out_and_changes_its_password_too(self, database: Database) -> None:
        operator = await make_operator(database)
        partner = await make_partner(database, operator)
        email = await make_user(database, operator, role=Role.VIEWER, partner_id=partner)
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            assert (await client.get("/me")).json()["name"] == "Test user"
            token = client.cookies["forecourt_session"]
            body = {"old_password": PASSWORD, "new_password": "another long one"}
            assert (await client.post("/me/password", json=body)).status_code == 204
            assert (await client.post("/sign-out")).status_code == 204
            client.cookies.set("forecourt_session", token)
            assert (await client.get("/me")).status_code == 401
            assert (await sign_in(client, email, "another long one")).status_code == 200

    @pytest.mark.parametrize(("hours", "step"), [(13, 13), (24 * 7, 6)])
    async def test_it_ends_when_idle_and_when_old(
        self, database_urls: DatabaseUrls, clock: ManualClock, hours: int, step: int
    ) -> None:
        database = Database(database_urls, clock=clock, pool_size=2)
        email = await make_user(database, await make_operator(database))
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            statuses = []
            for _ in range(0, hours, step):
                clock.advance(timedelta(hours=step))
                statuses.append((await client.get("/me")).status_code)
        assert statuses[-1] == 401
        assert set(statuses[:-1]) <= {200}
        await database.close()

    async def test_a_new_password_ends_the_other_sessions(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        app = make_api(database)
        async with client_of(app) as here, client_of(app) as elsewhere:
            await sign_in(here, email)
            await sign_in(elsewhere, email)
            body = {"old_password": "wrong wrong wrong", "new_password": "another long one"}
            assert (await here.post("/me/password", json=body)).status_code == 401
            body["old_password"] = PASSWORD
            assert (await here.post("/me/password", json=body)).status_code == 204
            assert (await here.get("/me")).status_code == 200
            assert (await elsewhere.get("/me")).status_code == 401
            assert (await sign_in(elsewhere, email, "another long one")).status_code == 200


def _client_from(database: Database, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(make_api(database), client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1")
