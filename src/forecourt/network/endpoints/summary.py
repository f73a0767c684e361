"""The network at a glance."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from forecourt.identity.access import operator_of
from forecourt.kit.ids import decode_id
from forecourt.network.endpoints.access import ReadStations
from forecourt.network.models import Connector, Evse, Knock, Location, Station

router = APIRouter(prefix="/network", tags=["stations"])


class NetworkSummary(BaseModel):
    """Counts of what is in service."""

    locations: int
    stations: dict[str, int] = Field(examples=[{"online": 58, "offline": 2}], description="By link")
    evses: int
    connectors: dict[str, int] = Field(
        examples=[{"available": 71, "charging": 22, "faulted": 1}],
        description="By last known status; `unknown` has none yet",
    )
    waiting_knocks: int


@router.get("/summary")
async def summary(uow: ReadStations, location: str | None = None) -> NetworkSummary:
    """Counts by link and status, of all locations or of one."""
    location_id = decode_id("loc", location) if location else None
    stations = (
        select(Station.link, func.count()).where(Station.registration == "adopted").group_by(Station.link)
    )
    evses = select(func.count()).select_from(Evse).where(Evse.retired_at.is_(None))
    connectors = (
        select(func.coalesce(Connector.status, "unknown"), func.count())
        .join(Evse, (Evse.operator_id == Connector.operator_id) & (Evse.id == Connector.evse_id))
        .where(Connector.retired_at.is_(None), Evse.retired_at.is_(None))
        .group_by(Connector.status)
    )
    locations = select(func.count()).select_from(Location).where(Location.retired_at.is_(None))
    knocks = select(func.count()).select_from(Knock).where(Knock.state == "waiting")
    if location_id is not None:
        stations = stations.where(Station.location_id == location_id)
        evses = evses.where(Evse.location_id == location_id)
        connectors = connectors.where(Evse.location_id == location_id)
        locations = locations.where(Location.id == location_id)
    own = operator_of(uow)

    async def count(query: Any) -> int:
        return int(await uow.session.scalar(query) or 0)

    async def counts(query: Any) -> dict[str, int]:
        return {row[0]: row[1] for row in await uow.session.execute(query)}

    return NetworkSummary(
        locations=await count(locations.where(Location.operator_id == own)),
        stations=await counts(stations.where(Station.operator_id == own)),
        evses=await count(evses.where(Evse.operator_id == own)),
        connectors=await counts(connectors.where(Connector.operator_id == own)),
        waiting_knocks=await count(knocks.where(Knock.operator_id == own)),
    )
