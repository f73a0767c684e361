"""People are asked in by mail, and come in once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from forecourt.identity.models import Invitation
from forecourt.identity.permissions import Role
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls
from forecourt.kit.ids import encode_id, new_id
from tests.api.harness import PASSWORD, client_of, make_api, make_operator, make_partner, make_user, sign_in
from tests.identity.post import mails_of, token_in_mail


def address() -> str:
    return f"new-{new_id().hex[-12:]}@example.org"


async def test_the_invited_person_chooses_a_password_and_is_in(database: Database) -> None:
    operator, to = await make_operator(database), address()
    partner = encode_id("ptn", await make_partner(database, operator))
    async with client_of(make_api(database)) as admin, client_of(make_api(database)) as guest:
        await sign_in(admin, await make_user(database, operator, role=Role.ADMIN))
        body = {"email": to, "role": "viewer", "partner_id": partner, "language": "de"}
        made = await admin.post("/invitations", json=body)
        assert made.status_code == 201, made.text
        mail = (await mails_of(database, operator, to))[-1]
        assert mail.subject == "Einladung zu Test operator"
        token = await token_in_mail(database, operator, to)
        shown = (await guest.post("/invitation", json={"token": token})).json()
        assert (shown["operator"], shown["email"], shown["role"]) == ("Test operator", to, "viewer")
        weak = await guest.post(
            "/invitation/accept", json={"token": token, "name": "Kim", "password": "short"}
        )
        assert weak.json()["code"] == "PasswordTooWeak"
        accept = {"token": token, "name": "Kim", "password": "a password of Kim"}
        done = await guest.post("/invitation/accept", json=accept)
        assert done.json()["next"] == "done", done.text
        me = (await guest.get("/me")).json()
        assert (me["name"], me["email"], me["partner_id"], me["language"]) == ("Kim", to, partner, "de")
        again = await guest.post("/invitation/accept", json=accept)
        assert (again.status_code, again.json()["code"]) == (404, "InvitationOver")
        assert (await admin.get("/invitations")).json()["items"] == []


async def test_only_the_hash_of_the_token_is_stored(database: Database) -> None:
    operator, to = await make_operator(database), address()
    async with client_of(make_api(database)) as admin:
        await sign_in(admin, await make_user(database, operator))
        made = await admin.post("/invitations", json={"email": to, "role": "viewer"})
    token = await token_in_mail(database, operator, to)
    assert made.json()["link"].endswith(token)  # no mail server is set up here: somebody has to carry it over
    assert made.headers["Cache-Control"] == "no-store"
    async with database.transaction(operator) as uow:
        kept = (await uow.session.scalars(select(Invitation))).one()
    assert token.encode() not in kept.token_sha256


async def test_the_link_ends_after_seven_days_and_sending_again_makes_a_new_one(
    database_urls: DatabaseUrls, clock: ManualClock
) -> None:
    database = Database(database_urls, clock=clock, pool_size=3)
    operator, to = await make_operator(database), address()
    owner = await make_user(database, operator)
    async with client_of(make_api(database)) as admin:
        await sign_in(admin, owner)
        made = (await admin.post("/invitations", json={"email": to, "role": "viewer"})).json()
        first = await token_in_mail(database, operator, to)
        too_soon = await admin.post(f"/invitations/{made['id']}/resend")
        assert (too_soon.status_code, too_soon.json()["code"]) == (429, "InvitationJustSent")
        clock.advance(timedelta(days=7))
        assert (await admin.post("/invitation", json={"token": first})).json()["code"] == "InvitationOver"
        await sign_in(admin, owner)
        assert (await admin.post(f"/invitations/{made['id']}/resend")).status_code == 200
        second = await token_in_mail(database, operator, to)
        assert (await admin.post("/invitation", json={"token": first})).status_code == 404
        assert (await admin.post("/invitation", json={"token": second})).status_code == 200
        assert (await admin.delete(f"/invitations/{made['id']}")).json()["revoked_at"]
        accept = {"token": second, "name": "Kim", "password": "a password of Kim"}
        assert (await admin.post("/invitation/accept", json=accept)).json()["code"] == "InvitationOver"
    await database.close()


async def test_an_account_elsewhere_is_neither_told_of_nor_lost(database: Database) -> None:
    here, there = await make_operator(database), await make_operator(database)
    known = await make_user(database, there)
    stranger = address()
    async with client_of(make_api(database)) as admin, client_of(make_api(database)) as guest:
        await sign_in(admin, await make_user(database, here))
        answers = [
            await admin.post("/invitations", json={"email": to, "role": "viewer"}) for to in (known, stranger)
        ]
        shapes = [{key: type(value) for key, value in one.json().items()} for one in answers]
        assert [one.status_code for one in answers] == [201, 201]
        assert shapes[0] == shapes[1]
        tokens = [await token_in_mail(database, here, to) for to in (known, stranger)]
        looks = [(await guest.post("/invitation", json={"token": token})).json() for token in tokens]
        assert looks[0].keys() == looks[1].keys()
        wrong = [
            await guest.post(
                "/invitation/accept", json={"token": token, "password": "not the password", "existing": True}
            )
            for token in tokens
        ]
        assert [one.json()["code"] for one in wrong] == ["SignInFailed", "SignInFailed"]
        assert wrong[0].json()["detail"] == wrong[1].json()["detail"]
        body = {"token": tokens[0], "password": PASSWORD, "existing": True}
        done = await guest.post("/invitation/accept", json=body)
        assert done.json()["next"] == "done", done.text
        choices = (await guest.get("/me/operators")).json()["items"]
        assert sorted(one["current"] for one in choices) == [False, True]


async def test_nobody_invites_above_oneself_or_twice(database: Database) -> None:
    operator, to = await make_operator(database), address()
    present = await make_user(database, operator, role=Role.ADMIN)
    async with client_of(make_api(database)) as admin:
        await sign_in(admin, present)
        owner = await admin.post("/invitations", json={"email": to, "role": "owner"})
        assert owner.json()["code"] == "GrantTooWide"
        assert (await admin.post("/invitations", json={"email": to, "role": "viewer"})).status_code == 201
        twice = await admin.post("/invitations", json={"email": to.upper(), "role": "viewer"})
        assert twice.json()["code"] == "InvitationOpen"
        taken = await admin.post("/invitations", json={"email": present, "role": "viewer"})
        assert taken.json()["code"] == "EmailTaken"


@pytest.mark.parametrize("method", ["resend", "revoke"])
async def test_another_operators_invitation_is_not_there(database: Database, method: str) -> None:
    here, there = await make_operator(database), await make_operator(database)
    async with client_of(make_api(database)) as admin, client_of(make_api(database)) as other:
        await sign_in(admin, await make_user(database, here))
        await sign_in(other, await make_user(database, there))
        made = (await admin.post("/invitations", json={"email": address(), "role": "viewer"})).json()
        path = f"/invitations/{made['id']}"
        refused = await (other.post(f"{path}/resend") if method == "resend" else other.delete(path))
        assert refused.json()["code"] == "InvitationNotFound"
        assert (await other.get("/invitations")).json()["items"] == []
