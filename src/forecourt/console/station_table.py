"""Stations with their connectors, open sessions and place, as one query that row-level security guards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, String, Subquery, Uuid, bindparam, column, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Integer

from forecourt.console.schemas import ConnectorRow, StationFacets, StationRow
from forecourt.console.spread import LOOK_BACK, SPREAD, local_midnight, zone_of
from forecourt.identity.access import actor_of, operator_of
from forecourt.identity.queries import get_operator
from forecourt.kit.columns import UtcDateTime
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import encode_id
from forecourt.kit.paging import keyset, page_of
from forecourt.network.listing import text_filter

STATES = (
    "faulted", "offline", "suspended_station", "unavailable", "suspended_car", "finishing", "preparing",
    "occupied", "charging", "reserved", "available", "unknown",
)  # fmt: skip
"""Worst first; `sort=state` is by the place in here."""

OUTLETS = """
    open_session AS (
        SELECT s.id, s.station_id, s.evse_id, s.connector_no, s.state, s.power_w, s.energy_wh, s.last_at
        FROM session s
        WHERE s.operator_id = :operator AND s.ended_at IS NULL AND s.settled_at IS NULL AND :sessions
    ), outlet AS (
        SELECT i.station_id, c.id, i.evse_id, e.evse_uid, i.evse_no, c.connector_no, c.connector_type,
               c.max_power_w, c.status, c.status_since, c.error_code, o.id AS session_id,
               o.state AS session_state, o.power_w, o.energy_wh, o.last_at,
               CASE
                   WHEN t.link <> 'online' THEN 1
                   WHEN c.status = 'occupied' THEN CASE o.state
                       WHEN 'charging' THEN 8 WHEN 'suspended_ev' THEN 4 WHEN 'suspended_evse' THEN 2
                       WHEN 'finishing' THEN 5 WHEN 'idle' THEN 5 ELSE 7 END
                   ELSE CASE c.status
                       WHEN 'faulted' THEN 0 WHEN 'suspended_evse' THEN 2 WHEN 'unavailable' THEN 3
                       WHEN 'suspended_ev' THEN 4 WHEN 'finishing' THEN 5 WHEN 'preparing' THEN 6
                       WHEN 'charging' THEN 8 WHEN 'reserved' THEN 9 WHEN 'available' THEN 10 ELSE 11 END
               END AS rank
        FROM installation i
        JOIN station t ON t.operator_id = i.operator_id AND t.id = i.station_id
        JOIN evse e ON e.operator_id = i.operator_id AND e.id = i.evse_id
        JOIN connector c ON c.operator_id = i.operator_id AND c.evse_id = i.evse_id AND c.retired_at IS NULL
        LEFT JOIN open_session o ON o.evse_id = i.evse_id AND o.station_id = i.station_id
             AND coalesce(o.connector_no, c.connector_no) IN (0, c.connector_no)
        WHERE i.operator_id = :operator AND i.valid_to IS NULL
    )"""
"""Common table expressions: connectors in service with their rank and open session; `:operator`, `:sessions`."""

_SQL = f"""
    WITH {OUTLETS}, outlets AS (
        SELECT station_id, min(rank) AS rank, count(session_id) AS open_sessions, sum(power_w) AS power_w,
               jsonb_agg(jsonb_build_object(
                   'id', id, 'evse_id', evse_id, 'evse_uid', evse_uid, 'evse_no', evse_no,
                   'connector_no', connector_no, 'connector_type', connector_type, 'max_power_w', max_power_w,
                   'status', status, 'status_since', status_since, 'error_code', error_code,
                   'session_id', session_id, 'session_state', session_state, 'power_w', power_w::text,
                   'energy_wh', energy_wh::text, 'measured_at', last_at
               ) ORDER BY evse_no, connector_no) AS connectors
        FROM outlet GROUP BY station_id
    ), {SPREAD}, today AS (
        SELECT station_id, round(sum(energy_wh * extract(epoch FROM ends - greatest(begins, :day))
                                     / extract(epoch FROM ends - begins))) AS energy_wh
        FROM spread WHERE ends > :day GROUP BY station_id
    )
    SELECT t.id, t.identity, t.label, t.serial_number, t.link, t.link_since, t.last_seen_at, t.blocked,
           t.protocol, t.vendor, t.model, t.firmware_version, t.error_code, t.location_id, t.revision,
           l.name AS location_name, l.city, l.country, l.time_zone, l.latitude, l.longitude,
           coalesce(t.model, '') AS model_key, coalesce(l.name, '') AS location_key,
           coalesce(t.protocol, '') AS protocol_key,
           CASE WHEN t.link <> 'online' THEN 1 ELSE coalesce(u.rank, 11) END AS rank,
           coalesce(u.open_sessions, 0) AS open_sessions, coalesce(u.connectors, '[]'::jsonb) AS connectors,
           coalesce(u.power_w, 0) AS power_w, coalesce(d.energy_wh, 0) AS energy_today_wh
    FROM station t
    LEFT JOIN location l ON l.operator_id = t.operator_id AND l.id = t.location_id
    LEFT JOIN outlets u ON u.station_id = t.id
    LEFT JOIN today d ON d.station_id = t.id
    WHERE t.operator_id = :operator AND t.registration = 'adopted'
"""  # noqa: S608 only our own text is put in
_TEXT = (
    "identity", "label", "serial_number", "link", "protocol", "vendor", "model", "firmware_version",
    "error_code", "location_name", "city", "country", "time_zone", "model_key", "location_key", "protocol_key",
)  # fmt: skip
_SORTS = {
    "state": "rank", "identity": "identity", "location": "location_key", "model": "model_key",
    "protocol": "protocol_key", "power_w": "power_w", "energy_today_wh": "energy_today_wh",
}  # fmt: skip


async def station_table(
    uow: UnitOfWork, *, filters: Mapping[str, Sequence[str]], words: str | None
) -> Subquery:
    """The rows that fit, as a subquery to page, count and group.

    Args:
        filters: values by the name of what they restrict: `state`, `country`, `model`, `protocol`, `location_id`.
        words: part of identity, label, serial number, place or EVSE id, in any case of letters.
    """
    now = uow.clock.now()
    day = local_midnight(now, zone_of((await get_operator(uow)).time_zone))
    statement = text(_SQL).bindparams(
        bindparam("operator", operator_of(uow), Uuid()),
        bindparam("day", day, UtcDateTime()),
        bindparam("since", day - LOOK_BACK, UtcDateTime()),
        sessions=actor_of(uow).may("sessions:read"),
    )
    rows = statement.columns(
        column("id", Uuid()),
        column("location_id", Uuid()),
        column("rank", Integer()),
        column("open_sessions", Integer()),
        column("revision", Integer()),
        column("blocked"),
        column("connectors", JSONB()),
        column("power_w", Numeric()),
        column("energy_today_wh", Numeric()),
        column("latitude", Numeric()),
        column("longitude", Numeric()),
        column("link_since", UtcDateTime()),
        column("last_seen_at", UtcDateTime()),
        *(column(name, String()) for name in _TEXT),
    ).subquery("stations")
    query = select(rows)
    for name, values in filters.items():
        if not values:
            continue
        if name == "state":
            query = query.where(rows.c.rank.in_([_rank(value) for value in values]))
        else:
            query = query.where(rows.c[name].in_(values))
    if words:
        searched = (rows.c.identity, rows.c.label, rows.c.serial_number, rows.c.location_name, rows.c.city)
        query = query.where(
            or_(
                *(text_filter(one, words) for one in searched),
                text_filter(rows.c.connectors[0]["evse_uid"].astext, words),
            )
        )
    return query.subquery("fitting")


async def fetch_stations(
    uow: UnitOfWork, rows: Subquery, *, sort: str, cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    """One page in that order, and the cursor of the next.

    Raises:
        Invalid: no such order.
        InvalidCursor: the cursor belongs to another order.
    """
    name = sort.lstrip("-")
    if name not in _SORTS:
        raise Invalid(f"cannot sort by {name!r}; by {', '.join(_SORTS)} only", sort=sort)
    first = rows.c[_SORTS[name]]
    # Worst first, then by name whatever the direction of the first: people look for names upwards.
    order = [first.desc() if sort.startswith("-") else first, rows.c.identity, rows.c.id]
    found = (await uow.session.execute(keyset(select(rows), order, cursor, limit))).all()
    return page_of(found, limit, lambda row: [getattr(row, _SORTS[name]), row.identity, row.id])


async def count_stations(uow: UnitOfWork, rows: Subquery) -> int:
    """How many fit."""
    return int(await uow.session.scalar(select(func.count()).select_from(rows)) or 0)


async def station_facets(uow: UnitOfWork) -> StationFacets:
    """All stations, counted by what they can be filtered by."""
    rows = await station_table(uow, filters={}, words=None)

    async def counts(name: str) -> dict[Any, int]:
        query = select(rows.c[name], func.count()).group_by(rows.c[name]).order_by(func.count().desc())
        return {row[0]: row[1] for row in await uow.session.execute(query) if row[0] is not None}

    ranks = await counts("rank")
    return StationFacets(
        total=sum(ranks.values()),
        states={STATES[rank]: count for rank, count in sorted(ranks.items())},
        countries=await counts("country"),
        models=await counts("model"),
        protocols=await counts("protocol"),
    )


def station_row(row: Any) -> StationRow:
    """From a row of the query."""
    plain = {name: getattr(row, name) for name in StationRow.model_fields if hasattr(row, name)}
    online = row.link == "online"
    return StationRow(
        **{
            **plain,
            "id": encode_id("sta", row.id),
            "location_id": encode_id("loc", row.location_id) if row.location_id else None,
            "state": STATES[row.rank],
            "power_w": row.power_w if online else None,
            "connectors": [_connector(one) for one in row.connectors],
        }
    )


def _connector(facts: Mapping[str, Any]) -> ConnectorRow:
    ids = {
        "id": encode_id("con", UUID(facts["id"])),
        "evse_id": encode_id("evs", UUID(facts["evse_id"])),
        "session_id": encode_id("ses", UUID(facts["session_id"])) if facts["session_id"] else None,
    }
    decimals = {
        name: None if facts[name] is None else Decimal(facts[name]) for name in ("power_w", "energy_wh")
    }
    return ConnectorRow.model_validate({**facts, **ids, **decimals})


def _rank(state: str) -> int:
    if state not in STATES:
        raise Invalid(f"{state!r} is not a state; there are {', '.join(STATES)}", state=state)
    return STATES.index(state)
