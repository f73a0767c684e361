"""OCPP 2.0.1 and 2.1 ↔ neutral. The two share their messages; 2.1 adds fields, actions and open enumerations."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from forecourt.gateway.translate.commands_2x import read_reply, write_command
from forecourt.gateway.translate.dialect import (
    Dialect,
    Route,
    Wire,
    constant,
    empty,
    shown,
    to_wire,
    wire_time,
)
from forecourt.gateway.translate.readings import read_stamp, readings_2x
from forecourt.gateway.translate.v16 import boot_answer, data_transfer_answer, heartbeat_answer
from forecourt.stations.answers import (
    Answer,
    AuthorizeAnswer,
    IdTokenAnswer,
    TransactionAnswer,
    TransactionLimits,
)
from forecourt.stations.events import (
    AuthorizeRequested,
    Booted,
    ChargingState,
    ConnectorStatus,
    DataTransferred,
    Event,
    HeartbeatReceived,
    IdTokenRef,
    MeterValuesReported,
    ProblemReported,
    SecurityEventReported,
    StatusReported,
    TransactionReported,
    VariablesReported,
    VariableValue,
)

STATUS: dict[str, ConnectorStatus] = {
    "available": "available",
    "occupied": "occupied",
    "reserved": "reserved",
    "unavailable": "unavailable",
    "faulted": "faulted",
}
CHARGING_STATE: dict[str, ChargingState] = {
    "Charging": "charging",
    "EVConnected": "ev_connected",
    "SuspendedEV": "suspended_ev",
    "SuspendedEVSE": "suspended_evse",
    "Idle": "idle",
}
TOKEN_STATUS = {
    "accepted": "Accepted",
    "blocked": "Blocked",
    "concurrent_tx": "ConcurrentTx",
    "expired": "Expired",
    "invalid": "Invalid",
    "no_credit": "NoCredit",
    "not_allowed_type_evse": "NotAllowedTypeEVSE",
    "not_at_this_location": "NotAtThisLocation",
    "not_at_this_time": "NotAtThisTime",
    "unknown": "Unknown",
}


# Requests → events -----------------------------------------------------------------------------------


def _token(token: Any) -> IdTokenRef | None:
    if token is None:
        return None
    return IdTokenRef(
        token.idToken,
        token.type,
        tuple((info.type, info.additionalIdToken) for info in token.additionalInfo or ()),
    )


def _boot(request: Any) -> tuple[Event, ...]:
    station = request.chargingStation
    modem = station.modem
    return (
        Booted(
            vendor=station.vendorName,
            model=station.model,
            serial_number=station.serialNumber,
            firmware_version=station.firmwareVersion,
            iccid=modem.iccid if modem else None,
            imsi=modem.imsi if modem else None,
            reason=request.reason,
        ),
    )


def _heartbeat(_request: Any) -> tuple[Event, ...]:
    return (HeartbeatReceived(),)


def _status(request: Any) -> tuple[Event, ...]:
    return (
        StatusReported(
            evse_no=max(request.evseId, 0),
            connector_no=max(request.connectorId, 0) if request.evseId > 0 else 0,
            status=STATUS[request.connectorStatus.lower()],
            at=read_stamp(request.timestamp)[0],
        ),
    )


def _authorize(request: Any) -> tuple[Event, ...]:
    token = _token(request.idToken)
    assert token is not None
    return (AuthorizeRequested(token),)


def _transaction(request: Any) -> tuple[Event, ...]:
    info, evse = request.transactionInfo, request.evse
    stamp, raw = read_stamp(request.timestamp)
    reservation = request.reservationId
    return (
        TransactionReported(
            kind=request.eventType.lower(),
            transaction=info.transactionId,
            at=stamp,
            raw_stamp=raw,
            seq_no=request.seqNo,
            trigger=request.triggerReason,
            offline=bool(request.offline),
            evse_no=evse.id if evse is not None else None,
            connector_no=evse.connectorId if evse is not None else None,
            id_token=_token(request.idToken),
            charging_state=CHARGING_STATE.get(info.chargingState) if info.chargingState else None,
            stopped_reason=info.stoppedReason or ("Local" if request.eventType == "Ended" else None),
            remote_start_no=info.remoteStartId,
            reservation_no=reservation if reservation and reservation > 0 else None,
            readings=readings_2x(request.meterValue) if request.meterValue else (),
        ),
    )


def _meter_values(request: Any) -> tuple[Event, ...]:
    return (MeterValuesReported(max(request.evseId, 0), None, readings_2x(request.meterValue)),)


def _place(component: Any) -> tuple[int | None, int | None]:
    evse = component.evse
    return (None, None) if evse is None else (evse.id, evse.connectorId)


def _report(request: Any) -> tuple[Event, ...]:
    values: list[VariableValue] = []
    for data in request.reportData or ():
        evse_no, connector_no = _place(data.component)
        facts = data.variableCharacteristics
        values += [
            VariableValue(
                component=data.component.name,
                variable=data.variable.name,
                value=shown(data.variable.name, attribute.value),
                component_instance=data.component.instance,
                variable_instance=data.variable.instance,
                evse_no=evse_no,
                connector_no=connector_no,
                attribute=attribute.type or "Actual",
                mutability=attribute.mutability or "ReadWrite",
                data_type=facts.dataType if facts else None,
                unit=facts.unit if facts else None,
            )
            for attribute in data.variableAttribute
        ]
    return (VariablesReported(request.requestId, request.seqNo, bool(request.tbc), tuple(values)),)


def _notify_event(request: Any) -> tuple[Event, ...]:
    events: list[Event] = []
    for data in request.eventData:
        evse_no, connector_no = _place(data.component)
        stamp = read_stamp(data.timestamp)[0]
        status = (
            STATUS.get(data.actualValue.lower())
            if data.variable.name.lower() == "availabilitystate"
            else None
        )
        if status is not None:
            number = evse_no or 0
            events.append(StatusReported(number, (connector_no or 1) if number else 0, status, stamp))
            continue
        events.append(
            ProblemReported(
                component=data.component.name,
                variable=data.variable.name,
                actual_value=data.actualValue,
                trigger=data.trigger,
                cleared=bool(data.cleared),
                evse_no=evse_no,
                connector_no=connector_no,
                at=stamp,
                tech_code=data.techCode,
                tech_info=data.techInfo,
            )
        )
    return tuple(events)


def _security_event(request: Any) -> tuple[Event, ...]:
    return (SecurityEventReported(request.type, read_stamp(request.timestamp)[0], request.techInfo),)


def _data_transfer(request: Any) -> tuple[Event, ...]:
    return (DataTransferred(request.vendorId, request.messageId, request.data),)


# Answers → responses ---------------------------------------------------------------------------------


def _id_token_info(answer: IdTokenAnswer) -> Wire:
    info: Wire = {"status": TOKEN_STATUS[answer.status]}
    if answer.expires_at is not None:
        info["cacheExpiryDateTime"] = wire_time(answer.expires_at)
    if answer.group and len(answer.group) <= 36:
        info["groupIdToken"] = {"idToken": answer.group, "type": "Central"}
    if answer.language:
        info["language1"] = answer.language[:8]
    if answer.message:
        content: Wire = {"format": "UTF8", "content": answer.message[:512]}
        if answer.language:
            content["language"] = answer.language[:8]
        info["personalMessage"] = content
    return info


def _authorize_answer(answer: Answer | None, _request: Any, _now: datetime) -> Wire:
    if isinstance(answer, AuthorizeAnswer):
        return {"idTokenInfo": _id_token_info(answer.id_token)}
    return {"idTokenInfo": {"status": "Unknown"}}


def _transaction_answer(answer: Answer | None, request: Any, _now: datetime) -> Wire:
    if not isinstance(answer, TransactionAnswer):
        return {}
    payload: Wire = {}
    if answer.total_cost is not None:
        # 0 says "free", so a cost is never rounded to it by accident.
        payload["totalCost"] = _number(answer.total_cost)
    if answer.id_token is not None and getattr(request, "idToken", True) is not None:
        payload["idTokenInfo"] = _id_token_info(answer.id_token)
    return payload


def _number(value: Decimal) -> msgspec.Raw:
    """A JSON number without exponent, exact."""
    return msgspec.Raw(format(value, "f").encode())


def _limits(limits: TransactionLimits) -> Wire:
    """`TransactionLimitType` (2.1 E16): a limit in whole percent is rounded down, so that it is never passed."""
    wire: Wire = {}
    if limits.cost is not None:
        wire["maxCost"] = _number(limits.cost)
    if limits.energy_wh is not None:
        wire["maxEnergy"] = _number(limits.energy_wh)
    if limits.duration_s is not None:
        wire["maxTime"] = limits.duration_s
    if limits.soc_percent is not None:
        wire["maxSoC"] = min(max(int(limits.soc_percent), 0), 100)
    return wire


def _transaction_answer_21(answer: Answer | None, request: Any, now: datetime) -> Wire:
    payload = _transaction_answer(answer, request, now)
    if isinstance(answer, TransactionAnswer) and answer.limits is not None:
        limits = _limits(answer.limits)
        if limits:
            payload["transactionLimit"] = limits
    return payload


def _chain_status_answer(_answer: Answer | None, request: Any, now: datetime) -> Wire:
    """2.1 GetCertificateChainStatus: we cannot ask the responders (yet), for each certificate."""
    asked = to_wire(request).get("certificateStatusRequests") or []
    return {
        "certificateStatus": [
            {
                "certificateHashData": one["certificateHashData"],
                "source": one["source"],
                "status": "Failed",
                "nextUpdate": wire_time(now + timedelta(hours=1)),
            }
            for one in asked
        ]
    }


def _vat_answer(_answer: Answer | None, request: Any, _now: datetime) -> Wire:
    return {"vatNumber": getattr(request, "vatNumber", ""), "status": "Rejected"}


ROUTES_201: dict[str, Route] = {
    "BootNotification": Route(_boot, boot_answer),
    "Heartbeat": Route(_heartbeat, heartbeat_answer),
    "StatusNotification": Route(_status, empty),
    "Authorize": Route(_authorize, _authorize_answer),
    "TransactionEvent": Route(_transaction, _transaction_answer),
    "MeterValues": Route(_meter_values, empty),
    "NotifyReport": Route(_report, empty),
    "NotifyEvent": Route(_notify_event, empty),
    "SecurityEventNotification": Route(_security_event, empty),
    "DataTransfer": Route(_data_transfer, data_transfer_answer),
}
ROUTES_21 = {**ROUTES_201, "TransactionEvent": Route(_transaction, _transaction_answer_21)}
DEFAULTS_201 = {
    "SignCertificate": constant(status="Rejected"),
    "Get15118EVCertificate": constant(status="Failed", exiResponse=""),
    "GetCertificateStatus": constant(status="Failed"),
    "NotifyEVChargingNeeds": constant(status="Rejected"),
    "NotifyEVChargingSchedule": constant(status="Accepted"),
}
DEFAULTS_21 = {
    **DEFAULTS_201,
    "GetCertificateChainStatus": _chain_status_answer,
    "OpenPeriodicEventStream": constant(status="Rejected"),
    "PullDynamicScheduleUpdate": constant(status="Rejected"),
    "NotifyEVChargingNeeds": constant(status="NoChargingProfile"),
    "VatNumberValidation": _vat_answer,
}


V201 = Dialect(ROUTES_201, DEFAULTS_201, write_command, read_reply, ordered_boot=True)
V21 = Dialect(ROUTES_21, DEFAULTS_21, write_command, read_reply, ordered_boot=True)

__all__ = ["V21", "V201"]
