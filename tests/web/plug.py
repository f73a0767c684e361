"""A charger that tests of the screens control: raw OCPP 1.6 over a real socket, answering the server by itself."""

from __future__ import annotations

import base64
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.web.browser import Demo

PASSWORD = "a password of sixteen"
_ANSWER_S = 30


class Charger:
    """One plug. A remote stop ends its transaction, and the driver unplugs."""

    def __init__(self, station: str, identity: str, socket: ClientConnection) -> None:
        self.station, self.identity = station, identity
        self.transaction: int | None = None
        self.meter = 1_000
        self._socket = socket
        self._answers: queue.Queue[list[Any]] = queue.Queue()
        self._lock = threading.Lock()
        self._number = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.tell("BootNotification", chargePointVendor="Bench", chargePointModel="One")
        self.status("Available")

    def tell(self, action: str, **payload: Any) -> dict[str, Any]:
        """Make a call and take its answer."""
        with self._lock:
            self._number += 1
            self._send([2, f"m{self._number}", action, payload])
            answer = self._answers.get(timeout=_ANSWER_S)
        assert answer[0] == 3, answer
        return dict(answer[2])

    def status(self, status: str) -> None:
        """Report the connector."""
        self.tell("StatusNotification", connectorId=1, status=status, errorCode="NoError", timestamp=_now())

    def start(self, tag: str) -> None:
        """A driver begins."""
        self.status("Preparing")
        answer = self.tell(
            "StartTransaction", connectorId=1, idTag=tag, meterStart=self.meter, timestamp=_now()
        )
        assert answer["idTagInfo"]["status"] == "Accepted", answer
        self.transaction = answer["transactionId"]
        self.status("Charging")

    def charge(self, wh: int, watts: int) -> None:
        """The register grows, and the station tells it with the power."""
        self.meter += wh
        values = [
            {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "value": str(self.meter)},
            {"measurand": "Power.Active.Import", "unit": "W", "value": str(watts)},
        ]
        self.tell(
            "MeterValues", connectorId=1, transactionId=self.transaction,
            meterValue=[{"timestamp": _now(), "sampledValue": values}],
        )  # fmt: skip

    def stop(self, transaction: int, meter: int, reason: str = "Local") -> None:
        """A stop, of whatever transaction."""
        self.tell(
            "StopTransaction", transactionId=transaction, meterStop=meter, timestamp=_now(), reason=reason
        )

    def _read(self) -> None:
        while True:
            try:
                frame = json.loads(self._socket.recv())
            except ConnectionClosed:
                return
            if frame[0] != 2:
                self._answers.put(frame)
            elif frame[2] == "RemoteStopTransaction":
                self._send([3, frame[1], {"status": "Accepted"}])
                threading.Thread(target=self._leave, daemon=True).start()
            else:
                self._send([4, frame[1], "NotSupported", "", {}])

    def _leave(self) -> None:
        assert self.transaction is not None
        self.stop(self.transaction, self.meter, "Remote")
        self.status("Available")

    def _send(self, frame: list[Any]) -> None:
        self._socket.send(json.dumps(frame))


def _now() -> str:
    return datetime.now(UTC).isoformat()


@contextmanager
def plugged_in(demo: Demo, api: httpx.Client, identity: str) -> Iterator[Charger]:
    """A new station of the demo's operator and its charger; retired when the block ends."""
    location = api.get("/locations").json()["items"][0]["id"]
    made = api.post("/stations", json={"identity": identity, "location_id": location, "password": PASSWORD})
    assert made.status_code == 201, made.text
    station = made.json()["station"]["id"]
    slug = api.get("/me").json()["operator"]["slug"]
    token = base64.b64encode(f"{identity}:{PASSWORD}".encode()).decode()
    try:
        with connect(
            f"{demo.program.ocpp}/{slug}/{identity}",
            subprotocols=["ocpp1.6"],  # type: ignore[list-item]
            additional_headers={"Authorization": f"Basic {token}"},
        ) as socket:
            yield Charger(station, identity, socket)
    finally:
        api.post(f"/stations/{station}/retire")
