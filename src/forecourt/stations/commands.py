"""What a station is told, in words that hold for every OCPP version, and the port that tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias
from uuid import UUID

from forecourt.stations.events import IdTokenRef


@dataclass(slots=True, frozen=True)
class RemoteStart:
    id_token: IdTokenRef
    evse_no: int | None
    remote_start_no: int


@dataclass(slots=True, frozen=True)
class RemoteStop:
    transaction: str


@dataclass(slots=True, frozen=True)
class Reset:
    """`hard` is 1.6 Hard and 2.x Immediate; otherwise 1.6 Soft and 2.x OnIdle."""

    hard: bool = False
    evse_no: int | None = None


@dataclass(slots=True, frozen=True)
class UnlockConnector:
    evse_no: int
    connector_no: int = 1


@dataclass(slots=True, frozen=True)
class ChangeAvailability:
    operative: bool
    evse_no: int | None = None
    connector_no: int | None = None


@dataclass(slots=True, frozen=True)
class TriggerMessage:
    message: str
    evse_no: int | None = None
    connector_no: int | None = None


@dataclass(slots=True, frozen=True)
class ClearCache:
    pass


@dataclass(slots=True, frozen=True)
class VariableRef:
    """For 1.6 the component is `""` and the variable is the configuration key."""

    component: str
    variable: str
    component_instance: str | None = None
    variable_instance: str | None = None
    evse_no: int | None = None
    connector_no: int | None = None
    attribute: str = "Actual"


@dataclass(slots=True, frozen=True)
class Limits:
    """What the station takes in one request, as far as it said: so many items, so many bytes."""

    items: int | None = None
    octets: int | None = None


@dataclass(slots=True, frozen=True)
class GetVariables:
    """1.6 GetConfiguration (no variables: all keys) or 2.x GetVariables; several CALLs within the limits."""

    variables: tuple[VariableRef, ...] = ()
    limits: Limits = Limits()


@dataclass(slots=True, frozen=True)
class SetVariables:
    """1.6 ChangeConfiguration, one CALL per key, or 2.x SetVariables; several CALLs within the limits."""

    values: tuple[tuple[VariableRef, str], ...]
    limits: Limits = Limits()


@dataclass(slots=True, frozen=True)
class GetBaseReport:
    """2.x only."""

    report: Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]
    request_no: int


@dataclass(slots=True, frozen=True)
class RawCall:
    """Any action with a payload as it goes on the wire."""

    action: str
    payload: Mapping[str, Any] = field(default_factory=dict)


Command: TypeAlias = (
    RemoteStart | RemoteStop | Reset | UnlockConnector | ChangeAvailability | TriggerMessage | ClearCache
    | GetVariables | SetVariables | GetBaseReport | RawCall
)  # fmt: skip


class Stations(Protocol):
    """Tell a station something. The gateway's adapter routes it to the node that holds the socket."""

    async def send(
        self, *, operator_id: UUID, station_id: UUID, command_id: UUID, command: Command, timeout_s: float
    ) -> bool:
        """Hand the command over. True once it is on its way; False when nobody holds the station's socket.

        The outcome comes later as the event `CommandAnswered`, in the order of the station's messages.
        """
        ...

    async def disconnect(self, *, station_id: UUID, reason: str) -> None:
        """Close the station's socket wherever it is (a credential was revoked)."""
        ...
