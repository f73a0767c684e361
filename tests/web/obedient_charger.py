"""A charger that speaks OCPP 1.6 over a real socket, on a thread of its own: it starts and stops when it is told to."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.web.browser import Demo

OPERATOR = "demo"
_TRIES = 30


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Charger:
    """One connector. ``settings`` are its configuration keys."""

    def __init__(self, socket: ClientConnection) -> None:
        self.settings = {"HeartbeatInterval": "300", "MeterValueSampleInterval": "60"}
        self._socket = socket
        self._number = 0
        self._transaction: int | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._waiting: dict[str, str] = {}

    def start(self) -> None:
        """Boot, then do as told."""
        self._thread.start()
        self.say("BootNotification", chargePointVendor="Webtest", chargePointModel="W1")
        self.status("Available")

    def say(self, action: str, **payload: Any) -> None:
        """Send a call; its answer is heard by the thread."""
        self._number += 1
        message_id = f"w{self._number}-{time.monotonic_ns()}"
        self._waiting[message_id] = action
        self._socket.send(json.dumps([2, message_id, action, payload]))

    def status(self, status: str) -> None:
        self.say("StatusNotification", connectorId=1, status=status, errorCode="NoError", timestamp=_now())

    def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            for text in self._socket:
                frame = json.loads(text)
                if frame[0] == 2:
                    answer, after = self._answer(frame[2], frame[3])
                    self._socket.send(json.dumps([3, frame[1], answer]))
                    for step in after:
                        step()
                elif frame[0] == 3 and self._waiting.pop(frame[1], "") == "StartTransaction":
                    self._transaction = frame[2]["transactionId"]
                    self.status("Charging")

    def _answer(self, action: str, payload: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        if action == "RemoteStartTransaction":
            start = {"connectorId": 1, "idTag": payload["idTag"], "meterStart": 1000, "timestamp": _now()}
            return {"status": "Accepted"}, [
                lambda: self.status("Preparing"),
                lambda: self.say("StartTransaction", **start),
            ]
        if action == "RemoteStopTransaction":
            stop = {"transactionId": self._transaction, "meterStop": 3500, "timestamp": _now()}
            return {"status": "Accepted"}, [
                lambda: self.say("StopTransaction", **stop, reason="Remote"),
                lambda: self.status("Available"),
            ]
        if action == "GetConfiguration":
            keys = payload.get("key") or list(self.settings)
            known = [
                {"key": key, "readonly": False, "value": self.settings[key]}
                for key in keys
                if key in self.settings
            ]
            return {"configurationKey": known}, []
        if action == "ChangeConfiguration":
            self.settings[payload["key"]] = payload["value"]
        if action == "TriggerMessage":
            named = payload["requestedMessage"]
            if named == "BootNotification":
                return {"status": "Accepted"}, [
                    lambda: self.say("BootNotification", chargePointVendor="Webtest", chargePointModel="W1")
                ]
        return {"status": "Accepted"}, []


def address(demo: Demo, identity: str) -> str:
    """Where the station of that identity connects to."""
    return f"ws://127.0.0.1:{demo.program.ocpp_port}/ocpp/{OPERATOR}/{identity}"


def knocks(demo: Demo, identity: str) -> bool:
    """One try without a password; whether it was let in."""
    try:
        connect(address(demo, identity), subprotocols=["ocpp1.6"]).close()  # type: ignore[list-item]
    except InvalidStatus:
        return False
    return True


@contextmanager
def charger(demo: Demo, identity: str, password: str | None = None) -> Iterator[Charger]:
    """A connected charger, until the block ends."""
    headers = {}
    if password is not None:
        token = base64.b64encode(f"{identity}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    with _connect(demo, identity, headers) as socket:
        made = Charger(socket)
        made.start()
        yield made


def _connect(demo: Demo, identity: str, headers: dict[str, str]) -> ClientConnection:
    """Try again as chargers do: a gateway hears of a new station a moment later."""
    for attempt in range(_TRIES):
        try:
            return connect(
                address(demo, identity),
                subprotocols=["ocpp1.6"],  # type: ignore[list-item]
                additional_headers=headers,
            )
        except InvalidStatus:
            if attempt == _TRIES - 1:
                raise
            time.sleep(1)
    raise AssertionError("unreachable")
