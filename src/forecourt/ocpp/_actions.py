"""Which actions each version has, who may send them, and the structs they carry."""

from typing import Final

import msgspec

from forecourt.ocpp import v16, v21, v201
from forecourt.ocpp._errors import ErrorCode
from forecourt.ocpp._payload import Payload
from forecourt.ocpp._versions import Version

MONEY_ACTIONS: Final = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})
"""Actions that are parked and acknowledged when they cannot be read, because money hangs on them."""

# The schemas do not say who sends a message: OCPP 1.6 section 4 and 5, security whitepaper; OCPP 2.x part 2.
_FROM_STATION_16: Final = frozenset(
    [
        "Authorize",
        "BootNotification",
        "DataTransfer",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "LogStatusNotification",
        "MeterValues",
        "SecurityEventNotification",
        "SignCertificate",
        "SignedFirmwareStatusNotification",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
    ]
)
_FROM_STATION_201: Final = frozenset(
    [
        "Authorize",
        "BootNotification",
        "ClearedChargingLimit",
        "DataTransfer",
        "FirmwareStatusNotification",
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "Heartbeat",
        "LogStatusNotification",
        "MeterValues",
        "NotifyChargingLimit",
        "NotifyCustomerInformation",
        "NotifyDisplayMessages",
        "NotifyEVChargingNeeds",
        "NotifyEVChargingSchedule",
        "NotifyEvent",
        "NotifyMonitoringReport",
        "NotifyReport",
        "PublishFirmwareStatusNotification",
        "ReportChargingProfiles",
        "ReservationStatusUpdate",
        "SecurityEventNotification",
        "SignCertificate",
        "StatusNotification",
        "TransactionEvent",
    ]
)
_FROM_STATION_21: Final = _FROM_STATION_201 | frozenset(
    [
        "BatterySwap",
        "ClosePeriodicEventStream",
        "GetCertificateChainStatus",
        "NotifyDERAlarm",
        "NotifyDERStartStop",
        "NotifyPeriodicEventStream",
        "NotifyPriorityCharging",
        "NotifySettlement",
        "OpenPeriodicEventStream",
        "PullDynamicScheduleUpdate",
        "ReportDERControl",
        "VatNumberValidation",
    ]
)
_BOTH_WAYS: Final = frozenset({"DataTransfer"})


class ActionType(msgspec.Struct, frozen=True):
    """One action of one version. `response` is `None` for an action that travels in a SEND frame."""

    action: str
    request: type[Payload]
    response: type[Payload] | None
    from_station: bool
    from_csms: bool

    @property
    def is_send(self) -> bool:
        """Whether it travels in a SEND frame and is never answered."""
        return self.response is None


def _table(
    messages: dict[str, tuple[type[Payload], type[Payload] | None]], from_station: frozenset[str]
) -> dict[str, ActionType]:
    return {
        action: ActionType(
            action=action,
            request=request,
            response=response,
            from_station=action in from_station,
            from_csms=action not in from_station or action in _BOTH_WAYS,
        )
        for action, (request, response) in messages.items()
    }


ACTIONS: Final[dict[Version, dict[str, ActionType]]] = {
    Version.V16: _table(v16.MESSAGES, _FROM_STATION_16),
    Version.V201: _table(v201.MESSAGES, _FROM_STATION_201),
    Version.V21: _table(v21.MESSAGES, _FROM_STATION_21),
}
"""`ACTIONS[version][action]`, e.g. `ACTIONS[Version.V16]["Heartbeat"].response`."""


def refusal(version: Version, action: str) -> ErrorCode:
    """The code for a call that we do not handle: `NotImplemented` if the version has no such action,
    `NotSupported` if it has."""
    return ErrorCode.NOT_SUPPORTED if action in ACTIONS[version] else ErrorCode.NOT_IMPLEMENTED
