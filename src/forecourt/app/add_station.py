"""`forecourt station add`: register a station at a location that is named, not numbered."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from forecourt.identity.models import Operator
from forecourt.kit.database import UnitOfWork
from forecourt.network.add_station import AddStation, add_station
from forecourt.network.errors import LocationNotFound
from forecourt.network.manage_places import create_location
from forecourt.network.models import Location

UNASSIGNED = "Unassigned"


async def add_station_at(
    uow: UnitOfWork,
    operator_id: UUID,
    *,
    identity: str,
    location: str | None,
    password: str | None,
    allow_plain: bool,
    free_vend: bool,
    pepper: bytes,
) -> str | None:
    """Register it and hand back its password.

    Raises:
        LocationNotFound: the operator has no location of that name.
        IdentityTaken: there is such a station already.
    """
    name = location or UNASSIGNED
    place = await uow.session.scalar(
        select(Location).where(Location.name == name).order_by(Location.id).limit(1)
    )
    if place is None and location is not None:
        raise LocationNotFound(f"there is no location {location!r}", name=location)
    if place is None:
        operator = await uow.session.get(Operator, operator_id)
        time_zone = operator.time_zone if operator is not None else "UTC"
        place = await create_location({"name": name, "country": "XX", "time_zone": time_zone}, uow=uow)
    _, told = await add_station(
        AddStation(
            identity=identity,
            location_id=place.id,
            password=password,
            allow_plain=allow_plain,
            free_vend=free_vend,
        ),
        uow=uow,
        pepper=pepper,
    )
    return told
