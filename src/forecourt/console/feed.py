"""The newest facts with the names of what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from forecourt.console.overview_schemas import Feed, FeedItem, FeedKind
from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import decode_id
from forecourt.kit.outbox import OutboxEvent
from forecourt.network.models import Connector, Installation, Location, Station

_TROUBLE = ("station.disconnected", "token.refused", "message.rejected", "station.knocked")
_SESSIONS = ("session.started", "session.state_changed", "session.ended", "session.settled")
TYPES: Mapping[FeedKind, tuple[str, ...]] = {
    "all": (
        "connector.status_changed", "station.connected", "station.adopted", "station.retired", "tariff.published",
        *_TROUBLE, *(name for name in _SESSIONS if name != "session.state_changed"),
    ),
    "trouble": ("connector.status_changed", *_TROUBLE),
    "sessions": _SESSIONS,
}  # fmt: skip
"""Kinds of facts that a person follows; the others say what screens should load again."""
_BAD = ("faulted", "unavailable", "suspended_evse")
_COUNTED = 1_000


async def feed(uow: UnitOfWork, *, kind: FeedKind, limit: int) -> Feed:
    """The newest facts of that kind that the caller may see, newest first."""
    own = OutboxEvent.operator_id == operator_of(uow)
    query = select(OutboxEvent).where(
        own, OutboxEvent.position.is_not(None), OutboxEvent.type.in_(TYPES[kind])
    )
    if kind == "trouble":
        query = query.where(
            (OutboxEvent.type != "connector.status_changed") | OutboxEvent.data["status"].astext.in_(_BAD)
        )
    found = (await uow.session.scalars(query.order_by(OutboxEvent.position.desc()).limit(limit))).all()
    newest = (
        select(OutboxEvent.at)
        .where(own, OutboxEvent.position.is_not(None))
        .order_by(OutboxEvent.position.desc())
        .limit(_COUNTED)
        .subquery()
    )
    minute = await uow.session.scalar(
        select(func.count()).where(newest.c.at > uow.clock.now() - timedelta(minutes=1))
    )
    stations = await _stations(uow, [_id("sta", event.data.get("station_id")) for event in found])
    outlets = await _outlets(
        uow, [event.subject_id for event in found if event.type.startswith("connector.")]
    )
    evses = await _evses(uow, [_id("evs", event.data.get("evse_id")) for event in found])
    return Feed(
        items=[_item(event, stations, outlets, evses) for event in found], last_minute=int(minute or 0)
    )


async def _stations(uow: UnitOfWork, ids: Sequence[UUID | None]) -> dict[UUID, Any]:
    query = (
        select(Station.id, Station.identity, Location.name, Location.time_zone)
        .outerjoin(
            Location, (Location.operator_id == Station.operator_id) & (Location.id == Station.location_id)
        )
        .where(Station.operator_id == operator_of(uow), Station.id.in_([one for one in ids if one]))
    )
    return {row.id: row for row in await uow.session.execute(query)}


async def _outlets(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Connector.id, Connector.connector_no).where(
        Connector.operator_id == operator_of(uow), Connector.id.in_(ids)
    )
    return {row.id: row.connector_no for row in await uow.session.execute(query)}


async def _evses(uow: UnitOfWork, ids: Sequence[UUID | None]) -> dict[UUID, int]:
    query = select(Installation.evse_id, Installation.evse_no).where(
        Installation.operator_id == operator_of(uow),
        Installation.valid_to.is_(None),
        Installation.evse_id.in_([one for one in ids if one]),
    )
    return {row.evse_id: row.evse_no for row in await uow.session.execute(query)}


def _item(
    event: OutboxEvent, stations: Mapping[UUID, Any], outlets: Mapping[UUID, int], evses: Mapping[UUID, int]
) -> FeedItem:
    data = event.data
    station_id, evse_id = _id("sta", data.get("station_id")), _id("evs", data.get("evse_id"))
    station = stations.get(station_id) if station_id else None
    return FeedItem(
        position=event.position or 0,
        at=event.at,
        type=event.type,
        station_id=data.get("station_id") if station else None,
        identity=station.identity if station else data.get("identity"),
        location_name=station.name if station else None,
        time_zone=station.time_zone if station else None,
        evse_no=evses.get(evse_id) if evse_id else None,
        connector_no=outlets.get(event.subject_id),
        session_id=data.get("session_id"),
        state=data.get("status") if event.type == "connector.status_changed" else data.get("state"),
        detail=data.get("error_code") or data.get("reason_code") or data.get("reason"),
        energy_wh=_decimal(data.get("energy_wh")),
        cost=_decimal(data.get("cost")),
        currency=data.get("currency"),
    )


def _id(prefix: str, value: Any) -> UUID | None:
    try:
        return decode_id(prefix, value) if isinstance(value, str) else None
    except Invalid:
        return None


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
