"""The port `stations.commands.Stations` over the bus: it finds the process that holds a station's socket."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any
from uuid import UUID

import msgspec

from forecourt.kit.bus import Bus, BusTimeout, NoResponder
from forecourt.stations import commands

SUBJECT = "gateway.station."
"""Bus subject of a station's holder, followed by the station's id."""
HAND_OVER_S = 5.0
"""How long the holder may take to say that it has the command."""

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        commands.RemoteStart, commands.RemoteStop, commands.Reset, commands.UnlockConnector,
        commands.ChangeAvailability, commands.TriggerMessage, commands.ClearCache, commands.GetVariables,
        commands.SetVariables, commands.GetBaseReport, commands.RawCall,
    )
}  # fmt: skip


class Order(msgspec.Struct):
    """What travels over the bus. An empty `kind` closes the socket, for `reason`."""

    operator_id: UUID | None = None
    command_id: UUID | None = None
    kind: str = ""
    body: dict[str, Any] = {}
    timeout_s: float = 30.0
    reason: str = ""

    def command(self) -> commands.Command:
        """The command that was encoded."""
        converted: commands.Command = msgspec.convert(self.body, _KINDS[self.kind])
        return converted


class GatewayStations:
    """Implements `stations.commands.Stations`; works from any process that shares the bus."""

    def __init__(self, bus: Bus) -> None:
        """Use this bus."""
        self._bus = bus

    async def send(
        self,
        *,
        operator_id: UUID,
        station_id: UUID,
        command_id: UUID,
        command: commands.Command,
        timeout_s: float,
    ) -> bool:
        """Hand the command to whoever holds the socket. False: nobody does."""
        body = asdict(command)
        if isinstance(command, commands.RawCall):
            body["payload"] = dict(command.payload)
        order = Order(operator_id, command_id, type(command).__name__, body, timeout_s)
        try:
            answer = await self._bus.request(
                f"{SUBJECT}{station_id}", msgspec.json.encode(order), HAND_OVER_S
            )
        except (NoResponder, BusTimeout):
            return False
        return answer == b"ok"

    async def disconnect(self, *, station_id: UUID, reason: str) -> None:
        """Close the station's socket wherever it is."""
        with contextlib.suppress(NoResponder, BusTimeout):
            await self._bus.request(
                f"{SUBJECT}{station_id}", msgspec.json.encode(Order(reason=reason)), HAND_OVER_S
            )
