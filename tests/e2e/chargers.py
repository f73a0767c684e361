"""Chargers for end-to-end tests, made of the PyPI package `ocpp`, so that we do not only talk to ourselves."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any, TypeAlias

from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v21 import ChargePoint as ChargePoint21
from ocpp.v201 import ChargePoint as ChargePoint201
from websockets.asyncio.client import ClientConnection, connect

logging.getLogger("ocpp").setLevel(logging.WARNING)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Charger16(ChargePoint16):
    """An OCPP 1.6 charger with one connector that obeys remote start and stop."""

    subprotocol = "ocpp1.6"
    started: asyncio.Event
    transaction_id: int | None = None
    register_wh = 1000
    asked: list[str]

    @on("RemoteStartTransaction")
    async def remote_start(self, id_tag: str, **_: Any) -> Any:
        self.asked.append("RemoteStartTransaction")
        self._start_task = asyncio.create_task(self.start_session(id_tag))
        return result16.RemoteStartTransaction(status="Accepted")

    @on("RemoteStopTransaction")
    async def remote_stop(self, transaction_id: int, **_: Any) -> Any:
        self.asked.append("RemoteStopTransaction")
        self._stop_task = asyncio.create_task(self.stop_session("Remote"))
        return result16.RemoteStopTransaction(status="Accepted")

    @on("Reset")
    async def reset(self, type: str, **_: Any) -> Any:
        self.asked.append("Reset")
        return result16.Reset(status="Accepted")

    @on("GetConfiguration")
    async def get_configuration(self, **_: Any) -> Any:
        return result16.GetConfiguration(
            configuration_key=[{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
            unknown_key=[],
        )

    @on("TriggerMessage")
    async def trigger_message(self, **_: Any) -> Any:
        return result16.TriggerMessage(status="Rejected")

    async def boot(self) -> Any:
        answer = await self.call(
            call16.BootNotification(charge_point_model="One", charge_point_vendor="Other")
        )
        await self.call(call16.StatusNotification(connector_id=0, error_code="NoError", status="Available"))
        await self.status("Available")
        return answer

    async def status(self, status: str) -> None:
        await self.call(call16.StatusNotification(connector_id=1, error_code="NoError", status=status))

    async def start_session(self, id_tag: str) -> Any:
        await self.status("Preparing")
        answer = await self.call(
            call16.StartTransaction(
                connector_id=1, id_tag=id_tag, meter_start=self.register_wh, timestamp=now()
            )
        )
        self.transaction_id = answer.transaction_id
        await self.status("Charging")
        self.started.set()
        return answer

    async def meter(self, energy_wh: int, stamp: str | None = None) -> None:
        self.register_wh += energy_wh
        await self.call(
            call16.MeterValues(
                connector_id=1,
                transaction_id=self.transaction_id,
                meter_value=[
                    {
                        "timestamp": stamp or now(),
                        "sampledValue": [
                            {
                                "value": str(self.register_wh),
                                "measurand": "Energy.Active.Import.Register",
                                "unit": "Wh",
                            }
                        ],
                    }
                ],
            )
        )

    async def stop_session(self, reason: str = "Local") -> None:
        assert self.transaction_id is not None
        await self.call(
            call16.StopTransaction(
                meter_stop=self.register_wh,
                timestamp=now(),
                transaction_id=self.transaction_id,
                reason=reason,
            )
        )
        await self.status("Finishing")
        await self.status("Available")
        self.started.clear()


class _Version2:
    """A charger of OCPP 2 with one EVSE that obeys remote start and stop."""

    _call: Any
    _call_result: Any
    call: Any
    started: asyncio.Event
    transaction_id = ""
    register_wh = 5000.0
    seq_no = 0

    @on("RequestStartTransaction")
    async def remote_start(self, id_token: dict[str, Any], remote_start_id: int, **_: Any) -> Any:
        self._start_task = asyncio.create_task(self.start_session(id_token, remote_start_id))
        return self._call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")
    async def remote_stop(self, transaction_id: str, **_: Any) -> Any:
        self._stop_task = asyncio.create_task(self.stop_session())
        return self._call_result.RequestStopTransaction(status="Accepted")

    @on("GetBaseReport")
    async def base_report(self, **_: Any) -> Any:
        return self._call_result.GetBaseReport(status="NotSupported")

    @on("TriggerMessage")
    async def trigger_message(self, **_: Any) -> Any:
        return self._call_result.TriggerMessage(status="Rejected")

    async def boot(self) -> Any:
        answer = await self.call(
            self._call.BootNotification(
                charging_station={"model": "Two", "vendor_name": "Other"}, reason="PowerUp"
            )
        )
        await self.status("Available")
        return answer

    async def status(self, status: str) -> None:
        await self.call(
            self._call.StatusNotification(timestamp=now(), connector_status=status, evse_id=1, connector_id=1)
        )

    async def heartbeat(self) -> Any:
        return await self.call(self._call.Heartbeat())

    async def authorise(self, id_token: dict[str, Any]) -> Any:
        return await self.call(self._call.Authorize(id_token=id_token))

    async def _event(self, kind: str, trigger: str, **more: Any) -> Any:
        event = self._call.TransactionEvent(
            event_type=kind,
            timestamp=now(),
            trigger_reason=trigger,
            seq_no=self.seq_no,
            transaction_info={"transaction_id": self.transaction_id, **more.pop("info", {})},
            meter_value=[
                {
                    "timestamp": now(),
                    "sampled_value": [
                        {"value": self.register_wh, "measurand": "Energy.Active.Import.Register"}
                    ],
                }
            ],
            **more,
        )
        self.seq_no += 1
        return await self.call(event)

    async def start_session(self, id_token: dict[str, Any], remote_start_id: int | None = None) -> Any:
        self.transaction_id = f"tx-{datetime.now(UTC).timestamp():.6f}"
        self.seq_no = 0
        await self.status("Occupied")
        info: dict[str, Any] = {"charging_state": "Charging"}
        if remote_start_id is not None:
            info["remote_start_id"] = remote_start_id
        answer = await self._event(
            "Started",
            "RemoteStart" if remote_start_id is not None else "Authorized",
            info=info,
            evse={"id": 1, "connector_id": 1},
            id_token=id_token,
        )
        self.started.set()
        return answer

    async def meter(self, energy_wh: float) -> Any:
        self.register_wh += energy_wh
        return await self._event("Updated", "MeterValuePeriodic", info={"charging_state": "Charging"})

    async def stop_session(self) -> Any:
        answer = await self._event("Ended", "RemoteStop", info={"stopped_reason": "Remote"})
        await self.status("Available")
        self.started.clear()
        return answer


class Charger201(_Version2, ChargePoint201):
    """An OCPP 2.0.1 charger with one EVSE that obeys remote start and stop."""

    subprotocol = "ocpp2.0.1"


class Charger21(_Version2, ChargePoint21):
    """An OCPP 2.1 charger with one EVSE that obeys remote start and stop, and keeps the frames that it gets."""

    subprotocol = "ocpp2.1"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frames: list[Any] = []

    async def route_message(self, raw_msg: str) -> None:
        self.frames.append(json.loads(raw_msg))
        await super().route_message(raw_msg)

    async def send_unanswered(self, message_id: str, action: str, payload: dict[str, Any]) -> None:
        """A SEND (message type 6), which OCPP 2.1 has and nobody answers."""
        await self._send(json.dumps([6, message_id, action, payload]))


Kind: TypeAlias = type[Charger16] | type[Charger201] | type[Charger21]


async def plug_in(
    kind: Kind, url: str, identity: str, password: str
) -> tuple[Any, ClientConnection, asyncio.Task[None]]:
    """Connect a charger and let it read; the caller cancels the task and closes the socket."""
    import base64

    token = base64.b64encode(f"{identity}:{password}".encode()).decode()
    socket = await connect(
        f"{url}/{identity}",
        subprotocols=[kind.subprotocol],  # type: ignore[list-item]
        additional_headers={"Authorization": f"Basic {token}"},
    )
    charger = kind(identity, socket)
    charger.started = asyncio.Event()
    charger.asked = []
    task = asyncio.create_task(charger.start())
    return charger, socket, task
