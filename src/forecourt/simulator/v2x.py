"""Stations that speak OCPP 2.0.1 and 2.1."""

from __future__ import annotations

from typing import ClassVar

from forecourt.simulator.link import CommandRefused, Payload
from forecourt.simulator.v2x_charging import CHARGING
from forecourt.simulator.v2x_commands import COMMANDS
from forecourt.simulator.v2x_messages import Speaker2x

ROUTES = COMMANDS | CHARGING

UNSUPPORTED_201 = {
    "CertificateSigned",
    "ClearDisplayMessage",
    "ClearVariableMonitoring",
    "CustomerInformation",
    "DeleteCertificate",
    "GetDisplayMessages",
    "GetInstalledCertificateIds",
    "GetLog",
    "GetMonitoringReport",
    "InstallCertificate",
    "PublishFirmware",
    "SetDisplayMessage",
    "SetMonitoringBase",
    "SetMonitoringLevel",
    "SetVariableMonitoring",
    "UnpublishFirmware",
    "UpdateFirmware",
}
UNSUPPORTED_21 = UNSUPPORTED_201 | {
    "AFRRSignal",
    "AdjustPeriodicEventStream",
    "ChangeTransactionTariff",
    "ClearDERControl",
    "ClearTariffs",
    "ClosePeriodicEventStream",
    "GetCRL",
    "GetDERControl",
    "GetPeriodicEventStream",
    "GetTariffs",
    "NotifyAllowedEnergyTransfer",
    "NotifyWebPaymentStarted",
    "OpenPeriodicEventStream",
    "PullDynamicScheduleUpdate",
    "RequestBatterySwap",
    "SetDERControl",
    "SetDefaultTariff",
    "UpdateDynamicSchedule",
    "UsePriorityCharging",
    "VatNumberValidation",
}


class Station201(Speaker2x):
    """OCPP 2.0.1 with core, local authorisation lists, reservation, remote trigger and smart charging."""

    subprotocol: ClassVar[str] = "ocpp2.0.1"
    unsupported: ClassVar[set[str]] = UNSUPPORTED_201

    def handle(self, action: str, payload: Payload) -> Payload:
        """Answer a command by the routing tables of ``v2x_commands`` and ``v2x_charging``."""
        command = ROUTES.get(action)
        if command is not None:
            return command(self, payload)
        if action in self.unsupported:
            raise CommandRefused("NotSupported", f"{action} is not supported by this station")
        raise CommandRefused("NotImplemented", f"{action} is no action of {self.subprotocol}")


class Station21(Station201):
    """OCPP 2.1: the same station, and more that it knows of but does not support."""

    subprotocol: ClassVar[str] = "ocpp2.1"
    unsupported: ClassVar[set[str]] = UNSUPPORTED_21
