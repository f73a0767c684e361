"""BootNotification: who the hardware says it is, and whether it may take part (ocpp.md 3.2, 3.3 B)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from forecourt.kit.ids import encode_id, new_id
from forecourt.network.answered_commands import Evidence
from forecourt.network.collected import Collected
from forecourt.network.state import BootState, StationState
from forecourt.stations.answers import BootAnswer
from forecourt.stations.events import Booted, Inbound

_LOOP = timedelta(minutes=10)
"""Equal boots closer than this are one, counted (quirk 26: some stations boot every minute)."""
_RETRY_PENDING_S = 30
_RETRY_REJECTED_S = 3600
_DISPLAY_LENGTH = 100


def record_boot(state: StationState, message: Inbound, event: Booted, *, into: Collected) -> BootAnswer:
    """Keep the boot and answer it: accepted once adopted, pending while it knocks, else rejected."""
    at = message.received_at
    answer = _answer(state, message)
    state.skew.forget_samples()
    into.touch(state)
    # Quirk 28: stations send more than the schemas allow; the raw text is in the boot's data.
    state.vendor = _short(event.vendor)
    state.model = _short(event.model)
    state.serial_number = _short(event.serial_number)
    state.firmware_version = _short(event.firmware_version)
    state.boot_status = answer.status
    state.booted_at = state.last_seen_at = at
    data = {name: value for name, value in asdict(event).items() if value is not None}
    last = state.boot
    if last is not None and last.data == data and at - last.last_at < _LOOP and last.answer == answer.status:
        last.count += 1
        last.last_at = at
    else:
        state.boot = BootState(
            new_id(),
            data,
            at,
            at,
            1,
            event.reason,
            answer.status,
            state.protocol or message.protocol,
            is_new=True,
        )
        into.record(
            state,
            "station.booted",
            subject_id=state.station_id,
            revision=state.revision,
            at=at,
            data={
                "station_id": encode_id("sta", state.station_id),
                "location_id": encode_id("loc", state.location_id) if state.location_id else None,
                "identity": state.identity,
                "answer": answer.status,
                **data,
            },
        )
    shown_by = {"message_id": message.message_id, "action": message.action, "reason": event.reason}
    into.evidence.append(Evidence(state.operator_id, state.station_id, "reset", at, shown_by=shown_by))
    return answer


def _answer(state: StationState, message: Inbound) -> BootAnswer:
    if state.blocked or state.registration == "retired":
        return BootAnswer("rejected", message.received_at, _RETRY_REJECTED_S)
    if not state.adopted:
        return BootAnswer("pending", message.received_at, _RETRY_PENDING_S)
    return BootAnswer("accepted", message.received_at, state.heartbeat_interval_s)


def _short(text: str | None) -> str | None:
    return text[:_DISPLAY_LENGTH] if text else None
