"""One demo and one browser for all tests of the web screens; each test gets a page of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import DESKTOP, Demo, chromium, running_demo, sign_in


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with running_demo(stations=8) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile; what it throws, and what its policy forbids, fails the test."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Berlin")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "console",
        lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield opened
    context.close()
    assert not wrong, wrong


@pytest.fixture
def console(page: Page, demo: Demo) -> Page:
    """The same, signed in."""
    sign_in(page, demo)
    return page
