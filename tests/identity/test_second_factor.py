"""Authenticator apps, recovery codes, and the operator that asks for a second factor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from forecourt.identity.models import AuditEntry, RecoveryCode, Totp
from forecourt.identity.permissions import Role
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls
from tests.api.harness import PASSWORD, client_of, make_api, make_operator, make_user, sign_in


class Stage:
    """An operator, a person, an API, and a clock that stands still."""

    def __init__(self, database: Database, clock: ManualClock, operator: UUID, email: str) -> None:
        self.database, self.clock, self.operator, self.email = database, clock, operator, email
        self.app: FastAPI = make_api(database)

    def code(self, secret: str, *, steps: int = 0) -> str:
        return pyotp.TOTP(secret).at(self.clock.now(), counter_offset=steps)

    async def enrol(self, client: httpx.AsyncClient) -> tuple[str, list[str]]:
        """Sign in and set up an app; returns its secret and the recovery codes. A step passes."""
        await sign_in(client, self.email)
        made = await client.post("/me/totp")
        assert made.status_code == 200, made.text
        secret: str = made.json()["secret"]
        done = await client.post("/me/totp/confirm", json={"code": self.code(secret)})
        assert done.status_code == 200, done.text
        self.clock.advance(timedelta(seconds=60))
        return secret, done.json()["recovery_codes"]

    async def second(
        self, client: httpx.AsyncClient, challenge: str, code: str, **more: Any
    ) -> httpx.Response:
        return await client.post(
            "/sign-in/second-factor", json={"challenge": challenge, "code": code, **more}
        )


@pytest.fixture
async def stage(database_urls: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Stage]:
    database = Database(database_urls, clock=clock, pool_size=3)
    operator = await make_operator(database)
    yield Stage(database, clock, operator, await make_user(database, operator))
    await database.close()


class TestTotp:
    async def test_password_then_code_opens_the_session(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            secret, _ = await stage.enrol(client)
        async with client_of(stage.app) as client:
            first = await sign_in(client, stage.email)
            assert first.json()["next"] == "second_factor"
            assert first.json()["methods"] == ["totp", "recovery_code"]
            assert "forecourt_session" not in client.cookies
            assert (await client.get("/me")).status_code == 401
            done = await stage.second(client, first.json()["challenge"], stage.code(secret))
            assert done.json()["next"] == "done"
            assert (await client.get("/me")).json()["email"] == stage.email
            sessions = (await client.get("/me/sessions")).json()["items"]
            assert [one["method"] for one in sessions if one["current"]] == ["totp"]

    async def test_the_same_code_is_not_taken_twice_nor_an_older_one(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            secret, _ = await stage.enrol(client)
        async with client_of(stage.app) as client:
            code, older = stage.code(secret), stage.code(secret, steps=-1)
            challenges = [(await sign_in(client, stage.email)).json()["challenge"] for _ in range(3)]
            assert (await stage.second(client, challenges[0], code)).status_code == 200
            for replay, challenge in ((code, challenges[1]), (older, challenges[2])):
                refused = await stage.second(client, challenge, replay)
                assert (refused.status_code, refused.json()["code"]) == (401, "CodeWrong")

    async def test_a_challenge_is_used_once_and_ends_after_ten_minutes(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            secret, _ = await stage.enrol(client)
        async with client_of(stage.app) as client:
            used = (await sign_in(client, stage.email)).json()["challenge"]
            assert (await stage.second(client, used, stage.code(secret))).status_code == 200
            stage.clock.advance(timedelta(seconds=60))
            again = await stage.second(client, used, stage.code(secret))
            assert again.json()["code"] == "ChallengeOver"
            late = (await sign_in(client, stage.email)).json()["challenge"]
            stage.clock.advance(timedelta(minutes=10))
            assert (await stage.second(client, late, stage.code(secret))).json()["code"] == "ChallengeOver"

    async def test_guessing_is_throttled_whatever_challenge_it_comes_with(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            secret, _ = await stage.enrol(client)
        async with client_of(stage.app) as client:
            for _ in range(5):
                challenge = (await sign_in(client, stage.email)).json()["challenge"]
                assert (await stage.second(client, challenge, "000000")).status_code == 401
            challenge = (await sign_in(client, stage.email)).json()["challenge"]
            closed = await stage.second(client, challenge, stage.code(secret))
            assert closed.json()["code"] == "SignInThrottled"

    async def test_the_secret_is_sealed_and_in_no_trail(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            secret, codes = await stage.enrol(client)
        async with stage.database.transaction(stage.operator) as uow:
            totp = (await uow.session.scalars(select(Totp))).one()
            kept = (await uow.session.scalars(select(RecoveryCode.code_sha256))).all()
            trail = [(e.before, e.after) for e in await uow.session.scalars(select(AuditEntry))]
        assert secret.encode() not in totp.secret_sealed
        assert len(kept) == len(codes) == 10
        text = str(trail) + str(kept)
        assert secret not in text
        assert not any(code in text or code.replace("-", "") in text for code in codes)

    async def test_taking_it_away_needs_a_fresh_proof(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            await stage.enrol(client)
            stage.clock.advance(timedelta(minutes=16))
            refused = await client.delete("/me/totp")
            assert refused.json()["code"] == "ConfirmationRequired"
            wrong = await client.post("/me/confirm", json={"password": "not the password"})
            assert wrong.status_code == 401
            assert (await client.post("/me/confirm", json={"password": PASSWORD})).status_code == 204
            assert (await client.delete("/me/totp")).status_code == 204
            state = (await client.get("/me/second-factor")).json()
            assert state == {"totp": False, "passkeys": [], "recovery_codes_left": 0, "required": False}
        async with client_of(stage.app) as client:
            assert (await sign_in(client, stage.email)).json()["next"] == "done"


class TestRecoveryCodes:
    async def test_each_is_taken_once_and_new_ones_end_the_old(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            _, codes = await stage.enrol(client)
        async with client_of(stage.app) as client:
            challenges = [(await sign_in(client, stage.email)).json()["challenge"] for _ in range(3)]
            spaced = codes[0].replace("-", " ").upper()
            assert (await stage.second(client, challenges[0], spaced, recovery=True)).status_code == 200
            client.headers["X-CSRF-Token"] = (await client.get("/me")).json()["csrf_token"]
            assert (await stage.second(client, challenges[1], codes[0], recovery=True)).status_code == 401
            assert (await client.get("/me/second-factor")).json()["recovery_codes_left"] == 9
            fresh = (await client.post("/me/recovery-codes")).json()["recovery_codes"]
            assert len(set(fresh) - set(codes)) == 10
            assert (await stage.second(client, challenges[2], codes[1], recovery=True)).status_code == 401


class TestRequired:
    async def require(self, stage: Stage) -> None:
        async with client_of(stage.app) as owner:
            await sign_in(owner, stage.email)
            changed = await owner.patch("/operator", json={"security": {"second_factor_required": True}})
            assert changed.json()["security"]["second_factor_required"] is True
            assert (await owner.get("/me")).status_code == 200  # from the next sign-in on

    async def test_who_has_none_sets_one_up_before_the_session_the_owner_too(self, stage: Stage) -> None:
        await self.require(stage)
        async with client_of(stage.app) as client:
            first = (await sign_in(client, stage.email)).json()
            assert first["next"] == "enrol"
            assert (await stage.second(client, first["challenge"], "123456")).status_code == 401
            made = (await client.post("/sign-in/enrol", json={"challenge": first["challenge"]})).json()
            assert made["uri"].startswith("otpauth://totp/")
            assert made["svg"].startswith("<svg")
            body = {"challenge": first["challenge"], "code": stage.code(made["secret"])}
            done = await client.post("/sign-in/enrol/confirm", json=body)
            assert done.status_code == 200, done.text
            assert len(done.json()["recovery_codes"]) == 10
            client.headers["X-CSRF-Token"] = done.json()["csrf_token"]
            last = await client.delete("/me/totp")
            assert (last.status_code, last.json()["code"]) == (409, "SecondFactorNeeded")

    async def test_an_admin_takes_a_lost_factor_away_but_not_an_owners(self, stage: Stage) -> None:
        async with client_of(stage.app) as client:
            await stage.enrol(client)
        viewer = await make_user(stage.database, stage.operator, role=Role.VIEWER)
        admin = await make_user(stage.database, stage.operator, role=Role.ADMIN)
        owner_email, stage.email = stage.email, viewer
        async with client_of(stage.app) as client, client_of(stage.app) as helper:
            await stage.enrol(client)
            await sign_in(helper, admin)
            users = {one["email"]: one for one in (await helper.get("/users")).json()["items"]}
            assert users[viewer]["second_factor"] == ["totp"]
            refused = await helper.delete(f"/users/{users[owner_email]['id']}/second-factor")
            assert refused.json()["code"] == "GrantTooWide"
            done = await helper.delete(f"/users/{users[viewer]['id']}/second-factor")
            assert done.json()["second_factor"] == []
            assert (await client.get("/me")).status_code == 401
            assert (await sign_in(client, viewer)).json()["next"] == "done"
