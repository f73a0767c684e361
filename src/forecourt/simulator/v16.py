"""A station that speaks OCPP 1.6J."""

from __future__ import annotations

from forecourt.ocpp import refusal
from forecourt.simulator.link import CommandRefused, Payload
from forecourt.simulator.v16_commands import COMMANDS
from forecourt.simulator.v16_messages import Speaker16


class Station16(Speaker16):
    """OCPP 1.6J with Core, LocalAuthListManagement, RemoteTrigger, Reservation and SmartCharging."""

    def handle(self, action: str, payload: Payload) -> Payload:
        """Answer a command by the routing table of ``v16_commands``."""
        command = COMMANDS.get(action)
        if command is None:
            raise CommandRefused(refusal(self.version, action), f"this station does not do {action}")
        return command(self, payload)
