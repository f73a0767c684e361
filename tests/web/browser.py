"""The machine's Chromium, driven by Playwright, and the real program with simulated stations for it to look at."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from forecourt.api.web import ASSETS
from tests.e2e.conftest import Program

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Tests run as root in containers, and draw maps without a graphics card.
_FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@dataclass(frozen=True)
class Demo:
    """A running demo: where it is, and how to sign in."""

    program: Program
    email: str
    password: str
    api_key: str
    arguments: tuple[str, ...]
    """Of the program, to start it again."""

    def client(self) -> httpx.Client:
        """A caller of the API with the demo's key."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return httpx.Client(base_url=self.program.api, headers=headers, timeout=60)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.program.http_port}"


@contextmanager
def running_demo(*, stations: int) -> Iterator[Demo]:
    """`forecourt demo` on free ports and a folder of its own, until the block ends."""
    if not (ASSETS / "console" / "index.html").is_file():
        raise AssertionError("the web screens are not built: run `make web`")
    folder = Path(tempfile.mkdtemp(prefix="fc-web-"))
    folder.chmod(0o755)  # as root PostgreSQL runs as another user, who must be able to go there
    program = Program(folder)
    try:
        arguments = (
            "demo",
            *("--stations", str(stations), "--data-dir", str(program.data_dir)),
            *("--http-port", str(program.http_port), "--ocpp-port", str(program.ocpp_port)),
        )
        program.start(*arguments)
        printed = program.log.read_text()
        signs = re.search(r"sign in\s+(\S+)\s+password (\S+)", printed)
        key = re.search(r"API key\s+(\S+)", printed)
        assert signs is not None, printed[-2000:]
        assert key is not None, printed[-2000:]
        assert f"localhost:{program.http_port}/console" in printed
        yield Demo(program, signs[1], signs[2], key[1], arguments)
    finally:
        if program.process is not None:
            program.stop()
            for child in psutil.process_iter(["cmdline"]):
                if any(str(program.data_dir) in part for part in child.info["cmdline"] or ()):
                    child.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, until the block ends."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise AssertionError(f"none of {', '.join(_NAMES)} is installed: run `make test`, which installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, demo: Demo, path: str = "") -> None:
    """Open an address of the console and sign in there."""
    page.goto(f"{demo.url}/console{path}")
    page.get_by_label("E-mail").fill(demo.email)
    page.get_by_label("Password", exact=True).fill(demo.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#content").wait_for()


def accessibility_findings(page: Page) -> list[str]:
    """What axe finds on the page as it is now (WCAG 2.2 A and AA), a line for each element."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
