"""Every screen of the console, light and dark, on desktop and phone, as PNG files: `make screenshots`."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import httpx

from tests.web.browser import DESKTOP, PHONE, Demo, chromium, running_demo, sign_in

FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
ROUTER = Path(__file__).parents[2] / "web" / "console" / "src" / "router.tsx"
_LISTS = {
    "station": "stations", "location": "locations", "session": "sessions", "tariff": "tariffs",
}  # fmt: skip
_SETTLE_MS = 2_000


def addresses(demo: Demo) -> list[tuple[str, str]]:
    """Name and path of every route; parameters are taken from the first row of their list."""
    found = re.findall(r'^  "(/[^"]*)": \(\) =>', ROUTER.read_text(), re.MULTILINE)
    with httpx.Client(
        base_url=demo.program.api, headers={"Authorization": f"Bearer {demo.api_key}"}, timeout=60
    ) as api:

        def first(match: re.Match[str]) -> str:
            items = api.get(f"/{_LISTS[match[1]]}", params={"limit": 1}).json()["items"]
            return str(items[0]["id"])

        paths = [(path, re.sub(r"\$(\w+)", first, path)) for path in found]
    return [(path.replace("$", "").strip("/").replace("/", "-") or "overview", real) for path, real in paths]


def main(only: list[str]) -> None:
    """Visit each address whose name is in ``only`` (all if empty) and keep what it looks like."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_demo(stations=40) as demo, chromium() as browser:
        time.sleep(60)  # the network needs a while until there is something to see
        visits = [visit for visit in addresses(demo) if not only or visit[0] in only]
        for scheme in ("light", "dark"):
            for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
                context = browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB")  # type: ignore[arg-type]
                page = context.new_page()
                sign_in(page, demo)
                for name, path in visits:
                    page.goto(f"{demo.url}/console{path}")
                    page.wait_for_timeout(_SETTLE_MS)
                    page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
                    print(FOLDER / f"{name}-{size}-{scheme}.png")
                context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
