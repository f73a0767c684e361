"""Tariffs in the console: made and scheduled by keyboard alone, and priced by the server as they read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browser import PHONE, Demo, accessibility_findings, sign_in

TARIFF = {
    "currency": "EUR",
    "tax_included": True,
    "elements": [
        {
            "when": {"start_time": "22:00", "end_time": "06:00"},
            "prices": [{"dimension": "energy", "price": "0.39", "tax_percent": "19"}],
        },
        {"prices": [{"dimension": "energy", "price": "0.49", "tax_percent": "19"}]},
    ],
}


@pytest.fixture
def api(demo: Demo) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=demo.program.api, headers={"Authorization": f"Bearer {demo.api_key}"}, timeout=60
    ) as client:
        yield client


def made(api: httpx.Client, name: str, *, live: bool = False) -> str:
    answer = api.post("/tariffs", json={"name": name, "tariff": TARIFF})
    assert answer.status_code == 201, answer.text
    ident = str(answer.json()["id"])
    if live:
        assert api.post(f"/tariffs/{ident}/versions/1/publish").status_code == 200
    return ident


class Keys:
    """A keyboard, and how often it was touched."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)
            self.count += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.count += len(text)

    def choose(self, item: str) -> None:
        """Down the open menu to the item, and take it."""
        expect(self.page.locator("[role=menu] :focus")).to_have_count(1)
        for _ in range(40):
            self.press("ArrowDown")
            focused = self.page.locator("[role=menuitem]:focus")
            if focused.count() and focused.inner_text() == item:
                self.press("Enter")
                return
        raise AssertionError(f"{item} cannot be reached by arrow keys")

    def on(self, label: str) -> None:
        expect(self.page.get_by_label(label, exact=True).and_(self.page.locator(":focus"))).to_have_count(1)


def test_a_tariff_is_made_and_scheduled_by_keyboard_alone(console: Page, api: httpx.Client) -> None:
    keys = Keys(console)
    keys.press("g", "t")
    expect(console.get_by_role("row").nth(1)).to_be_visible()
    keys.press("n")
    keys.on("Name")
    keys.type("Night owl")
    keys.press("Tab", "Tab")
    keys.type("0.49")
    keys.press("Tab", "Tab")
    keys.type("19")
    keys.press("Enter")
    expect(console.get_by_text("Always, energy costs")).to_be_visible()

    keys.press("n")
    keys.choose("Price per kWh at a time of day")
    keys.on("From (time of day)")
    keys.type("18")
    keys.press("Tab")
    keys.type("8")
    keys.press("Tab")
    keys.type("0,39")
    keys.press("Enter")

    keys.press("n")
    keys.choose("Idle fee after the charge")
    keys.type("0.10")
    keys.press("Enter", "m")
    keys.choose("Free time of idling")
    keys.on("Free time of idling")
    keys.type("10")
    keys.press("Enter", "m")
    keys.choose("Minimum, with VAT")
    keys.on("Minimum of a session")
    keys.type("2")
    keys.press("Enter")

    # The night rule would never apply below the base: that is where Alt and an arrow put it, and back.
    rules = console.get_by_role("list", name="Price rules").get_by_role("listitem")
    expect(rules.first).to_contain_text("From ")
    console.get_by_role("button", name="Move rule 1").focus()
    keys.press("Alt+ArrowDown")
    expect(rules.nth(1)).to_contain_text("Never applies: rule 1 above it always matches.")
    expect(console.get_by_role("button", name="Move rule 2")).to_be_focused()
    keys.press("Control+z")
    expect(rules.nth(1)).not_to_contain_text("Never applies")

    expect(console.get_by_text(re.compile(r"^(All stored|Saved .* ago)$"))).to_be_visible()
    keys.press("Control+Enter")
    dialog = console.get_by_role("dialog", name="Publish version 1 of Night owl")
    expect(dialog.get_by_role("radio", name="At a set time")).to_be_checked()
    for _ in range(6):
        if dialog.get_by_label("Date", exact=True).evaluate("field => field === document.activeElement"):
            break
        keys.press("Tab")
    keys.type("01012099")
    keys.press("Enter")
    expect(console.get_by_text("Version 1, planned")).to_be_visible()
    assert keys.count < 300, "ten minutes at a key every two seconds"

    (row,) = api.get("/tariffs", params={"q": "Night owl"}).json()["items"]
    assert (row["scheduled_version"], row["live_version"]) == (1, None)
    stored = api.get(f"/tariffs/{row['id']}/versions/1").json()
    assert stored["published_at"] == "2098-12-31T23:00:00Z"
    assert stored["tariff"] == {
        "currency": "EUR",
        "tax_included": True,
        "elements": [
            {
                "when": {"start_time": "18:00", "end_time": "08:00"},
                "prices": [{"dimension": "energy", "price": "0.39", "tax_percent": "19"}],
            },
            {"prices": [{"dimension": "energy", "price": "0.49", "tax_percent": "19"}]},
            {"prices": [{"dimension": "idle_time", "price": "0.1", "unit": "minute", "tax_percent": "19"}]},
        ],
        "idle": {"grace_s": 600},
        "min_price": {"after_taxes": "2"},
    }
    # 17:00 to 19:00 in Berlin, 20 kWh evenly: 10 at 0.49 and 10 at 0.39; then 25 min idle, 15 of them at 0.10.
    session = {
        "time_zone": "Europe/Berlin",
        "start_date_time": "2026-06-15T15:00:00Z",
        "end_date_time": "2026-06-15T17:25:00Z",
        "charging_periods": [
            {
                "start_date_time": "2026-06-15T15:00:00Z",
                "dimensions": [{"type": "ENERGY", "volume": "20"}, {"type": "TIME", "volume": "2"}],
            },
            {
                "start_date_time": "2026-06-15T17:00:00Z",
                "dimensions": [{"type": "PARKING_TIME", "volume": "0.416666667"}],
            },
        ],
    }
    priced = api.post("/tariffs/preview", json={"tariff_id": row["id"], "version": 1, "session": session})
    assert priced.json()["rounded"]["total_cost"] == {"before_taxes": "8.66", "after_taxes": "10.30"}
    tiny = {
        **session,
        "end_date_time": "2026-06-15T17:00:00Z",
        "charging_periods": [
            {
                "start_date_time": "2026-06-15T15:00:00Z",
                "dimensions": [{"type": "ENERGY", "volume": "0.5"}, {"type": "TIME", "volume": "2"}],
            }
        ],
    }
    least = api.post("/tariffs/preview", json={"tariff_id": row["id"], "version": 1, "session": tiny})
    assert least.json()["rounded"]["total_cost"]["after_taxes"] == "2.00"


def test_every_keystroke_is_priced_and_stored(console: Page, demo: Demo, api: httpx.Client) -> None:
    ident = made(api, "Live preview")
    console.goto(f"{demo.url}/console/tariffs/{ident}")
    price = console.locator("[data-path='elements.1.prices.0.price']")
    total = console.locator("strong")
    expect(total).to_have_text(re.compile(r"€\s19\.91"))  # 40.624 kWh at 0.49
    price.fill("0,50")
    expect(total).to_have_text(re.compile(r"€\s20\.31"))
    expect(console.get_by_text(re.compile(r"^€\s0\.50 / kWh$"))).to_be_visible()
    expect(console.get_by_role("img", name=re.compile("Prices of the week: .*0.39.*0.50"))).to_be_visible()
    expect(console.get_by_text(re.compile("^Saved"))).to_be_visible()
    stored = api.get(f"/tariffs/{ident}/versions/1").json()["tariff"]
    assert stored["elements"][1]["prices"][0]["price"] == "0.5"
    # What cannot be read is told at the word, and nothing is lost.
    price.fill("cheap")
    price.blur()
    expect(console.get_by_text("Not a price such as 0.49.")).to_be_visible()
    tax = console.locator("[data-path='elements.0.prices.0.tax_percent']")
    tax.fill("300")
    tax.blur()
    expect(console.get_by_text("Not saved yet")).to_be_visible()
    expect(tax).to_have_attribute("aria-invalid", "true")
    # Somebody else changes it meanwhile.
    tax.fill("7")
    expect(console.get_by_text(re.compile("^Saved"))).to_be_visible()
    assert api.put(f"/tariffs/{ident}/versions/1", json={"tariff": TARIFF}).status_code == 200
    tax.fill("8")
    expect(console.get_by_text("Somebody else changed this draft.")).to_be_visible()
    console.get_by_role("button", name="Take theirs").click()
    expect(tax).to_have_value("19")


def test_places_are_assigned_ties_told_and_explained(console: Page, demo: Demo, api: httpx.Client) -> None:
    ident = made(api, "For one place", live=True)
    location = api.get("/locations").json()["items"][0]["name"]
    console.goto(f"{demo.url}/console/tariffs/{ident}")

    def assign() -> Locator:
        console.get_by_role("button", name="Assign").click()
        opened = console.get_by_role("dialog", name="Assign For one place")
        opened.get_by_label("Location", exact=True).select_option(label=location)
        opened.get_by_role("button", name="Assign").click()
        return opened

    assign()
    expect(console.get_by_text("in force")).to_be_visible()
    dialog = assign()
    expect(dialog.get_by_role("alert")).to_contain_text("Another tariff applies there at that time.")
    dialog.get_by_role("button", name="Cancel").click()
    console.get_by_role("button", name="Why this tariff?").click()
    console.get_by_role("dialog").get_by_label("Location", exact=True).select_option(label=location)
    first = console.get_by_role("dialog").get_by_role("listitem").first
    expect(first).to_contain_text("For one place, v1")
    expect(first).to_contain_text("Applies")
    expect(console.get_by_role("dialog").get_by_text("Something more specific applies.")).to_be_visible()


def test_axe_finds_nothing_and_phones_only_read(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    ident = made(api, "Accessible", live=True)
    assert api.post(f"/tariffs/{ident}/versions", json={"tariff": TARIFF}).status_code == 201
    for scheme in ("light", "dark"):
        context = browser.new_context(locale="en-GB", color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        sign_in(page, demo, "/tariffs")
        expect(page.get_by_role("row").nth(1)).to_be_visible()
        assert accessibility_findings(page) == []
        page.goto(f"{demo.url}/console/tariffs/{ident}")
        expect(page.get_by_role("img", name=re.compile("Prices of the week"))).to_be_visible()
        expect(page.locator("[data-path='elements.0.prices.0.price']")).to_be_visible()
        assert accessibility_findings(page) == []
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        expect(page.get_by_text("Tariffs are changed on a wider screen.")).to_be_visible()
        expect(page.locator("[data-path='elements.0.prices.0.price']")).to_have_count(0)
        assert accessibility_findings(page) == []
        context.close()
