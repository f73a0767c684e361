"""A station's screen, the message log and the inbox, with a charger of our own on a real socket."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import httpx
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from forecourt.simulator.scenario import scenario_from
from tests.web.browser import DESKTOP, PHONE, Demo, accessibility_findings, sign_in
from tests.web.obedient_charger import charger, knocks

SLOW_MS = 30_000


@pytest.fixture(scope="module")
def api(demo: Demo) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=demo.program.api, headers={"Authorization": f"Bearer {demo.api_key}"}, timeout=60
    ) as client:
        yield client


@pytest.fixture(scope="module")
def station(demo: Demo, api: httpx.Client) -> Iterator[str]:
    """Identity of an adopted station whose charger is connected and free."""
    identity = f"WEB-{secrets.token_hex(3)}"
    location = api.get("/locations", params={"limit": 1}).json()["items"][0]
    made = api.post("/stations", json={"identity": identity, "location_id": location["id"]})
    assert made.status_code == 201, made.text
    with charger(demo, identity, made.json()["password"]):
        yield identity


class TestStation:
    def test_a_session_is_started_and_stopped_from_its_card(
        self, console: Page, demo: Demo, station: str
    ) -> None:
        console.goto(f"{demo.url}/console/stations/{station}")
        card = console.get_by_role("region", name="Connector 1")
        card.get_by_role("button", name=f"Start at connector 1 of {station}").click(timeout=SLOW_MS)
        dialog = console.get_by_role("dialog")
        dialog.get_by_role("radio", name="Without a token, by the operator").check()
        dialog.get_by_role("button", name="Start charging").click()
        sent = console.get_by_role("listitem").filter(has_text="Start at connector 1").first
        expect(sent).to_contain_text("Effective after", timeout=SLOW_MS)
        expect(card).to_contain_text("Price so far", timeout=SLOW_MS)
        card.get_by_role("button", name=f"Stop at connector 1 of {station}").click()
        dialog = console.get_by_role("dialog", name=f"Stop at connector 1 of {station}")
        expect(dialog).to_contain_text("The session ends at about")
        dialog.get_by_role("button", name="Stop charging").click()
        sent = console.get_by_role("listitem").filter(has_text="Stop transaction").first
        expect(sent).to_contain_text("Effective after", timeout=SLOW_MS)
        expect(card.get_by_role("button", name=f"Start at connector 1 of {station}")).to_be_visible(
            timeout=SLOW_MS
        )
        expect(card).to_contain_text("2.50 kWh", timeout=SLOW_MS)

    def test_a_variable_is_set_and_read_back(self, console: Page, demo: Demo, station: str) -> None:
        console.goto(f"{demo.url}/console/stations/{station}?tab=configuration")
        console.get_by_role("button", name="Read everything").click()
        row = console.get_by_role("row").filter(has_text="HeartbeatInterval")
        expect(row).to_contain_text("300", timeout=SLOW_MS)
        row.get_by_role("button", name="Edit HeartbeatInterval").click()
        row.get_by_role("textbox").fill("120")
        row.get_by_role("button", name="Set").click()
        expect(row.get_by_role("status")).to_have_text("Set and read back: 120", timeout=SLOW_MS)
        expect(row.get_by_role("cell", name="120").first).to_be_visible()

    def test_the_history_is_reached_by_keyboard(self, console: Page, demo: Demo, station: str) -> None:
        console.goto(f"{demo.url}/console/stations/{station}")
        lane = console.get_by_role("slider", name="Connection")
        lane.focus()
        expect(lane).to_have_attribute("aria-valuetext", re.compile("^Online, .* to now"), timeout=SLOW_MS)
        lane.press("Home")
        expect(lane).to_have_attribute("aria-valuetext", re.compile("^not known, "))

    def test_axe_finds_nothing(self, browser: Browser, demo: Demo, station: str) -> None:
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport=DESKTOP,  # type: ignore[arg-type]
                locale="en-GB",
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            page = context.new_page()
            sign_in(page, demo, f"/stations/{station}")
            expect(page.get_by_role("slider", name="Connection")).to_be_visible(timeout=SLOW_MS)
            assert accessibility_findings(page) == []
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            assert accessibility_findings(page) == []
            context.close()


class TestMessages:
    def test_a_call_and_its_answer_are_one_line(
        self, console: Page, demo: Demo, api: httpx.Client, station: str
    ) -> None:
        sent = api.post(f"/stations/{station}/commands/clear-cache", params={"wait": 30}, json={})
        assert sent.json()["status"] == "accepted", sent.text
        console.goto(f"{demo.url}/console/stations/{station}?tab=messages&correlation={sent.json()['id']}")
        row = console.get_by_role("row").filter(has_text="ClearCache")
        expect(row).to_have_count(1, timeout=SLOW_MS)
        expect(row).to_contain_text("→ Accepted")
        expect(row).to_contain_text(" ms")
        row.get_by_role("button", name="ClearCache").click()
        detail = console.get_by_role("region", name="Exchange ClearCache")
        expect(detail).to_contain_text("CALLRESULT")
        assert accessibility_findings(console) == []

    def test_a_copied_script_is_a_scenario_of_the_simulator(
        self, console: Page, demo: Demo, station: str
    ) -> None:
        console.context.grant_permissions(["clipboard-read", "clipboard-write"])
        console.goto(f"{demo.url}/console/messages?action=BootNotification")
        console.get_by_role("button", name="BootNotification").first.click(timeout=SLOW_MS)
        console.get_by_role("button", name="As simulator script").click()
        expect(console.get_by_role("button", name="Copied")).to_be_visible()
        scenario = scenario_from(yaml.safe_load(console.evaluate("navigator.clipboard.readText()")))
        assert len(scenario.stations) == 1
        assert [fault.kind for fault in scenario.faults] == ["reboot"]


class TestInbox:
    def test_a_knocking_station_is_adopted(self, console: Page, demo: Demo, api: httpx.Client) -> None:
        identity = f"NEW-{secrets.token_hex(3)}"
        assert not knocks(demo, identity)
        console.goto(f"{demo.url}/console/inbox")
        console.get_by_role("button", name=f"Adopt… {identity}").click(timeout=SLOW_MS)
        panel = console.get_by_role("region", name=f"Adopt {identity}")
        expect(panel).to_contain_text("What happens next")
        expect(panel.get_by_role("radio").first).to_be_checked(timeout=SLOW_MS)
        assert accessibility_findings(console) == []
        panel.get_by_role("button", name="Adopt", exact=True).click()
        adopted = console.get_by_role("region", name=f"{identity} is adopted")
        password = adopted.locator("code").inner_text(timeout=SLOW_MS)
        with charger(demo, identity, password):
            adopted.get_by_role("button", name="Open the station").click()
            expect(console.get_by_text("In order. Everything is free.")).to_be_visible(timeout=SLOW_MS)
        assert api.get(f"/stations/{identity}").json()["registration"] == "adopted"

    def test_the_door_opens_for_so_long(self, console: Page, demo: Demo) -> None:
        console.goto(f"{demo.url}/console/inbox")
        console.get_by_role("button", name="Open the door…").click()
        dialog = console.get_by_role("dialog", name="Open the door")
        dialog.get_by_label("For how long").fill("500")
        dialog.get_by_role("button", name="Open", exact=True).click()
        expect(dialog).to_contain_text("Whole minutes from 1 to 120.")
        dialog.get_by_label("For how long").fill("10")
        dialog.get_by_role("button", name="Open", exact=True).click()
        expect(console.get_by_role("timer")).to_contain_text(
            re.compile(r"open for (9|10).min"), timeout=SLOW_MS
        )
        console.get_by_role("button", name="Close now").click()
        expect(console.get_by_role("timer")).to_have_text("The door is closed")
