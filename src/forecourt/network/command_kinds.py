"""Every kind of command: its parameters, as the API takes them, and what it becomes in `stations`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecourt.network.errors import CommandNotSupported, InvalidParameters, UnknownCommand
from forecourt.stations import commands
from forecourt.stations.events import IdTokenRef

SECRET_VARIABLES = frozenset({"authorizationkey", "basicauthpassword"})
MASK = "***"


class Parameters(BaseModel):
    """Base of all parameters: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class RemoteStart(Parameters):
    """Begin charging for a token. Give `evse_no`, or let the API find it from an EVSE's id."""

    id_token: str = Field(min_length=1, max_length=255, examples=["04A2B3C4"])
    id_token_type: str | None = Field(default=None, examples=["rfid"])
    evse_no: int | None = Field(default=None, ge=1)


class RemoteStop(Parameters):
    """End a transaction; `transaction` is the id that the charger knows."""

    transaction: str = Field(min_length=1, max_length=64, examples=["4711"])


class Reset(Parameters):
    """Restart the station, or one EVSE (2.x). `soft` waits until it is idle."""

    type: Literal["soft", "hard"] = "soft"
    evse_no: int | None = Field(default=None, ge=1)


class UnlockConnector(Parameters):
    """Release the plug."""

    evse_no: int = Field(ge=1)
    connector_no: int = Field(default=1, ge=1)


class ChangeAvailability(Parameters):
    """Put the station, an EVSE or a connector in or out of service."""

    operative: bool
    evse_no: int | None = Field(default=None, ge=1)
    connector_no: int | None = Field(default=None, ge=1)


class TriggerMessage(Parameters):
    """Ask the station to send a message now."""

    message: str = Field(min_length=1, max_length=50, examples=["StatusNotification"])
    evse_no: int | None = Field(default=None, ge=1)
    connector_no: int | None = Field(default=None, ge=1)


class ClearCache(Parameters):
    """Forget the authorisation cache."""


class Variable(Parameters):
    """One variable; for OCPP 1.6 leave `component` empty, `variable` is the key."""

    component: str = Field(default="", max_length=50)
    variable: str = Field(min_length=1, max_length=50, examples=["HeartbeatInterval"])
    component_instance: str | None = None
    variable_instance: str | None = None
    evse_no: int | None = None
    connector_no: int | None = None
    attribute: str = "Actual"

    def reference(self) -> commands.VariableRef:
        """As `stations` names it."""
        return commands.VariableRef(
            component=self.component,
            variable=self.variable,
            component_instance=self.component_instance,
            variable_instance=self.variable_instance,
            evse_no=self.evse_no,
            connector_no=self.connector_no,
            attribute=self.attribute,
        )


class VariableSetting(Variable):
    """A variable and the value to give it."""

    value: str = Field(max_length=2500, examples=["300"])


class GetVariables(Parameters):
    """Read variables; none named means all (1.6 only)."""

    variables: list[Variable] = Field(default_factory=list, max_length=500)


class SetVariables(Parameters):
    """Write variables."""

    values: list[VariableSetting] = Field(min_length=1, max_length=100)


class GetBaseReport(Parameters):
    """Ask for a report of the device model (2.x)."""

    report: Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"] = "FullInventory"


class Raw(Parameters):
    """Any action, with its payload as it goes on the wire."""

    action: str = Field(min_length=1, max_length=50, examples=["GetLocalListVersion"])
    payload: dict[str, Any] = Field(default_factory=dict)


def _start(p: RemoteStart, number: int) -> commands.Command:
    return commands.RemoteStart(IdTokenRef(p.id_token, p.id_token_type), p.evse_no, number)


def _set(p: SetVariables, number: int) -> commands.Command:
    return commands.SetVariables(tuple((v.reference(), v.value) for v in p.values))


_Build = Callable[[Any, int], commands.Command]
KINDS: dict[str, tuple[type[Parameters], _Build]] = {
    "remote-start": (RemoteStart, _start),
    "remote-stop": (RemoteStop, lambda p, n: commands.RemoteStop(p.transaction)),
    "reset": (Reset, lambda p, n: commands.Reset(hard=p.type == "hard", evse_no=p.evse_no)),
    "unlock-connector": (UnlockConnector, lambda p, n: commands.UnlockConnector(p.evse_no, p.connector_no)),
    "change-availability": (
        ChangeAvailability,
        lambda p, n: commands.ChangeAvailability(p.operative, p.evse_no, p.connector_no),
    ),
    "trigger-message": (
        TriggerMessage,
        lambda p, n: commands.TriggerMessage(p.message, p.evse_no, p.connector_no),
    ),
    "clear-cache": (ClearCache, lambda p, n: commands.ClearCache()),
    "get-variables": (
        GetVariables,
        lambda p, n: commands.GetVariables(tuple(v.reference() for v in p.variables)),
    ),
    "set-variables": (SetVariables, _set),
    "get-base-report": (GetBaseReport, lambda p, n: commands.GetBaseReport(p.report, n)),
    "raw": (Raw, lambda p, n: commands.RawCall(p.action, p.payload)),
}
_ONLY_2X = frozenset({"get-base-report"})


def read_parameters(kind: str, params: Mapping[str, Any], *, protocol: str | None = None) -> Parameters:
    """Check the parameters of a kind.

    Raises:
        UnknownCommand, InvalidParameters.
        CommandNotSupported: the station's OCPP version cannot do it.
    """
    if kind not in KINDS:
        raise UnknownCommand(f"there is no command {kind!r}; there are {', '.join(sorted(KINDS))}", kind=kind)
    if kind in _ONLY_2X and protocol == "ocpp1.6":
        raise CommandNotSupported(f"{kind} is not part of OCPP 1.6", kind=kind, protocol=protocol)
    try:
        return KINDS[kind][0].model_validate(dict(params))
    except ValidationError as error:
        problems = [{"at": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in error.errors()]
        told = "; ".join(": ".join(filter(None, problem.values())) for problem in problems)
        raise InvalidParameters(f"{kind}: {told}", kind=kind, problems=problems) from error


def build_command(kind: str, parameters: Parameters, *, number: int) -> commands.Command:
    """What `Stations.send` takes; `number` becomes `remoteStartId` or `requestId`."""
    return KINDS[kind][1](parameters, number)


def masked(value: Any) -> Any:
    """The same JSON with passwords replaced, for what is stored and shown."""
    if isinstance(value, list):
        return [masked(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    named = value.get("variable", value.get("key"))
    name = named.get("name") if isinstance(named, Mapping) else named
    secret = isinstance(name, str) and name.lower() in SECRET_VARIABLES
    return {
        key: MASK
        if (secret and key in ("value", "attributeValue")) or "password" in str(key).lower()
        else masked(item)
        for key, item in value.items()
    }
