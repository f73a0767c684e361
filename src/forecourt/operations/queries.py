"""Reading incidents, rules, channels and deliveries with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.kit.mail import MailMessage
from forecourt.network.models import Location
from forecourt.operations.models import AlertChannel, AlertDelivery, AlertRule, Incident, IncidentEntry
from forecourt.operations.schemas import (
    ChannelOut,
    DeliveryOut,
    EntryOut,
    IncidentDetail,
    IncidentOut,
    Place,
    RuleOut,
)


async def places(uow: UnitOfWork, ids: Iterable[UUID | None]) -> dict[UUID, Place]:
    """Locations by id."""
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return {}
    rows = await uow.session.scalars(
        select(Location).where(Location.operator_id == operator_of(uow), Location.id.in_(wanted))
    )
    return {
        row.id: Place(id=encode_id("loc", row.id), name=row.name, city=row.city, time_zone=row.time_zone)
        for row in rows
    }


async def show_incidents(uow: UnitOfWork, rows: Sequence[Incident]) -> list[IncidentOut]:
    """Incidents with their places."""
    found = await places(uow, (row.location_id for row in rows))
    return [IncidentOut.of(row, found.get(row.location_id) if row.location_id else None) for row in rows]


async def show_incident(uow: UnitOfWork, row: Incident) -> IncidentDetail:
    """An incident with its course and what was told of it."""
    await uow.session.flush()
    found = await places(uow, [row.location_id])
    entries = await uow.session.scalars(
        select(IncidentEntry)
        .where(IncidentEntry.operator_id == row.operator_id, IncidentEntry.incident_id == row.id)
        .order_by(IncidentEntry.at, IncidentEntry.id)
    )
    deliveries = await uow.session.scalars(
        select(AlertDelivery)
        .where(AlertDelivery.operator_id == row.operator_id, AlertDelivery.incident_id == row.id)
        .order_by(AlertDelivery.created_at, AlertDelivery.id)
        .limit(200)
    )
    return IncidentDetail.with_course(
        row,
        found.get(row.location_id) if row.location_id else None,
        [EntryOut.of(entry) for entry in entries],
        await show_deliveries(uow, list(deliveries)),
    )


async def show_deliveries(uow: UnitOfWork, rows: Sequence[AlertDelivery]) -> list[DeliveryOut]:
    """Deliveries; a mail's state is the mail's."""
    ids = [row.mail_id for row in rows if row.mail_id is not None]
    mails: dict[UUID, MailMessage] = {}
    if ids:
        found = await uow.session.scalars(
            select(MailMessage).where(MailMessage.operator_id == operator_of(uow), MailMessage.id.in_(ids))
        )
        mails = {mail.id: mail for mail in found}
    return [DeliveryOut.of(row, mails.get(row.mail_id) if row.mail_id else None) for row in rows]


async def show_rules(uow: UnitOfWork, rows: Sequence[AlertRule]) -> list[RuleOut]:
    """Rules with how many incidents of each are open."""
    counts = await uow.session.execute(
        select(Incident.rule_id, func.count())
        .where(Incident.operator_id == operator_of(uow), Incident.state != "resolved")
        .group_by(Incident.rule_id)
    )
    by_rule = {row[0]: int(row[1]) for row in counts}
    return [RuleOut.of(row, by_rule.get(row.id, 0)) for row in rows]


async def show_channels(uow: UnitOfWork, rows: Sequence[AlertChannel]) -> list[ChannelOut]:
    """Channels with the last thing that was told through each."""
    last = await uow.session.scalars(
        select(AlertDelivery)
        .ext(distinct_on(AlertDelivery.channel_id))
        .where(
            AlertDelivery.operator_id == operator_of(uow),
            AlertDelivery.channel_id.in_([row.id for row in rows]),
        )
        .order_by(AlertDelivery.channel_id, AlertDelivery.created_at.desc())
    )
    shown = {out.channel_id: out for out in await show_deliveries(uow, list(last))}
    return [ChannelOut.of(row, shown.get(encode_id("ach", row.id))) for row in rows]
