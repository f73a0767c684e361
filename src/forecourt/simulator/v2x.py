"""Stations that speak OCPP 2.0.1 and 2.1."""

from __future__ import annotations

from typing import ClassVar

from forecourt.ocpp import Version, refusal
from forecourt.simulator.link import CommandRefused, Payload
from forecourt.simulator.v2x_charging import CHARGING
from forecourt.simulator.v2x_commands import COMMANDS
from forecourt.simulator.v2x_messages import Speaker2x

ROUTES = COMMANDS | CHARGING


class Station201(Speaker2x):
    """OCPP 2.0.1 with core, local authorisation lists, reservation, remote trigger and smart charging."""

    version: ClassVar[Version] = Version.V201

    def handle(self, action: str, payload: Payload) -> Payload:
        """Answer a command by the routing tables of ``v2x_commands`` and ``v2x_charging``."""
        command = ROUTES.get(action)
        if command is None:
            raise CommandRefused(refusal(self.version, action), f"this station does not do {action}")
        return command(self, payload)


class Station21(Station201):
    """OCPP 2.1: the same station; what 2.1 adds is known, and refused as not supported."""

    version: ClassVar[Version] = Version.V21
