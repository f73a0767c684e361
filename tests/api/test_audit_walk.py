"""Every operation that changes something leaves an entry in the audit trail: who, what, before and after.

One story calls them all; that it does is held against the OpenAPI document, so that an operation that is added
tomorrow and not told here fails the test.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

from forecourt.charging.models import Finding, Orphan, Session
from forecourt.identity.actor import system_actor
from forecourt.identity.models import AuditEntry, Invitation
from forecourt.identity.reset_password import send_resets
from forecourt.imports.commit_run import commit_run
from forecourt.kit.database import Database
from forecourt.kit.ids import decode_id, encode_id
from forecourt.network.models import Knock
from forecourt.operations.models import Incident
from tests.api.harness import PASSWORD, all_routers, client_of, make_api, make_operator, make_user, sign_in
from tests.identity.authenticator import Authenticator
from tests.identity.post import token_in_mail
from tests.identity.test_operator import png
from tests.network.harness import RememberingStations

READS = {
    "POST /tariffs/preview",
    "POST /tariffs/preview/week",
    # Steps of signing in or setting up that count only with the next one.
    "POST /invitation",
    "POST /me/confirm",
    "POST /me/passkeys/options",
    "POST /me/totp",
    "POST /password-reset/request",
    "POST /sign-in/enrol",
    "POST /sign-in/passkey/options",
    # How a person likes its console means nothing to anybody else.
    "PATCH /me/preferences",
}
"""Change nothing, though they are no GET."""
NO_SIDES = {
    "POST /sign-in",
    "POST /sign-in/second-factor",
    "POST /sign-in/passkey",
    "POST /sign-in/enrol/confirm",
    "POST /me/operator",
    "POST /invitation/accept",
    "POST /sign-out",
}
"""Facts about a person, not about a row."""
CHEAP = {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "0.30"}]}]}
DEAR = {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "0.60"}]}]}


@dataclass
class Story:
    """Calls operations and looks at the trail after each."""

    database: Database
    operator_id: UUID
    client: httpx.AsyncClient
    app: FastAPI
    email: str
    told: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def guest(self) -> AsyncIterator[httpx.AsyncClient]:
        """Another browser, which calls until the block ends."""
        first = self.client
        async with client_of(self.app, timeout=30) as self.client:
            yield self.client
        self.client = first

    async def entries(self) -> list[AuditEntry]:
        async with self.database.transaction(self.operator_id) as uow:
            return list(await uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))

    async def call(self, operation: str, *ids: str, **body: Any) -> Any:
        """Call ``"POST /users/{user_id}"`` with the ids in their places; its answer as JSON."""
        method, template = operation.split(" ")
        left = list(ids)
        path = re.sub(r"\{\w+\}", lambda _: left.pop(0), template)
        before = {entry.id for entry in await self.entries()}
        sends = body or method in {"POST", "PATCH", "PUT"}
        response = await self.client.request(method, path, **({"json": body} if sends else {}))
        assert response.status_code < 300, f"{operation}: {response.status_code} {response.text}"
        fresh = [entry for entry in await self.entries() if entry.id not in before]
        self._judge(operation, response.status_code, fresh)
        self.told.add(operation)
        return response.json() if response.content else None

    def _judge(self, operation: str, status: int, fresh: list[AuditEntry]) -> None:
        if not fresh:
            self.wrong.append(f"{operation}: no entry")
            return
        for entry in fresh:
            if not entry.actor_name and operation != "POST /sign-in":
                self.wrong.append(f"{operation}: {entry.action} does not say who")
            if entry.subject_id is None and entry.action != "token.imported":
                self.wrong.append(f"{operation}: {entry.action} does not say what about")
        if operation in NO_SIDES:
            return
        if not any(entry.after for entry in fresh):
            self.wrong.append(f"{operation}: no entry says how it is afterwards")
        makes = status in {201, 202} or any(
            entry.action.startswith(("command.", "token.imported")) for entry in fresh
        )
        if not makes and not any(entry.before for entry in fresh):
            self.wrong.append(f"{operation}: no entry says how it was before")


@pytest.fixture
async def story(database: Database) -> AsyncIterator[Story]:
    operator = await make_operator(database)
    email = await make_user(database, operator)
    api = make_api(database, routers=all_routers(), stations=RememberingStations())
    async with client_of(api, timeout=30) as client:
        told = Story(database, operator, client, api, email)
        signed_in = await sign_in(client, email)
        assert signed_in.status_code == 200
        assert [entry.action for entry in await told.entries()][-1] == "user.signed_in"
        told.told.add("POST /sign-in")
        yield told


async def people(story: Story) -> None:
    call = story.call
    await call("PATCH /operator", name="Renamed")
    user = await call("POST /users", email="bea@example.org", name="Bea", role="viewer")
    await call("PATCH /users/{user_id}", user["id"], role="support")
    key = await call("POST /api-keys", name="k", role="viewer")
    await call("DELETE /api-keys/{key_id}", key["id"])
    partner = await call("POST /partners", name="Hotel", kind="site_host")
    await call("PATCH /partners/{partner_id}", partner["id"], name="Grand Hotel")
    location = await call("POST /locations", name="For the hotel", country="DE", time_zone="Europe/Berlin")
    grant = await call(
        "POST /partners/{partner_id}/grants",
        partner["id"],
        subject_type="location",
        subject_id=location["id"],
    )
    await call("DELETE /partner-grants/{grant_id}", grant["id"])


async def invited(story: Story) -> None:
    call, to = story.call, "gus@example.org"
    made = await call("POST /invitations", email=to, role="viewer")
    async with story.database.transaction(story.operator_id) as uow:
        earlier = story.database.clock.now() - timedelta(minutes=2)
        await uow.session.execute(update(Invitation).values(sent_at=earlier))
    await call("POST /invitations/{invitation_id}/resend", made["id"])
    token = await token_in_mail(story.database, story.operator_id, to)
    async with story.guest():
        await call("POST /invitation/accept", token=token, name="Gus", password="the password of Gus")
    other = await call("POST /invitations", email="hal@example.org", role="viewer")
    await call("DELETE /invitations/{invitation_id}", other["id"])


async def own_account(story: Story) -> None:
    call = story.call
    await call("PATCH /me", name="Ada")
    await call("PUT /operator/logo", png_base64=base64.b64encode(png()).decode())
    await call("DELETE /operator/logo")
    secret = (await story.client.post("/me/totp")).json()["secret"]
    codes = await call("POST /me/totp/confirm", code=pyotp.TOTP(secret).now())
    async with story.guest() as guest:
        first = (await sign_in(guest, story.email)).json()["challenge"]
        code = codes["recovery_codes"][0]
        await call("POST /sign-in/second-factor", challenge=first, code=code, recovery=True)
    others = (await story.client.get("/me/sessions")).json()["items"]
    other = next(one["id"] for one in others if not one["current"])
    await call("DELETE /me/sessions/{web_session_id}", other)
    await call("DELETE /me/sessions")
    await call("POST /me/recovery-codes")
    key = Authenticator()
    asked = (await story.client.post("/me/passkeys/options")).json()
    made = key.create(asked["options"])
    passkey = await call("POST /me/passkeys", challenge=asked["challenge"], name="Key", credential=made)
    await call("PATCH /me/passkeys/{passkey_id}", passkey["id"], name="Laptop")
    async with story.guest() as guest:
        asked = (await guest.post("/sign-in/passkey/options", json={})).json()
        answer = key.get(asked["options"])
        await call("POST /sign-in/passkey", challenge=asked["challenge"], credential=answer)
    await call("DELETE /me/passkeys/{passkey_id}", passkey["id"])
    await call("DELETE /me/totp")


async def second_factors_of_others(story: Story) -> None:
    call = story.call
    email = await make_user(story.database, story.operator_id)
    await story.client.patch("/operator", json={"security": {"second_factor_required": True}})
    async with story.guest() as guest:
        first = (await sign_in(guest, email)).json()["challenge"]
        made = (await guest.post("/sign-in/enrol", json={"challenge": first})).json()
        await call("POST /sign-in/enrol/confirm", challenge=first, code=pyotp.TOTP(made["secret"]).now())
    await story.client.patch("/operator", json={"security": {"second_factor_required": False}})
    users = (await story.client.get("/users")).json()["items"]
    user = next(one["id"] for one in users if one["email"] == email)
    await call("DELETE /users/{user_id}/second-factor", user)
    await send_resets(story.database, email=email, base_url="https://cpo.example", address=None)
    token = await token_in_mail(story.database, story.operator_id, email)
    async with story.guest():
        await call("POST /password-reset", token=token, password="one more password")


async def switching(story: Story) -> None:
    there = await make_operator(story.database)
    email = await make_user(story.database, story.operator_id)
    await make_user(story.database, there, email=email)
    here = (await story.client.get("/me")).json()["operator"]["slug"]
    async with story.guest() as guest:
        slugs = (await sign_in(guest, email)).json()["params"]["operators"]
        await sign_in(guest, email, operator=next(slug for slug in slugs if slug != here))
        await story.call("POST /me/operator", operator=here)


async def network(story: Story) -> tuple[str, str]:
    """Returns a station and its EVSE."""
    call = story.call
    location = await call("POST /locations", name="Garage", country="DE", time_zone="Europe/Berlin")
    await call("PATCH /locations/{location}", location["id"], name="Garage am Zoo")
    empty = await call("POST /locations", name="Closed", country="DE", time_zone="Europe/Berlin")
    await call("POST /locations/{location}/retire", empty["id"])
    made = await call("POST /stations", identity="CP-1", location_id=location["id"])
    station = made["station"]["id"]
    await call("PATCH /stations/{station}", station, label="Left")
    credential = await call("POST /stations/{station}/credentials", station)
    await call("DELETE /stations/{station}/credentials/{credential}", station, credential["id"])
    evse = await call("POST /evses", location_id=location["id"], station_id=station, evse_no=1)
    await call("PATCH /evses/{evse}", evse["id"], label="A")
    connector = await call("POST /connectors", evse_id=evse["id"], connector_no=1)
    await call("PATCH /connectors/{connector}", connector["id"], max_power_w=11000)
    spare = await call("POST /connectors", evse_id=evse["id"], connector_no=2)
    await call("POST /connectors/{connector}/retire", spare["id"])
    other = await call("POST /evses", location_id=location["id"])
    await call("POST /evses/{evse}/retire", other["id"])
    await call("POST /stations/{station}/commands/{kind}", station, "reset", type="soft")
    await call("POST /sessions", evse_id=evse["id"])
    await call("POST /inbox/windows", minutes=5)
    await call("DELETE /inbox/windows")
    now = story.database.clock.now()
    async with story.database.transaction(story.operator_id) as uow:
        knocks = [
            Knock(operator_id=story.operator_id, identity=f"NEW-{n}", first_at=now, last_at=now)
            for n in range(2)
        ]
        uow.session.add_all(knocks)
        await uow.session.flush()
        first, second = (encode_id("knk", knock.id) for knock in knocks)
    for decision in ("refuse", "block", "reopen"):
        await call(f"POST /inbox/knocks/{{knock}}/{decision}", first)
    await call("POST /inbox/knocks/{knock}/adopt", first, location_id=location["id"])
    swapped = await call("POST /stations/{station}/swap", station, knock_id=second)
    replaced = await call("POST /stations", identity="CP-9", location_id=location["id"])
    await call("POST /stations/{station}/retire", replaced["station"]["id"])
    return swapped["station"]["id"], evse["id"]


async def charging(story: Story, station: str) -> None:
    call = story.call
    group = await call("POST /token-groups", name="Fleet", code="F")
    token = await call("POST /tokens", value="04A2B3C4", group_id=group["id"])
    await call("PATCH /tokens/{token}", token["id"], language="de")
    await call("POST /tokens/{token}/block", token["id"], reason="lost")
    await call("POST /tokens/{token}/unblock", token["id"])
    await call("POST /tokens/import", tokens=[{"value": "X1"}, {"value": "X2"}])
    now, operator = story.database.clock.now(), story.operator_id
    async with story.database.transaction(operator, role="system") as uow:
        session = Session(
            operator_id=operator, station_id=_uuid(station), protocol="ocpp1.6", state="charging", opened_at=now,
            started_at=now, time_zone="UTC", quality=[], transaction="77", evse_no=1, connector_no=1,
        )  # fmt: skip
        orphans = [
            Orphan(
                operator_id=operator, station_id=_uuid(station), fact_key=f"o{n}", kind="reading",
                reason_code="unknown_transaction", transaction=str(80 + n), at=now + timedelta(minutes=1),
                received_at=now,
            )
            for n in range(2)
        ]  # fmt: skip
        finding = Finding(
            operator_id=operator, fact_key="f", found_at=now, code="energy_jump", params={}, station_id=None
        )
        uow.session.add_all([session, *orphans, finding])
        await uow.session.flush()
        ids = [
            encode_id(prefix, row.id)
            for prefix, row in zip(("ses", "orp", "orp", "fnd"), (session, *orphans, finding), strict=True)
        ]
    await call("POST /sessions/{session}/stop", ids[0])
    await call("POST /orphans/{orphan}/match", ids[1], session_id=ids[0])
    await call("POST /orphans/{orphan}/dismiss", ids[2], reason="a test")
    await call("POST /findings/{finding}/resolve", ids[3])


async def imports(story: Story) -> None:
    call = story.call
    table = base64.b64encode(b"identity,location\nIMP-1,Garage am Zoo\n").decode()
    run = await call("POST /imports", kind="stations", filename="s.csv", content=table)
    await call("POST /imports/{run}/check", run["id"], mapping=run["mapping"])
    await call("POST /imports/{run}/commit", run["id"])
    actor = system_actor(story.operator_id, "the worker")
    await commit_run(story.database, actor, decode_id("imp", run["id"]))
    await call("POST /imports/{run}/passwords", run["id"])
    await call("POST /imports/{run}/undo", run["id"])


async def prices(story: Story) -> None:
    call = story.call
    tariff = await call("POST /tariffs", name="AC", tariff=CHEAP)
    await call("PATCH /tariffs/{tariff}", tariff["id"], name="AC standard")
    await call("PUT /tariffs/{tariff}/versions/{number}", tariff["id"], "1", tariff=DEAR)
    await call("POST /tariffs/{tariff}/versions/{number}/publish", tariff["id"], "1")
    await call("POST /tariffs/{tariff}/versions", tariff["id"], tariff=CHEAP)
    await call(
        "POST /tariffs/{tariff}/versions/{number}/publish", tariff["id"], "2", at="2099-01-01T00:00:00Z"
    )
    await call("POST /tariffs/{tariff}/versions/{number}/withdraw", tariff["id"], "2")
    await call("DELETE /tariffs/{tariff}/versions/{number}", tariff["id"], "2")
    assignment = await call("POST /tariff-assignments", tariff_id=tariff["id"])
    await call("DELETE /tariff-assignments/{assignment}", assignment["id"])
    await call("DELETE /tariffs/{tariff}", tariff["id"])


async def alerts(story: Story, station: str) -> None:
    call = story.call
    mail = await call("POST /alert-channels", kind="email", name="Duty", recipients=["duty@example.org"])
    hook = await call("POST /alert-channels", kind="webhook", name="Desk", url="https://desk.example/hook")
    await call("PATCH /alert-channels/{channel}", mail["channel"]["id"], language="de")
    await call("POST /alert-channels/{channel}/rotate-secret", hook["channel"]["id"])
    await call("POST /alert-channels/{channel}/test", mail["channel"]["id"])
    rule = await call("POST /alert-rules", kind="station_offline", channel_ids=[mail["channel"]["id"]])
    await call("PATCH /alert-rules/{rule}", rule["id"], delay_minutes=5)
    now, operator = story.database.clock.now(), story.operator_id
    async with story.database.transaction(operator) as uow:
        incident = Incident(
            operator_id=operator, rule_id=decode_id("arl", rule["id"]), kind="station_offline", severity="warning",
            subject_type="station", subject_id=_uuid(station), station_id=_uuid(station), facts={}, state="open",
            since=now, opened_at=now,
        )  # fmt: skip
        uow.session.add(incident)
        await uow.session.flush()
        incident_id = encode_id("inc", incident.id)
    jobs = []
    async with story.database.transaction(role="system") as uow:
        for _ in range(2):
            args = msgspec.json.encode({"operator_id": str(operator)}).decode()
            jobs.append(
                await uow.session.scalar(
                    text(
                        "INSERT INTO jobs.procrastinate_jobs (task_name, queue_name, args, status)"
                        " VALUES ('mail.send', 'default', CAST(:args AS jsonb), 'failed') RETURNING id"
                    ),
                    {"args": args},
                )
            )
    await call("POST /system/jobs/{job}/retry", str(jobs[0]))
    await call("POST /system/jobs/{job}/discard", str(jobs[1]))
    await call("POST /incidents/{incident}/acknowledge", incident_id, note="mine")
    await call("POST /incidents/{incident}/comment", incident_id, text="no power")
    await call("POST /incidents/{incident}/resolve", incident_id, reason="a test")
    await call("DELETE /alert-rules/{rule}", rule["id"])
    await call("DELETE /alert-channels/{channel}", hook["channel"]["id"])


async def test_every_change_is_in_the_audit_trail(story: Story) -> None:
    await people(story)
    station, _ = await network(story)
    await charging(story, station)
    await imports(story)
    await prices(story)
    await alerts(story, station)
    await invited(story)
    await own_account(story)
    await second_factors_of_others(story)
    await switching(story)
    await story.call("POST /me/password", old_password=PASSWORD, new_password="another long password")
    await story.call("POST /sign-out")
    assert not story.wrong, "\n".join(story.wrong)

    document = (await story.client.get("/openapi.json")).json()
    mutating = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in document["paths"].items()
        for method in operations
        if method != "get"
    }
    normalised = {_normal(operation) for operation in mutating - READS}
    assert normalised == {_normal(operation) for operation in story.told}


async def test_no_secret_is_in_the_trail(story: Story) -> None:
    await people(story)
    await network(story)
    await invited(story)
    await own_account(story)
    text = " ".join(str((entry.before, entry.after)) for entry in await story.entries())
    assert "fck_" not in text
    assert "argon2" not in text
    assert PASSWORD not in text


def _normal(operation: str) -> str:
    return re.sub(r"\{\w+\}", "{}", operation)


def _uuid(text: str) -> UUID:
    return decode_id("sta", text)
