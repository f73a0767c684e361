"""What a station says, in words that hold for every OCPP version.

An event is what happened at the station as far as the station claims it. Times are the station's own
claims (UTC, aware) and may be `None`, wrong, early or late; `Inbound.received_at` is ours. What comes by the
thousand is a `msgspec.Struct`, which is made in a fraction of a dataclass's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from forecourt.stations.readings import MeterReading

ConnectorStatus: TypeAlias = Literal[
    "available", "occupied", "preparing", "charging", "suspended_ev", "suspended_evse",
    "finishing", "reserved", "unavailable", "faulted",
]  # fmt: skip
ChargingState: TypeAlias = Literal["charging", "ev_connected", "suspended_ev", "suspended_evse", "idle"]


@dataclass(slots=True, frozen=True)
class IdTokenRef:
    """An id token as the station read it. `type` is `None` for OCPP 1.6, which does not type tokens."""

    value: str
    type: str | None = None
    additional: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Booted:
    """BootNotification."""

    vendor: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class HeartbeatReceived:
    """Heartbeat."""


@dataclass(slots=True)
class StatusReported:
    """StatusNotification, or a NotifyEvent that reports `AvailabilityState`.

    `evse_no` 0 is the station as a whole; then `connector_no` is 0. OCPP 1.6 connector n arrives as
    EVSE n, connector 1.
    """

    evse_no: int
    connector_no: int
    status: ConnectorStatus
    at: datetime | None = None
    error_code: str | None = None
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None


@dataclass(slots=True)
class AuthorizeRequested:
    """Authorize."""

    id_token: IdTokenRef
    evse_no: int | None = None


class TransactionReported(msgspec.Struct):
    """StartTransaction, StopTransaction (1.6) or TransactionEvent (2.x).

    `transaction` is the charger-given id: for 2.x the station's string, for a 1.6 stop the decimal text of
    its `transactionId` (may be `0`, `-1` or foreign), for a 1.6 start `None` (we give it). `seq_no` is
    `None` for 1.6. `meter_start_wh` / `meter_stop_wh` only come from 1.6. 1.6 numbers EVSEs by connector.
    """

    kind: Literal["started", "updated", "ended"]
    transaction: str | None
    at: datetime | None
    raw_stamp: str | None = None
    seq_no: int | None = None
    trigger: str | None = None
    offline: bool = False
    evse_no: int | None = None
    connector_no: int | None = None
    id_token: IdTokenRef | None = None
    charging_state: ChargingState | None = None
    stopped_reason: str | None = None
    remote_start_no: int | None = None
    reservation_no: int | None = None
    meter_start_wh: Decimal | None = None
    meter_stop_wh: Decimal | None = None
    readings: tuple[MeterReading, ...] = ()


class MeterValuesReported(msgspec.Struct):
    """MeterValues. `transaction` only for 1.6, and only if it is greater than zero."""

    evse_no: int
    transaction: str | None
    readings: tuple[MeterReading, ...]


@dataclass(slots=True)
class VariableValue:
    """One variable of the device model (2.x) or one configuration key (1.6: component `""`)."""

    component: str
    variable: str
    value: str | None
    component_instance: str | None = None
    variable_instance: str | None = None
    evse_no: int | None = None
    connector_no: int | None = None
    attribute: str = "Actual"
    mutability: str | None = None
    data_type: str | None = None
    unit: str | None = None


@dataclass(slots=True)
class VariablesReported:
    """NotifyReport, one part of several."""

    request_no: int
    seq_no: int
    more_follows: bool
    variables: tuple[VariableValue, ...]


@dataclass(slots=True)
class ProblemReported:
    """NotifyEvent, except availability (which becomes `StatusReported`)."""

    component: str
    variable: str
    actual_value: str
    trigger: str | None = None
    cleared: bool = False
    evse_no: int | None = None
    connector_no: int | None = None
    at: datetime | None = None
    tech_code: str | None = None
    tech_info: str | None = None


@dataclass(slots=True)
class SecurityEventReported:
    """SecurityEventNotification."""

    type: str
    at: datetime | None = None
    tech_info: str | None = None


@dataclass(slots=True)
class DataTransferred:
    """DataTransfer from the station."""

    vendor_id: str
    message_id: str | None = None
    data: Any = None


@dataclass(slots=True)
class OtherReported:
    """A message that has no effect of its own yet: it is answered and logged."""

    action: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Connected:
    """The station's socket is open and authenticated. Made by the gateway; has no answer on the wire."""

    protocol: str
    remote_address: str | None
    security_profile: int
    epoch: int


@dataclass(slots=True)
class Disconnected:
    """The station's socket is gone. Made by the gateway; has no answer on the wire."""

    epoch: int
    reason: str | None = None


@dataclass(slots=True)
class CommandAnswered:
    """A station answered (or failed to answer) one of our CALLs. Made by the gateway.

    `status` is `accepted`, `rejected`, `failed` (CALLERROR, or the link went away) or `timed_out`;
    `reply` is the wire payload of the answer.
    """

    command_id: UUID
    status: Literal["accepted", "rejected", "failed", "timed_out"]
    reason: str | None = None
    reply: Mapping[str, Any] = field(default_factory=dict)
    variables: tuple[VariableValue, ...] = ()


Event: TypeAlias = (
    Booted | HeartbeatReceived | StatusReported | AuthorizeRequested | TransactionReported
    | MeterValuesReported | VariablesReported | ProblemReported | SecurityEventReported
    | DataTransferred | OtherReported | Connected | Disconnected | CommandAnswered
)  # fmt: skip


class Inbound(msgspec.Struct):
    """One message of one station, with all of its events (a NotifyEvent may carry several).

    `advice` is what the friends said before the transaction (`prepare`): token resolution, guarantee,
    limits. It is opaque to everybody but the package that put it there.
    """

    operator_id: UUID
    station_id: UUID
    received_at: datetime
    events: tuple[Event, ...]
    protocol: str = "ocpp1.6"
    message_id: str = ""
    action: str = ""
    epoch: int = 0
    advice: Any = None
