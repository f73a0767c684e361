"""The overview shows the API's figures, says what to press, and follows what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import PHONE, Demo, accessibility_findings, running_demo, sign_in
from tests.web.charger import Charger, add_station, charger, stranger

PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """One of this file's own: it adds stations and breaks them."""
    with running_demo(stations=4) as running:
        yield running


@pytest.fixture(scope="module")
def broken(demo: Demo) -> Iterator[Charger]:
    """A station with a fault on connector 1."""
    add_station(demo, "BROKEN-1", PASSWORD)
    with charger(demo, "BROKEN-1", PASSWORD) as station:
        station.boot()
        station.status("Faulted", error="GroundFailure")
        yield station


def figure(page: Page, name: str) -> str:
    """What a tile says."""
    tile = page.locator("#content a").filter(has_text=re.compile(f"^{name}"))
    return tile.locator("span").nth(1).inner_text().replace("\u00a0", " ")


class TestTiles:
    def test_they_show_what_the_api_says(self, console: Page, demo: Demo) -> None:
        expect(
            console.get_by_text("on yesterday").or_(console.get_by_text("yesterday by")).first
        ).to_be_visible()
        # Live values move on; both sides are read until a pair fits.
        for _ in range(20):
            with demo.client() as api:
                network, days = api.get("/network/overview").json(), api.get("/network/days").json()
            total = sum(network["stations"].values())
            online = total - network["stations"].get("offline", 0)
            said = figure(console, "Stations online"), figure(console, "Sessions to look at")
            if said == (
                f"{online} of {total}",
                f"{sum(network['look_at'].values())} of {network['open_sessions']}",
            ):
                break
            console.wait_for_timeout(500)
        else:
            raise AssertionError((said, network))
        # Energy of the day only grows; the page is loaded anew and lies between two answers.
        console.reload()
        shown = figure_of_energy(console)
        with demo.client() as api:
            later = api.get("/network/days").json()
        assert (
            Decimal(days["today"]["energy_wh"]) / 1000 - 1
            <= shown
            <= Decimal(later["today"]["energy_wh"]) / 1000 + 1
        )

    def test_a_station_that_leaves_is_counted_without_loading_the_page(
        self, console: Page, demo: Demo
    ) -> None:
        add_station(demo, "LEAVES-1", PASSWORD)
        with charger(demo, "LEAVES-1", PASSWORD) as station:
            station.boot()
            station.status("Available")
            expect(console.get_by_role("link", name=re.compile("^Stations online.*0 offline"))).to_be_visible(
                timeout=30_000
            )
        expect(console.get_by_role("link", name=re.compile("^Stations online.*1 offline"))).to_be_visible(
            timeout=30_000
        )


def figure_of_energy(page: Page) -> Decimal:
    expect(page.get_by_role("link", name=re.compile("^Energy today.*kWh"))).to_be_visible()
    return Decimal(figure(page, "Energy today").split(" ")[0].replace(",", ""))


class TestAttention:
    def test_a_fault_comes_with_what_to_press_and_asks_first(self, console: Page, broken: Charger) -> None:
        row = console.get_by_role("listitem").filter(has_text="Connector 1 faulted")
        expect(row).to_contain_text("BROKEN-1", timeout=30_000)
        expect(row).to_contain_text("GroundFailure")
        row.get_by_role("button", name="Reset station…").click()
        dialog = console.get_by_role("dialog", name="Reset BROKEN-1")
        expect(dialog.get_by_role("radio", name="When idle")).to_be_checked()
        dialog.get_by_role("button", name="Cancel").click()
        broken.status("Available")
        expect(row).to_have_count(0, timeout=30_000)
        broken.status("Faulted", error="GroundFailure")

    def test_a_stranger_leads_to_the_inbox(self, console: Page, demo: Demo) -> None:
        with stranger(demo, "STRANGER-1"):
            row = (
                console.get_by_role("listitem")
                .filter(has_text="STRANGER-1")
                .filter(has=console.get_by_role("link", name="Adopt in the inbox"))
            )
            expect(row).to_be_visible(timeout=30_000)
        row.get_by_role("link", name="Adopt in the inbox").click()
        assert console.url.endswith("/console/inbox")


class TestFeed:
    def test_a_new_fact_appears_with_a_link_and_waits_while_somebody_points_at_the_list(
        self, console: Page, broken: Charger
    ) -> None:
        feed = console.get_by_role("list").filter(has_text=re.compile(r"\d\d:\d\d:\d\d"))
        expect(feed).to_be_visible()
        feed.hover()
        broken.status("Unavailable")
        expect(console.get_by_role("button", name=re.compile("new$")).last).to_be_visible(timeout=30_000)
        fact = feed.get_by_role("listitem").filter(has_text="BROKEN-1").filter(has_text="Unavailable")
        expect(fact).to_have_count(0)
        console.get_by_role("link", name="Overview").hover()
        expect(fact).to_have_count(1)
        fact.get_by_role("link").click()
        expect(console).to_have_url(re.compile("/console/stations/sta_"))


class TestAccess:
    def test_axe_finds_nothing_in_either_theme_or_size(
        self, browser: Browser, demo: Demo, broken: Charger
    ) -> None:
        for scheme in ("light", "dark"):
            context = browser.new_context(locale="en-GB", color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            sign_in(page, demo)
            expect(page.get_by_role("button", name=re.compile("connectors,")).first).to_be_visible(
                timeout=60_000
            )
            assert accessibility_findings(page) == []
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            expect(page.get_by_text("Needs attention")).to_be_visible()
            assert accessibility_findings(page) == []
            context.close()

    def test_it_speaks_german(self, browser: Browser, demo: Demo) -> None:
        context = browser.new_context(locale="de-DE")
        page = context.new_page()
        page.add_init_script("localStorage.setItem('forecourt.email', '')")
        page.goto(f"{demo.url}/console")
        page.get_by_label("E-Mail").fill(demo.email)
        page.get_by_label("Passwort", exact=True).fill(demo.password)
        page.get_by_role("button", name="Anmelden").click()
        expect(page.get_by_text("Handlungsbedarf")).to_be_visible()
        expect(page.get_by_text("Stationen online")).to_be_visible()
        context.close()
