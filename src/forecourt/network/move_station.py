"""Say that a station, with the EVSEs that it serves, stands at another location after all."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.network.models import Evse, Station
from forecourt.network.queries import get_location, list_current_installations


async def move_evses(station: Station, location_id: UUID, *, uow: UnitOfWork) -> int:
    """Take the EVSEs of a locked station along to another location; tells how many.

    For a mistake at adoption. What happened at the old location stays there: sessions keep their location.
    Hardware that is really carried elsewhere is retired, and adopted where it comes to stand.

    Raises:
        LocationNotFound.
    """
    location = await get_location(uow, location_id)
    ids = {installation.evse_id for installation in await list_current_installations(uow, station.id)}
    rows = await uow.session.scalars(
        select(Evse)
        .where(Evse.operator_id == station.operator_id, Evse.id.in_(ids), Evse.location_id != location.id)
        .with_for_update(key_share=True)
    )
    moved = 0
    for evse in rows:
        before = {"location_id": evse.location_id}
        evse.location_id = location.id
        evse.revision += 1
        moved += 1
        await record_change(
            uow,
            action="evse.moved",
            subject_type="evse",
            subject_id=evse.id,
            before=before,
            after={"location_id": location.id},
        )
    await uow.session.flush()
    return moved
