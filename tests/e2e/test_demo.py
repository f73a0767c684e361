"""`forecourt demo` as a person runs it: it charges, Ctrl-C ends all of it, and a second start goes on."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.conftest import Program, short_lived_folder
from tests.e2e.steps import ok

pytestmark = pytest.mark.e2e

STATIONS = 6
SPEED = 1000


class Demo(Program):
    """The demo in a folder and on ports of its own."""

    def run(self, *more: str) -> httpx.Client:
        """Start it; returns a client with the key that it prints."""
        self.log.unlink(missing_ok=True)
        self.start(
            "demo", "--stations", str(STATIONS), "--speed", str(SPEED), "--data-dir", str(self.data_dir),
            "--http-port", str(self.http_port), "--ocpp-port", str(self.ocpp_port), *more,
        )  # fmt: skip
        key = self._printed(r"API key +(\S+)")
        return httpx.Client(base_url=self.api, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def _printed(self, pattern: str) -> str:
        for _ in range(200):
            if found := re.search(pattern, self.log.read_text()):
                return found[1]
            time.sleep(0.1)
        raise AssertionError(f"{pattern} was never printed:\n{self.log.read_text()}")


@pytest.fixture
def demo() -> Iterator[Demo]:
    with short_lived_folder() as folder:
        made = Demo(folder)
        try:
            yield made
        finally:
            if made.process is not None:
                made.stop()
                for child in made.children():
                    child.kill()


def wait_for(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    for _ in range(400):
        if rows := ok(client.get(path))["items"]:
            return list(rows)
        time.sleep(0.1)
    raise AssertionError(f"{path} stays empty")


class TestDemo:
    def test_it_charges_ends_with_ctrl_c_and_goes_on(self, demo: Demo) -> None:
        with demo.run("--fresh") as client:
            assert len(ok(client.get("/stations"))["items"]) >= STATIONS
            record = ok(client.get(f"/cdrs/{wait_for(client, '/cdrs')[0]['id']}"))
            session = ok(client.get(f"/sessions/{record['session_id']}"))
            assert session["state"] == "ended"
            assert float(session["energy_wh"]) > 0
        self._ctrl_c(demo)
        with demo.run() as client:
            assert ok(client.get(f"/cdrs/{record['id']}")) == record
            known = {row["id"] for row in ok(client.get("/sessions", params={"limit": 500}))["items"]}
            assert session["id"] in known
            self._sessions_begin(client, known)
        self._ctrl_c(demo)

    def _sessions_begin(self, client: httpx.Client, known: set[str]) -> None:
        for _ in range(400):
            rows = ok(client.get("/sessions", params={"limit": 500}))["items"]
            if {row["id"] for row in rows} - known:
                return
            time.sleep(0.1)
        raise AssertionError("no new session after the second start")

    def _ctrl_c(self, demo: Demo) -> None:
        assert demo.process is not None
        family = psutil.Process(demo.process.pid).children(recursive=True)
        assert any("postgres" in child.name() for child in family)
        assert demo.stop() == 0
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []
        assert demo.children() == []
