"""A station's socket opened or closed: link intervals, fenced by the epoch of the socket."""

from __future__ import annotations

from forecourt.kit.ids import encode_id, new_id
from forecourt.network.collected import Collected
from forecourt.network.state import StationState
from forecourt.stations.events import Connected, Disconnected, Inbound


def record_connected(state: StationState, message: Inbound, event: Connected, *, into: Collected) -> None:
    """The newest socket wins; one that takes over from another does not interrupt the link."""
    if event.epoch < state.link_epoch:
        return
    at = message.received_at
    into.touch(state)
    state.link_epoch = event.epoch
    state.protocol = event.protocol
    state.remote_address = event.remote_address
    state.last_seen_at = at
    if state.link == "online" and state.link_interval_id is not None:
        return
    _switch(state, message, "online", "connected", into=into)
    _record(state, message, "station.connected", {"protocol": event.protocol}, into=into)


def record_disconnected(
    state: StationState, message: Inbound, event: Disconnected, *, into: Collected
) -> None:
    """Only the end of the present socket is the end of the link."""
    if event.epoch != state.link_epoch or state.link == "offline":
        return
    into.touch(state)
    _switch(state, message, "offline", event.reason or "disconnected", into=into)
    _record(state, message, "station.disconnected", {"reason": event.reason}, into=into)


def _switch(state: StationState, message: Inbound, link: str, cause: str, *, into: Collected) -> None:
    at = message.received_at
    if state.link_interval_id is not None:
        into.close_interval(state.operator_id, state.link_interval_id, at)
    state.link_interval_id = new_id()
    into.intervals[state.link_interval_id] = [
        state.operator_id, state.link_interval_id, state.station_id, None, "link", link, at, None, False,
        cause, None, message.message_id or None, None, at,
    ]  # fmt: skip
    state.link, state.link_since = link, at


def _record(
    state: StationState, message: Inbound, event_type: str, data: dict[str, str | None], *, into: Collected
) -> None:
    into.record(
        state,
        event_type,
        subject_id=state.station_id,
        revision=state.revision,
        at=message.received_at,
        data={
            "station_id": encode_id("sta", state.station_id),
            "location_id": encode_id("loc", state.location_id) if state.location_id else None,
            "identity": state.identity,
            **data,
        },
    )
