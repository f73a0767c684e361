"""Stations that queue: what nobody acknowledged is sent again, unchanged and in order, after a reconnect.

Frames are made and read by the PyPI package `ocpp`; the queue is what OCPP asks of stations for messages about
transactions.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from tests.e2e.chargers import now

RETRY_S = 0.3
ANSWER_S = 900  # longer than any outage here: only the socket's end makes a station send again


@dataclass
class Charge:
    """One session as the station knows it: what must be found afterwards."""

    begin_wh: int
    end_wh: int = 0
    transaction: str = ""
    stamps: list[str] = field(default_factory=list)
    """Of the readings that were acknowledged."""


class QueueingStation:
    """A station with one EVSE. `start`, `read` and `stop` only queue; `run` sends."""

    def __init__(self, url: str, identity: str, password: str, *, version: str = "1.6") -> None:
        self.identity = identity
        self.version = version
        self.register_wh = 1000
        self.charges: list[Charge] = []
        self.close_codes: list[int | None] = []
        self.refusals: list[int] = []
        self.frames: list[tuple[float, str]] = []
        """What came, with `time.monotonic()`."""
        self.online = False
        self._url = f"{url}/{identity}"
        token = base64.b64encode(f"{identity}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}
        self._queue: deque[tuple[Callable[[], Any], Callable[[Any], None]]] = deque()
        self._filled = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._seq_no = 0

    async def run(self) -> None:
        """Be a station until cancelled. Raises what a station must never be told: a CALLERROR."""
        while True:
            try:
                async with connect(
                    self._url,
                    subprotocols=["ocpp1.6" if self.version == "1.6" else "ocpp2.0.1"],  # type: ignore[list-item]
                    additional_headers=self._headers,
                    open_timeout=5,
                    close_timeout=1,
                ) as socket:
                    await self._serve(socket)
            except InvalidStatus as error:
                self.refusals.append(error.response.status_code)
            except (InvalidHandshake, ConnectionClosed, OSError, TimeoutError):
                pass
            await asyncio.sleep(RETRY_S)

    async def settled(self) -> None:
        """Everything is acknowledged."""
        await self._empty.wait()

    def say(self, make: Callable[[], Any], done: Callable[[Any], None] = lambda answer: None) -> None:
        """Queue a message; `make` is called each time it is sent."""
        self._queue.append((make, done))
        self._empty.clear()
        self._filled.set()

    def boot(self) -> None:
        if self.version == "1.6":
            self.say(lambda: call16.BootNotification(charge_point_model="Q", charge_point_vendor="Other"))
        else:
            station = {"model": "Q", "vendor_name": "Other"}
            self.say(lambda: call201.BootNotification(charging_station=station, reason="PowerUp"))
        self.status("Available")

    def heartbeat(self) -> None:
        self.say(call16.Heartbeat if self.version == "1.6" else call201.Heartbeat)

    def status(self, status: str) -> None:
        stamp = now()
        if self.version == "1.6":
            self.say(
                lambda: call16.StatusNotification(
                    connector_id=1, error_code="NoError", status=status, timestamp=stamp
                )
            )
            return
        shown = status if status in ("Available", "Unavailable", "Faulted") else "Occupied"
        self.say(
            lambda: call201.StatusNotification(
                timestamp=stamp, connector_status=shown, evse_id=1, connector_id=1
            )
        )

    def start(self, tag: str) -> Charge:
        """Begin a session; it may be offline."""
        charge = Charge(begin_wh=self.register_wh)
        self.charges.append(charge)
        stamp, meter = now(), self.register_wh
        if self.version == "1.6":
            self.status("Preparing")

            def answered(answer: Any) -> None:
                charge.transaction = str(answer.transaction_id)

            self.say(
                lambda: call16.StartTransaction(
                    connector_id=1, id_tag=tag, meter_start=meter, timestamp=stamp
                ),
                answered,
            )
        else:
            charge.transaction = f"{self.identity}-{len(self.charges)}"
            self._seq_no = 0
            self._event(
                charge, "Started", "Authorized", "Transaction.Begin", {"id_token": tag, "type": "ISO14443"}
            )
        self.status("Charging")
        return charge

    def read(self, energy_wh: int) -> None:
        """A reading of the present session, `energy_wh` after the last one."""
        charge = self.charges[-1]
        self.register_wh += energy_wh
        stamp, meter = now(), self.register_wh
        if self.version != "1.6":
            self._event(charge, "Updated", "MeterValuePeriodic", "Sample.Periodic")
            return
        sample = {"value": str(meter), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
        self.say(
            lambda: call16.MeterValues(
                connector_id=1,
                transaction_id=int(charge.transaction),
                meter_value=[{"timestamp": stamp, "sampledValue": [sample]}],
            ),
            lambda _: charge.stamps.append(stamp),
        )

    def stop(self) -> None:
        """End the present session; it may be offline."""
        charge = self.charges[-1]
        charge.end_wh = self.register_wh
        stamp, meter = now(), self.register_wh
        if self.version == "1.6":
            self.say(
                lambda: call16.StopTransaction(
                    meter_stop=meter, timestamp=stamp, transaction_id=int(charge.transaction), reason="Local"
                )
            )
            self.status("Finishing")
        else:
            self._event(charge, "Ended", "StopAuthorized", "Transaction.End")
        self.status("Available")

    def _event(
        self,
        charge: Charge,
        kind: str,
        trigger: str,
        context: str,
        id_token: dict[str, str] | None = None,
    ) -> None:
        stamp, meter, offline, seq_no = now(), self.register_wh, not self.online, self._seq_no
        self._seq_no += 1
        info: dict[str, Any] = {"transaction_id": charge.transaction}
        info |= {"stopped_reason": "Local"} if kind == "Ended" else {"charging_state": "Charging"}
        value = {"value": meter, "measurand": "Energy.Active.Import.Register", "context": context}
        self.say(
            lambda: call201.TransactionEvent(
                event_type=kind,
                timestamp=stamp,
                trigger_reason=trigger,
                seq_no=seq_no,
                transaction_info=info,
                meter_value=[{"timestamp": stamp, "sampled_value": [value]}],
                offline=offline,
                id_token=id_token,
                evse={"id": 1, "connector_id": 1} if kind == "Started" else None,
            ),
            lambda _: charge.stamps.append(stamp) if kind == "Updated" else None,
        )

    async def _serve(self, socket: ClientConnection) -> None:
        kind = _Reader16 if self.version == "1.6" else _Reader201
        charger = kind(self.identity, socket, response_timeout=ANSWER_S)
        charger.frames = self.frames
        reader = asyncio.create_task(charger.start())
        sender = asyncio.create_task(self._send(charger))
        self.online = True
        try:
            await asyncio.wait({reader, sender}, return_when=asyncio.FIRST_COMPLETED)
            for task in (sender, reader):
                if task.done():
                    task.result()
        finally:
            self.online = False
            for task in (reader, sender):
                task.cancel()
            await asyncio.gather(reader, sender, return_exceptions=True)
            self.close_codes.append(socket.close_code)

    async def _send(self, charger: Any) -> None:
        while True:
            await self._filled.wait()
            make, done = self._queue[0]
            done(await charger.call(make(), suppress=False))
            self._queue.popleft()
            if not self._queue:
                self._filled.clear()
                self._empty.set()


class _Reader16(ChargePoint16):
    frames: list[tuple[float, str]]

    @on("Reset")
    async def reset(self, **_: Any) -> Any:
        return result16.Reset(status="Accepted")

    async def route_message(self, raw_msg: str) -> None:
        self.frames.append((time.monotonic(), raw_msg))
        await super().route_message(raw_msg)


class _Reader201(ChargePoint201):
    frames: list[tuple[float, str]]

    @on("Reset")
    async def reset(self, **_: Any) -> Any:
        return result201.Reset(status="Accepted")

    @on("GetBaseReport")
    async def base_report(self, **_: Any) -> Any:
        return result201.GetBaseReport(status="NotSupported")

    async def route_message(self, raw_msg: str) -> None:
        self.frames.append((time.monotonic(), raw_msg))
        await super().route_message(raw_msg)
