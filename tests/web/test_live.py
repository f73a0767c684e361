"""The live stream in the browser: lost and regained, shared by many tabs, and smooth when much happens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import Demo, running_demo, sign_in
from tests.web.charger import add_station, charger

PASSWORD = "a long enough password"
MINUTE = 60_000


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """One of this file's own: it is killed."""
    with running_demo(stations=3) as running:
        yield running


def states(page: Page) -> list[str]:
    """Every station of the table with the marks of its connectors."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('tbody tr')].map((row) => [row.querySelector('a')?.textContent,"
        " ...[...row.querySelectorAll('[role=img]')].map((mark) => mark.getAttribute('aria-label'))].join(' '))"
    )
    return found


class TestLostAndRegained:
    def test_it_says_so_switches_commands_off_and_heals_to_what_a_fresh_load_shows(
        self, browser: Browser, demo: Demo
    ) -> None:
        add_station(demo, "LIVE-1", PASSWORD)
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        sign_in(page, demo, "/stations")
        with charger(demo, "LIVE-1", PASSWORD) as station:
            station.boot()
            station.status("Available")
            row = page.get_by_role("row").filter(has_text="LIVE-1")
            expect(row.get_by_role("img", name="Available")).to_be_visible(timeout=MINUTE)
            page.get_by_role("checkbox", name="Select LIVE-1").check()
            expect(page.get_by_role("button", name="Reset…")).to_be_enabled()
            demo.program.kill()
        bar = page.get_by_role("alert").filter(has_text="Live updates stopped at")
        expect(bar).to_be_visible(timeout=MINUTE)
        expect(bar).to_contain_text("Trying again in")
        expect(page.get_by_role("button", name="Reset…")).to_be_disabled()
        expect(row.get_by_role("img", name="Available")).to_be_visible()

        # While nobody looked: another state, and a station that was not there before.
        demo.program.start(*demo.arguments)
        add_station(demo, "LIVE-2", PASSWORD)
        with charger(demo, "LIVE-1", PASSWORD) as station:
            station.boot()
            station.status("Faulted", error="GroundFailure")
            if bar.is_visible():
                bar.get_by_role("button", name="Now").click()
            expect(bar).to_be_hidden(timeout=MINUTE)
            expect(row.get_by_role("img", name="Faulted")).to_be_visible(timeout=MINUTE)
            expect(page.get_by_role("row").filter(has_text="LIVE-2")).to_be_visible()
            expect(page.get_by_role("button", name="Reset…")).to_be_enabled()
            fresh = context.new_page()
            fresh.goto(f"{demo.url}/console/stations")
            expect(fresh.get_by_role("row")).to_have_count(6)
            for _ in range(60):  # simulated stations go on meanwhile; both pages must come to the same
                if sorted(states(page)) == sorted(states(fresh)):
                    break
                page.wait_for_timeout(500)
            assert sorted(states(page)) == sorted(states(fresh))
        context.close()


class TestManyTabs:
    def test_ten_tabs_share_one_stream_and_all_of_them_hear(self, browser: Browser, demo: Demo) -> None:
        context = browser.new_context(locale="en-GB")
        streams: list[str] = []
        context.on(
            "request",
            lambda request: streams.append(request.url) if "/api/v1/events" in request.url else None,
        )
        pages = [context.new_page() for _ in range(10)]
        sign_in(pages[0], demo, "/stations")
        for page in pages[1:]:
            # A browser opens six connections to a host at most: a stream for each tab would stop the seventh.
            page.goto(f"{demo.url}/console/stations")
        for page in pages:
            expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=MINUTE)
        assert len(streams) == 1
        with charger(demo, "LIVE-1", PASSWORD) as station:
            station.boot()
            for status, word in (("Available", "Available"), ("Unavailable", "Unavailable")):
                station.status(status)
                for page in pages:
                    row = page.get_by_role("row").filter(has_text="LIVE-1")
                    expect(row.get_by_role("img", name=word)).to_be_visible(timeout=MINUTE)
        context.close()
