"""Sessions with the names of what they belong to and their price, as one query that row-level security guards."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Numeric, Select, String, func, literal, or_, select
from sqlalchemy import cast as sql_cast

from forecourt.charging.load_memory import read_sessions
from forecourt.charging.models import ChargeDetailRecord, Finding, IdToken, Orphan, Session
from forecourt.console.session_schemas import SessionFacets, SessionRow
from forecourt.identity.access import actor_of, operator_of
from forecourt.kit.columns import UtcDateTime
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import decode_id, encode_id
from forecourt.kit.money import from_minor
from forecourt.kit.paging import keyset, page_of
from forecourt.network.listing import text_filter
from forecourt.network.models import Connector, Evse, Location, Station
from forecourt.pricing.price_book import PriceBook

MOST_COUNTED: Final = 10_000
_NEVER: Final = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime())
_ZERO: Final = literal(Decimal(0), Numeric())


@dataclass(frozen=True)
class SessionFilters:
    """What rows have to be; empty or None: whatever."""

    words: str | None = None
    states: Sequence[str] = ()
    open: bool | None = None
    stations: Sequence[str] = ()
    locations: Sequence[str] = ()
    evses: Sequence[str] = ()
    tokens: Sequence[str] = ()
    flags: Sequence[str] = field(default=())
    held: bool | None = None
    begin: datetime | None = None
    end: datetime | None = None
    min_cost: Decimal | None = None
    max_cost: Decimal | None = None


def session_query(uow: UnitOfWork, filters: SessionFilters) -> Select[Any]:
    """The rows that fit, not ordered yet."""
    operator = operator_of(uow)
    socket = (
        select(Connector.connector_type)
        .where(
            Connector.operator_id == operator, Connector.evse_id == Session.evse_id, Connector.retired_at.is_(None)
        )
        .order_by((Connector.connector_no == Session.connector_no).desc(), Connector.connector_no)
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    query: Any = (
        select(
            Session, Station.identity, Station.link, Location.name, Location.city, Evse.evse_uid,
            socket.label("connector_type"), IdToken.visual_number,
            ChargeDetailRecord.total_after_taxes_minor, ChargeDetailRecord.currency.label("settled_currency"),
        )
        .outerjoin(Station, (Station.operator_id == operator) & (Station.id == Session.station_id))
        .outerjoin(Location, (Location.operator_id == operator) & (Location.id == Session.location_id))
        .outerjoin(Evse, (Evse.operator_id == operator) & (Evse.id == Session.evse_id))
        .outerjoin(IdToken, (IdToken.operator_id == operator) & (IdToken.id == Session.token_id))
        .outerjoin(
            ChargeDetailRecord,
            (ChargeDetailRecord.operator_id == operator)
            & (ChargeDetailRecord.session_id == Session.id)
            & (ChargeDetailRecord.revision == Session.settled_revision),
        )
        .where(Session.operator_id == operator)
    )  # fmt: skip
    for column, prefix, values in (
        (Session.station_id, "sta", filters.stations),
        (Session.location_id, "loc", filters.locations),
        (Session.evse_id, "evs", filters.evses),
        (Session.token_id, "tok", filters.tokens),
    ):
        if values:
            query = query.where(column.in_([decode_id(prefix, value) for value in values]))
    if filters.states:
        query = query.where(Session.state.in_(filters.states))
    if filters.open is not None:
        query = query.where(Session.ended_at.is_(None) if filters.open else Session.ended_at.is_not(None))
    if filters.held is not None:
        query = query.where(Session.held_wh > 0 if filters.held else Session.held_wh == 0)
    if filters.flags:
        quality: Any = Session.quality
        query = query.where(or_(*(quality.contains([flag]) for flag in filters.flags)))
    if filters.begin is not None:
        query = query.where(Session.opened_at >= filters.begin)
    if filters.end is not None:
        query = query.where(Session.opened_at < filters.end)
    if filters.min_cost is not None:
        query = query.where(Session.cost_after_taxes >= filters.min_cost)
    if filters.max_cost is not None:
        query = query.where(Session.cost_after_taxes <= filters.max_cost)
    if filters.words:
        query = query.where(_contains(uow, filters.words))
    return query  # type: ignore[no-any-return]


def _contains(uow: UnitOfWork, words: str) -> Any:
    columns: list[Any] = [Station.identity, Evse.evse_uid, Location.name, Session.transaction]
    actor = actor_of(uow)
    if actor.partner_id is None and actor.may("tokens:read"):
        columns += [Session.token_value, IdToken.visual_number]
    found = [text_filter(column, words) for column in columns]
    if words.startswith("ses_"):
        with contextlib.suppress(Invalid):
            found.append(Session.id == decode_id("ses", words))
    return or_(*found)


def _orders() -> dict[str, tuple[Any, str]]:
    """What can be sorted by: the expression, never null, and the name of its column in the row."""
    until = func.coalesce(Session.ended_at, Session.last_at, Session.opened_at)
    seconds = sql_cast(func.extract("epoch", until - Session.opened_at), Integer)
    return {
        "opened_at": (Session.opened_at, "opened_at"),
        "ended_at": (func.coalesce(Session.ended_at, _NEVER, type_=UtcDateTime()), "ended_key"),
        "duration": (seconds, "duration_key"),
        "energy_wh": (Session.energy_wh, "energy_key"),
        "power_w": (func.coalesce(Session.power_w, _ZERO, type_=Numeric()), "power_key"),
        "cost": (func.coalesce(Session.cost_after_taxes, _ZERO, type_=Numeric()), "cost_key"),
        "state": (Session.state, "state_key"),
        "station": (func.coalesce(Station.identity, "", type_=String()), "station_key"),
        "location": (func.coalesce(Location.name, "", type_=String()), "location_key"),
    }


async def fetch_sessions(
    uow: UnitOfWork, query: Select[Any], *, sort: str, cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    """One page in that order, and the cursor of the next.

    Raises:
        Invalid: no such order.
        InvalidCursor: the cursor belongs to another order.
    """
    orders = _orders()
    name = sort.removeprefix("-")
    if name not in orders:
        raise Invalid(f"cannot sort by {name!r}; by {', '.join(orders)} only", sort=sort)
    first, label = orders[name]
    down = sort.startswith("-")
    order = [first.desc() if down else first, Session.id.desc() if down else Session.id]
    found = (
        await uow.session.execute(keyset(query.add_columns(first.label(label)), order, cursor, limit))
    ).all()
    return page_of(found, limit, lambda row: [getattr(row, label), row.Session.id])


async def count_sessions(uow: UnitOfWork, query: Select[Any]) -> int | None:
    """How many fit; None beyond 10,000, where counting would take longer than looking."""
    some = query.with_only_columns(Session.id, maintain_column_froms=True).limit(MOST_COUNTED + 1).subquery()
    count = int(await uow.session.scalar(select(func.count()).select_from(some)) or 0)
    return None if count > MOST_COUNTED else count


async def session_facets(uow: UnitOfWork) -> SessionFacets:
    """How many sessions are open, by state, and what waits for a person."""
    operator = operator_of(uow)
    states = await uow.session.execute(
        select(Session.state, func.count())
        .where(Session.operator_id == operator, Session.ended_at.is_(None), Session.settled_at.is_(None))
        .group_by(Session.state)
        .order_by(func.count().desc(), Session.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in states}
    orphans = await uow.session.scalar(
        select(func.count()).where(
            Orphan.operator_id == operator, Orphan.matched_session_id.is_(None), Orphan.dismissed_at.is_(None)
        )
    )
    findings = await uow.session.scalar(
        select(func.count()).where(Finding.operator_id == operator, Finding.resolved_at.is_(None))
    )
    return SessionFacets(
        open=sum(counts.values()), states=counts, orphans=orphans or 0, findings=findings or 0
    )


async def session_rows(uow: UnitOfWork, found: Sequence[Any]) -> list[SessionRow]:
    """Rows as they are shown: the token as the caller may see it, the price the same as everywhere."""
    running = await _running_costs(uow, [row.Session.id for row in found if row.Session.settled_at is None])
    actor = actor_of(uow)
    return [
        _row(row, running, partner=actor.partner_id is not None, tokens=actor.may("tokens:read"))
        for row in found
    ]


async def _running_costs(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Decimal | None]:
    """What sessions cost so far, rounded by the same rules as their receipt."""
    if not ids:
        return {}
    sessions = await read_sessions(
        await uow.connection(),
        "WHERE s.operator_id = %s AND s.id = ANY(%s)",
        (operator_of(uow), list(ids)),
        PriceBook(),
    )
    return {one.id: None if one.total is None else one.total.rounded.after_taxes for one in sessions}


def _row(row: Any, running: dict[UUID, Decimal | None], *, partner: bool, tokens: bool) -> SessionRow:
    session: Session = row.Session
    minor, currency = row.total_after_taxes_minor, row.settled_currency
    final = minor is not None and currency is not None
    token = None if partner else session.token_value
    plain = {
        name: getattr(session, name)
        for name in SessionRow.model_fields
        if name in Session.__table__.columns and not name.endswith("_id") and name != "id"
    }
    return SessionRow(
        **{
            **plain,
            "id": encode_id("ses", session.id),
            "station_id": encode_id("sta", session.station_id),
            "station": row.identity,
            "link": row.link,
            "location_id": encode_id("loc", session.location_id) if session.location_id else None,
            "location": row.name,
            "city": row.city,
            "evse_id": encode_id("evs", session.evse_id) if session.evse_id else None,
            "evse_uid": row.evse_uid,
            "connector_type": row.connector_type,
            "token": token if tokens or token is None else f"··{token[-4:]}",
            "token_id": encode_id("tok", session.token_id) if session.token_id and not partner and tokens else None,
            "token_label": row.visual_number if tokens and not partner else None,
            "power_w": session.power_w if session.ended_at is None else None,
            "cost": from_minor(minor, currency) if final else running.get(session.id),
            "final": final,
        }
    )  # fmt: skip
