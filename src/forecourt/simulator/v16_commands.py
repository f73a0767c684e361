"""What a 1.6 station answers to each command of the server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from forecourt.simulator.connector import Connector, RemoteStart, Reservation, State
from forecourt.simulator.link import Payload
from forecourt.simulator.outbox import Pending
from forecourt.simulator.pace import parse, stamp
from forecourt.simulator.profiles import TX, VOLTS, read_v16
from forecourt.simulator.session import remote_start
from forecourt.simulator.v16_messages import Speaker16

Command = Callable[[Speaker16, Payload], Payload]


def status(value: str) -> Payload:
    """An answer that is nothing but a status."""
    return {"status": value}


def remote_start_transaction(station: Speaker16, payload: Payload) -> Payload:
    """RemoteStartTransaction: on the named connector, or the first free one."""
    wanted = payload.get("connectorId")
    found = [station.connector(wanted)] if wanted else list(station.connectors)
    start = RemoteStart(id_token=payload["idTag"], authorise=station.config.flag("AuthorizeRemoteTxRequests"))
    for connector in found:
        if connector is not None and _may_use(connector, start.id_token):
            profile = payload.get("chargingProfile")
            if remote_start(station, connector, start):
                if profile is not None:
                    station.profiles.add(read_v16(connector.number, profile, station.now()))
                return status("Accepted")
    return status("Rejected")


def _may_use(connector: Connector, id_token: str) -> bool:
    kept = connector.reservation
    return kept is None or kept.id_token == id_token


def remote_stop_transaction(station: Speaker16, payload: Payload) -> Payload:
    """RemoteStopTransaction."""
    found = station.transaction(str(payload["transactionId"]))
    if found is None:
        return status("Rejected")
    found[1].stop("Remote")
    return status("Accepted")


def reset(station: Speaker16, payload: Payload) -> Payload:
    """Reset: Hard or Soft."""
    station.reboot("RemoteReset", hard=payload["type"] == "Hard")
    return status("Accepted")


def unlock_connector(station: Speaker16, payload: Payload) -> Payload:
    """UnlockConnector: fails when the plug is stuck; ends a transaction."""
    connector = station.connector(payload["connectorId"])
    if connector is None:
        return status("NotSupported")
    if connector.stuck:
        return status("UnlockFailed")
    if connector.transaction is not None:
        connector.transaction.stop("UnlockCommand")
    connector.leave.set()
    return status("Unlocked")


def change_availability(station: Speaker16, payload: Payload) -> Payload:
    """ChangeAvailability of a connector, or of all with 0."""
    number = payload["connectorId"]
    found = list(station.connectors) if number == 0 else [station.connector(number)]
    operative = payload["type"] == "Operative"
    scheduled = False
    for connector in found:
        if connector is None:
            return status("Rejected")
        connector.operative = operative
        if connector.busy:
            scheduled = scheduled or connector.transaction is not None
        elif connector.state is not State.FAULTED:
            station.set_state(connector, State.AVAILABLE if operative else State.UNAVAILABLE)
    return status("Scheduled" if scheduled and not operative else "Accepted")


def trigger_message(station: Speaker16, payload: Payload) -> Payload:
    """TriggerMessage."""
    kind = payload["requestedMessage"]
    number = payload.get("connectorId")
    found = list(station.connectors) if not number else [station.connector(number)]
    entries: list[Pending] = []
    if kind == "BootNotification":
        payload_now = station.boot_payload()
        entries.append(Pending(action=kind, build=lambda _offline: payload_now, early=True))
    elif kind == "Heartbeat":
        entries.append(Pending(action=kind, build=lambda _offline: {}, early=True))
    elif kind in ("StatusNotification", "MeterValues"):
        if kind == "StatusNotification" and not number:
            entries.append(station.status_entry(0, None, early=True))
        for connector in found:
            if connector is None:
                return status("Rejected")
            entries.append(
                station.status_entry(connector.number, connector, early=True)
                if kind == "StatusNotification"
                else station.meter_entry(connector)
            )
    elif kind in ("DiagnosticsStatusNotification", "FirmwareStatusNotification"):
        entries.append(Pending(action=kind, build=lambda _offline: {"status": "Idle"}, early=True))
    else:
        return status("NotImplemented")
    for entry in entries:
        station.outbox.put(entry)
    return status("Accepted")


def clear_cache(station: Speaker16, payload: Payload) -> Payload:
    """ClearCache."""
    station.auth_cache.clear()
    return status("Accepted")


def get_configuration(station: Speaker16, payload: Payload) -> Payload:
    """GetConfiguration."""
    known, unknown = station.config.listing(payload.get("key") or [])
    answer: Payload = {"configurationKey": known}
    if unknown:
        answer["unknownKey"] = unknown
    return answer


def change_configuration(station: Speaker16, payload: Payload) -> Payload:
    """ChangeConfiguration; a new AuthorizationKey makes the station reconnect with it."""
    name, value = payload["key"], payload["value"]
    outcome = station.config.change(name, value)
    if outcome == "Accepted":
        if name == "HeartbeatInterval":
            station.set_heartbeat(float(value))
        elif name == "AuthorizationKey":
            station.password = value
            station.reconnect()
        elif name == "MeterValueSampleInterval":
            station.profiles_changed()
    return status(outcome)


def set_charging_profile(station: Speaker16, payload: Payload) -> Payload:
    """SetChargingProfile."""
    number = payload["connectorId"]
    profile = read_v16(number, payload["csChargingProfiles"], station.now())
    connector = station.connector(number) if number else None
    if number and connector is None:
        return status("Rejected")
    if profile.purpose == TX and (connector is None or connector.transaction is None):
        return status("Rejected")
    if profile.purpose == "ChargePointMaxProfile" and number:
        return status("Rejected")
    station.profiles.add(profile)
    station.profiles_changed()
    return status("Accepted")


def clear_charging_profile(station: Speaker16, payload: Payload) -> Payload:
    """ClearChargingProfile."""
    cleared = station.profiles.clear(
        profile_id=payload.get("id"),
        connector=payload.get("connectorId"),
        purpose=payload.get("chargingProfilePurpose"),
        stack_level=payload.get("stackLevel"),
    )
    station.profiles_changed()
    return status("Accepted" if cleared else "Unknown")


def get_composite_schedule(station: Speaker16, payload: Payload) -> Payload:
    """GetCompositeSchedule."""
    number = payload["connectorId"]
    connector = station.connector(number) if number else None
    if number and connector is None:
        return status("Rejected")
    now = station.now()
    most = connector.max_power_w if connector else sum(c.max_power_w for c in station.connectors)
    tx = connector.transaction if connector else None
    unit = payload.get("chargingRateUnit", "W")
    periods = station.profiles.composite(
        number, now, payload["duration"], tx.started_at if tx else None, most
    )
    divisor = 1.0 if unit == "W" else VOLTS * 3
    return {
        "status": "Accepted",
        "connectorId": number,
        "scheduleStart": stamp(now),
        "chargingSchedule": {
            "duration": payload["duration"],
            "startSchedule": stamp(now),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": begin, "limit": round(limit / divisor, 1)} for begin, limit in periods
            ],
        },
    }


def send_local_list(station: Speaker16, payload: Payload) -> Payload:
    """SendLocalList: full or differential."""
    entries = payload.get("localAuthorizationList") or []
    if payload["updateType"] == "Full":
        station.local_list = {}
    elif payload["listVersion"] <= station.local_list_version:
        return status("VersionMismatch")
    for entry in entries:
        info = entry.get("idTagInfo")
        if info is None:
            station.local_list.pop(entry["idTag"], None)
        else:
            station.local_list[entry["idTag"]] = info["status"]
    station.local_list_version = payload["listVersion"]
    return status("Accepted")


def get_local_list_version(station: Speaker16, payload: Payload) -> Payload:
    """GetLocalListVersion."""
    return {"listVersion": station.local_list_version}


def reserve_now(station: Speaker16, payload: Payload) -> Payload:
    """ReserveNow on a free connector; falls away when it expires."""
    connector = station.connector(payload["connectorId"])
    if connector is None:
        return status("Rejected")
    if connector.state is State.FAULTED:
        return status("Faulted")
    if connector.state is State.UNAVAILABLE:
        return status("Unavailable")
    if connector.busy or connector.reservation is not None:
        return status("Occupied")
    expires = parse(payload["expiryDate"])
    station.reserve(
        connector,
        Reservation(reservation_id=payload["reservationId"], id_token=payload["idTag"], expires_at=expires),
        max(timedelta(seconds=1), expires - station.now()),
    )
    return status("Accepted")


def cancel_reservation(station: Speaker16, payload: Payload) -> Payload:
    """CancelReservation."""
    return status("Accepted" if station.cancel_reservation(payload["reservationId"]) else "Rejected")


def data_transfer(station: Speaker16, payload: Payload) -> Payload:
    """DataTransfer: no vendor is known."""
    return status("UnknownVendorId")


COMMANDS: dict[str, Command] = {
    "RemoteStartTransaction": remote_start_transaction,
    "RemoteStopTransaction": remote_stop_transaction,
    "Reset": reset,
    "UnlockConnector": unlock_connector,
    "ChangeAvailability": change_availability,
    "TriggerMessage": trigger_message,
    "ClearCache": clear_cache,
    "GetConfiguration": get_configuration,
    "ChangeConfiguration": change_configuration,
    "SetChargingProfile": set_charging_profile,
    "ClearChargingProfile": clear_charging_profile,
    "GetCompositeSchedule": get_composite_schedule,
    "SendLocalList": send_local_list,
    "GetLocalListVersion": get_local_list_version,
    "ReserveNow": reserve_now,
    "CancelReservation": cancel_reservation,
    "DataTransfer": data_transfer,
}
