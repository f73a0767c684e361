"""Everything that a batch of messages changes in the network, collected in memory and written in bulk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from forecourt.kit.bulk import insert_rows, update_rows
from forecourt.kit.outbox import OUTBOX_COLUMNS, outbox_row, wake
from forecourt.network.answered_commands import CommandOutcome, Evidence, settle_commands
from forecourt.network.state import ConnectorState, StationState

_STATION_COLUMNS = (
    "revision", "protocol", "vendor", "model", "serial_number", "firmware_version", "link", "link_since",
    "link_epoch", "remote_address", "last_seen_at", "clock_skew_ms", "boot_status", "booted_at", "status",
    "status_since", "error_code", "reported",
)  # fmt: skip
_INTERVAL_COLUMNS = (
    "operator_id", "id", "station_id", "connector_id", "track", "status", "started_at", "ended_at", "late",
    "cause", "info", "message_id", "raw_at", "received_at",
)  # fmt: skip
_VARIABLE_KEY = (
    "operator_id", "station_id", "component", "component_instance", "evse_no", "connector_no", "variable",
    "variable_instance", "attribute",
)  # fmt: skip
VARIABLE_COLUMNS = (*_VARIABLE_KEY, "id", "value", "mutability", "data_type", "unit", "changed_at", "seen_at")
VARIABLE_CONFLICT = f"""ON CONFLICT ({", ".join(_VARIABLE_KEY)}) DO UPDATE SET
    changed_at = CASE WHEN variable.value IS DISTINCT FROM excluded.value
                      THEN excluded.changed_at ELSE variable.changed_at END,
    value = excluded.value, seen_at = excluded.seen_at,
    mutability = coalesce(excluded.mutability, variable.mutability),
    data_type = coalesce(excluded.data_type, variable.data_type),
    unit = coalesce(excluded.unit, variable.unit)"""
_EVENT_COLUMNS = (
    "operator_id", "id", "station_id", "kind", "code", "cleared", "evse_no", "connector_no", "reported_at",
    "received_at", "message_id", "data",
)  # fmt: skip


@dataclass(slots=True)
class Collected:
    """Rows to write, by table."""

    stations: dict[UUID, StationState] = field(default_factory=dict)
    connectors: dict[UUID, tuple[StationState, ConnectorState]] = field(default_factory=dict)
    seen: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)
    closed: dict[UUID, tuple[UUID, UUID, datetime]] = field(default_factory=dict)
    intervals: dict[UUID, list[Any]] = field(default_factory=dict)
    variables: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    outcomes: dict[UUID, CommandOutcome] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    outbox: list[tuple[Any, ...]] = field(default_factory=list)
    at: datetime | None = None

    def touch(self, state: StationState) -> None:
        """Count the station's revision up, once per batch, and write its row."""
        if state.station_id not in self.stations:
            self.stations[state.station_id] = state
            state.revision += 1

    def record(
        self,
        state: StationState,
        event_type: str,
        *,
        subject_id: UUID,
        revision: int,
        at: datetime,
        data: dict[str, Any],
    ) -> None:
        """Add a business fact."""
        self.outbox.append(
            outbox_row(
                state.operator_id,
                event_type,
                subject_id=subject_id,
                subject_revision=revision,
                at=at,
                data=data,
            )
        )

    def close_interval(self, operator_id: UUID, interval_id: UUID, ended_at: datetime) -> None:
        """End an interval that is in the database, or still in this batch."""
        if (row := self.intervals.get(interval_id)) is not None:
            row[7] = ended_at
        else:
            self.closed[interval_id] = (operator_id, interval_id, ended_at)

    async def write(self, tx: psycopg.AsyncConnection[Any]) -> None:
        """Write it all, in the order that foreign keys ask for."""
        await self._write_outlets(tx)
        await self._write_states(tx)
        await self._write_history(tx)
        if self.outcomes or self.evidence:
            self.outbox += await settle_commands(tx, list(self.outcomes.values()), self.evidence)
        self._tell_the_rest()
        if self.outbox:
            await insert_rows(tx, "outbox_event", OUTBOX_COLUMNS, self.outbox)
            await wake(tx)

    def _tell_the_rest(self) -> None:
        """Whoever follows a station, an EVSE or a connector hears of each new revision."""
        told = {(row[3], row[4]) for row in self.outbox}
        connectors = {c.id: (s, c) for s in self.stations.values() for c in s.connectors.values() if c.is_new}
        changed = [
            *((s, s.station_id, s.revision, "station.updated") for s in self.stations.values()),
            *((s, outlet.evse_id, 1, "evse.created")
              for s in self.stations.values() for outlet in s.outlets.values() if outlet.new_evse),
            *((s, c.id, c.revision, "connector.created" if c.is_new else "connector.updated")
              for s, c in (connectors | self.connectors).values()),
        ]  # fmt: skip
        for state, subject_id, revision, event_type in changed:
            if (subject_id, revision) not in told:
                assert self.at is not None
                self.record(state, event_type, subject_id=subject_id, revision=revision, at=self.at, data={})

    async def _write_outlets(self, tx: psycopg.AsyncConnection[Any]) -> None:
        evses, installations, connectors = [], [], []
        for state in self.stations.values():
            for outlet in state.outlets.values():
                if outlet.new_evse:
                    evses.append((state.operator_id, outlet.evse_id, state.location_id, outlet.evse_uid))
                if outlet.is_new:
                    installations.append(
                        (state.operator_id, outlet.evse_id, outlet.evse_id, state.station_id, outlet.evse_no,
                         outlet.connector_no, self.at)
                    )  # fmt: skip
            connectors += [(state, c) for c in state.connectors.values() if c.is_new]
        if evses:
            await _free_uids(tx, evses)
            await insert_rows(tx, "evse", ("operator_id", "id", "location_id", "evse_uid", "revision"),
                              [(*row, 1) for row in evses])  # fmt: skip
        if installations:
            columns = ("operator_id", "id", "evse_id", "station_id", "evse_no", "connector_no", "valid_from")
            await insert_rows(tx, "installation", columns, installations)
        if connectors:
            connector_columns = ("operator_id", "id", "evse_id", "connector_no", "connector_type", "format", "max_power_w", "status",
                       "status_since", "error_code", "revision")  # fmt: skip
            rows = [
                (s.operator_id, c.id, c.evse_id, c.connector_no, c.connector_type, c.format, c.max_power_w, c.status,
                 c.status_since, c.error_code, c.revision)
                for s, c in connectors
            ]  # fmt: skip
            await insert_rows(tx, "connector", connector_columns, rows)

    async def _write_states(self, tx: psycopg.AsyncConnection[Any]) -> None:
        if self.stations:
            rows = [
                (s.operator_id, s.station_id, *(getattr(s, column) for column in _STATION_COLUMNS))
                for s in sorted(self.stations.values(), key=lambda s: s.station_id)
            ]
            await update_rows(tx, "station", ("operator_id", "id"), _STATION_COLUMNS, rows)
        seen = [(*key, at) for key, at in self.seen.items() if key[1] not in self.stations]
        if seen:
            await update_rows(tx, "station", ("operator_id", "id"), ("last_seen_at",), seen)
        changed = [(s, c) for s, c in self.connectors.values() if not c.is_new]
        if changed:
            rows = [
                (s.operator_id, c.id, c.status, c.status_since, c.error_code, c.revision, c.connector_type, c.format,
                 c.max_power_w)
                for s, c in changed
            ]  # fmt: skip
            columns = (
                "status",
                "status_since",
                "error_code",
                "revision",
                "connector_type",
                "format",
                "max_power_w",
            )
            await update_rows(tx, "connector", ("operator_id", "id"), columns, rows)

    async def _write_history(self, tx: psycopg.AsyncConnection[Any]) -> None:
        if self.closed:
            await update_rows(
                tx, "status_interval", ("operator_id", "id"), ("ended_at",), list(self.closed.values())
            )
        if self.intervals:
            rows = await _without_repeats(tx, list(self.intervals.values()))
            await insert_rows(tx, "status_interval", _INTERVAL_COLUMNS, rows)
        await self._write_boots(tx)
        if self.variables:
            await insert_rows(
                tx, "variable", VARIABLE_COLUMNS, list(self.variables.values()), conflict=VARIABLE_CONFLICT
            )
        if self.events:
            await insert_rows(tx, "station_event", _EVENT_COLUMNS, self.events)

    async def _write_boots(self, tx: psycopg.AsyncConnection[Any]) -> None:
        boots = [
            (s, s.boot)
            for s in self.stations.values()
            if s.boot is not None and s.booted_at == s.boot.last_at
        ]
        new = [
            (s.operator_id, b.id, s.station_id, b.first_at, b.last_at, b.count, b.reason, b.answer, b.protocol,
             b.data)
            for s, b in boots if b.is_new
        ]  # fmt: skip
        if new:
            columns = ("operator_id", "id", "station_id", "first_at", "last_at", "count", "reason", "answer",
                       "protocol", "data")  # fmt: skip
            await insert_rows(tx, "station_boot", columns, new)
        again = [(s.operator_id, b.id, b.last_at, b.count, b.answer) for s, b in boots if not b.is_new]
        if again:
            await update_rows(
                tx, "station_boot", ("operator_id", "id"), ("last_at", "count", "answer"), again
            )
        for state, boot in boots:
            if not state.adopted:
                said = {"boot": boot.data, "protocol": boot.protocol}
                await tx.execute(
                    b"UPDATE knock SET said = said || %s::jsonb, last_at = %s WHERE operator_id = %s AND station_id = %s",
                    (psycopg.types.json.Jsonb(said), boot.last_at, state.operator_id, state.station_id),
                )

    def settled(self) -> None:
        """The batch is on disk: nothing in memory is new any more."""
        for state in self.stations.values():
            for outlet in state.outlets.values():
                outlet.is_new = outlet.new_evse = False
            for connector in state.connectors.values():
                connector.is_new = False
            if state.boot is not None:
                state.boot.is_new = False


async def _without_repeats(tx: psycopg.AsyncConnection[Any], rows: list[list[Any]]) -> list[list[Any]]:
    """Drop late intervals that are known: a station may send its offline queue twice."""
    late = [row for row in rows if row[8]]
    if not late:
        return rows
    cursor = await tx.execute(
        b"""SELECT station_id, connector_id, status, raw_at FROM status_interval
            WHERE station_id = ANY(%s) AND raw_at = ANY(%s) AND track = 'status'""",
        ([row[2] for row in late], [row[12] for row in late]),
    )
    known = {tuple(row) for row in await cursor.fetchall()}
    known |= {(row[2], row[3], row[5], row[12]) for row in rows if not row[8]}
    kept = []
    for row in rows:
        key = (row[2], row[3], row[5], row[12])
        if not row[8] or key not in known:
            kept.append(row)
            known.add(key)
    return kept


async def _free_uids(tx: psycopg.AsyncConnection[Any], evses: list[tuple[Any, ...]]) -> None:
    """Give EVSEs whose id is taken, or was ever, another one."""
    cursor = await tx.execute(
        b"SELECT operator_id, upper(evse_uid) FROM evse WHERE upper(evse_uid) = ANY(%s)",
        ([row[3].upper() for row in evses],),
    )
    taken = {tuple(row) for row in await cursor.fetchall()}
    for index, (operator_id, evse_id, location_id, uid) in enumerate(evses):
        if (operator_id, uid.upper()) in taken:
            uid = f"{uid}*{evse_id.hex[-8:].upper()}"
            evses[index] = (operator_id, evse_id, location_id, uid)
        taken.add((operator_id, uid.upper()))
