"""A station that speaks OCPP 1.6J."""

from __future__ import annotations

from forecourt.simulator.link import CommandRefused, Payload
from forecourt.simulator.v16_commands import COMMANDS, KNOWN_UNSUPPORTED
from forecourt.simulator.v16_messages import Speaker16


class Station16(Speaker16):
    """OCPP 1.6J with Core, LocalAuthListManagement, RemoteTrigger, Reservation and SmartCharging."""

    def handle(self, action: str, payload: Payload) -> Payload:
        """Answer a command by the routing table of ``v16_commands``."""
        command = COMMANDS.get(action)
        if command is not None:
            return command(self, payload)
        if action in KNOWN_UNSUPPORTED:
            raise CommandRefused("NotSupported", f"{action} is not supported by this station")
        raise CommandRefused("NotImplemented", f"{action} is no action of OCPP 1.6")
