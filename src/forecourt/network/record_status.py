"""Status of a station or a connector: intervals that are never overwritten, guarded against late news."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from forecourt.kit.ids import encode_id, new_id
from forecourt.network.answered_commands import Evidence
from forecourt.network.collected import Collected
from forecourt.network.outlets import MAX_NO, connectors_of, ensure_connector
from forecourt.network.state import ConnectorState, StationState
from forecourt.stations.events import Inbound, StatusReported

_NO_ERROR = frozenset({"noerror", "no_error", ""})


def record_status(state: StationState, message: Inbound, event: StatusReported, *, into: Collected) -> None:
    """Give one reported status its effect.

    A status older than the one we have (an offline queue that comes late, quirk 33) goes into the history
    and changes nothing now. The same status again changes nothing at all.
    """
    state.skew.observe(event.at, message.received_at)
    skew_ms = round(state.skew.skew_s * 1000)
    if abs(skew_ms - state.clock_skew_ms) >= 1000:
        into.touch(state)
        state.clock_skew_ms = skew_ms
    at = state.skew.correct(event.at, message.received_at)
    if not state.adopted:
        _remember_outlet(state, event, at, into=into)
    elif event.evse_no == 0:
        _station_status(state, message, event, at, into=into)
    elif event.connector_no == 0 and (outlet := state.outlets.get(event.evse_no)) is not None:
        for connector in connectors_of(state, outlet.evse_id):
            _connector_status(state, connector, message, event, at, into=into)
    elif (found := ensure_connector(state, event.evse_no, event.connector_no)) is not None:
        if found.is_new:
            into.touch(state)
        _connector_status(state, found, message, event, at, into=into)


def _remember_outlet(state: StationState, event: StatusReported, at: datetime, *, into: Collected) -> None:
    """A knocking station has no place yet: what it shows is kept until it is adopted."""
    if not 0 <= event.evse_no <= MAX_NO or not 0 <= event.connector_no <= MAX_NO:
        return
    key = f"{event.evse_no}/{event.connector_no}"
    value = {"status": event.status, "at": at.isoformat()}
    if state.reported.get(key, {}).get("status") != event.status:
        into.touch(state)
        state.reported = {**state.reported, key: {**state.reported.get(key, {}), **value}}


def _station_status(
    state: StationState, message: Inbound, event: StatusReported, at: datetime, *, into: Collected
) -> None:
    error = _error(event)
    late = state.reported_at is not None and at < state.reported_at
    if not late:
        state.reported_at = at
    if state.status == event.status and state.error_code == error:
        return
    if late or (state.status_since is not None and at < state.status_since):
        _add_interval(state, None, message, event, at, ended_at=state.status_since, into=into)
        return
    into.touch(state)
    if state.status_interval_id is not None:
        into.close_interval(state.operator_id, state.status_interval_id, at)
    state.status_interval_id = _add_interval(state, None, message, event, at, ended_at=None, into=into)
    state.status, state.status_since, state.error_code = event.status, at, error
    _prove_availability(state, message, event, evse_no=None, into=into)


def _connector_status(
    state: StationState,
    connector: ConnectorState,
    message: Inbound,
    event: StatusReported,
    at: datetime,
    *,
    into: Collected,
) -> None:
    error = _error(event)
    late = connector.reported_at is not None and at < connector.reported_at
    if not late:
        connector.reported_at = at
        _prove_availability(state, message, event, evse_no=connector.evse_no, into=into)
    same = connector.status == event.status and connector.error_code == error
    if same and (not late or connector.status_since is None or at >= connector.status_since):
        return
    if late:
        _add_interval(state, connector, message, event, at, ended_at=connector.status_since, into=into)
        return
    previous = connector.status
    if connector.interval_id is not None:
        into.close_interval(state.operator_id, connector.interval_id, at)
    connector.interval_id = _add_interval(state, connector, message, event, at, ended_at=None, into=into)
    connector.status, connector.status_since, connector.error_code = event.status, at, error
    connector.revision += 1
    into.connectors[connector.id] = (state, connector)
    into.record(
        state,
        "connector.status_changed",
        subject_id=connector.id,
        revision=connector.revision,
        at=message.received_at,
        data={
            "connector_id": encode_id("con", connector.id),
            "evse_id": encode_id("evs", connector.evse_id),
            "station_id": encode_id("sta", state.station_id),
            "location_id": encode_id("loc", state.location_id) if state.location_id else None,
            "status": event.status,
            "previous": previous,
            "error_code": error,
            "since": at.isoformat(),
        },
    )
    if event.status == "available" and previous not in (None, "available"):
        _prove(state, message, "unlock-connector", {"evse_no": connector.evse_no}, into=into)


def _add_interval(
    state: StationState,
    connector: ConnectorState | None,
    message: Inbound,
    event: StatusReported,
    at: datetime,
    *,
    ended_at: datetime | None,
    into: Collected,
) -> UUID:
    interval_id = new_id()
    info = "; ".join(t for t in (event.vendor_id, event.vendor_error_code, event.info) if t)
    into.intervals[interval_id] = [
        state.operator_id, interval_id, state.station_id, connector.id if connector else None, "status",
        event.status, at, max(ended_at, at) if ended_at else None, ended_at is not None, _error(event),
        info or None, message.message_id or None, event.at, message.received_at,
    ]  # fmt: skip
    return interval_id


def _prove_availability(
    state: StationState, message: Inbound, event: StatusReported, *, evse_no: int | None, into: Collected
) -> None:
    operative = event.status != "unavailable"
    _prove(state, message, "change-availability", {"operative": operative, "evse_no": evse_no}, into=into)
    if evse_no is not None:
        states = {
            (c.status if c.evse_no != evse_no else event.status) != "unavailable"
            for c in state.connectors.values()
        }
        if states == {operative}:
            _prove(
                state, message, "change-availability", {"operative": operative, "evse_no": None}, into=into
            )


def _prove(
    state: StationState, message: Inbound, kind: str, params: dict[str, object], *, into: Collected
) -> None:
    shown_by = {"message_id": message.message_id, "action": message.action}
    into.evidence.append(
        Evidence(
            state.operator_id, state.station_id, kind, message.received_at, params=params, shown_by=shown_by
        )
    )


def _error(event: StatusReported) -> str | None:
    code = event.error_code
    return None if code is None or code.lower() in _NO_ERROR else code
