"""Whatever order statuses come in: one open interval, no overlap, and the newest claim wins."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from forecourt.kit.ids import new_id
from forecourt.network.collected import Collected
from forecourt.network.record_status import record_status
from forecourt.network.state import StationState
from forecourt.stations.events import Inbound, StatusReported
from tests.network.harness import NOON

STATUSES = ("available", "preparing", "charging", "finishing", "faulted", "unavailable")
CLAIMS = st.lists(
    st.tuples(st.sampled_from(STATUSES), st.one_of(st.none(), st.integers(-7200, 0)), st.integers(0, 300)),
    max_size=25,
)


def fresh_state() -> StationState:
    values: dict[str, Any] = dict.fromkeys(StationState.__dataclass_fields__)
    for name in (
        "skew",
        "boot",
        "outlets",
        "connectors",
        "status_interval_id",
        "link_interval_id",
        "reported_at",
    ):
        values.pop(name)
    values |= {
        "operator_id": new_id(), "station_id": new_id(), "location_id": new_id(), "identity": "CP", "party": "FCT",
        "registration": "adopted", "revision": 1, "clock_skew_ms": 0, "reported": {}, "protocol": "ocpp1.6",
    }  # fmt: skip
    return StationState(**values)


@given(CLAIMS)
def test_intervals_of_a_connector(claims: list[tuple[str, int | None, int]]) -> None:
    state, into, now = fresh_state(), Collected(), NOON
    for status, claimed, pause in claims:
        now += timedelta(seconds=pause)
        at = None if claimed is None else now + timedelta(seconds=claimed)
        event = StatusReported(1, 1, status, at)  # type: ignore[arg-type]
        record_status(state, Inbound(state.operator_id, state.station_id, now, (event,)), event, into=into)
    rows = [row for row in into.intervals.values() if not row[8]]
    assert not into.closed
    for row in into.intervals.values():
        assert row[7] is None or row[7] >= row[6]
    for earlier, later in pairwise(rows):
        assert earlier[7] == later[6]
        assert (earlier[5], earlier[9]) != (later[5], later[9])
    assert sum(1 for row in rows if row[7] is None) == bool(rows)
    if rows:
        (connector,) = state.connectors.values()
        assert (connector.status, connector.status_since) == (rows[-1][5], rows[-1][6])
        assert connector.revision == 1 + len(rows)
