"""OCPP 1.6J ↔ neutral. Connector n of 1.6 is EVSE n, connector 1; connector 0 is the station as a whole."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from forecourt.gateway.translate.dialect import (
    Dialect,
    Outcome,
    Route,
    UnsupportedCommand,
    Wire,
    WireCall,
    constant,
    empty,
    shown,
    verdict,
    wire_time,
)
from forecourt.gateway.translate.readings import read_stamp, readings_16
from forecourt.gateway.translate.splitting import joined, split
from forecourt.stations import commands as cmd
from forecourt.stations.answers import (
    Answer,
    AuthorizeAnswer,
    BootAnswer,
    DataTransferAnswer,
    HeartbeatAnswer,
    IdTokenAnswer,
    TransactionAnswer,
)
from forecourt.stations.events import (
    AuthorizeRequested,
    Booted,
    ConnectorStatus,
    DataTransferred,
    Event,
    HeartbeatReceived,
    IdTokenRef,
    MeterValuesReported,
    SecurityEventReported,
    StatusReported,
    TransactionReported,
    VariableValue,
)

STATUS: dict[str, ConnectorStatus] = {
    "Available": "available",
    "Preparing": "preparing",
    "Charging": "charging",
    "SuspendedEVSE": "suspended_evse",
    "SuspendedEV": "suspended_ev",
    "Finishing": "finishing",
    "Reserved": "reserved",
    "Unavailable": "unavailable",
    "Faulted": "faulted",
}
TOKEN_STATUS = {
    "accepted": "Accepted",
    "blocked": "Blocked",
    "no_credit": "Blocked",
    "expired": "Expired",
    "concurrent_tx": "ConcurrentTx",
}
BOOT_RETRY_S = 60
DATA_TRANSFER = {
    "accepted": "Accepted",
    "rejected": "Rejected",
    "unknown_message_id": "UnknownMessageId",
    "unknown_vendor_id": "UnknownVendorId",
}


# Requests → events -----------------------------------------------------------------------------------


def _boot(request: Any) -> tuple[Event, ...]:
    return (
        Booted(
            vendor=request.chargePointVendor,
            model=request.chargePointModel,
            serial_number=request.chargePointSerialNumber or request.chargeBoxSerialNumber,
            firmware_version=request.firmwareVersion,
            iccid=request.iccid,
            imsi=request.imsi,
            meter_type=request.meterType,
            meter_serial_number=request.meterSerialNumber,
        ),
    )


def _heartbeat(_request: Any) -> tuple[Event, ...]:
    return (HeartbeatReceived(),)


def _status(request: Any) -> tuple[Event, ...]:
    number = max(request.connectorId, 0)
    error = request.errorCode
    return (
        StatusReported(
            evse_no=number,
            connector_no=1 if number else 0,
            status=STATUS[request.status],
            at=read_stamp(request.timestamp)[0],
            error_code=None if error == "NoError" else error,
            info=request.info,
            vendor_id=request.vendorId,
            vendor_error_code=request.vendorErrorCode,
        ),
    )


def _authorize(request: Any) -> tuple[Event, ...]:
    return (AuthorizeRequested(IdTokenRef(request.idTag)),)


def _reservation(number: int | None) -> int | None:
    return number if number and number > 0 else None


def _start(request: Any) -> tuple[Event, ...]:
    stamp, raw = read_stamp(request.timestamp)
    return (
        TransactionReported(
            kind="started",
            transaction=None,
            at=stamp,
            raw_stamp=raw,
            evse_no=request.connectorId,
            connector_no=1,
            id_token=IdTokenRef(request.idTag),
            reservation_no=_reservation(request.reservationId),
            meter_start_wh=Decimal(request.meterStart),
        ),
    )


def _stop(request: Any) -> tuple[Event, ...]:
    stamp, raw = read_stamp(request.timestamp)
    return (
        TransactionReported(
            kind="ended",
            transaction=str(request.transactionId),
            at=stamp,
            raw_stamp=raw,
            id_token=IdTokenRef(request.idTag) if request.idTag else None,
            stopped_reason=request.reason or "Local",
            meter_stop_wh=Decimal(request.meterStop),
            readings=readings_16(request.transactionData or ()),
        ),
    )


def _meter_values(request: Any) -> tuple[Event, ...]:
    transaction = request.transactionId
    return (
        MeterValuesReported(
            max(request.connectorId, 0),
            str(transaction) if transaction is not None and transaction > 0 else None,
            readings_16(request.meterValue),
        ),
    )


def _security_event(request: Any) -> tuple[Event, ...]:
    return (SecurityEventReported(request.type, read_stamp(request.timestamp)[0], request.techInfo),)


def _data_transfer(request: Any) -> tuple[Event, ...]:
    return (DataTransferred(request.vendorId, request.messageId, request.data),)


# Answers → responses ---------------------------------------------------------------------------------


def boot_answer(answer: Answer | None, _request: Any, now: datetime) -> Wire:
    """BootNotification, the same in every version. Nobody answered: wait."""
    if not isinstance(answer, BootAnswer):
        return {"status": "Pending", "currentTime": wire_time(now), "interval": BOOT_RETRY_S}
    return {
        "status": answer.status.capitalize(),
        "currentTime": wire_time(answer.current_time),
        "interval": answer.interval_s,
    }


def heartbeat_answer(answer: Answer | None, _request: Any, now: datetime) -> Wire:
    """Heartbeat, the same in every version."""
    return {"currentTime": wire_time(answer.current_time if isinstance(answer, HeartbeatAnswer) else now)}


def data_transfer_answer(answer: Answer | None, _request: Any, _now: datetime) -> Wire:
    """DataTransfer, the same in every version."""
    return {
        "status": DATA_TRANSFER[answer.status]
        if isinstance(answer, DataTransferAnswer)
        else "UnknownVendorId"
    }


def _id_tag_info(answer: IdTokenAnswer | None) -> Wire:
    if answer is None:
        return {"status": "Invalid"}
    info: Wire = {"status": TOKEN_STATUS.get(answer.status, "Invalid")}
    if answer.expires_at is not None:
        info["expiryDate"] = wire_time(answer.expires_at)
    if answer.group and len(answer.group) <= 20:
        info["parentIdTag"] = answer.group
    return info


def _authorize_answer(answer: Answer | None, _request: Any, _now: datetime) -> Wire:
    return {"idTagInfo": _id_tag_info(answer.id_token if isinstance(answer, AuthorizeAnswer) else None)}


def _start_answer(answer: Answer | None, _request: Any, _now: datetime) -> Wire:
    if isinstance(answer, TransactionAnswer) and answer.transaction is not None:
        return {"transactionId": int(answer.transaction), "idTagInfo": _id_tag_info(answer.id_token)}
    # Nobody who parks messages gave an id: energy may flow, so the station needs a number of no session of ours.
    return {
        "transactionId": 2_000_000_000 + secrets.randbelow(147_000_000),
        "idTagInfo": {"status": "Accepted"},
    }


def _stop_answer(answer: Answer | None, request: Any, _now: datetime) -> Wire:
    if (
        getattr(request, "idTag", None)
        and isinstance(answer, TransactionAnswer)
        and answer.id_token is not None
    ):
        return {"idTagInfo": _id_tag_info(answer.id_token)}
    return {}


ROUTES: dict[str, Route] = {
    "BootNotification": Route(_boot, boot_answer),
    "Heartbeat": Route(_heartbeat, heartbeat_answer),
    "StatusNotification": Route(_status, empty),
    "Authorize": Route(_authorize, _authorize_answer),
    "StartTransaction": Route(_start, _start_answer),
    "StopTransaction": Route(_stop, _stop_answer),
    "MeterValues": Route(_meter_values, empty),
    "SecurityEventNotification": Route(_security_event, empty),
    "DataTransfer": Route(_data_transfer, data_transfer_answer),
}
DEFAULTS = {"SignCertificate": constant(status="Rejected")}


# Commands → calls ------------------------------------------------------------------------------------


def _with_connector(payload: Wire, number: int | None) -> Wire:
    if number is not None:
        payload["connectorId"] = number
    return payload


def write_command(command: cmd.Command) -> Sequence[WireCall]:
    """The calls of a command, in order.

    Raises:
        UnsupportedCommand: 1.6 has no such thing, or the transaction id is not a number.
    """
    match command:
        case cmd.RemoteStart():
            payload = _with_connector({"idTag": command.id_token.value[:20]}, command.evse_no)
            return (WireCall("RemoteStartTransaction", payload),)
        case cmd.RemoteStop():
            try:
                number = int(command.transaction)
            except ValueError:
                raise UnsupportedCommand(
                    f"{command.transaction!r} is not an OCPP 1.6 transaction id"
                ) from None
            return (WireCall("RemoteStopTransaction", {"transactionId": number}),)
        case cmd.Reset():
            return (WireCall("Reset", {"type": "Hard" if command.hard else "Soft"}),)
        case cmd.UnlockConnector():
            return (WireCall("UnlockConnector", {"connectorId": command.evse_no}),)
        case cmd.ChangeAvailability():
            kind = "Operative" if command.operative else "Inoperative"
            return (WireCall("ChangeAvailability", {"connectorId": command.evse_no or 0, "type": kind}),)
        case cmd.TriggerMessage():
            payload = _with_connector({"requestedMessage": command.message}, command.evse_no)
            return (WireCall("TriggerMessage", payload),)
        case cmd.ClearCache():
            return (WireCall("ClearCache", {}),)
        case cmd.GetVariables():
            parts = split([ref.variable for ref in command.variables], command.limits)
            return tuple(WireCall("GetConfiguration", {"key": part}) for part in parts) or (
                WireCall("GetConfiguration", {}),
            )
        case cmd.SetVariables():
            return tuple(
                WireCall("ChangeConfiguration", {"key": ref.variable, "value": value})
                for ref, value in command.values
            )
        case cmd.RawCall():
            return (WireCall(command.action, dict(command.payload)),)
    raise UnsupportedCommand(f"OCPP 1.6 has no {type(command).__name__}", command=type(command).__name__)


def read_reply(command: cmd.Command, call: WireCall, reply: Wire, outcome: Outcome) -> None:
    """Take the answer to one call into the command's outcome."""
    outcome.reply = joined(outcome.reply, reply)
    if call.action == "GetConfiguration":
        for entry in reply.get("configurationKey") or ():
            mutability = "ReadOnly" if entry.get("readonly") else "ReadWrite"
            outcome.variables.append(
                VariableValue(
                    "", entry["key"], shown(entry["key"], entry.get("value")), mutability=mutability
                )
            )
        unknown = outcome.reply.get("unknownKey") or ()
        if unknown and isinstance(command, cmd.GetVariables):
            outcome.reason = "UnknownKey: " + ", ".join(str(key) for key in unknown[:20])
            outcome.status = "accepted" if outcome.variables else "rejected"
    elif call.action == "ChangeConfiguration":
        status = reply.get("status")
        if status in ("Accepted", "RebootRequired"):
            outcome.variables.append(
                VariableValue("", call.payload["key"], shown(call.payload["key"], call.payload["value"]))
            )
            if status == "RebootRequired" and outcome.status == "accepted":
                outcome.reason = "RebootRequired"
        else:
            outcome.reject(f"{call.payload.get('key')}: {status}")
    elif call.action == "UnlockConnector":
        verdict(outcome, reply, ("Unlocked",))
        if outcome.reason == "Unlocked":
            outcome.reason = None
    else:
        verdict(outcome, reply, ("Accepted", "Scheduled"))


V16 = Dialect(ROUTES, DEFAULTS, write_command, read_reply, ordered_boot=False)

__all__ = ["V16", "boot_answer", "data_transfer_answer", "heartbeat_answer"]
