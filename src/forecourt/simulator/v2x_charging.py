"""What a 2.x station does with charging profiles (OCPP 2.0.1 part 2, functional block K)."""

from __future__ import annotations

from collections.abc import Callable

from forecourt.simulator.link import Payload
from forecourt.simulator.pace import stamp
from forecourt.simulator.profiles import TX, VOLTS, read_v2x
from forecourt.simulator.v2x_commands import status
from forecourt.simulator.v2x_messages import Speaker2x


def set_charging_profile(station: Speaker2x, payload: Payload) -> Payload:
    """SetChargingProfile; a TxProfile needs its transaction."""
    evse = payload["evseId"]
    connector = station.connector(evse) if evse else None
    profile = read_v2x(evse, payload["chargingProfile"], station.now())
    if evse and connector is None:
        return status("Rejected", "UnknownEvse")
    if profile.purpose == TX:
        tx = connector.transaction if connector else None
        if tx is None or (profile.transaction_id is not None and profile.transaction_id != tx.key):
            return status("Rejected", "TxNotFound")
    if profile.purpose == "ChargingStationMaxProfile" and evse:
        return status("Rejected", "InvalidProfile")
    station.profiles.add(profile)
    station.profiles_changed()
    return status("Accepted")


def clear_charging_profile(station: Speaker2x, payload: Payload) -> Payload:
    """ClearChargingProfile by id or criteria."""
    criteria = payload.get("chargingProfileCriteria") or {}
    cleared = station.profiles.clear(
        profile_id=payload.get("chargingProfileId"),
        connector=criteria.get("evseId"),
        purpose=criteria.get("chargingProfilePurpose"),
        stack_level=criteria.get("stackLevel"),
    )
    station.profiles_changed()
    return status("Accepted" if cleared else "Unknown")


def get_charging_profiles(station: Speaker2x, payload: Payload) -> Payload:
    """GetChargingProfiles: answered by ReportChargingProfiles, one EVSE each."""
    criteria = payload["chargingProfile"]
    found = [
        profile
        for profile in station.profiles
        if payload.get("evseId") in (None, profile.connector)
        and criteria.get("chargingProfilePurpose") in (None, profile.purpose)
        and criteria.get("stackLevel") in (None, profile.stack_level)
        and profile.profile_id in (criteria.get("chargingProfileId") or [profile.profile_id])
    ]
    if not found:
        return status("NoProfiles")
    by_evse: dict[int, list[Payload]] = {}
    for profile in found:
        by_evse.setdefault(profile.connector, []).append(profile.raw)
    for number, (evse, profiles) in enumerate(by_evse.items(), start=1):
        report: Payload = {
            "requestId": payload["requestId"],
            "chargingLimitSource": "CSO",
            "tbc": number < len(by_evse),
            "evseId": evse,
            "chargingProfile": profiles,
        }
        station.say("ReportChargingProfiles", report)
    return status("Accepted")


def get_composite_schedule(station: Speaker2x, payload: Payload) -> Payload:
    """GetCompositeSchedule."""
    evse = payload["evseId"]
    connector = station.connector(evse) if evse else None
    if evse and connector is None:
        return status("Rejected", "UnknownEvse")
    now = station.now()
    most = connector.max_power_w if connector else sum(c.max_power_w for c in station.connectors)
    tx = connector.transaction if connector else None
    unit = payload.get("chargingRateUnit", "W")
    divisor = 1.0 if unit == "W" else VOLTS * 3
    periods = station.profiles.composite(evse, now, payload["duration"], tx.started_at if tx else None, most)
    return {
        "status": "Accepted",
        "schedule": {
            "evseId": evse,
            "duration": payload["duration"],
            "scheduleStart": stamp(now),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": begin, "limit": round(limit / divisor, 1)} for begin, limit in periods
            ],
        },
    }


CHARGING: dict[str, Callable[[Speaker2x, Payload], Payload]] = {
    "SetChargingProfile": set_charging_profile,
    "ClearChargingProfile": clear_charging_profile,
    "GetChargingProfiles": get_charging_profiles,
    "GetCompositeSchedule": get_composite_schedule,
}
