"""Locations, id tokens and imports, in a real browser on the real program."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Page, expect

from tests.web.browser import accessibility_findings

SLOW = 30_000


def table(text: str) -> FilePayload:
    return {"name": "stations.csv", "mimeType": "text/csv", "buffer": text.encode()}


class TestImports:
    def test_stations_are_imported_once_each_row_is_right_and_taken_back(self, console: Page) -> None:
        console.get_by_role("link", name="Imports").click()
        console.get_by_role("button", name="Stations").click()
        console.locator("input[type=file]").set_input_files(
            table("Ladepunkt;Standort\nIMPORT-1;Adlershof\nIMPORT-2;Nowhere\n")
        )
        expect(console.get_by_text("1 error")).to_be_visible(timeout=SLOW)
        wrong = console.get_by_role("row").filter(has_text="IMPORT-2")
        expect(wrong).to_contain_text("Location: there is no location “Nowhere”")
        expect(console.get_by_role("button", name=re.compile("Write 1 row"))).to_be_disabled()
        assert accessibility_findings(console) == []

        console.get_by_role("link", name="Upload another file").click()
        console.locator("input[type=file]").set_input_files(
            table("Ladepunkt;Standort\nIMPORT-1;Adlershof\nIMPORT-2;adlershof\n")
        )
        console.get_by_role("button", name="Write 2 rows").click(timeout=SLOW)
        console.get_by_role("dialog").get_by_role("button", name="Write", exact=True).click()
        expect(console.get_by_text("Committed", exact=True)).to_be_visible(timeout=SLOW)
        expect(console.get_by_role("row").filter(has_text="IMPORT-1")).to_contain_text("created")

        console.get_by_role("button", name="Make and show passwords").click()
        passwords = console.get_by_role("region", name="Passwords of the new stations")
        expect(passwords.get_by_role("row")).to_have_count(3)
        with console.expect_download() as saved:
            console.get_by_role("button", name="Save as CSV").click()
        assert "IMPORT-2," in saved.value.path().read_text("utf-8")
        assert accessibility_findings(console) == []

        console.get_by_role("button", name="Undo…").click()
        console.get_by_role("dialog").get_by_role("button", name="Undo", exact=True).click()
        expect(console.get_by_text("2 taken back")).to_be_visible(timeout=SLOW)

        console.get_by_role("navigation", name="Main").get_by_role("link", name="Imports").click()
        row = console.get_by_role("row").filter(has_text="Undone")
        expect(row).to_contain_text("stations.csv")
        assert accessibility_findings(console) == []
        row.get_by_role("link").click()
        expect(console.get_by_text("2 taken back")).to_be_visible()


class TestLocations:
    def test_one_is_made_with_the_picker_and_tells_whether_it_is_open(self, console: Page) -> None:
        console.get_by_role("link", name="Locations").click()
        console.get_by_role("button", name="New location").click()
        form = console.get_by_role("dialog")
        form.get_by_role("button", name="Create location").click()
        expect(form.get_by_text("A location has a name.")).to_be_visible()
        form.get_by_label("Name").fill("Hof am See")
        form.get_by_label("Country").fill("at")
        form.get_by_label("Time zone").fill("Europe/Vienna")
        form.locator("canvas").click(position={"x": 200, "y": 100}, timeout=SLOW)
        expect(form.get_by_label("Latitude")).to_have_value(re.compile(r"^\d+\.\d{6}$"))
        form.get_by_role("button", name="Always open").click()
        assert accessibility_findings(console) == []
        form.get_by_role("button", name="Create location").click()
        expect(console.get_by_role("heading", name="Hof am See", level=2)).to_be_visible(timeout=SLOW)
        expect(console.get_by_text("Open now")).to_be_visible()
        assert accessibility_findings(console) == []

        console.get_by_role("button", name="Retire…").click()
        console.get_by_role("dialog").get_by_role("button", name="Retire", exact=True).click()
        expect(console.get_by_text("Retired", exact=True)).to_be_visible(timeout=SLOW)

    def test_the_map_and_a_location_show_what_stands_there(self, console: Page) -> None:
        console.get_by_role("link", name="Locations").click()
        console.get_by_role("button", name="Map", exact=True).click()
        expect(
            console.get_by_role("button", name=re.compile(r"\d+ connectors, \d+ available")).first
        ).to_be_visible(timeout=SLOW)
        assert accessibility_findings(console) == []
        console.get_by_role("button", name="Table", exact=True).click()
        console.get_by_role("button", name="Energy today").click()
        console.get_by_role("button", name="Energy today").click()
        expect(console).to_have_url(re.compile("sort=-energy_today_wh"))
        console.get_by_role("row").nth(1).get_by_role("link").click()
        expect(console.get_by_role("link", name=re.compile("^DEMO-")).first).to_be_visible(timeout=SLOW)
        expect(console.get_by_role("heading", name="Tariffs in force")).to_be_visible()


class TestTokens:
    def test_one_is_blocked_and_says_so(self, console: Page) -> None:
        console.get_by_role("link", name="Id tokens").click()
        console.get_by_role("button", name="New token").click()
        form = console.get_by_role("dialog")
        form.get_by_label("Value").fill("0BADCAFE01")
        form.get_by_label("Printed number").fill("No 7")
        form.get_by_role("button", name="Create").click()
        row = console.get_by_role("row").filter(has_text="0BADCAFE01")
        expect(row).to_contain_text("Valid", timeout=SLOW)
        row.get_by_role("checkbox").check()
        console.get_by_role("region", name="1 selected").get_by_role("button", name="Block…").click()
        dialog = console.get_by_role("dialog")
        dialog.get_by_text("Stolen").click()
        dialog.get_by_role("button", name="Block", exact=True).click()
        expect(row).to_contain_text("Blocked: Stolen", timeout=SLOW)
        assert accessibility_findings(console) == []
        row.get_by_role("link").click()
        panel = console.get_by_role("dialog")
        expect(panel.get_by_text("Nobody held it to a reader yet.")).to_be_visible(timeout=SLOW)
        assert accessibility_findings(console) == []
        panel.get_by_role("button", name="Unblock").click()
        expect(panel.get_by_text("Valid", exact=True).first).to_be_visible(timeout=SLOW)
