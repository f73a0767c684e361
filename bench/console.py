"""`python -m bench.console`: what the console weighs, how soon it can be used, and how live it is.

Needs the built screens and Chromium. A demo without other load is started for it; a charger of our own reports its
status on a websocket, and the page says when the pixels of its row have changed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from playwright.sync_api import Browser, Page
from tests.web.browser import DESKTOP, Demo, chromium, running_demo, sign_in
from tests.web.charger import Charger, add_station, charger

IDENTITY, PASSWORD = "BENCH-1", "a long enough password"
_MOVED = """(word) => new Promise((done) => {
    const row = () => [...document.querySelectorAll('tbody tr')].find((one) => one.textContent.includes('BENCH-1'));
    const shown = () => row()?.querySelector(`[role=img][aria-label="${word}"]`);
    const painted = () => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.timeOrigin + performance.now());
        channel.port2.postMessage(null);
    });
    if (shown()) return painted();
    const watch = new MutationObserver(() => { if (shown()) { watch.disconnect(); painted(); } });
    watch.observe(document.body, {subtree: true, childList: true, attributes: true});
})"""
_LONG = """() => { window.long = []; new PerformanceObserver((list) => list.getEntries().forEach(
    (entry) => window.long.push(entry.duration))).observe({type: 'longtask'}); }"""


def first_load(browser: Browser, demo: Demo) -> dict[str, Any]:
    """Bytes over the wire until the overview can be used, and when that is, in an empty browser profile."""
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, demo)
    state = context.storage_state()
    context.close()
    context = browser.new_context(viewport=DESKTOP, storage_state=state)  # type: ignore[arg-type]
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    began = time.perf_counter()
    page.goto(f"{demo.url}/console")
    page.get_by_text("Stations online").wait_for()
    usable = time.perf_counter() - began
    bytes_until_usable, requests = sum(sizes), len(sizes)
    page.wait_for_timeout(5_000)
    found = {
        "usable_ms": usable * 1000, "kb_until_usable": bytes_until_usable / 1000, "requests": requests,
        "kb_with_map": sum(sizes) / 1000,
    }  # fmt: skip
    context.close()
    return found


def latency(page: Page, station: Charger, *, samples: int) -> list[float]:
    """Milliseconds from the status on the socket to the changed mark on the screen."""
    found = []
    for number in range(samples):
        status = ("Unavailable", "Available")[number % 2]
        waiting = page.evaluate_handle(f"(word) => ({{done: ({_MOVED})(word)}})", status)
        began = time.time() * 1000
        station.status(status, wait=False)
        found.append(waiting.evaluate("(one) => one.done") - began)
        page.wait_for_timeout(37 * (number % 7))  # so that no rhythm of the page is met or missed each time
    return found


def busy_minute(page: Page, station: Charger, *, changes: int, seconds: float) -> list[float]:
    """Durations of tasks over 50 ms in the page while so many changes come."""
    page.evaluate(_LONG)
    began = time.monotonic()
    for number in range(changes):
        station.status(("Unavailable", "Available")[number % 2], wait=False)
        rest = began + (number + 1) * seconds / changes - time.monotonic()
        if rest > 0:
            page.wait_for_timeout(rest * 1000)
    page.wait_for_timeout(2_000)
    long: list[float] = page.evaluate("window.long")
    return long


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with running_demo(stations=3) as demo, chromium() as browser:
        loads = [first_load(browser, demo) for _ in range(5)]
        for name in loads[0]:
            print(f"first load, {name}: {statistics.median(load[name] for load in loads):.0f} (median of 5)")
        add_station(demo, IDENTITY, PASSWORD)
        page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
        sign_in(page, demo, "/stations")
        page.get_by_text("Live", exact=True).wait_for()
        with charger(demo, IDENTITY, PASSWORD) as station:
            station.boot()
            station.status("Available")
            page.get_by_role("row").filter(has_text=IDENTITY).get_by_role("img", name="Available").wait_for()
            took = sorted(latency(page, station, samples=options.samples))
            p95 = took[int(len(took) * 0.95)]
            print(
                f"status to pixel: median {statistics.median(took):.0f} ms, p95 {p95:.0f} ms of {len(took)}"
            )
            for path in ("/stations", ""):
                page.goto(f"{demo.url}/console{path}")
                page.get_by_text("Live", exact=True).wait_for()
                page.wait_for_timeout(3_000)
                long = busy_minute(page, station, changes=options.changes, seconds=options.seconds)
                print(
                    f"{options.changes} changes in {options.seconds:.0f} s on {path or '/'}: {len(long)} tasks over 50 ms,"
                    f" longest {max(long, default=0):.0f} ms, {sum(long):.0f} ms in all"
                )


if __name__ == "__main__":
    main()
