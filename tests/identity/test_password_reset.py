"""A forgotten password, by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from forecourt.identity.reset_password import TASK, send_resets
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls
from tests.api.harness import PASSWORD, client_of, make_api, make_operator, make_user, sign_in
from tests.identity.post import mails_of, token_in_mail

NEW = "a better password"


async def send(database: Database, email: str) -> None:
    """What the job does."""
    await send_resets(database, email=email, base_url="https://cpo.example", address="198.51.100.1")


async def test_the_link_sets_a_password_once_and_ends_every_session(database: Database) -> None:
    operator = await make_operator(database)
    email = await make_user(database, operator)
    async with client_of(make_api(database)) as old, client_of(make_api(database)) as client:
        await sign_in(old, email)
        await send(database, email)
        unused = await token_in_mail(database, operator, email)
        await send(database, email)
        token = await token_in_mail(database, operator, email)
        weak = await client.post("/password-reset", json={"token": token, "password": "short"})
        assert weak.json()["code"] == "PasswordTooWeak"
        assert (
            await client.post("/password-reset", json={"token": token, "password": NEW})
        ).status_code == 204
        assert (await old.get("/me")).status_code == 401
        assert (await sign_in(client, email, PASSWORD)).status_code == 401
        assert (await sign_in(client, email, NEW)).status_code == 200
        for used in (token, unused):
            again = await client.post("/password-reset", json={"token": used, "password": "yet another one"})
            assert (again.status_code, again.json()["code"]) == (404, "ResetOver")
    subjects = [mail.subject for mail in await mails_of(database, operator, email)]
    assert subjects[-1] == "Your password for Test operator was changed"
    assert all(NEW not in (mail.text or "") for mail in await mails_of(database, operator, email))


async def test_the_link_ends_after_an_hour(database_urls: DatabaseUrls, clock: ManualClock) -> None:
    database = Database(database_urls, clock=clock, pool_size=3)
    operator = await make_operator(database)
    email = await make_user(database, operator)
    await send(database, email)
    token = await token_in_mail(database, operator, email)
    clock.advance(timedelta(hours=1))
    async with client_of(make_api(database)) as client:
        late = await client.post("/password-reset", json={"token": token, "password": NEW})
        assert late.json()["code"] == "ResetOver"
    await database.close()


async def test_asking_is_answered_and_worked_on_alike_for_every_address(database: Database) -> None:
    email = await make_user(database, await make_operator(database))
    unknown = "nobody-" + email
    async with client_of(make_api(database)) as client:
        answers = [
            await client.post("/password-reset/request", json={"email": to}) for to in (email, unknown)
        ]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    async with database.transaction(role="system") as uow:
        rows = await uow.session.execute(
            text(
                "SELECT args ->> 'email' FROM jobs.procrastinate_jobs"
                " WHERE task_name = :task AND args ->> 'email' IN (:a, :b)"
            ),
            {"task": TASK, "a": email, "b": unknown},
        )
        assert sorted(rows.scalars()) == sorted([email, unknown])  # the look-up comes after the answer
    await send(database, unknown)


@pytest.mark.parametrize("known", [True, False])
async def test_wishes_are_throttled(database: Database, known: bool) -> None:
    email = await make_user(database, await make_operator(database))
    email = email if known else f"x{email}"
    async with client_of(make_api(database)) as client:
        codes = [
            (await client.post("/password-reset/request", json={"email": email})).status_code
            for _ in range(6)
        ]
    assert codes == [202] * 5 + [429]
