"""What a 2.0.1 or 2.1 station answers to each command of the server, charging profiles apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from forecourt.simulator.connector import Connector, RemoteStart, Reservation, State
from forecourt.simulator.link import Payload
from forecourt.simulator.pace import parse, stamp
from forecourt.simulator.profiles import read_v2x
from forecourt.simulator.session import remote_start
from forecourt.simulator.v2x_messages import Speaker2x

Command = Callable[[Speaker2x, Payload], Payload]

REPORT_PAGE = 20
"""Variables in one NotifyReport."""


def status(value: str, reason: str | None = None) -> Payload:
    """An answer that is a status, with a reason code if there is one to give."""
    answer: Payload = {"status": value}
    if reason is not None:
        answer["statusInfo"] = {"reasonCode": reason[:20]}
    return answer


def request_start_transaction(station: Speaker2x, payload: Payload) -> Payload:
    """RequestStartTransaction: on the named EVSE, or the first free one."""
    wanted = payload.get("evseId")
    found = [station.connector(wanted)] if wanted else list(station.connectors)
    token = payload["idToken"]
    start = RemoteStart(
        id_token=token["idToken"],
        token_type=token["type"],
        remote_start_id=payload["remoteStartId"],
        authorise=station.device.flag("AuthCtrlr", "AuthorizeRemoteStart"),
    )
    for connector in found:
        if connector is None:
            return status("Rejected", "UnknownEvse")
        kept = connector.reservation
        if kept is not None and kept.id_token != start.id_token:
            continue
        if remote_start(station, connector, start):
            profile = payload.get("chargingProfile")
            if profile is not None:
                station.profiles.add(read_v2x(connector.number, profile, station.now()))
            return status("Accepted")
    return status("Rejected", "TxInProgress")


def request_stop_transaction(station: Speaker2x, payload: Payload) -> Payload:
    """RequestStopTransaction."""
    found = station.transaction(payload["transactionId"])
    if found is None:
        return status("Rejected", "TxNotFound")
    found[1].stop("Remote")
    return status("Accepted")


def reset(station: Speaker2x, payload: Payload) -> Payload:
    """Reset of the station: Immediate, or OnIdle when the last transaction ended."""
    if payload.get("evseId"):
        return status("Rejected", "UnsupportedRequest")
    if payload["type"] == "OnIdle" and any(c.transaction for c in station.connectors):
        station.reboot_when_idle("ScheduledReset")
        return status("Scheduled")
    station.reboot("RemoteReset", hard=True)
    return status("Accepted")


def unlock_connector(station: Speaker2x, payload: Payload) -> Payload:
    """UnlockConnector: never during an authorised transaction; fails when the plug is stuck."""
    connector = station.connector(payload["evseId"])
    if connector is None or payload["connectorId"] != 1:
        return status("UnknownConnector")
    if connector.transaction is not None:
        return status("OngoingAuthorizedTransaction")
    if connector.stuck:
        return status("UnlockFailed")
    connector.leave.set()
    return status("Unlocked")


def change_availability(station: Speaker2x, payload: Payload) -> Payload:
    """ChangeAvailability of an EVSE, or of the whole station."""
    evse = payload.get("evse")
    found = [station.connector(evse["id"])] if evse else list(station.connectors)
    operative = payload["operationalStatus"] == "Operative"
    scheduled = False
    for connector in found:
        if connector is None:
            return status("Rejected", "UnknownEvse")
        connector.operative = operative
        if connector.busy:
            scheduled = scheduled or connector.transaction is not None
        elif connector.state is not State.FAULTED:
            station.set_state(connector, State.AVAILABLE if operative else State.UNAVAILABLE)
    return status("Scheduled" if scheduled and not operative else "Accepted")


def trigger_message(station: Speaker2x, payload: Payload) -> Payload:
    """TriggerMessage."""
    kind = payload["requestedMessage"]
    evse = payload.get("evse")
    found = [station.connector(evse["id"])] if evse else list(station.connectors)
    known = [connector for connector in found if connector is not None]
    if len(known) < len(found):
        return status("Rejected", "UnknownEvse")
    if kind == "BootNotification":
        boot = station.boot_payload() | {"reason": "Triggered"}
        station.say(kind, boot, early=True)
    elif kind == "Heartbeat":
        station.say(kind, {}, early=True)
    elif kind in ("FirmwareStatusNotification", "LogStatusNotification"):
        station.say(kind, {"status": "Idle"}, early=True)
    elif kind == "StatusNotification":
        for connector in known:
            station.outbox.put(station.status_entry(connector, early=True))
    elif kind == "MeterValues":
        for connector in known:
            station.outbox.put(station.meter_entry(connector))
    elif kind == "TransactionEvent":
        if not any(_tell_transaction(station, connector) for connector in known):
            return status("Rejected", "TxNotFound")
    else:
        return status("NotImplemented")
    return status("Accepted")


def _tell_transaction(station: Speaker2x, connector: Connector) -> bool:
    tx = connector.transaction
    if tx is None:
        return False
    values = station.values(connector.samples(), "TxUpdatedMeasurands", "Trigger")
    station.event(connector, tx, "Updated", "Trigger", values=[values])
    return True


def clear_cache(station: Speaker2x, payload: Payload) -> Payload:
    """ClearCache."""
    station.auth_cache.clear()
    return status("Accepted")


def get_variables(station: Speaker2x, payload: Payload) -> Payload:
    """GetVariables."""
    results = []
    for item in payload["getVariableData"]:
        variable, outcome = station.device.find(item)
        result = {"attributeStatus": outcome, "component": item["component"], "variable": item["variable"]}
        if "attributeType" in item:
            result["attributeType"] = item["attributeType"]
        if variable is not None:
            if variable.mutability == "WriteOnly":
                result["attributeStatus"] = "Rejected"
            else:
                result["attributeValue"] = variable.value
        results.append(result)
    return {"getVariableResult": results}


def set_variables(station: Speaker2x, payload: Payload) -> Payload:
    """SetVariables; a new BasicAuthPassword makes the station reconnect with it."""
    results = []
    for item in payload["setVariableData"]:
        variable, outcome = station.device.find(item)
        value = str(item["attributeValue"])
        if variable is not None:
            if variable.mutability == "ReadOnly" or not variable.accepts(value):
                outcome = "Rejected"
            else:
                variable.value = value
                outcome = "RebootRequired" if variable.reboot else "Accepted"
                _take_effect(station, variable.component, variable.name, value)
        result = {"attributeStatus": outcome, "component": item["component"], "variable": item["variable"]}
        if "attributeType" in item:
            result["attributeType"] = item["attributeType"]
        results.append(result)
    return {"setVariableResult": results}


def _take_effect(station: Speaker2x, component: str, name: str, value: str) -> None:
    if name == "HeartbeatInterval":
        station.set_heartbeat(float(value))
    elif name == "BasicAuthPassword":
        station.password = value
        station.reconnect()
    elif component == "SampledDataCtrlr":
        station.profiles_changed()


def get_base_report(station: Speaker2x, payload: Payload) -> Payload:
    """GetBaseReport: answered by NotifyReport in pages."""
    data = station.device.report(payload["reportBase"])
    if not data:
        return status("EmptyResultSet")
    _send_report(station, payload["requestId"], data)
    return status("Accepted")


def get_report(station: Speaker2x, payload: Payload) -> Payload:
    """GetReport of named components and variables; criteria are not looked at."""
    named = payload.get("componentVariable") or []
    wanted = {
        (item["component"]["name"].lower(), (item.get("variable") or {}).get("name", "").lower())
        for item in named
    }
    data = [
        entry
        for entry in station.device.report("FullInventory")
        if not wanted
        or (entry["component"]["name"].lower(), "") in wanted
        or (entry["component"]["name"].lower(), entry["variable"]["name"].lower()) in wanted
    ]
    if not data:
        return status("EmptyResultSet")
    _send_report(station, payload["requestId"], data)
    return status("Accepted")


def _send_report(station: Speaker2x, request_id: int, data: list[Payload]) -> None:
    at = stamp(station.now())
    pages = [data[start : start + REPORT_PAGE] for start in range(0, len(data), REPORT_PAGE)]
    for number, page in enumerate(pages):
        report: Payload = {
            "requestId": request_id,
            "generatedAt": at,
            "tbc": number < len(pages) - 1,
            "seqNo": number,
            "reportData": page,
        }
        station.say("NotifyReport", report, early=True)


def send_local_list(station: Speaker2x, payload: Payload) -> Payload:
    """SendLocalList: full or differential."""
    if payload["updateType"] == "Full":
        station.local_list = {}
    elif payload["versionNumber"] <= station.local_list_version:
        return status("VersionMismatch")
    for entry in payload.get("localAuthorizationList") or []:
        token = entry["idToken"]["idToken"]
        info = entry.get("idTokenInfo")
        if info is None:
            station.local_list.pop(token, None)
        else:
            station.local_list[token] = info["status"]
    station.local_list_version = payload["versionNumber"]
    station.device.set_actual("LocalAuthListCtrlr", 0, 0, "Entries", str(len(station.local_list)))
    return status("Accepted")


def get_local_list_version(station: Speaker2x, payload: Payload) -> Payload:
    """GetLocalListVersion."""
    return {"versionNumber": station.local_list_version}


def reserve_now(station: Speaker2x, payload: Payload) -> Payload:
    """ReserveNow on the named EVSE, or the first free one."""
    wanted = payload.get("evseId")
    found = [station.connector(wanted)] if wanted else list(station.connectors)
    outcome = "Rejected"
    for connector in found:
        if connector is None:
            continue
        if connector.free and connector.reservation is None:
            expires = parse(payload["expiryDateTime"])
            kept = Reservation(
                reservation_id=payload["id"], id_token=payload["idToken"]["idToken"], expires_at=expires
            )
            station.reserve(connector, kept, max(timedelta(seconds=1), expires - station.now()))
            return status("Accepted")
        names = {State.FAULTED: "Faulted", State.UNAVAILABLE: "Unavailable"}
        outcome = names.get(connector.state, "Occupied")
    return status(outcome)


def cancel_reservation(station: Speaker2x, payload: Payload) -> Payload:
    """CancelReservation."""
    return status("Accepted" if station.cancel_reservation(payload["reservationId"]) else "Rejected")


def get_transaction_status(station: Speaker2x, payload: Payload) -> Payload:
    """GetTransactionStatus."""
    waiting = any(entry.action == "TransactionEvent" for entry in station.outbox)
    key = payload.get("transactionId")
    if key is None:
        return {"messagesInQueue": waiting}
    return {"ongoingIndicator": station.transaction(key) is not None, "messagesInQueue": waiting}


def cost_updated(station: Speaker2x, payload: Payload) -> Payload:
    """CostUpdated: there is no display, but the server may tell."""
    return {}


def data_transfer(station: Speaker2x, payload: Payload) -> Payload:
    """DataTransfer: no vendor is known."""
    return {"status": "UnknownVendorId"}


def set_network_profile(station: Speaker2x, payload: Payload) -> Payload:
    """SetNetworkProfile: the one that is in use stays."""
    return status("Rejected", "UnsupportedRequest")


COMMANDS: dict[str, Command] = {
    "RequestStartTransaction": request_start_transaction,
    "RequestStopTransaction": request_stop_transaction,
    "Reset": reset,
    "UnlockConnector": unlock_connector,
    "ChangeAvailability": change_availability,
    "TriggerMessage": trigger_message,
    "ClearCache": clear_cache,
    "GetVariables": get_variables,
    "SetVariables": set_variables,
    "GetBaseReport": get_base_report,
    "GetReport": get_report,
    "SendLocalList": send_local_list,
    "GetLocalListVersion": get_local_list_version,
    "ReserveNow": reserve_now,
    "CancelReservation": cancel_reservation,
    "GetTransactionStatus": get_transaction_status,
    "CostUpdated": cost_updated,
    "DataTransfer": data_transfer,
    "SetNetworkProfile": set_network_profile,
}
