"""A charger of OCPP 1.6 that says exactly what a test wants, on a socket of its own."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.web.browser import Demo


class Charger:
    """Sends calls and waits for their answers; accepts whatever it is asked."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._answers: dict[str, Any] = {}
        self._answered = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def call(self, action: str, payload: dict[str, Any], *, wait: bool = True) -> Any:
        """Send a call; its answer's payload, unless nobody waits for it."""
        number = str(next(self._numbers))
        self._socket.send(json.dumps([2, number, action, payload]))
        if not wait:
            return None
        with self._answered:
            assert self._answered.wait_for(lambda: number in self._answers, 30), f"no answer to {action}"
            return self._answers.pop(number)

    def boot(self) -> None:
        self.call("BootNotification", {"chargePointVendor": "Other", "chargePointModel": "One"})

    def status(self, status: str, *, error: str = "NoError", connector: int = 1, wait: bool = True) -> None:
        """Report what connector 1 is in."""
        facts = {"connectorId": connector, "status": status, "errorCode": error}
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        self.call("StatusNotification", {**facts, "timestamp": stamp}, wait=wait)

    def _read(self) -> None:
        try:
            for text in self._socket:
                kind, number, *rest = json.loads(text)
                if kind == 2:
                    self._socket.send(json.dumps([3, number, {"status": "Accepted"}]))
                    continue
                with self._answered:
                    self._answers[number] = rest[0]
                    self._answered.notify_all()
        except ConnectionClosed:
            pass


@contextmanager
def charger(demo: Demo, identity: str, password: str | None = None) -> Iterator[Charger]:
    """A connected charger; without a password it is a stranger."""
    secret = base64.b64encode(f"{identity}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}"} if password else {}
    with connect(
        f"{demo.program.ocpp}/demo/{identity}",
        subprotocols=["ocpp1.6"],  # type: ignore[list-item]
        additional_headers=headers,
    ) as socket:
        yield Charger(socket)


def add_station(demo: Demo, identity: str, password: str) -> str:
    """An adopted station at the first location; its id."""
    with demo.client() as api:
        location = api.get("/locations", params={"limit": 1}).json()["items"][0]["id"]
        made = api.post(
            "/stations", json={"identity": identity, "location_id": location, "password": password}
        )
        assert made.status_code == 201, made.text
        return str(made.json()["station"]["id"])


@contextmanager
def stranger(demo: Demo, identity: str) -> Iterator[Charger]:
    """A charger that nobody knows, let in by a window of the inbox; gateways hear of the window a moment later."""
    with demo.client() as api:
        assert api.post("/inbox/windows", json={"minutes": 5}).is_success
    deadline = time.monotonic() + 60
    while True:
        try:
            with charger(demo, identity) as knocking:
                yield knocking
                return
        except InvalidStatus:
            assert time.monotonic() < deadline, "the window did not open"
            time.sleep(0.2)
