"""What the handler knows of a station while its messages pass, and how it is read from the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from forecourt.network.skew import SkewEstimator


@dataclass(slots=True)
class ConnectorState:
    """A connector that the station serves now."""

    id: UUID
    evse_id: UUID
    evse_no: int
    connector_no: int
    """Number within the EVSE."""
    status: str | None = None
    status_since: datetime | None = None
    error_code: str | None = None
    revision: int = 1
    interval_id: UUID | None = None
    reported_at: datetime | None = None
    """Latest time claimed by a status; an older claim is history."""
    connector_type: str | None = None
    format: str | None = None
    max_power_w: int | None = None
    is_new: bool = False


@dataclass(slots=True)
class Outlet:
    """A current installation: which EVSE the station's number means."""

    evse_id: UUID
    evse_no: int
    connector_no: int | None
    evse_uid: str = ""
    is_new: bool = False
    new_evse: bool = False


@dataclass(slots=True)
class BootState:
    """The last boot that was kept."""

    id: UUID
    data: dict[str, Any]
    first_at: datetime
    last_at: datetime
    count: int
    reason: str | None
    answer: str
    protocol: str | None
    is_new: bool = False


@dataclass(slots=True)
class StationState:
    """A station, its outlets and the last things it said."""

    operator_id: UUID
    station_id: UUID
    identity: str
    revision: int
    registration: str
    blocked: bool
    location_id: UUID | None
    country: str | None
    party: str
    protocol: str | None
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    heartbeat_interval_s: int
    link: str
    link_since: datetime | None
    link_epoch: int
    remote_address: str | None
    last_seen_at: datetime | None
    clock_skew_ms: int
    boot_status: str | None
    booted_at: datetime | None
    status: str | None
    status_since: datetime | None
    error_code: str | None
    reported: dict[str, Any]
    skew: SkewEstimator = field(default_factory=SkewEstimator)
    boot: BootState | None = None
    outlets: dict[int, Outlet] = field(default_factory=dict)
    connectors: dict[tuple[UUID, int], ConnectorState] = field(default_factory=dict)
    status_interval_id: UUID | None = None
    link_interval_id: UUID | None = None
    reported_at: datetime | None = None

    @property
    def adopted(self) -> bool:
        """It has a place, so that its outlets can be EVSEs."""
        return self.registration == "adopted" and self.location_id is not None

    def connector_number(self, outlet: Outlet, connector_no: int) -> int:
        """The number within the EVSE: a 1.6 outlet may be the second plug of an EVSE."""
        if self.protocol == "ocpp1.6" and outlet.connector_no is not None:
            return outlet.connector_no
        return connector_no or 1


_STATION_SQL = b"""
    SELECT s.operator_id, s.id, s.identity, s.revision, s.registration, s.blocked, s.location_id,
           (SELECT l.country FROM location l WHERE l.operator_id = s.operator_id AND l.id = s.location_id),
           (SELECT coalesce(o.settings ->> 'party_id', o.slug) FROM operator o WHERE o.id = s.operator_id),
           s.protocol, s.vendor, s.model, s.serial_number, s.firmware_version, s.heartbeat_interval_s,
           s.link, s.link_since, s.link_epoch, s.remote_address, s.last_seen_at, s.clock_skew_ms,
           s.boot_status, s.booted_at, s.status, s.status_since, s.error_code, s.reported
    FROM station s WHERE s.id = ANY(%s) ORDER BY s.id FOR NO KEY UPDATE OF s
"""
_OUTLET_SQL = b"""
    SELECT i.station_id, i.evse_id, i.evse_no, i.connector_no, e.evse_uid,
           c.id, c.connector_no, c.status, c.status_since, c.error_code, c.revision, c.connector_type,
           c.format, c.max_power_w, v.id
    FROM installation i
    JOIN evse e ON e.operator_id = i.operator_id AND e.id = i.evse_id
    LEFT JOIN connector c ON c.operator_id = i.operator_id AND c.evse_id = i.evse_id
    LEFT JOIN status_interval v ON v.operator_id = c.operator_id AND v.connector_id = c.id
          AND v.track = 'status' AND v.ended_at IS NULL
    WHERE i.station_id = ANY(%s) AND i.valid_to IS NULL
    ORDER BY i.station_id, i.evse_no, c.connector_no
"""
_INTERVAL_SQL = b"""
    SELECT station_id, track, id FROM status_interval
    WHERE station_id = ANY(%s) AND connector_id IS NULL AND ended_at IS NULL
"""
_BOOT_SQL = b"""
    SELECT DISTINCT ON (station_id) station_id, id, data, first_at, last_at, count, reason, answer, protocol
    FROM station_boot WHERE station_id = ANY(%s) ORDER BY station_id, last_at DESC
"""


async def load_stations(
    tx: psycopg.AsyncConnection[Any], station_ids: Collection[UUID], known: dict[UUID, StationState]
) -> None:
    """Lock the stations' rows and bring ``known`` up to date; what nobody else changed is not read again."""
    ids = sorted(station_ids)
    async with tx.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_STATION_SQL, (ids,))
        rows = await cursor.fetchall()
        stale: dict[UUID, StationState] = {}
        for row in rows:
            present = known.get(row[1])
            if present is not None and present.revision == row[3]:
                continue
            values: list[Any] = [*row[:26], dict(row[26] or {})]
            state = StationState(*values)
            state.skew.skew_s = state.clock_skew_ms / 1000
            if present is not None:
                state.skew = present.skew
            known[state.station_id] = stale[state.station_id] = state
        for missing in set(ids) - {row[1] for row in rows}:
            known.pop(missing, None)
        if not stale:
            return
        wanted = list(stale)
        await cursor.execute(_OUTLET_SQL, (wanted,))
        for row in await cursor.fetchall():
            _add_outlet(stale[row[0]], row)
        await cursor.execute(_INTERVAL_SQL, (wanted,))
        for station_id, track, interval_id in await cursor.fetchall():
            if track == "link":
                stale[station_id].link_interval_id = interval_id
            else:
                stale[station_id].status_interval_id = interval_id
        await cursor.execute(_BOOT_SQL, (wanted,))
        for station_id, *boot in await cursor.fetchall():
            stale[station_id].boot = BootState(*boot)


def _add_outlet(state: StationState, row: tuple[Any, ...]) -> None:
    state.outlets[row[2]] = Outlet(evse_id=row[1], evse_no=row[2], connector_no=row[3], evse_uid=row[4])
    if row[5] is None:
        return
    state.connectors[(row[1], row[6])] = ConnectorState(
        id=row[5],
        evse_id=row[1],
        evse_no=row[2],
        connector_no=row[6],
        status=row[7],
        status_since=row[8],
        error_code=row[9],
        revision=row[10],
        connector_type=row[11],
        format=row[12],
        max_power_w=row[13],
        interval_id=row[14],
        reported_at=row[8],
    )
