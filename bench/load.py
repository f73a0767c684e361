"""The load: stations in a closed loop, each in an open session, sending the next message upon each reply.

Run as its own process: `python -m bench.load '{"url": …, "stations": [...], "seconds": 5}'`. Half of the
stations speak OCPP 1.6 (MeterValues), half 2.0.1 (TransactionEvent Updated). Every message is distinct:
the time stamp moves on by 15 s and the register by what 11 kW deliver in that time.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import picows
import uvloop

STEP_S = 15
STEP_WH = 45.8


class Station(picows.WSListener):
    """One station. `opened` is set when its session is open; `answered` counts replies in the window."""

    def __init__(self, spec: dict[str, Any], clock: datetime) -> None:
        self.spec = spec
        self.identity: str = spec["identity"]
        self.v2 = spec["version"] != "1.6"
        self.clock = clock
        self.register = 1000.0
        self.number = 0
        self.seq_no = 0
        self.transaction: Any = None
        self.running = False
        self.answered = 0
        self.errors = 0
        self.opened = asyncio.get_running_loop().create_future()
        self.stopped = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.sent_at = 0.0

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.transport = transport
        self._call("BootNotification", self._boot())

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        for future in (self.opened, self.stopped):
            if not future.done():
                future.set_exception(ConnectionError(f"{self.identity} was disconnected"))

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type != picows.WSMsgType.TEXT:
            return
        if self.running:
            if frame.get_payload_as_bytes()[:2] == b"[3":
                self.answered += 1
                self.latencies.append(time.perf_counter() - self.sent_at)
            else:
                self.errors += 1
            self._next()
        else:
            self._setup(json.loads(frame.get_payload_as_bytes()))

    def start(self) -> None:
        self.running = True
        self.stopped = asyncio.get_running_loop().create_future()
        self.answered = self.errors = 0
        self.latencies = []
        self._next()

    def stop(self) -> None:
        self.halt = True

    halt = False

    def _next(self) -> None:
        if self.halt:
            self.running = self.halt = False
            if not self.stopped.done():
                self.stopped.set_result(None)
            return
        self.number += 1
        self.seq_no += 1
        self.clock += timedelta(seconds=STEP_S)
        self.register += STEP_WH
        stamp = self.clock.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if self.v2:
            text = (
                f'[2,"m{self.number}","TransactionEvent",{{"eventType":"Updated","timestamp":"{stamp}",'
                f'"triggerReason":"MeterValuePeriodic","seqNo":{self.seq_no},"transactionInfo":'
                f'{{"transactionId":"{self.transaction}","chargingState":"Charging"}},"meterValue":[{{"timestamp":"{stamp}",'
                f'"sampledValue":[{{"value":{self.register:.1f},"measurand":"Energy.Active.Import.Register"}},'
                f'{{"value":11000,"measurand":"Power.Active.Import","unitOfMeasure":{{"unit":"W"}}}}]}}]}}]'
            )
        else:
            text = (
                f'[2,"m{self.number}","MeterValues",{{"connectorId":1,"transactionId":{self.transaction},'
                f'"meterValue":[{{"timestamp":"{stamp}","sampledValue":[{{"value":"{self.register:.1f}",'
                f'"measurand":"Energy.Active.Import.Register","unit":"Wh"}},{{"value":"11000",'
                f'"measurand":"Power.Active.Import","unit":"W"}}]}}]}}]'
            )
        self.sent_at = time.perf_counter()
        self.transport.send(picows.WSMsgType.TEXT, text.encode())

    def _call(self, action: str, payload: dict[str, Any]) -> None:
        self.expecting = action
        self.number += 1
        self.transport.send(
            picows.WSMsgType.TEXT, json.dumps([2, f"m{self.number}", action, payload]).encode()
        )

    def _boot(self) -> dict[str, Any]:
        if self.v2:
            return {
                "reason": "PowerUp",
                "chargingStation": {"vendorName": "Bench", "model": "One", "serialNumber": self.identity},
            }
        return {"chargePointVendor": "Bench", "chargePointModel": "One"}

    def _setup(self, frame: list[Any]) -> None:
        if frame[0] == 2:  # a command of the server's: say that it is not known
            self.transport.send(
                picows.WSMsgType.TEXT, json.dumps([4, frame[1], "NotImplemented", "", {}]).encode()
            )
            return
        stamp = self.clock.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if self.expecting == "BootNotification":
            if self.v2:
                self.transaction = f"bench-{self.identity}-{int(time.time())}"
                self._call(
                    "TransactionEvent",
                    {
                        "eventType": "Started",
                        "timestamp": stamp,
                        "triggerReason": "Authorized",
                        "seqNo": 0,
                        "transactionInfo": {"transactionId": self.transaction, "chargingState": "Charging"},
                        "evse": {"id": 1, "connectorId": 1},
                        "idToken": {"idToken": self.spec["token"], "type": "ISO14443"},
                        "meterValue": [
                            {
                                "timestamp": stamp,
                                "sampledValue": [
                                    {
                                        "value": self.register,
                                        "measurand": "Energy.Active.Import.Register",
                                        "context": "Transaction.Begin",
                                    }
                                ],
                            }
                        ],
                    },
                )
            else:
                self._call(
                    "StartTransaction",
                    {
                        "connectorId": 1,
                        "idTag": self.spec["token"],
                        "meterStart": int(self.register),
                        "timestamp": stamp,
                    },
                )
        elif not self.opened.done():
            if frame[0] != 3:
                self.opened.set_exception(RuntimeError(f"{self.identity}: {frame}"))
                return
            if not self.v2:
                self.transaction = frame[2].get("transactionId", 1)
            self.opened.set_result(None)


async def connect(spec: dict[str, Any], url: str, clock: datetime) -> Station:
    token = base64.b64encode(f"{spec['identity']}:{spec['password']}".encode()).decode()
    _, listener = await picows.ws_connect(
        lambda: Station(spec, clock),
        f"{url}/{spec['identity']}",
        websocket_handshake_timeout=60,
        extra_headers=[
            ("Sec-WebSocket-Protocol", "ocpp1.6" if spec["version"] == "1.6" else "ocpp2.0.1"),
            ("Authorization", f"Basic {token}"),
        ],
    )
    await listener.opened
    return listener


async def run(plan: dict[str, Any]) -> None:
    """Connect, open sessions, say `ready`; then, for each line read, load for that many seconds."""
    clock = datetime.now(UTC) - timedelta(days=plan.get("days_ago", 20))
    stations: list[Station] = []
    for begin in range(0, len(plan["stations"]), 50):
        stations += await asyncio.gather(
            *(connect(spec, plan["url"], clock) for spec in plan["stations"][begin : begin + 50])
        )
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        begin_at = time.perf_counter()
        cpu = time.process_time()
        for station in stations:
            station.start()
        await asyncio.sleep(float(line))
        for station in stations:
            station.stop()
        await asyncio.gather(*(station.stopped for station in stations))
        elapsed = time.perf_counter() - begin_at
        latencies = sorted(value for station in stations for value in station.latencies)
        count = sum(station.answered for station in stations)
        result = {
            "messages": count,
            "errors": sum(station.errors for station in stations),
            "seconds": elapsed,
            "driver_cpu_s": time.process_time() - cpu,
            "p50_ms": latencies[len(latencies) // 2] * 1000 if latencies else None,
            "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000 if latencies else None,
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    uvloop.run(run(json.loads(sys.stdin.readline())))
