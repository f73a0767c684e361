"""Find stations, locations, sessions, tokens, tariffs and people by a part of their names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from forecourt.charging.models import IdToken, Session
from forecourt.charging.schemas import masked
from forecourt.console.schemas import SearchHit
from forecourt.console.station_table import STATES, fetch_stations, station_table
from forecourt.identity.access import actor_of, operator_of
from forecourt.identity.models import AppUser
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import decode_id, encode_id
from forecourt.network.listing import text_filter
from forecourt.network.models import Location, Station
from forecourt.pricing.models import Tariff

KINDS = {
    "station": "stations:read",
    "location": "locations:read",
    "session": "sessions:read",
    "token": "tokens:read",
    "tariff": "tariffs:read",
    "user": "users:read",
}
"""What can be found, and the permission that it takes."""
_OF_PERSONS = frozenset({"token", "user"})
_EACH = 6


async def search(uow: UnitOfWork, words: str, *, kinds: Collection[str] = ()) -> list[SearchHit]:
    """The best of each kind that the caller may see. A partner never finds people or their tokens.

    Args:
        uow: the caller's.
        words: part of a name, or a whole id (`ses_…`).
        kinds: only these; empty for all.

    Raises:
        Invalid: no such kind.
    """
    if unknown := set(kinds) - set(KINDS):
        raise Invalid(f"{sorted(unknown)} cannot be searched; {', '.join(KINDS)} can", kinds=sorted(unknown))
    actor = actor_of(uow)
    hits: list[SearchHit] = []
    for kind, permission in KINDS.items():
        wanted = not kinds or kind in kinds
        if wanted and actor.may(permission) and (actor.partner_id is None or kind not in _OF_PERSONS):
            hits += await _FIND[kind](uow, words)
    return hits


async def _stations(uow: UnitOfWork, words: str) -> list[SearchHit]:
    if (identity := _id("sta", words)) is not None:
        station = await uow.session.scalar(_own(uow, Station).where(Station.id == identity))
        if station is None:
            return []
        words = station.identity
    rows = await station_table(uow, filters={}, words=words)
    found, _ = await fetch_stations(uow, rows, sort="state", cursor=None, limit=_EACH)
    return [
        SearchHit(
            kind="station",
            id=encode_id("sta", row.id),
            title=row.identity,
            detail=row.location_name,
            state=STATES[row.rank],
        )
        for row in found
    ]


async def _locations(uow: UnitOfWork, words: str) -> list[SearchHit]:
    query = _own(uow, Location).where(
        Location.retired_at.is_(None),
        _fits(
            "loc",
            Location.id,
            words,
            Location.name,
            Location.city,
            Location.address,
            Location.postal_code,
        ),
    )
    found = await uow.session.scalars(query.order_by(Location.name, Location.id).limit(_EACH))
    return [
        SearchHit(kind="location", id=encode_id("loc", one.id), title=one.name, detail=one.city)
        for one in found
    ]


async def _sessions(uow: UnitOfWork, words: str) -> list[SearchHit]:
    # Found by a part of it, a value could be guessed piece by piece: only for those who may see it whole.
    whole = _may_copy_cards(uow) and actor_of(uow).partner_id is None
    columns = (Session.transaction, Session.token_value) if whole else (Session.transaction,)
    query = (
        select(Session, Station.identity)
        .join(Station, (Station.operator_id == Session.operator_id) & (Station.id == Session.station_id))
        .where(
            Session.operator_id == operator_of(uow),
            or_(_fits("ses", Session.id, words, *columns), text_filter(Station.identity, words)),
        )
    )
    rows = await uow.session.execute(query.order_by(Session.opened_at.desc(), Session.id).limit(_EACH))
    return [
        SearchHit(
            kind="session",
            id=encode_id("ses", session.id),
            title=f"{identity} · {session.evse_no}" if session.evse_no else identity,
            detail=session.opened_at.isoformat(),
            state=session.state,
        )
        for session, identity in rows
    ]


def _may_copy_cards(uow: UnitOfWork) -> bool:
    """Whether the caller sees whole token values, as in the list of tokens."""
    return actor_of(uow).may("tokens:write")


async def _tokens(uow: UnitOfWork, words: str) -> list[SearchHit]:
    whole = _may_copy_cards(uow)
    columns = (IdToken.visual_number, IdToken.contract_id, *((IdToken.value,) if whole else ()))
    query = _own(uow, IdToken).where(_fits("tok", IdToken.id, words, *columns))
    found = await uow.session.scalars(query.order_by(IdToken.value, IdToken.id).limit(_EACH))
    return [
        SearchHit(
            kind="token",
            id=encode_id("tok", one.id),
            title=one.value if whole else masked(one.value),
            detail=one.contract_id or one.visual_number,
        )
        for one in found
    ]


async def _tariffs(uow: UnitOfWork, words: str) -> list[SearchHit]:
    query = _own(uow, Tariff).where(
        Tariff.archived_at.is_(None), _fits("trf", Tariff.id, words, Tariff.name, Tariff.description)
    )
    found = await uow.session.scalars(query.order_by(Tariff.name, Tariff.id).limit(_EACH))
    return [
        SearchHit(kind="tariff", id=encode_id("trf", one.id), title=one.name, detail=one.description)
        for one in found
    ]


async def _users(uow: UnitOfWork, words: str) -> list[SearchHit]:
    query = _own(uow, AppUser).where(_fits("usr", AppUser.id, words, AppUser.name, AppUser.email))
    found = await uow.session.scalars(query.order_by(AppUser.name, AppUser.id).limit(_EACH))
    return [
        SearchHit(kind="user", id=encode_id("usr", one.id), title=one.name, detail=one.email) for one in found
    ]


_FIND = {
    "station": _stations,
    "location": _locations,
    "session": _sessions,
    "token": _tokens,
    "tariff": _tariffs,
    "user": _users,
}


def _own(uow: UnitOfWork, model: Any) -> Select[Any]:
    return select(model).where(model.operator_id == operator_of(uow))


def _fits(prefix: str, id_column: Any, words: str, *columns: Any) -> ColumnElement[bool]:
    alternatives = [text_filter(column, words) for column in columns]
    if (identity := _id(prefix, words)) is not None:
        alternatives.append(id_column == identity)
    return or_(*alternatives)


def _id(prefix: str, words: str) -> Any:
    """The id that the words are, if they are one of that kind."""
    if not words.lower().startswith(f"{prefix}_"):
        return None
    try:
        return decode_id(prefix, words)
    except Invalid:
        return None
