"""Locations with what stands there and what it does, by row-level security; and the load of one over today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from forecourt.console.location_schemas import LocationFacets, LocationLoad, LocationRow
from forecourt.console.station_table import STATES, station_table
from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import encode_id
from forecourt.kit.paging import keyset, page_of
from forecourt.network.listing import text_filter
from forecourt.network.models import Location

_SORTS = ("name", "city", "country", "state", "stations", "power_w", "energy_today_wh")
_EMPTY = len(STATES)
"""The rank of a location where nothing stands: after all others."""
BUCKET = timedelta(minutes=15)


async def location_rows(
    uow: UnitOfWork, *, filters: Mapping[str, Sequence[str]], words: str | None, retired: bool
) -> Any:
    """The rows that fit, as a subquery to page and count.

    Args:
        filters: values of `country` and `state`; a state is that of the worst connector.
        words: part of name, address, city or postal code.
        retired: those that are closed instead.
    """
    stations = await station_table(uow, filters={}, words=None)
    there = (
        select(
            stations.c.location_id,
            func.count().label("stations"),
            func.min(stations.c.rank).label("rank"),
            func.sum(stations.c.open_sessions).label("open_sessions"),
            func.sum(stations.c.power_w).label("power_w"),
            func.sum(stations.c.energy_today_wh).label("energy_today_wh"),
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object("link", stations.c.link, "connectors", stations.c.connectors),
                    stations.c.identity,
                )
            ).label("outlets"),
        )
        .group_by(stations.c.location_id)
        .subquery("there")
    )
    query: Select[Any] = (
        select(
            *(getattr(Location, name) for name in (
                "id", "name", "address", "city", "postal_code", "country", "latitude", "longitude", "time_zone",
                "opening_hours", "retired_at", "revision")),
            func.coalesce(Location.city, "").label("city_key"),
            func.coalesce(there.c.stations, 0).label("stations"),
            func.coalesce(there.c.rank, _EMPTY).label("rank"),
            func.coalesce(there.c.open_sessions, 0).label("open_sessions"),
            func.coalesce(there.c.power_w, 0).label("power_w"),
            func.coalesce(there.c.energy_today_wh, 0).label("energy_today_wh"),
            there.c.outlets,
        )
        .outerjoin(there, there.c.location_id == Location.id)
        .where(Location.operator_id == operator_of(uow))
        .where(Location.retired_at.is_not(None) if retired else Location.retired_at.is_(None))
    )  # fmt: skip
    rows = query.subquery("locations")
    fitting = select(rows)
    if filters.get("country"):
        fitting = fitting.where(rows.c.country.in_(filters["country"]))
    if filters.get("state"):
        unknown = set(filters["state"]) - set(STATES)
        if unknown:
            raise Invalid(f"{', '.join(sorted(unknown))} is no state", state=sorted(unknown))
        fitting = fitting.where(rows.c.rank.in_([STATES.index(state) for state in filters["state"]]))
    if words:
        searched = (rows.c.name, rows.c.address, rows.c.city, rows.c.postal_code)
        fitting = fitting.where(or_(*(text_filter(column, words) for column in searched)))
    return fitting.subquery("fitting")


async def fetch_locations(
    uow: UnitOfWork, rows: Any, *, sort: str, cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    """One page in that order, and the cursor of the next; raises Invalid and InvalidCursor."""
    name = sort.lstrip("-")
    if name not in _SORTS:
        raise Invalid(f"cannot sort by {name!r}; by {', '.join(_SORTS)} only", sort=sort)
    key = {"city": "city_key", "state": "rank"}.get(name, name)
    first = rows.c[key]
    order = [
        first.desc() if sort.startswith("-") else first,
        *([] if key == "name" else [rows.c.name]),
        rows.c.id,
    ]
    found = (await uow.session.execute(keyset(select(rows), order, cursor, limit))).all()
    tail = [] if key == "name" else ["name"]
    return page_of(found, limit, lambda row: [getattr(row, each) for each in (key, *tail, "id")])


async def location_facets(uow: UnitOfWork) -> LocationFacets:
    """All open locations, counted by what they can be filtered by."""
    rows = await location_rows(uow, filters={}, words=None, retired=False)

    async def counts(name: str) -> dict[Any, int]:
        found = await uow.session.execute(
            select(rows.c[name], func.count()).group_by(rows.c[name]).order_by(func.count().desc())
        )
        return {row[0]: row[1] for row in found}

    ranks = await counts("rank")
    states = {STATES[rank]: count for rank, count in sorted(ranks.items()) if rank < _EMPTY}
    return LocationFacets(total=sum(ranks.values()), states=states, countries=await counts("country"))


async def count_locations(uow: UnitOfWork, rows: Any) -> int:
    """How many fit."""
    return int(await uow.session.scalar(select(func.count()).select_from(rows)) or 0)


def location_row(row: Any) -> LocationRow:
    """From a row of the query."""
    plain = {name: getattr(row, name) for name in LocationRow.model_fields if hasattr(row, name)}
    states = Counter(
        _state(station["link"], connector)
        for station in row.outlets or ()
        for connector in station["connectors"]
    )
    return LocationRow(
        **{
            **plain,
            "id": encode_id("loc", row.id),
            "state": STATES[row.rank] if row.rank < _EMPTY else None,
            "connector_states": dict(states),
        }
    )


_OF_SESSION = {
    "charging": "charging", "suspended_ev": "suspended_car", "suspended_evse": "suspended_station",
    "finishing": "finishing", "idle": "finishing",
}  # fmt: skip
_OF_STATUS = {"suspended_evse": "suspended_station", "suspended_ev": "suspended_car"}


def _state(link: str, connector: Mapping[str, Any]) -> str:
    """A connector's state as the station table ranks it."""
    status = connector["status"]
    if link != "online":
        return "offline"
    if status == "occupied":
        return _OF_SESSION.get(connector["session_state"] or "", "occupied")
    state = _OF_STATUS.get(status, status)
    return state if state in STATES else "unknown"


_LOAD = text("""
    WITH place AS (
        SELECT id, started_at, opened_at, ended_at FROM session
        WHERE operator_id = :operator AND location_id = :location AND opened_at < :until
          AND opened_at >= :day - interval '3 days' AND (ended_at IS NULL OR ended_at >= :day)
    ), told AS (
        SELECT date_bin('15 minutes', m.measured_at, :day) AS bucket, m.session_id, avg(m.power_w) AS power_w
        FROM meter_reading m JOIN place p ON p.id = m.session_id
        WHERE m.operator_id = :operator AND m.measured_at >= :day AND m.measured_at < :until
          AND m.stamped_at >= :day - interval '1 day' AND m.power_w IS NOT NULL
        GROUP BY 1, 2
    )
    SELECT b.at, (SELECT sum(power_w) FROM told WHERE bucket = b.at) AS power_w,
        EXISTS (SELECT FROM place p WHERE coalesce(p.started_at, p.opened_at) < b.at + interval '15 minutes'
                AND coalesce(p.ended_at, :until) > b.at) AS busy
    FROM generate_series(CAST(:day AS timestamptz), CAST(:until AS timestamptz) - interval '1 second', interval '15 minutes')
        AS b(at)
""")


async def location_load(uow: UnitOfWork, location: Location) -> LocationLoad:
    """Mean power in each quarter of an hour since midnight there; null where cars charged and nothing was told."""
    zone, now = ZoneInfo(location.time_zone), uow.clock.now()
    day = datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    found = await uow.session.execute(
        _LOAD, {"operator": operator_of(uow), "location": location.id, "day": day, "until": now}
    )
    rows = found.all()
    return LocationLoad(
        at=[row.at for row in rows],
        power_w=[
            row.power_w if row.power_w is not None else None if row.busy else Decimal(0) for row in rows
        ],
        day=day,
        time_zone=location.time_zone,
    )
