"""What a price rests on: the version of the tariff, and where it was assigned when the session began."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from forecourt.charging.models import Session
from forecourt.charging.schemas import TariffUsed
from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.network.models import Evse, Location
from forecourt.pricing.models import Tariff, TariffAssignment, TariffVersionRow


async def tariff_of(uow: UnitOfWork, session: Session) -> TariffUsed | None:
    """The tariff version that prices a session, with its document; None if there is none, or it may not be seen."""
    if session.tariff_version_id is None:
        return None
    operator = operator_of(uow)
    found = (
        await uow.session.execute(
            select(TariffVersionRow, Tariff.name)
            .join(Tariff, (Tariff.operator_id == operator) & (Tariff.id == TariffVersionRow.tariff_id))
            .where(TariffVersionRow.operator_id == operator, TariffVersionRow.id == session.tariff_version_id)
        )
    ).first()
    if found is None:
        return None
    version, name = found
    place, place_name, since = await _assigned(uow, session, version.tariff_id)
    return TariffUsed(
        tariff_id=encode_id("trf", version.tariff_id),
        version_id=encode_id("trv", version.id),
        name=name,
        number=version.number,
        published_at=version.published_at,
        place=place,
        place_name=place_name,
        assigned_from=since,
        document=version.document,
    )


async def _assigned(
    uow: UnitOfWork, session: Session, tariff_id: UUID
) -> tuple[Any, str | None, datetime | None]:
    """The most specific assignment of the tariff that held when the session was opened."""
    one = TariffAssignment
    at = session.opened_at
    row = await uow.session.scalar(
        select(one)
        .where(
            one.operator_id == operator_of(uow),
            one.tariff_id == tariff_id,
            or_(
                one.evse_id == session.evse_id,
                one.evse_id.is_(None)
                & or_(one.location_id == session.location_id, one.location_id.is_(None)),
            ),
            one.valid_from <= at,
            or_(one.valid_to.is_(None), one.valid_to > at),
        )
        .order_by(one.evse_id.is_(None), one.location_id.is_(None), one.valid_from.desc())
        .limit(1)
    )
    if row is None:
        return None, None, None
    if row.evse_id is not None:
        query: Any = select(Evse.evse_uid).where(Evse.operator_id == operator_of(uow), Evse.id == row.evse_id)
        return "evse", await uow.session.scalar(query), row.valid_from
    if row.location_id is not None:
        query = select(Location.name).where(
            Location.operator_id == operator_of(uow), Location.id == row.location_id
        )
        return "location", await uow.session.scalar(query), row.valid_from
    return "operator", None, row.valid_from
