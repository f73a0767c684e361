"""Guess where a knocking station stands, from what is known of the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select

from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.network.adopt_station import outlet_numbers
from forecourt.network.models import Knock, Location, Station
from forecourt.network.queries import get_station

MOST: Final = 3
"""Locations that are proposed."""
_SHOWN: Final = 5
_LEAST_STEM: Final = 3
Reason = Literal["same_address", "similar_name"]


@dataclass(frozen=True)
class Match:
    """A location that fits."""

    location: Location
    reason: Reason
    identities: tuple[str, ...]


@dataclass(frozen=True)
class Outlet:
    """A connector as the station reported it while the door was open."""

    evse_no: int
    connector_no: int
    kind: str | None
    status: str | None


@dataclass(frozen=True)
class Matches:
    """What is known of a knocking station beforehand."""

    locations: tuple[Match, ...]
    same_serial: str | None
    same_model: int
    outlets: tuple[Outlet, ...]


async def match_knock(knock: Knock, *, uow: UnitOfWork) -> Matches:
    """Locations whose stations share the knock's network address, or the stem of its identity; then who else
    has its serial number and its model."""
    adopted = select(Station).where(
        Station.operator_id == operator_of(uow), Station.registration == "adopted"
    )
    boot = knock.said.get("boot") or {}
    vendor, model, serial = (boot.get(name) for name in ("vendor", "model", "serial_number"))
    twin = (
        await uow.session.scalar(adopted.where(Station.serial_number == serial).limit(1)) if serial else None
    )
    fleet = 0
    if vendor and model:
        same = adopted.where(Station.vendor == vendor, Station.model == model).subquery()
        fleet = int(await uow.session.scalar(select(func.count()).select_from(same)) or 0)
    placed = adopted.where(Station.location_id.is_not(None)).order_by(Station.identity)
    found: dict[UUID, tuple[Reason, list[str]]] = {}
    if knock.remote_address:
        here = (await uow.session.scalars(placed.where(Station.remote_address == knock.remote_address))).all()
        _add(found, "same_address", here)
    stem = stem_of(knock.identity)
    if len(stem) >= _LEAST_STEM:
        alike = placed.where(func.lower(Station.identity).startswith(stem.lower(), autoescape=True))
        _add(found, "similar_name", (await uow.session.scalars(alike)).all())
    names = {
        row.id: row
        for row in await uow.session.scalars(
            select(Location).where(
                Location.operator_id == operator_of(uow),
                Location.id.in_(found),
                Location.retired_at.is_(None),
            )
        )
    }
    locations = tuple(
        Match(names[place], reason, tuple(identities[:_SHOWN]))
        for place, (reason, identities) in found.items()
        if place in names
    )
    return Matches(
        locations[:MOST], twin.identity if twin else None, fleet, await _outlets(uow, knock.station_id)
    )


async def _outlets(uow: UnitOfWork, station_id: UUID | None) -> tuple[Outlet, ...]:
    """What `install_reported` will make of the station's reports."""
    if station_id is None:
        return ()
    station = await get_station(uow, station_id)
    found = [
        Outlet(evse_no, connector_no, shown.get("kind", [None])[0], shown.get("status"))
        for key, shown in station.reported.items()
        for evse_no, connector_no in [outlet_numbers(key)]
        if evse_no > 0
    ]
    return tuple(sorted(found, key=lambda outlet: (outlet.evse_no, outlet.connector_no)))


def stem_of(identity: str) -> str:
    """The identity without its last number: `KRK-NORD-05` → `KRK-NORD-`."""
    return re.sub(r"\d+[A-Za-z]?$", "", identity)


def _add(found: dict[UUID, tuple[Reason, list[str]]], reason: Reason, stations: Sequence[Station]) -> None:
    """Group by location, the one with most of them first; what was found before keeps its place."""
    counts = Counter(station.location_id for station in stations if station.location_id is not None)
    for place, _ in counts.most_common():
        found.setdefault(
            place, (reason, [station.identity for station in stations if station.location_id == place])
        )
