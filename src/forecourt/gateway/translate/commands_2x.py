"""Commands ↔ the calls of OCPP 2.0.1 and 2.1, and what their answers amount to."""

from __future__ import annotations

from collections.abc import Sequence

from forecourt.gateway.translate.dialect import Outcome, UnsupportedCommand, Wire, WireCall, shown, verdict
from forecourt.gateway.translate.splitting import joined, split
from forecourt.stations import commands as cmd
from forecourt.stations.events import IdTokenRef, VariableValue


def _evse(evse_no: int | None, connector_no: int | None = None) -> Wire:
    if evse_no is None:
        return {}
    evse: Wire = {"id": evse_no}
    if connector_no is not None:
        evse["connectorId"] = connector_no
    return {"evse": evse}


def _component(ref: cmd.VariableRef) -> Wire:
    component: Wire = {"name": ref.component, **_evse(ref.evse_no, ref.connector_no)}
    if ref.component_instance:
        component["instance"] = ref.component_instance
    variable: Wire = {"name": ref.variable}
    if ref.variable_instance:
        variable["instance"] = ref.variable_instance
    attribute = {} if ref.attribute == "Actual" else {"attributeType": ref.attribute}
    return {"component": component, "variable": variable, **attribute}


def _id_token(token: IdTokenRef) -> Wire:
    wire: Wire = {"idToken": token.value, "type": token.type or "Central"}
    if token.additional:
        wire["additionalInfo"] = [
            {"type": kind, "additionalIdToken": value} for kind, value in token.additional
        ]
    return wire


def write_command(command: cmd.Command) -> Sequence[WireCall]:
    """The calls of a command, in order. Raises `UnsupportedCommand` for an empty list of variables."""
    match command:
        case cmd.RemoteStart():
            payload: Wire = {"idToken": _id_token(command.id_token), "remoteStartId": command.remote_start_no}
            if command.evse_no is not None:
                payload["evseId"] = command.evse_no
            return (WireCall("RequestStartTransaction", payload),)
        case cmd.RemoteStop():
            return (WireCall("RequestStopTransaction", {"transactionId": command.transaction}),)
        case cmd.Reset():
            payload = {"type": "Immediate" if command.hard else "OnIdle"}
            if command.evse_no is not None:
                payload["evseId"] = command.evse_no
            return (WireCall("Reset", payload),)
        case cmd.UnlockConnector():
            return (
                WireCall("UnlockConnector", {"evseId": command.evse_no, "connectorId": command.connector_no}),
            )
        case cmd.ChangeAvailability():
            status = "Operative" if command.operative else "Inoperative"
            place = _evse(command.evse_no, command.connector_no)
            return (WireCall("ChangeAvailability", {"operationalStatus": status, **place}),)
        case cmd.TriggerMessage():
            place = _evse(command.evse_no, command.connector_no)
            return (WireCall("TriggerMessage", {"requestedMessage": command.message, **place}),)
        case cmd.ClearCache():
            return (WireCall("ClearCache", {}),)
        case cmd.GetVariables() if command.variables:
            wanted = split([_component(ref) for ref in command.variables], command.limits)
            return tuple(WireCall("GetVariables", {"getVariableData": part}) for part in wanted)
        case cmd.SetVariables() if command.values:
            data = [{**_component(ref), "attributeValue": value} for ref, value in command.values]
            parts = split(data, command.limits)
            return tuple(WireCall("SetVariables", {"setVariableData": part}) for part in parts)
        case cmd.GetBaseReport():
            payload = {"requestId": command.request_no, "reportBase": command.report}
            return (WireCall("GetBaseReport", payload),)
        case cmd.RawCall():
            return (WireCall(command.action, dict(command.payload)),)
    raise UnsupportedCommand(f"OCPP 2.x cannot express {command!r}", command=type(command).__name__)


def _value(result: Wire, value: str | None) -> VariableValue:
    component, variable = result["component"], result["variable"]
    evse = component.get("evse") or {}
    return VariableValue(
        component["name"],
        variable["name"],
        shown(variable["name"], value),
        component.get("instance"),
        variable.get("instance"),
        evse.get("id"),
        evse.get("connectorId"),
        result.get("attributeType") or "Actual",
    )


def read_reply(command: cmd.Command, call: WireCall, reply: Wire, outcome: Outcome) -> None:
    """Take the answer to one call into the command's outcome."""
    outcome.reply = joined(outcome.reply, reply)
    if call.action == "GetVariables":
        for result in reply.get("getVariableResult") or ():
            if result.get("attributeStatus") == "Accepted":
                outcome.variables.append(_value(result, result.get("attributeValue")))
            else:
                outcome.reject(f"{result['variable']['name']}: {result.get('attributeStatus')}")
    elif call.action == "SetVariables":
        asked = call.payload.get("setVariableData") or []
        for position, result in enumerate(reply.get("setVariableResult") or ()):
            status, name = result.get("attributeStatus"), result["variable"]["name"]
            if status not in ("Accepted", "RebootRequired"):
                outcome.reject(f"{name}: {status}")
                continue
            if status == "RebootRequired" and outcome.status == "accepted":
                outcome.reason = "RebootRequired"
            written = _asked_value(asked, position, result)
            if written is not None:
                outcome.variables.append(_value(result, written))
    elif call.action == "UnlockConnector":
        verdict(outcome, reply, ("Unlocked",))
        if outcome.reason == "Unlocked":
            outcome.reason = None
    elif call.action in ("GetBaseReport", "GetReport", "GetMonitoringReport"):
        verdict(outcome, reply, ("Accepted", "EmptyResultSet"))
    else:
        verdict(outcome, reply, ("Accepted", "Scheduled"))


def _asked_value(asked: Sequence[Wire], position: int, result: Wire) -> str | None:
    """What we asked to write: results need not come in the order of the request."""
    same = [
        one
        for one in asked
        if one["component"]["name"] == result["component"]["name"]
        and one["variable"]["name"] == result["variable"]["name"]
    ]
    if len(same) == 1:
        return str(same[0]["attributeValue"])
    return str(asked[position]["attributeValue"]) if position < len(asked) else None
