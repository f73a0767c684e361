"""Passkeys: registered several, used as the second factor and alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from forecourt.kit.database import Database
from tests.api.harness import client_of, make_api, make_operator, make_user, sign_in
from tests.identity.authenticator import Authenticator


async def register(client: httpx.AsyncClient, key: Authenticator, name: str = "Laptop") -> httpx.Response:
    asked = (await client.post("/me/passkeys/options")).json()
    body = {"challenge": asked["challenge"], "name": name, "credential": key.create(asked["options"])}
    return await client.post("/me/passkeys", json=body)


async def ask(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    asked = await client.post("/sign-in/passkey/options", json=body)
    assert asked.status_code == 200, asked.text
    return dict(asked.json())


async def answer(client: httpx.AsyncClient, asked: dict[str, Any], key: Authenticator) -> httpx.Response:
    body = {"challenge": asked["challenge"], "credential": key.get(asked["options"])}
    return await client.post("/sign-in/passkey", json=body)


@pytest.fixture
async def email(database: Database) -> str:
    return await make_user(database, await make_operator(database))


async def test_several_with_names_and_recovery_codes_with_the_first(database: Database, email: str) -> None:
    async with client_of(make_api(database)) as client:
        await sign_in(client, email)
        first = await register(client, Authenticator(), "Laptop")
        assert first.status_code == 201, first.text
        assert len(first.json()["recovery_codes"]) == 10
        second = await register(client, Authenticator(), "Phone")
        assert second.json()["recovery_codes"] == []
        renamed = await client.patch(f"/me/passkeys/{second.json()['id']}", json={"name": "Old phone"})
        assert renamed.json()["name"] == "Old phone"
        listed = (await client.get("/me/second-factor")).json()["passkeys"]
        assert [one["name"] for one in listed] == ["Laptop", "Old phone"]
        assert (await client.delete(f"/me/passkeys/{first.json()['id']}")).status_code == 204
        left = (await client.get("/me/second-factor")).json()["passkeys"]
        assert [one["name"] for one in left] == ["Old phone"]


async def test_it_signs_in_alone_and_as_the_second_step(database: Database, email: str) -> None:
    app, key = make_api(database), Authenticator()
    async with client_of(app) as client:
        await sign_in(client, email)
        await register(client, key)
    async with client_of(app) as client:
        done = await answer(client, await ask(client), key)
        assert done.json()["next"] == "done", done.text
        assert (await client.get("/me")).json()["email"] == email
    async with client_of(app) as client:
        first = (await sign_in(client, email)).json()
        assert first["methods"] == ["passkey", "recovery_code"]
        asked = await ask(client, challenge=first["challenge"])
        assert len(asked["options"]["allowCredentials"]) == 1
        assert (await answer(client, asked, key)).json()["next"] == "done"
        assert (await client.get("/me")).json()["email"] == email


async def test_an_answer_counts_once(database: Database, email: str) -> None:
    app, key = make_api(database), Authenticator()
    async with client_of(app) as client:
        await sign_in(client, email)
        await register(client, key)
    async with client_of(app) as client:
        asked = await ask(client)
        body = {"challenge": asked["challenge"], "credential": key.get(asked["options"])}
        assert (await client.post("/sign-in/passkey", json=body)).status_code == 200
        assert (await client.post("/sign-in/passkey", json=body)).json()["code"] == "ChallengeOver"
        other = await ask(client)
        replay = {"challenge": other["challenge"], "credential": body["credential"]}
        assert (await client.post("/sign-in/passkey", json=replay)).json()["code"] == "PasskeyRefused"


@pytest.mark.parametrize("what", ["stranger", "other site", "without verification", "other person"])
async def test_what_does_not_fit_is_refused(database: Database, email: str, what: str) -> None:
    app, key = make_api(database), Authenticator()
    async with client_of(app) as client:
        await sign_in(client, email)
        await register(client, key)
    challenge = None
    if what == "stranger":
        key = Authenticator()
    elif what == "other site":
        key.origin = "http://evil.example"
    elif what == "without verification":
        key.verifies = False
    else:
        other = await make_user(database, await make_operator(database))
        async with client_of(app) as client:
            await sign_in(client, other)
            await register(client, Authenticator())
            challenge = (await sign_in(client, other)).json()["challenge"]
    async with client_of(app) as client:
        asked = await ask(client, **({"challenge": challenge} if challenge else {}))
        refused = await answer(client, asked, key)
        assert (refused.status_code, refused.json()["code"]) == (401, "PasskeyRefused")
        assert (await client.get("/me")).status_code == 401


async def test_a_challenge_of_somebody_else_registers_nothing(database: Database, email: str) -> None:
    app = make_api(database)
    other = await make_user(database, await make_operator(database))
    async with client_of(app) as client, client_of(app) as thief:
        await sign_in(client, email)
        await sign_in(thief, other)
        asked = (await client.post("/me/passkeys/options")).json()
        body = {
            "challenge": asked["challenge"],
            "name": "Mine",
            "credential": Authenticator().create(asked["options"]),
        }
        assert (await thief.post("/me/passkeys", json=body)).json()["code"] == "ChallengeOver"
        assert (await thief.get("/me/second-factor")).json()["passkeys"] == []
