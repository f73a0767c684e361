"""The console's frame and its stations, in a real browser on the real program."""

from __future__ import annotations

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import PHONE, Demo, accessibility_findings, sign_in


class TestSignIn:
    def test_a_wrong_password_is_told_in_words(self, page: Page, demo: Demo) -> None:
        page.goto(f"{demo.url}/console/stations")
        page.get_by_label("E-mail").fill(demo.email)
        page.get_by_label("Password", exact=True).fill("not it")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_have_text("E-mail and password do not fit.")
        assert accessibility_findings(page) == []

    def test_the_address_that_was_asked_for_opens_after_it(self, page: Page, demo: Demo) -> None:
        sign_in(page, demo, "/stations?state=offline")
        expect(page.get_by_role("heading", name="Stations")).to_be_attached()
        assert page.url.endswith("/console/stations?state=offline")

    def test_signing_out_leads_back_to_it(self, console: Page) -> None:
        console.get_by_role("button", name="Menu of Demo Charging").click()
        console.get_by_role("menuitem", name="Sign out").click()
        expect(console.get_by_label("E-mail")).to_be_visible()


class TestStations:
    def test_they_are_listed_and_change_live(self, console: Page, demo: Demo) -> None:
        console.get_by_role("link", name="Stations", exact=True).click()
        expect(console.get_by_text("Live", exact=True)).to_be_visible()
        expect(console.get_by_role("row")).to_have_count(9)
        # The page loads its rows once; what changes afterwards came through the stream.
        asked: list[str] = []
        console.on(
            "request",
            lambda request: asked.append(request.url) if "/network/stations" in request.url else None,
        )
        with httpx.Client(
            base_url=demo.program.api, headers={"Authorization": f"Bearer {demo.api_key}"}, timeout=60
        ) as api:
            answer = api.post(
                "/stations/DEMO-0003/commands/change-availability",
                params={"wait": 30},
                json={"operative": False},
            )
            assert answer.json()["status"] in ("accepted", "effective"), answer.text
        row = console.get_by_role("row").filter(has_text="DEMO-0003")
        expect(row.get_by_role("img", name="Unavailable").first).to_be_visible(timeout=30_000)
        assert asked == []

    def test_filters_and_search_stand_in_the_address(self, console: Page) -> None:
        console.keyboard.press("g")
        console.keyboard.press("s")
        expect(console.get_by_role("row")).to_have_count(9)
        console.keyboard.press("/")
        console.keyboard.type("demo-0005")
        expect(console.get_by_role("row")).to_have_count(2)
        assert "q=demo-0005" in console.url
        console.reload()
        expect(console.get_by_role("row")).to_have_count(2)

    def test_a_bulk_command_tells_the_outcome_of_each_station(self, console: Page) -> None:
        console.get_by_role("link", name="Stations", exact=True).click()
        for identity in ("DEMO-0001", "DEMO-0002"):
            console.get_by_role("checkbox", name=f"Select {identity}").check()
        console.get_by_role("button", name="Ask for status").click()
        outcomes = console.get_by_role("region", name="2 selected").get_by_role("listitem")
        expect(outcomes).to_have_count(2)
        for identity in ("DEMO-0001", "DEMO-0002"):
            expect(outcomes.filter(has_text=identity)).to_contain_text(
                "Accepted by the station", timeout=30_000
            )

    def test_the_map_draws_without_any_other_host(self, console: Page, demo: Demo) -> None:
        hosts: set[str] = set()
        console.on("request", lambda request: hosts.add(httpx.URL(request.url).netloc.decode()))
        console.goto(f"{demo.url}/console/stations?as=map")
        expect(console.get_by_role("region", name="Map").get_by_role("button").first).to_be_visible()
        expect(console.get_by_role("button", name="connectors").first).to_be_visible(timeout=30_000)
        assert {host for host in hosts if host} == {httpx.URL(demo.url).netloc.decode()}

    def test_axe_finds_nothing_in_either_theme_or_size(self, browser: Browser, demo: Demo) -> None:
        for scheme in ("light", "dark"):
            context = browser.new_context(locale="en-GB", color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            sign_in(page, demo, "/stations")
            expect(page.get_by_role("row")).to_have_count(9)
            assert accessibility_findings(page) == []
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            expect(page.get_by_role("listitem").filter(has_text="DEMO-0001")).to_be_visible()
            assert accessibility_findings(page) == []
            context.close()


class TestFrame:
    def test_the_palette_finds_a_station_and_asks_before_it_resets(self, console: Page) -> None:
        console.keyboard.press("Control+k")
        expect(console.get_by_role("combobox")).to_be_focused()
        console.keyboard.type("reset demo-0002")
        expect(console.get_by_role("option", name="Reset DEMO-0002")).to_be_visible()
        console.keyboard.press("Enter")
        dialog = console.get_by_role("dialog", name="Reset DEMO-0002")
        expect(dialog.get_by_role("radio", name="When idle")).to_be_checked()
        dialog.get_by_role("button", name="Cancel").click()
        expect(dialog).to_be_hidden()

    def test_everything_is_there_in_german(self, console: Page) -> None:
        console.get_by_role("button", name="Menu of Demo Charging").click()
        console.get_by_role("menuitem", name="Deutsch").click()
        expect(console.get_by_role("link", name="Stationen", exact=True)).to_be_visible()
        assert console.evaluate("document.documentElement.lang") == "de"

    def test_one_tab_reads_the_stream_for_all(self, browser: Browser, demo: Demo) -> None:
        context = browser.new_context(locale="en-GB")
        streams: list[str] = []
        context.on(
            "request",
            lambda request: streams.append(request.url) if "/api/v1/events" in request.url else None,
        )
        first = context.new_page()
        sign_in(first, demo, "/stations")
        expect(first.get_by_text("Live", exact=True)).to_be_visible()
        second = context.new_page()
        second.goto(f"{demo.url}/console/stations")
        expect(second.get_by_text("Live", exact=True)).to_be_visible()
        assert len(streams) == 1
        first.close()
        expect(second.get_by_text("Live", exact=True)).to_be_visible()
        second.wait_for_function("navigator.locks.query().then((all) => all.held.length === 1)")
        context.close()

    def test_an_address_that_leads_nowhere_says_so(self, console: Page, demo: Demo) -> None:
        console.goto(f"{demo.url}/console/nowhere")
        expect(console.get_by_role("heading", name="There is no such page").last).to_be_visible()
