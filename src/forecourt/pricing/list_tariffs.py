"""Tariffs with their prices, the state of their versions, and how many places they apply to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.pricing.models import Tariff, TariffAssignment, TariffVersionRow
from forecourt.pricing.standing import standings

STATES: Final = ("live", "scheduled", "draft", "retired")


@dataclass(frozen=True, slots=True)
class Overview:
    """A tariff as a list shows it.

    `shown` is the live version, else the one that comes next. A place is the whole operator, a location or
    an EVSE; only assignments that apply now or later count.
    """

    tariff: Tariff
    shown: TariffVersionRow | None
    live: TariffVersionRow | None
    scheduled: TariffVersionRow | None
    draft: TariffVersionRow | None
    everywhere: bool
    locations: int
    evses: int


def tariffs_where(
    uow: UnitOfWork, *, archived: bool, states: Sequence[str], currencies: Sequence[str], words: str | None
) -> Any:
    """The query for tariffs that have a version in one of the states (`retired`: taken out of use themselves).

    Raises:
        Invalid: no such state.
    """
    if unknown := set(states) - set(STATES):
        raise Invalid(f"no such state: {', '.join(sorted(unknown))}; one of {', '.join(STATES)}")
    query = select(Tariff).where(Tariff.operator_id == operator_of(uow))
    if states:
        now = uow.clock.now()
        query = query.where(or_(*(_in_state(state, now) for state in states)))
    else:
        query = query.where(Tariff.archived_at.is_not(None) if archived else Tariff.archived_at.is_(None))
    if currencies:
        query = query.where(Tariff.currency.in_(currencies))
    if words:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(Tariff.name.ilike(pattern), Tariff.description.ilike(pattern)))
    return query


def _in_state(state: str, now: datetime) -> ColumnElement[bool]:
    if state == "retired":
        return Tariff.archived_at.is_not(None)
    version = TariffVersionRow
    due = and_(version.status == "scheduled", version.published_at <= now)
    condition = {
        "live": or_(version.status == "live", due),
        "scheduled": and_(version.status == "scheduled", version.published_at > now),
        "draft": version.status == "draft",
    }[state]
    return and_(
        Tariff.archived_at.is_(None),
        exists().where(version.operator_id == Tariff.operator_id, version.tariff_id == Tariff.id, condition),
    )


async def overviews(uow: UnitOfWork, tariffs: Sequence[Tariff]) -> list[Overview]:
    """The same tariffs, in their order, with what a list shows of them: three queries, however many."""
    ids = [tariff.id for tariff in tariffs]
    now = uow.clock.now()
    versions: dict[UUID, list[TariffVersionRow]] = {ident: [] for ident in ids}
    for version in await uow.session.scalars(
        select(TariffVersionRow)
        .where(
            TariffVersionRow.operator_id == operator_of(uow),
            TariffVersionRow.tariff_id.in_(ids),
            TariffVersionRow.status != "retired",
        )
        .order_by(TariffVersionRow.number)
    ):
        versions[version.tariff_id].append(version)
    place = TariffAssignment
    counts = {
        row.tariff_id: row
        for row in await uow.session.execute(
            select(
                place.tariff_id,
                func.bool_or(and_(place.location_id.is_(None), place.evse_id.is_(None))).label("everywhere"),
                func.count(place.location_id.distinct()).label("locations"),
                func.count(place.evse_id.distinct()).label("evses"),
            )
            .where(
                place.operator_id == operator_of(uow),
                place.tariff_id.in_(ids),
                or_(place.valid_to.is_(None), place.valid_to > now),
            )
            .group_by(place.tariff_id)
        )
    }
    found = []
    for tariff in tariffs:
        by_status = standings(versions[tariff.id], now)
        named = {by_status[version.id].status: version for version in versions[tariff.id]}
        live, scheduled, draft = named.get("live"), named.get("scheduled"), named.get("draft")
        count = counts.get(tariff.id)
        found.append(
            Overview(
                tariff=tariff,
                shown=live or scheduled or draft,
                live=live,
                scheduled=scheduled,
                draft=draft,
                everywhere=bool(count and count.everywhere),
                locations=count.locations if count else 0,
                evses=count.evses if count else 0,
            )
        )
    return found
