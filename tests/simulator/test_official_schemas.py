"""Every message a station sends fits the official schemas, as the PyPI ``ocpp`` package checks them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import ocpp.v16
import ocpp.v16.call
import ocpp.v16.call_result
import ocpp.v21
import ocpp.v21.call
import ocpp.v21.call_result
import ocpp.v201
import ocpp.v201.call
import ocpp.v201.call_result
import pytest
from ocpp.routing import on
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from forecourt.simulator.faults import Fault, FaultKind, apply_fault
from forecourt.simulator.network import KINDS
from forecourt.simulator.pace import Pace
from forecourt.simulator.session import Visit, start_visit
from forecourt.simulator.spec import StationSpec
from forecourt.simulator.station import Station

NOW = datetime.now(UTC).isoformat()
ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "1.6": {
        "BootNotification": {"status": "Accepted", "current_time": NOW, "interval": 300},
        "Heartbeat": {"current_time": NOW},
        "Authorize": {"id_tag_info": {"status": "Accepted"}},
        "StartTransaction": {"transaction_id": 17, "id_tag_info": {"status": "Accepted"}},
        "StatusNotification": {},
        "MeterValues": {},
        "StopTransaction": {},
    },
    "2.x": {
        "BootNotification": {"status": "Accepted", "current_time": NOW, "interval": 300},
        "Heartbeat": {"current_time": NOW},
        "Authorize": {"id_token_info": {"status": "Accepted"}},
        "TransactionEvent": {},
        "StatusNotification": {},
        "MeterValues": {},
        "NotifyReport": {},
        "NotifyEvent": {},
        "ReportChargingProfiles": {},
    },
}
MODULES = {
    "1.6": (ocpp.v16, ocpp.v16.call, ocpp.v16.call_result),
    "2.0.1": (ocpp.v201, ocpp.v201.call, ocpp.v201.call_result),
    "2.1": (ocpp.v21, ocpp.v21.call, ocpp.v21.call_result),
}


def central_system(version: str) -> type[Any]:
    """A charge point handler of the ``ocpp`` package that answers every message and remembers it."""
    module, _, results = MODULES[version]

    def handler(action: str, answer: dict[str, Any]) -> Any:
        async def handle(self: Any, **payload: Any) -> Any:
            self.seen.append((action, payload))
            return getattr(results, action)(**answer)

        handle.__name__ = f"on_{action}"
        return on(action)(handle)

    answers = ANSWERS["1.6" if version == "1.6" else "2.x"]
    body: dict[str, Any] = {f"on_{action}": handler(action, answer) for action, answer in answers.items()}
    return type("Central", (module.ChargePoint,), body)


class Refusals:
    """Wraps the socket of the ``ocpp`` package and keeps the error frames that it sends."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.errors: list[str] = []

    async def recv(self) -> Any:
        return await self.socket.recv()

    async def send(self, text: str) -> None:
        if text.startswith("[4"):
            self.errors.append(text)
        await self.socket.send(text)


@asynccontextmanager
async def driven(version: str, **spec: Any) -> AsyncIterator[tuple[Station, Any, Refusals]]:
    """A station that is online at a central system made of the ``ocpp`` package."""
    found: asyncio.Queue[tuple[Any, Refusals]] = asyncio.Queue()

    async def handle(socket: ServerConnection) -> None:
        refusals = Refusals(socket)
        central = central_system(version)("CP", refusals)
        central.seen = []
        found.put_nowait((central, refusals))
        with suppress(ConnectionClosed):
            await central.start()

    protocol = KINDS[version].version.subprotocol
    async with serve(handle, "127.0.0.1", 0, subprotocols=[protocol]) as server:  # type: ignore[list-item]
        port = server.sockets[0].getsockname()[1]
        station = KINDS[version](
            StationSpec(identity="CP", version=version, **spec),
            f"ws://127.0.0.1:{port}",
            pace=Pace(speed=1200),
        )
        task = asyncio.create_task(station.run())
        central, refusals = await found.get()
        try:
            yield station, central, refusals
        finally:
            await station.stop()
            await asyncio.wait_for(task, 5)


async def until(condition: Any, within: float = 8) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("version", list(KINDS))
@pytest.mark.parametrize("kind", ["AC", "DC"])
async def test_a_session_and_a_fault_fit_the_official_schemas(version: str, kind: str) -> None:
    async with driven(version, kind=kind, connectors=2, max_power_w=50_000) as (station, central, refusals):
        await until(lambda: station.online)
        start_visit(station, station.connectors[0], Visit(id_token="TAG", energy_wh=4000, stay_s=1800))
        await until(lambda: station.totals.sessions_ended == 1 and not station.outbox.kept)
        start_visit(station, station.connectors[1], Visit(id_token="TAG", energy_wh=9000, stay_s=9000))
        await until(lambda: station.connectors[1].meter.power_w > 0)
        apply_fault(station, Fault(kind=FaultKind.GROUND_FAULT, connector=2, for_s=600))
        await until(lambda: station.totals.sessions_ended == 2 and station.connectors[1].free)
        await until(lambda: len(station.outbox) == 0)
        assert refusals.errors == []
        assert station.traffic.refused == 0
        actions = {action for action, _ in central.seen}
        assert ("StopTransaction" if version == "1.6" else "TransactionEvent") in actions


COMMANDS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "1.6": [
        ("GetConfiguration", {}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "100"}),
        ("TriggerMessage", {"requested_message": "MeterValues", "connector_id": 1}),
        ("TriggerMessage", {"requested_message": "StatusNotification"}),
        ("ChangeAvailability", {"connector_id": 1, "type": "Operative"}),
        ("GetCompositeSchedule", {"connector_id": 1, "duration": 600}),
        ("GetLocalListVersion", {}),
        ("ClearCache", {}),
        ("UnlockConnector", {"connector_id": 1}),
        ("RemoteStartTransaction", {"id_tag": "X", "connector_id": 1}),
        ("RemoteStopTransaction", {"transaction_id": 4711}),
        ("ClearChargingProfile", {}),
        ("CancelReservation", {"reservation_id": 1}),
        ("DataTransfer", {"vendor_id": "x"}),
    ],
    "2.x": [
        ("GetBaseReport", {"request_id": 1, "report_base": "FullInventory"}),
        ("GetReport", {"request_id": 2}),
        (
            "GetVariables",
            {
                "get_variable_data": [
                    {"component": {"name": "TxCtrlr"}, "variable": {"name": "TxStartPoint"}},
                    {"component": {"name": "Nobody"}, "variable": {"name": "TxStartPoint"}},
                ]
            },
        ),
        ("TriggerMessage", {"requested_message": "MeterValues", "evse": {"id": 1}}),
        ("TriggerMessage", {"requested_message": "StatusNotification"}),
        ("ChangeAvailability", {"operational_status": "Operative"}),
        ("GetCompositeSchedule", {"evse_id": 1, "duration": 600}),
        ("GetLocalListVersion", {}),
        ("ClearCache", {}),
        ("UnlockConnector", {"evse_id": 1, "connector_id": 1}),
        (
            "RequestStartTransaction",
            {"remote_start_id": 1, "evse_id": 1, "id_token": {"id_token": "X", "type": "Central"}},
        ),
        ("RequestStopTransaction", {"transaction_id": "nobody"}),
        ("ClearChargingProfile", {"charging_profile_id": 1}),
        ("GetTransactionStatus", {}),
        ("CancelReservation", {"reservation_id": 1}),
        ("DataTransfer", {"vendor_id": "x"}),
    ],
}


@pytest.mark.parametrize("version", list(KINDS))
async def test_the_answers_to_commands_fit_the_official_schemas(version: str) -> None:
    _, calls, _ = MODULES[version]
    async with driven(version, connectors=2) as (station, central, refusals):
        await until(lambda: station.online)
        for action, payload in COMMANDS["1.6" if version == "1.6" else "2.x"]:
            call = getattr(calls, action)
            assert inspect.isclass(call)
            answer = await central.call(call(**payload), suppress=False)
            assert answer is not None, action
        await until(lambda: len(station.outbox) == 0)
        assert refusals.errors == []
