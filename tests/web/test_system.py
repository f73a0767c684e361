"""The system page in a browser: the answer first, and failed jobs tried again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.web.browser import PHONE, Demo, accessibility_findings


def test_what_is_not_as_it_should_be_comes_first(console: Page, demo: Demo) -> None:
    """A demo has no mail server."""
    console.goto(f"{demo.url}/console/system")
    health = console.get_by_role("region", name="Health")
    expect(health).to_contain_text("No mail server is set up")
    expect(health).to_contain_text("You see the whole installation")
    for title in ("Database", "Gateways", "Jobs", "Events", "Mail and webhooks", "Big tables"):
        expect(console.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(console.get_by_text("synchronous_commit")).to_be_visible()
    expect(console.get_by_text("No job has failed")).to_be_visible()
    assert accessibility_findings(console) == []
    console.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert console.evaluate("document.documentElement.scrollWidth <= innerWidth")
