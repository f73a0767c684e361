"""What a person does about itself: sessions, preferences, profile, other operators."""

from __future__ import annotations

from datetime import timedelta

from forecourt.identity.permissions import Role
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls
from tests.api.harness import (
    PASSWORD,
    client_of,
    make_api,
    make_key,
    make_operator,
    make_partner,
    make_user,
    sign_in,
)
from tests.identity.post import mails_of


class TestSessions:
    async def test_are_listed_and_ended_one_by_one_or_all_others(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        app = make_api(database)
        async with client_of(app) as a, client_of(app) as b, client_of(app) as c:
            for client in (a, b, c):
                await sign_in(client, email)
            listed = (await a.get("/me/sessions")).json()["items"]
            assert [one["current"] for one in listed].count(True) == 1
            own_b = next(one for one in (await b.get("/me/sessions")).json()["items"] if one["current"])
            assert (await a.delete(f"/me/sessions/{own_b['id']}")).status_code == 204
            assert (await b.get("/me")).status_code == 401
            assert (await c.get("/me")).status_code == 200
            assert (await a.delete("/me/sessions")).status_code == 204
            assert (await c.get("/me")).status_code == 401
            assert (await a.get("/me")).status_code == 200

    async def test_another_persons_session_is_not_there(self, database: Database) -> None:
        operator = await make_operator(database)
        app = make_api(database)
        async with client_of(app) as a, client_of(app) as b:
            await sign_in(a, await make_user(database, operator))
            await sign_in(b, await make_user(database, operator))
            own = (await b.get("/me/sessions")).json()["items"][0]
            assert (await a.delete(f"/me/sessions/{own['id']}")).json()["code"] == "SessionNotFound"
            assert (await b.get("/me")).status_code == 200

    async def test_the_operators_limits_count(self, database_urls: DatabaseUrls, clock: ManualClock) -> None:
        database = Database(database_urls, clock=clock, pool_size=2)
        email = await make_user(database, await make_operator(database))
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            limits = {"session_idle_minutes": 10, "session_lifetime_hours": 1}
            assert (await client.patch("/operator", json={"security": limits})).status_code == 200
            clock.advance(timedelta(minutes=11))
            assert (await client.get("/me")).status_code == 401  # idle counts at once
            await sign_in(client, email)
            statuses = []
            for _ in range(8):
                clock.advance(timedelta(minutes=8))
                statuses.append((await client.get("/me")).status_code)
        assert statuses == [200] * 7 + [401]
        await database.close()

    async def test_a_new_password_is_told_by_mail(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(database, operator)
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            body = {"old_password": PASSWORD, "new_password": "another long one"}
            assert (await client.post("/me/password", json=body)).status_code == 204
        mail = (await mails_of(database, operator, email))[-1]
        assert mail.subject.endswith("was changed")
        assert "another long one" not in (mail.text or "")


class TestPreferences:
    async def test_follow_the_person_key_by_key(self, database: Database) -> None:
        operator = await make_operator(database)
        email = await make_user(
            database, operator, role=Role.VIEWER, partner_id=await make_partner(database, operator)
        )
        app = make_api(database)
        async with client_of(app) as here, client_of(app) as there:
            await sign_in(here, email)
            await sign_in(there, email)
            views = [{"name": "Mine", "sort": "-power_w"}]
            assert (await here.patch("/me/preferences", json={"preferences": {"density": "compact"}})).json()
            await there.patch("/me/preferences", json={"preferences": {"views/stations": views}})
            kept = (await here.get("/me/preferences")).json()["preferences"]
            assert kept == {"density": "compact", "views/stations": views}
            gone = await here.patch("/me/preferences", json={"preferences": {"density": None}})
            assert gone.json()["preferences"] == {"views/stations": views}

    async def test_have_a_limit_and_are_for_people(self, database: Database) -> None:
        operator = await make_operator(database)
        app = make_api(database)
        async with client_of(app) as client, client_of(app, await make_key(database, operator)) as key:
            await sign_in(client, await make_user(database, operator))
            big = await client.patch("/me/preferences", json={"preferences": {"x": "y" * 33_000}})
            assert (big.status_code, big.json()["code"]) == (422, "PreferencesTooLarge")
            assert (await client.get("/me/preferences")).json()["preferences"] == {}
            assert (await key.get("/me/preferences")).json()["code"] == "OnlyForPeople"

    async def test_profile(self, database: Database) -> None:
        email = await make_user(database, await make_operator(database))
        async with client_of(make_api(database)) as client:
            await sign_in(client, email)
            body = {"name": "Ada", "language": "de", "time_zone": "Europe/Vienna"}
            assert (await client.patch("/me", json=body)).status_code == 204
            me = (await client.get("/me")).json()
            assert {key: me[key] for key in body} == body
            bad = await client.patch("/me", json={"time_zone": "Mars/Base"})
            assert bad.json()["code"] == "UnknownTimeZone"


class TestSwitching:
    async def test_one_person_goes_over_and_back_without_the_password(self, database: Database) -> None:
        first, second = await make_operator(database), await make_operator(database)
        email = await make_user(database, first)
        await make_user(database, second, email=email)
        async with client_of(make_api(database)) as client:
            slugs = (await sign_in(client, email)).json()["params"]["operators"]
            await sign_in(client, email, operator=slugs[0])
            old = client.cookies["forecourt_session"]
            done = await client.post("/me/operator", json={"operator": slugs[1]})
            assert done.json()["next"] == "done", done.text
            assert (await client.get("/me")).json()["operator"]["slug"] == slugs[1]
            client.headers["X-CSRF-Token"] = done.json()["csrf_token"]
            choices = (await client.get("/me/operators")).json()["items"]
            assert {one["slug"] for one in choices} == set(slugs)
            client.cookies.set("forecourt_session", old)
            client.cookies.delete("forecourt_session", domain="test.local")
        async with client_of(make_api(database), cookies={"forecourt_session": old}) as left:
            assert (await left.get("/me")).status_code == 401

    async def test_a_password_set_by_somebody_else_opens_no_other_door(self, database: Database) -> None:
        first, second = await make_operator(database), await make_operator(database)
        email = await make_user(database, first)
        await make_user(database, second, email=email)
        owner = await make_user(database, second)
        app = make_api(database)
        async with client_of(app) as client, client_of(app) as admin:
            slugs = (await sign_in(client, email)).json()["params"]["operators"]
            await sign_in(admin, owner)
            there = (await admin.get("/me")).json()["operator"]["slug"]
            users = (await admin.get("/users")).json()["items"]
            user = next(one for one in users if one["email"] == email)
            body = {"password": "chosen by the admin"}
            assert (await admin.patch(f"/users/{user['id']}", json=body)).status_code == 200
            await sign_in(client, email, "chosen by the admin")
            assert (await client.get("/me")).json()["operator"]["slug"] == there
            assert len((await client.get("/me/operators")).json()["items"]) == 1
            other = next(slug for slug in slugs if slug != there)
            refused = await client.post("/me/operator", json={"operator": other})
            assert refused.json()["code"] == "OperatorNotFound"
