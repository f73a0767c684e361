"""Reading sessions, tokens and records for the API."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy import text as sql

from forecourt.charging.errors import SessionNotFound
from forecourt.charging.fold import Course, Fact
from forecourt.charging.load_memory import read_sessions
from forecourt.charging.memory import OpenSession
from forecourt.charging.models import Session
from forecourt.charging.refold import fold_facts, stored_facts
from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import NotFound
from forecourt.kit.ids import decode_id
from forecourt.pricing.price_book import PriceBook
from forecourt.tariff import State

RowType = TypeVar("RowType")


async def get_row(
    uow: UnitOfWork,
    model: type[RowType],
    prefix: str,
    text: str,
    missing: type[NotFound],
    *,
    lock: bool = False,
) -> RowType:
    """A row of the transaction's scope by its outside id.

    Raises:
        NotFound: as the class `missing`.
    """
    kind: Any = model
    query: Any = select(kind).where(kind.operator_id == operator_of(uow), kind.id == decode_id(prefix, text))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row: RowType | None = await uow.session.scalar(query)
    if row is None:
        raise missing(id=text)
    return row


async def get_session(uow: UnitOfWork, text: str) -> Session:
    """A session; raises SessionNotFound."""
    return await get_row(uow, Session, "ses", text, SessionNotFound)


async def course_of(uow: UnitOfWork, session_id: UUID) -> tuple[OpenSession, Course]:
    """A session and its course, folded anew from all stored facts, with the segments kept.

    Raises:
        SessionNotFound.
    """
    session, facts = await facts_of(uow, session_id)
    return session, fold_facts(session, facts, keep=True)


async def facts_of(uow: UnitOfWork, session_id: UUID) -> tuple[OpenSession, list[Fact]]:
    """A session and all its stored facts, in order.

    Raises:
        SessionNotFound.
    """
    session = await _stored(uow, session_id)
    facts = await stored_facts(await uow.connection(), [session])
    return session, facts.get(session_id, [])


async def running_price(uow: UnitOfWork, session_id: UUID) -> State | None:
    """The state of the price so far: the stored one, or folded anew where later facts are stored already.

    Raises:
        SessionNotFound.
    """
    session = await _stored(uow, session_id)
    if not session.refold:
        return session.course.price
    _, course = await course_of(uow, session_id)
    return course.price


async def _stored(uow: UnitOfWork, session_id: UUID) -> OpenSession:
    found = await read_sessions(
        await uow.connection(),
        "WHERE s.operator_id = %s AND s.id = %s",
        (operator_of(uow), session_id),
        PriceBook(),
    )
    if not found:
        raise SessionNotFound()
    return found[0]


_USES = sql("""
    SELECT t.id, a.at, a.status,
        (SELECT count(*) FROM session s WHERE s.operator_id = :operator AND s.token_id = t.id) AS sessions
    FROM id_token t
    LEFT JOIN LATERAL (
        SELECT at, status FROM authorisation a WHERE a.operator_id = :operator AND a.token_id = t.id
        ORDER BY at DESC LIMIT 1
    ) a ON true
    WHERE t.operator_id = :operator AND t.id = ANY(:ids)
""")


async def token_uses(
    uow: UnitOfWork, ids: Collection[UUID]
) -> list[tuple[UUID, datetime | None, str | None, int]]:
    """Id, time and answer of the last attempt, and number of sessions of each token that is there."""
    rows = await uow.session.execute(_USES, {"operator": operator_of(uow), "ids": list(ids)})
    return [(row.id, row.at, row.status, row.sessions) for row in rows]
