"""Read stations and their sessions into the handler's memory, in bulk."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import dict_row, tuple_row

from forecourt.charging.await_transaction import PLUGGED
from forecourt.charging.fold import Course, load_course
from forecourt.charging.memory import NEWS, EvsePlace, OpenSession, OrphanReadings, OrphanStop, StationMemory
from forecourt.charging.open_session import fresh_course
from forecourt.pricing.price_book import PriceBook

Tx = psycopg.AsyncConnection[Any]

_STATIONS: Final = """
SELECT s.operator_id, s.id, s.location_id, coalesce(l.time_zone, o.time_zone, 'UTC'), s.free_vend, s.clock_skew_ms,
    coalesce((
        SELECT v.value FROM variable v WHERE v.operator_id = s.operator_id AND v.station_id = s.id
            AND (v.component, v.variable) IN (('', 'ConnectionTimeOut'), ('TxCtrlr', 'EVConnectionTimeOut'))
            AND v.attribute = 'Actual' LIMIT 1
    ), o.settings ->> 'connection_timeout_s'),
    EXISTS (
        SELECT FROM variable v WHERE v.operator_id = s.operator_id AND v.station_id = s.id
            AND v.component = 'TariffCostCtrlr' AND v.variable = 'Enabled' AND v.variable_instance = 'Cost'
            AND v.attribute = 'Actual' AND lower(v.value) = 'true'
    )
FROM station s
JOIN operator o ON o.id = s.operator_id
LEFT JOIN location l ON l.operator_id = s.operator_id AND l.id = s.location_id
WHERE s.id = ANY(%s)
"""
_PLACES: Final = """
SELECT i.station_id, i.evse_no, e.id, e.location_id, coalesce(min(c.max_power_w), e.max_power_w),
    CASE WHEN count(DISTINCT c.connector_type) = 1 THEN min(c.connector_type) END,
    l.time_zone, coalesce(l.host_partner_id, (
        SELECT g.partner_id FROM partner_grant g WHERE g.operator_id = l.operator_id AND g.subject_type = 'location'
            AND g.subject_id = l.id AND g.valid_from <= %s AND (g.valid_to IS NULL OR g.valid_to > %s)
        ORDER BY g.valid_from LIMIT 1)),
    array_agg(c.connector_no), array_agg(c.status), array_agg(c.status_since), s.protocol
FROM installation i
JOIN station s ON s.operator_id = i.operator_id AND s.id = i.station_id
JOIN evse e ON e.operator_id = i.operator_id AND e.id = i.evse_id
JOIN location l ON l.operator_id = e.operator_id AND l.id = e.location_id
LEFT JOIN connector c ON c.operator_id = i.operator_id AND c.evse_id = i.evse_id
    AND (i.connector_no IS NULL OR c.connector_no = i.connector_no)
WHERE i.station_id = ANY(%s) AND i.valid_to IS NULL
GROUP BY l.operator_id, l.id, i.station_id, i.evse_no, e.id, e.location_id, e.max_power_w, l.time_zone, l.host_partner_id,
    s.protocol
"""
_ORPHANS: Final = """
SELECT station_id, id, at, token_value, meter_wh, detail ->> 'reason', message_id, received_at, transaction, kind,
    evse_no
FROM orphan WHERE station_id = ANY(%s) AND matched_session_id IS NULL AND dismissed_at IS NULL AND at > %s ORDER BY at
"""
_ALIASES: Final = """
SELECT o.station_id, o.transaction, o.matched_session_id FROM orphan o
JOIN unnest(%s::uuid[], %s::text[]) AS k (station_id, transaction)
    ON o.station_id = k.station_id AND o.transaction = k.transaction
WHERE o.operator_id = ANY(%s) AND o.matched_session_id IS NOT NULL ORDER BY o.matched_at
"""
SESSION_FIELDS: Final = (
    "operator_id", "id", "station_id", "protocol", "transaction", "start_key", "evse_no", "connector_no",
    "location_id", "evse_id", "host_partner_id", "time_zone", "currency", "opened_at", "revision", "state",
    "started_at", "stop_reason", "token_id", "token_value", "token_type", "token_group", "token_status",
    "authorisation_id", "remote_start_no", "command_id", "fleet_partner_id", "settle_after", "settled_at",
    "settled_revision",
)  # fmt: skip
_SESSION_SQL: Final = (
    f"SELECT {', '.join('s.' + name for name in SESSION_FIELDS)}, s.max_power_w, s.seq, s.fold, "  # noqa: S608
    "s.tariff_version_id, EXISTS (SELECT FROM meter_reading m WHERE m.operator_id = s.operator_id"
    " AND m.session_id = s.id AND m.measured_at > s.last_at) AS stale FROM session s "
)


async def load_stations(
    tx: Tx, station_ids: Collection[UUID], known: dict[UUID, StationMemory], at: datetime
) -> None:
    """Read where the stations are and what waits there; sessions in memory stay as they are."""
    if not station_ids:
        return
    ids = list(station_ids)
    async with tx.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_STATIONS, (ids,))
        fresh: set[UUID] = set()
        for (
            operator_id, station_id, location_id, time_zone, free_vend, skew_ms, timeout_s, shows_cost,
        ) in await cursor.fetchall():  # fmt: skip
            skew = timedelta(milliseconds=skew_ms or 0)
            station = known.get(station_id)
            if station is None:
                fresh.add(station_id)
                station = known[station_id] = StationMemory(
                    operator_id, station_id, location_id, time_zone, free_vend, skew
                )
                station.clock.skew_s = (skew_ms or 0) / 1000
            station.location_id, station.time_zone, station.free_vend = location_id, time_zone, free_vend
            station.connection_timeout = _timeout(timeout_s)
            station.shows_cost = shows_cost
        await cursor.execute(_PLACES, (at, at, ids))
        for row in await cursor.fetchall():
            max_power = None if row[4] is None else int(row[4])
            place = EvsePlace(row[2], row[3], max_power, row[5], row[6], row[7])
            known[row[0]].places[row[1]] = place
            if row[0] in fresh:
                _plugs(known[row[0]], *row[1:2], *row[8:])
        stations = [known[station_id] for station_id in ids if station_id in known]
        for station in stations:
            station.orphan_stops, station.orphan_readings, station.parked = [], [], set()
        await cursor.execute(_ORPHANS, (ids, at - timedelta(days=7)))
        for station_id, *orphan, kind, evse_no in await cursor.fetchall():
            station = known[station_id]
            transaction = orphan[-1]
            if kind == "stop":
                station.orphan_stops.append(OrphanStop(*orphan))
            elif kind == "readings" and transaction is not None:
                station.orphan_readings.append(OrphanReadings(transaction, evse_no, orphan[1]))
            elif transaction is not None:
                station.parked.add(transaction)
    for station in stations:
        station.orphan_readings = [
            orphan for orphan in station.orphan_readings if orphan.transaction not in station.parked
        ]


def _timeout(text: str | None) -> timedelta:
    """The station's own connection time-out, else the operator's, else two minutes; a minute for the news."""
    seconds = int(text) if text is not None and text.strip().isdigit() else 0
    return timedelta(seconds=seconds or 120) + NEWS


def _plugs(
    station: StationMemory, evse_no: int, numbers: Sequence[int | None], statuses: Sequence[str | None],
    sinces: Sequence[datetime | None], protocol: str | None,
) -> None:  # fmt: skip
    """Where cars are plugged in, by the last statuses that were told."""
    for number, status, since in zip(numbers, statuses, sinces, strict=True):
        if number is not None and status is not None and since is not None:
            key = (evse_no, 1 if protocol == "ocpp1.6" else number)
            station.plugs[key] = (since, status in PLUGGED)


async def load_prices(
    tx: Tx, wanted: Collection[tuple[StationMemory, int, datetime]], prices: PriceBook
) -> None:
    """Look up who prices which EVSE (by number) at which time."""
    places: dict[tuple[Any, datetime], EvsePlace] = {}
    for station, evse_no, at in wanted:
        place = station.places.get(evse_no)
        if place is not None:
            places[((station.operator_id, place.location_id, place.evse_id), at)] = place
    priced = await prices.resolve_many(tx, places)
    for place in places.values():
        place.prices = {}
    for key, place in places.items():
        place.prices[key[1]] = priced.get(key)


async def load_aliases(
    tx: Tx, unknown: Sequence[tuple[UUID, str]], known: dict[UUID, StationMemory], prices: PriceBook
) -> None:
    """Sessions of ids that we never gave, by the orphans that were matched to them."""
    operators = list({known[station_id].operator_id for station_id, _ in unknown})
    cursor = await tx.execute(_ALIASES, ([k[0] for k in unknown], [k[1] for k in unknown], operators))
    found = {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
    if not found:
        return
    present = {s.id: s for station_id, _ in found for s in known[station_id].all_sessions()}
    missing = list({session_id for session_id in found.values() if session_id not in present})
    if missing:
        where = "WHERE s.operator_id = ANY(%s) AND s.id = ANY(%s)"
        present |= {s.id: s for s in await read_sessions(tx, where, (operators, missing), prices)}
    for (station_id, transaction), session_id in found.items():
        if session_id in present:
            known[station_id].by_alias[transaction] = present[session_id]


async def load_open_sessions(
    tx: Tx, station_ids: Collection[UUID], known: dict[UUID, StationMemory], prices: PriceBook
) -> None:
    """Read what is open at these stations."""
    if station_ids:
        await _load(
            tx, "WHERE s.station_id = ANY(%s) AND s.settled_at IS NULL AND s.ended_at IS NULL",
            (list(station_ids),), known, prices,
        )  # fmt: skip


async def load_named_sessions(
    tx: Tx,
    transactions: Iterable[tuple[UUID, str]],
    start_keys: Iterable[tuple[UUID, str]],
    known: dict[UUID, StationMemory],
    prices: PriceBook,
) -> None:
    """Read sessions that messages refer to and that are not in memory, ended and settled ones too."""
    for column, pairs in (("transaction", list(transactions)), ("start_key", list(start_keys))):
        if pairs:
            await _load(
                tx,
                f"JOIN unnest(%s::uuid[], %s::text[]) AS k (station_id, name)"
                f" ON s.station_id = k.station_id AND s.{column} = k.name"
                " WHERE s.operator_id = ANY(%s)",
                (
                    [pair[0] for pair in pairs],
                    [pair[1] for pair in pairs],
                    list({known[pair[0]].operator_id for pair in pairs if pair[0] in known}),
                ),
                known,
                prices,
            )


async def _load(
    tx: Tx, condition: str, parameters: tuple[Any, ...], known: dict[UUID, StationMemory], prices: PriceBook
) -> None:
    for session in await read_sessions(tx, condition, parameters, prices):
        station = known.get(session.station_id)
        if station is not None and session.id not in station.sessions():
            station.keep(session)


async def read_sessions(
    tx: Tx, condition: str, parameters: tuple[Any, ...], prices: PriceBook
) -> list[OpenSession]:
    """Sessions as they are in memory while they are open. `condition` is trusted SQL after FROM session s."""
    async with tx.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_SESSION_SQL + condition, parameters)
        rows = await cursor.fetchall()
    wanted = {row["tariff_version_id"] for row in rows if row["tariff_version_id"] is not None}
    versions = await prices.versions(tx, wanted) if wanted else {}
    return [_session(row, versions) for row in rows]


def _session(row: dict[str, Any], versions: dict[UUID, Any]) -> OpenSession:
    priced_by = versions.get(row["tariff_version_id"])
    max_power = row["max_power_w"]
    session = OpenSession(
        **{name: row[name] for name in SESSION_FIELDS},
        max_power_w=None if max_power is None else int(max_power),
        course=Course.__new__(Course),
        priced_by=priced_by,
        seq=dict(row["seq"] or {}),
    )
    if row["fold"] is None:
        session.course = fresh_course(session)
        session.refold = True
    else:
        session.course = load_course(row["fold"], priced_by.version if priced_by else None)
        if session.course.price is not None:
            session.connector_type = session.course.price.context.connector_type
    if row["stale"] and not session.is_over:
        # Its row was written before its latest readings were.
        session.refold = True
        session.seq.pop("next", None)
    session.loaded, session.loaded_seq = row["fold"], copy.deepcopy(session.seq)
    session.told_state = row["state"]
    return session
