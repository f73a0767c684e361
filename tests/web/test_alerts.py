"""Alerts in a browser: an incident from its opening to its end, rules as sentences, channels with their log."""

from __future__ import annotations

import base64
import re
import time

import httpx
import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.steps import add_location, ok
from tests.web.browser import Demo, accessibility_findings

PASSWORD = "lost-station-password"


@pytest.fixture
def lost_station(demo: Demo) -> str:
    """A station that was there and went away, with a rule that opens its incident at once; its identity."""
    identity = "LOST-1"
    headers = {"Authorization": f"Bearer {demo.api_key}"}
    with httpx.Client(base_url=demo.program.api, headers=headers, timeout=60) as client:
        body = {"identity": identity, "location_id": add_location(client), "password": PASSWORD}
        ok(client.post("/stations", json=body))
        slug = ok(client.get("/me"))["operator"]["slug"]
        rules = ok(client.get("/alert-rules"))["items"]
        rule = next(rule for rule in rules if rule["kind"] == "station_offline")
        ok(client.patch(f"/alert-rules/{rule['id']}", json={"delay_minutes": 0}))
    word = base64.b64encode(f"{identity}:{PASSWORD}".encode()).decode()
    for _ in range(100):
        try:
            with connect(
                f"ws://127.0.0.1:{demo.program.ocpp_port}/ocpp/{slug}/{identity}",
                subprotocols=["ocpp1.6"],  # type: ignore[list-item]
                additional_headers={"Authorization": f"Basic {word}"},
            ):
                pass
            return identity
        except InvalidStatus:  # gateways hear of a new station within seconds
            time.sleep(0.2)
    raise AssertionError("the station was never let in")


def test_an_incident_from_its_opening_to_its_end(console: Page, demo: Demo, lost_station: str) -> None:
    console.goto(f"{demo.url}/console/alerts")
    row = console.get_by_role("listitem").filter(has_text=f"{lost_station} is offline")
    expect(row).to_be_visible(timeout=30_000)
    assert accessibility_findings(console) == []

    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("has it")
    row.get_by_role("button", name=f"{lost_station} is offline").click()
    dialog = console.get_by_role("dialog")
    dialog.get_by_label("Words for the others").fill("The fuse was out")
    dialog.get_by_role("button", name="Comment").click()
    expect(dialog.get_by_role("listitem").filter(has_text="The fuse was out")).to_be_visible()
    assert "incident=inc_" in console.url
    dialog.get_by_role("button", name="Close").click()

    row.get_by_role("button", name="Resolve…").click()
    dialog = console.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Works until Friday")
    dialog.get_by_role("button", name="Resolve", exact=True).click()
    expect(row).to_have_count(0)
    console.get_by_role("link", name="History").click()
    expect(console.get_by_role("row").filter(has_text=lost_station)).to_contain_text("Resolved")


def test_a_rule_is_a_sentence_whose_words_change(console: Page, demo: Demo) -> None:
    console.goto(f"{demo.url}/console/alerts?tab=rules")
    rule = console.get_by_role("region", name="Connector faulted")
    minutes = rule.get_by_role("textbox").first
    minutes.fill("x")
    expect(rule.get_by_role("alert")).to_contain_text("Whole minutes")
    expect(rule.get_by_role("button", name="Save")).to_be_disabled()
    minutes.fill("7")
    rule.get_by_role("combobox").select_option("info")
    rule.get_by_role("button", name="Save").click()
    expect(rule.get_by_role("button", name="Save")).to_have_count(0)
    console.reload()
    expect(rule.get_by_role("textbox").first).to_have_value("7")
    expect(rule.get_by_role("combobox")).to_have_value("info")
    assert accessibility_findings(console) == []


def test_a_channel_is_tested_and_says_what_came_of_it(console: Page, demo: Demo) -> None:
    console.goto(f"{demo.url}/console/alerts?tab=channels")
    console.get_by_role("button", name="Add webhook").click()
    dialog = console.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Desk")
    dialog.get_by_label("Address").fill("https://10.0.0.1/hook")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("public https addresses only")
    dialog.get_by_label("Address").fill("https://desk.example/hook")
    dialog.get_by_role("button", name="Save").click()
    expect(console.get_by_role("dialog")).to_contain_text(re.compile("fcw_"))
    console.get_by_role("dialog").get_by_role("button", name="Close").last.click()

    console.get_by_role("button", name="Add e-mail").click()
    dialog = console.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Duty")
    dialog.get_by_label("Recipients").fill("duty@example.org")
    dialog.get_by_role("button", name="Save").click()
    card = console.locator("section").filter(has=console.get_by_role("heading", name="Duty")).last
    card.get_by_role("button", name="Send a test").click()
    expect(console.get_by_role("row").filter(has_text="duty@example.org").first).to_contain_text(
        "no mail server is set up", timeout=20_000
    )
    assert accessibility_findings(console) == []
