"""Sessions in a real browser: one is started, watched live, stopped from its screen, and its price read off."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browser import PHONE, Demo, accessibility_findings, sign_in
from tests.web.plug import plugged_in

WAIT_MS = 60_000


@pytest.fixture
def api(demo: Demo) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=demo.program.api, headers={"Authorization": f"Bearer {demo.api_key}"}, timeout=60
    ) as client:
        yield client


def until(found: Callable[[], Any], what: str) -> Any:
    """What the function returns once it is true."""
    end = time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.3)
    raise AssertionError(f"{what}: not within {WAIT_MS / 1000:.0f} s")


def euros(text: str | None) -> str:
    """The amount out of `€ 12.34`."""
    found = re.search(r"\d[\d,]*\.\d+", text or "")
    assert found is not None, text
    return found[0].replace(",", "")


def figure(page: Page, label: str) -> Locator:
    return page.locator("section > div", has=page.get_by_text(label, exact=True)).locator("b").first


class TestSession:
    def test_it_is_watched_live_stopped_and_its_price_is_the_receipts(
        self, console: Page, demo: Demo, api: httpx.Client
    ) -> None:
        tag = api.get("/tokens").json()["items"][0]["value"]
        console.goto(f"{demo.url}/console/sessions?open=true")
        expect(console.get_by_text("Live", exact=True)).to_be_visible()
        expect(console.get_by_role("table", name="Sessions")).to_be_visible(timeout=WAIT_MS)
        with plugged_in(demo, api, "BENCH-1") as charger:
            charger.start(tag)
            # It does not push itself between the rows: it waits to be asked for.
            rows = console.get_by_role("row").filter(has_text="BENCH-1")
            fresh = console.get_by_role("button", name=re.compile(r"new session"))
            expect(fresh).to_be_visible(timeout=WAIT_MS)
            expect(rows).to_have_count(0)
            fresh.click()
            row = rows.filter(has_text="Charging")
            expect(row).to_have_count(1, timeout=WAIT_MS)

            # The page asks no more: what changes came through the stream.
            asked: list[str] = []
            console.on(
                "request",
                lambda request: asked.append(request.url) if "/network/sessions" in request.url else None,
            )
            charger.charge(1_500, 11_000)
            expect(row).to_contain_text("1.50 kWh")
            expect(row).to_contain_text("11.0 kW")
            assert asked == []

            row.get_by_role("link").click()
            expect(console.get_by_role("heading", name="Why this price so far")).to_be_visible(
                timeout=WAIT_MS
            )
            charger.charge(700, 12_500)
            expect(figure(console, "Energy")).to_contain_text("2.200 kWh")
            expect(figure(console, "Power")).to_contain_text("12.5 kW")
            expect(console.get_by_role("figure", name=re.compile("^Power and energy"))).to_be_visible()
            session = api.get("/sessions", params={"station": charger.station}).json()["items"][0]["id"]
            self._shows_what_the_api_says(console, api, session, "Price so far, incl. tax")

            console.get_by_role("button", name="Stop charging…").click()
            dialog = console.get_by_role("dialog", name="Stop charging at BENCH-1 · 1")
            expect(dialog).to_contain_text("Charging ends now, at 2.20 kWh so far")
            expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
            dialog.get_by_role("button", name="Stop charging").click()
            expect(console.get_by_role("region", name="Commands")).to_contain_text(
                "Effective", timeout=WAIT_MS
            )
            expect(console.get_by_text("Settled", exact=True).first).to_be_visible(timeout=WAIT_MS)
            expect(console.get_by_role("heading", name="Why this price", exact=True)).to_be_visible()
            expect(console.get_by_role("button", name="Stop charging…")).to_have_count(0)
        self._shows_what_the_api_says(console, api, session, "Price incl. tax")
        (record,) = api.get("/cdrs", params={"session": session}).json()["items"]
        shown = Decimal(euros(figure(console, "Price incl. tax").text_content()))
        assert shown * 100 == record["total_after_taxes_minor"]
        story = console.locator("section", has=console.get_by_role("heading", name="What happened, and why"))
        for step in ("Started", "Charging", "Stopped", "Unplugged", "Settled"):
            expect(story.get_by_text(step, exact=True).first).to_be_visible()

    def _shows_what_the_api_says(self, page: Page, api: httpx.Client, session: str, label: str) -> None:
        """Head, total, energy and every line of the trace are the API's."""

        def same() -> bool:
            answer = api.get(f"/sessions/{session}/price").json()
            row = api.get(f"/network/sessions/{session}").json()
            price = answer["price"]
            total = price["rounded"]["total_cost"]["after_taxes"]
            lines = page.locator("ol button b").all_text_contents()
            shown = [
                euros(figure(page, label).text_content()),
                euros(page.locator("dl div", has_text=re.compile(r"^Total")).locator("dd").text_content()),
                euros(figure(page, "Energy").text_content()),
                [euros(line) for line in lines],
            ]
            said = [
                total,
                total,
                f"{Decimal(row['energy_wh']) / 1000:.3f}",
                [format(round(Decimal(line["amount"]), 4), ".4f") for line in price["trace"]],
            ]
            return shown == said

        until(same, "the figures of the API on the screen")


class TestTable:
    def test_filters_read_as_words_and_stand_in_the_address(
        self, console: Page, demo: Demo, api: httpx.Client
    ) -> None:
        until(lambda: api.get("/network/session-facets").json()["open"], "an open session")
        console.keyboard.press("g")
        console.keyboard.press("e")
        expect(console.get_by_role("row").nth(1)).to_be_visible(timeout=WAIT_MS)
        console.get_by_role("button", name="When any").click()
        console.get_by_role("button", name="last 7 days").click()
        expect(console).to_have_url(re.compile(r"from=7d"))
        console.get_by_role("button", name="Price any").click()
        console.get_by_label("At least").fill("99999")
        console.get_by_role("button", name="Apply").click()
        expect(console.get_by_role("heading", name="Nothing matches")).to_be_visible(timeout=WAIT_MS)
        console.get_by_role("button", name="Clear the filter Price").click()
        expect(console).to_have_url(re.compile(r"from=7d$"))
        expect(console.get_by_role("row").nth(1)).to_be_visible(timeout=WAIT_MS)
        console.keyboard.press("Escape")
        console.keyboard.press("j")
        console.keyboard.press("Enter")
        expect(console).to_have_url(re.compile(r"/sessions/ses_"))
        expect(console.get_by_role("heading", name="Evidence")).to_be_visible(timeout=WAIT_MS)
        console.keyboard.press("Escape")
        expect(console).to_have_url(re.compile(r"/sessions$"))

    def test_axe_finds_nothing_in_either_theme_or_size(
        self, browser: Browser, demo: Demo, api: httpx.Client
    ) -> None:
        until(lambda: api.get("/network/session-facets").json()["open"], "an open session")
        session = api.get("/network/sessions", params={"limit": 1}).json()["items"][0]["id"]
        for scheme in ("light", "dark"):
            context = browser.new_context(locale="en-GB", color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            sign_in(page, demo, "/sessions")
            for path, seen in (
                ("/sessions", page.get_by_role("link", name=re.compile("DEMO-")).first),
                ("/sessions?as=work", page.get_by_role("button", name=re.compile("Work list"))),
                (f"/sessions/{session}", page.get_by_text("Evidence", exact=True)),
            ):
                for size in ({"width": 1440, "height": 900}, PHONE):
                    page.set_viewport_size(size)  # type: ignore[arg-type]
                    page.goto(f"{demo.url}/console{path}")
                    expect(seen).to_be_visible(timeout=WAIT_MS)
                    page.wait_for_timeout(800)  # charts and lists are drawn
                    assert accessibility_findings(page) == []
            context.close()


class TestWorkList:
    def test_a_stop_that_fits_no_session_is_matched_or_dismissed_with_a_reason(
        self, console: Page, demo: Demo, api: httpx.Client
    ) -> None:
        tag = api.get("/tokens").json()["items"][0]["value"]
        with plugged_in(demo, api, "BENCH-2") as charger:
            charger.start(tag)
            assert charger.transaction is not None
            charger.stop(charger.transaction + 500_000, charger.meter + 4_200)
            charger.stop(charger.transaction + 500_001, 7)
            orphans = {"station": charger.station}
            until(lambda: len(api.get("/orphans", params=orphans).json()["items"]) == 2, "two orphans")

            console.goto(f"{demo.url}/console/sessions?as=work")
            waiting = (
                console.get_by_role("list", name="Fit no session")
                .get_by_role("listitem")
                .filter(has_text="BENCH-2")
            )
            expect(waiting).to_have_count(2, timeout=WAIT_MS)
            waiting.filter(has_text="5.200").get_by_role("button", name="Match…").click()
            dialog = console.get_by_role("dialog", name="Match with a session of BENCH-2")
            expect(dialog.get_by_role("button", name="Match")).to_be_disabled()
            assert accessibility_findings(console) == []
            dialog.get_by_role("radio").first.check()
            dialog.get_by_role("button", name="Match").click()
            expect(waiting).to_have_count(1, timeout=WAIT_MS)
            (matched,) = api.get("/orphans", params={**orphans, "matched": True}).json()["items"]
            session = api.get(f"/sessions/{matched['matched_session_id']}").json()
            assert (session["energy_wh"], session["stop_reason"]) == ("4200", "Local")

            waiting.get_by_role("button", name="Dismiss…").click()
            dialog = console.get_by_role("dialog", name="Dismiss the orphan of BENCH-2")
            dialog.get_by_label("Reason").fill("bench test")
            dialog.get_by_text("Dismiss", exact=True).click()
            expect(waiting).to_have_count(0, timeout=WAIT_MS)
            (dismissed,) = api.get("/orphans", params={**orphans, "dismissed": True}).json()["items"]
            assert dismissed["dismiss_reason"] == "bench test"
