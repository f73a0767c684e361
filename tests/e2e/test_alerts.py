"""A station goes away: the incident opens after its delay, people and machines are told, and it ends by itself."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.chargers import Charger16
from tests.e2e.conftest import free_port, installation
from tests.e2e.steps import add_location, let_in, ok, until
from tests.operations.receivers import hook_server, mail_server, verify

pytestmark = pytest.mark.e2e
PASSWORD = "alerts-password-1"


async def test_from_the_loss_of_a_station_to_its_return() -> None:
    smtp = free_port()
    with (
        mail_server(smtp) as mails,
        hook_server() as hook,
        installation(
            FORECOURT_SMTP_URL=f"smtp://127.0.0.1:{smtp}",
            FORECOURT_MAIL_FROM="Forecourt <alerts@cpo.example>",
            FORECOURT_PUBLIC_URL="https://cpo.example",
            FORECOURT_WEBHOOKS_ALLOW_PRIVATE="true",
        ) as program,
    ):
        program.start()
        with program.client() as client:
            location = add_location(client)
            body = {"identity": "CP-1", "location_id": location, "password": PASSWORD}
            ok(client.post("/stations", json=body))
            rules = await until(lambda: ok(client.get("/alert-rules"))["items"], "the operator's rules")
            rule = next(rule for rule in rules if rule["kind"] == "station_offline")
            ok(client.patch(f"/alert-rules/{rule['id']}", json={"delay_minutes": 1, "reopen_minutes": 0}))
            ok(client.post("/alert-channels", json={
                "kind": "email", "name": "Duty", "recipients": ["duty@cpo.example"], "language": "de",
            }))  # fmt: skip
            secret = ok(
                client.post("/alert-channels", json={"kind": "webhook", "name": "Desk", "url": hook.url})
            )["secret"]

            charger, socket, task = await let_in(Charger16, program, "CP-1", PASSWORD)
            await charger.boot()
            task.cancel()
            await socket.close()

            def unresolved() -> Any:
                return ok(client.get("/incidents", params={"unresolved": True}))["items"]

            (incident,) = await until(unresolved, "the incident", seconds=120)
            since, opened = (datetime.fromisoformat(incident[name]) for name in ("since", "opened_at"))
            assert (opened - since).total_seconds() >= 60
            assert (incident["state"], incident["facts"]) == ("open", {"identity": "CP-1"})

            await until(lambda: mails and hook.got, "the mail and the call")
            assert mails[0]["To"] == "duty@cpo.example"
            assert mails[0]["Subject"] == "Warnung: CP-1 ist offline"
            assert f"https://cpo.example/console/alerts?incident={incident['id']}" in mails[0].get_content()
            headers, content = hook.got[0]
            assert verify(headers, content, secret)
            assert headers["Forecourt-Event"] == "incident.opened"
            assert json.loads(content)["incident"]["id"] == incident["id"]

            listed = ok(client.get("/attention"))["items"]
            assert [item["incident"]["id"] for item in listed] == [incident["id"]]

            taken = ok(client.post(f"/incidents/{incident['id']}/acknowledge", json={"note": "On my way"}))
            assert taken["state"] == "acknowledged"

            charger, socket, task = await let_in(Charger16, program, "CP-1", PASSWORD)
            ended = await until(
                lambda: (
                    (found := ok(client.get(f"/incidents/{incident['id']}")))["state"] == "resolved" and found
                ),
                "its end",
            )
            assert (ended["resolve_cause"], ended["resolved_by"]) == ("condition_ended", None)
            assert [entry["kind"] for entry in ended["entries"]] == [
                "opened", "told", "acknowledged", "resolved", "told",
            ]  # fmt: skip
            await until(lambda: len(mails) == 2 and len(hook.got) == 3, "word of its end")
            assert mails[1]["Subject"] == "Vorbei: CP-1 ist offline"
            told = [headers["Forecourt-Event"] for headers, _ in hook.got]
            assert told == ["incident.opened", "incident.acknowledged", "incident.resolved"]
            assert all(verify(*call, secret) for call in hook.got)
            deliveries = await until(
                lambda: (
                    (
                        items := ok(client.get("/alert-deliveries", params={"incident": incident["id"]}))[
                            "items"
                        ]
                    )
                    and all(item["state"] == "sent" for item in items)
                    and items
                ),
                "all deliveries as sent",
            )
            assert sorted(item["response_code"] or 0 for item in deliveries) == [0, 0, 204, 204, 204]
            task.cancel()
            await socket.close()
