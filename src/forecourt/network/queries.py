"""Reading single rows of the network by id, and the state of a station's outlets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select

from forecourt.identity.access import operator_of
from forecourt.kit.columns import TenantRow
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import NotFound
from forecourt.network import errors
from forecourt.network.models import Command, Connector, Evse, Installation, Knock, Location, Station

RowType = TypeVar("RowType", bound=TenantRow)


async def get_row(
    uow: UnitOfWork, model: type[RowType], row_id: UUID, missing: type[NotFound], *, lock: bool = False
) -> RowType:
    """One row of the transaction's scope; with ``lock`` it stays as it is until the transaction ends.

    Raises:
        NotFound: as the class ``missing``, if it is not there or not visible.
    """
    query = select(model).where(model.operator_id == operator_of(uow), model.id == row_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = await uow.session.scalar(query)
    if row is None:
        raise missing(id=str(row_id))
    return row


async def get_location(uow: UnitOfWork, location_id: UUID, *, lock: bool = False) -> Location:
    """A location; raises LocationNotFound."""
    return await get_row(uow, Location, location_id, errors.LocationNotFound, lock=lock)


async def get_station(uow: UnitOfWork, station_id: UUID, *, lock: bool = False) -> Station:
    """A station; raises StationNotFound."""
    return await get_row(uow, Station, station_id, errors.StationNotFound, lock=lock)


async def get_evse(uow: UnitOfWork, evse_id: UUID, *, lock: bool = False) -> Evse:
    """An EVSE; raises EvseNotFound."""
    return await get_row(uow, Evse, evse_id, errors.EvseNotFound, lock=lock)


async def get_connector(uow: UnitOfWork, connector_id: UUID, *, lock: bool = False) -> Connector:
    """A connector; raises ConnectorNotFound."""
    return await get_row(uow, Connector, connector_id, errors.ConnectorNotFound, lock=lock)


async def get_knock(uow: UnitOfWork, knock_id: UUID, *, lock: bool = False) -> Knock:
    """A knock; raises KnockNotFound."""
    return await get_row(uow, Knock, knock_id, errors.KnockNotFound, lock=lock)


async def lock_knock(uow: UnitOfWork, knock_id: UUID) -> Knock:
    """A knock to decide on. Its station's row is locked first, as the gateways' batches do: no deadlock."""
    knock = await get_knock(uow, knock_id)
    if knock.station_id is not None:
        await get_station(uow, knock.station_id, lock=True)
    return await get_knock(uow, knock_id, lock=True)


async def get_command(uow: UnitOfWork, command_id: UUID) -> Command:
    """A command; raises CommandNotFound."""
    return await get_row(uow, Command, command_id, errors.CommandNotFound)


async def find_station_by_identity(uow: UnitOfWork, identity: str) -> Station | None:
    """The station that has this identity now, in any case of letters."""
    return await uow.session.scalar(
        select(Station).where(
            Station.operator_id == operator_of(uow),
            func.lower(Station.identity) == identity.lower(),
            Station.registration != "retired",
        )
    )


async def list_current_installations(uow: UnitOfWork, station_id: UUID) -> Sequence[Installation]:
    """What the station serves now, by its EVSE numbers."""
    rows = await uow.session.scalars(
        select(Installation)
        .where(
            Installation.operator_id == operator_of(uow),
            Installation.station_id == station_id,
            Installation.valid_to.is_(None),
        )
        .order_by(Installation.evse_no)
    )
    return rows.all()


async def stations_of_evse(uow: UnitOfWork, evse_id: UUID) -> list[Station]:
    """The stations that serve the EVSE now, locked: what they serve is about to change."""
    ids = select(Installation.station_id).where(
        Installation.operator_id == operator_of(uow),
        Installation.evse_id == evse_id,
        Installation.valid_to.is_(None),
    )
    rows = await uow.session.scalars(
        select(Station)
        .where(Station.operator_id == operator_of(uow), Station.id.in_(ids))
        .order_by(Station.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def actor_name(uow: UnitOfWork) -> str | None:
    """Who asks, in one line: kind and name, e.g. `user ada@example.org`."""
    actor: Any = uow.actor
    if actor is None:
        return None
    return (
        f"{getattr(actor, 'kind', 'system')} {getattr(actor, 'name', '') or getattr(actor, 'id', '')}".strip()
    )
