"""Say where a tariff applies. The most specific assignment wins; a tie is refused when it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, column, func, or_, select, table, text
from sqlalchemy.exc import IntegrityError

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import encode_id, new_id
from forecourt.pricing.errors import AssignmentNotFound, AssignmentTied, PlaceNotFound
from forecourt.pricing.manage_tariffs import get_tariff
from forecourt.pricing.models import TariffAssignment


async def assign_tariff(
    uow: UnitOfWork,
    *,
    tariff_id: UUID,
    location_id: UUID | None,
    evse_id: UUID | None,
    valid_from: datetime,
    valid_to: datetime | None,
) -> TariffAssignment:
    """Let a tariff apply to an EVSE, a location, or (neither given) the whole operator.

    Raises:
        AssignmentTied: another one applies to the same place at the same time.
        PlaceNotFound, TariffNotFound.
    """
    if location_id is not None and evse_id is not None:
        raise Invalid("give a location or an EVSE, not both")
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid("valid_to is not after valid_from", valid_from=str(valid_from), valid_to=str(valid_to))
    tariff = await get_tariff(uow, tariff_id)
    operator_id = operator_of(uow)
    # Two who assign to one place at the same time must see each other.
    await uow.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"tariff_assignment:{operator_id}"},
    )
    overlap = select(TariffAssignment.id).where(
        TariffAssignment.operator_id == operator_id,
        TariffAssignment.location_id.is_not_distinct_from(location_id),
        TariffAssignment.evse_id.is_not_distinct_from(evse_id),
        or_(TariffAssignment.valid_to.is_(None), TariffAssignment.valid_to > valid_from),
    )
    if valid_to is not None:
        overlap = overlap.where(TariffAssignment.valid_from < valid_to)
    other = await uow.session.scalar(overlap.limit(1))
    if other is not None:
        raise AssignmentTied(
            "another tariff applies to this place at that time; end it first",
            assignment=encode_id("tra", other),
        )
    row = TariffAssignment(
        operator_id=operator_id, id=new_id(), tariff_id=tariff.id, location_id=location_id, evse_id=evse_id,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    uow.session.add(row)
    try:
        await uow.session.flush()
    except IntegrityError:
        raise PlaceNotFound("there is no such location or EVSE") from None
    await record_change(
        uow, action="tariff.assigned", subject_type="tariff", subject_id=tariff_id,
        after={"location_id": location_id, "evse_id": evse_id, "valid_from": valid_from, "valid_to": valid_to},
    )  # fmt: skip
    return row


_LOCATION = table("location", column("operator_id"), column("id"), column("name"))
_EVSE = table("evse", column("operator_id"), column("id"), column("location_id"), column("evse_uid"))


class PlaceName(NamedTuple):
    """What people call a place."""

    location_name: str | None
    evse_uid: str | None


async def place_names(uow: UnitOfWork, rows: Sequence[TariffAssignment]) -> dict[UUID, PlaceName]:
    """The names of the assignments' places, by assignment."""
    model = TariffAssignment
    query = (
        select(model.id, _LOCATION.c.name, _EVSE.c.evse_uid)
        .outerjoin(_EVSE, and_(_EVSE.c.operator_id == model.operator_id, _EVSE.c.id == model.evse_id))
        .outerjoin(
            _LOCATION,
            and_(
                _LOCATION.c.operator_id == model.operator_id,
                _LOCATION.c.id == func.coalesce(model.location_id, _EVSE.c.location_id),
            ),
        )
        .where(model.operator_id == operator_of(uow), model.id.in_([row.id for row in rows]))
    )
    return {ident: PlaceName(name, uid) for ident, name, uid in await uow.session.execute(query)}


async def end_assignment(uow: UnitOfWork, assignment_id: UUID) -> None:
    """Let it apply no longer than now; one that has not begun is deleted. Open sessions keep their price.

    Raises:
        AssignmentNotFound.
    """
    row = await uow.session.scalar(
        select(TariffAssignment)
        .where(TariffAssignment.operator_id == operator_of(uow), TariffAssignment.id == assignment_id)
        .with_for_update()
    )
    if row is None:
        raise AssignmentNotFound(id=encode_id("tra", assignment_id))
    now, before = uow.clock.now(), row.valid_to
    if row.valid_from >= now:
        await uow.session.delete(row)
    elif row.valid_to is None or row.valid_to > now:
        row.valid_to = now
    await uow.session.flush()
    await record_change(
        uow, action="tariff.assignment_ended", subject_type="tariff", subject_id=row.tariff_id,
        before={"id": row.id, "location_id": row.location_id, "evse_id": row.evse_id, "valid_to": before},
        after={"id": row.id, "location_id": row.location_id, "evse_id": row.evse_id, "valid_to": now},
    )  # fmt: skip
