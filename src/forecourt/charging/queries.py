"""Reading sessions, tokens and records for the API."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from forecourt.charging.errors import SessionNotFound
from forecourt.charging.fold import Course
from forecourt.charging.load_memory import read_sessions
from forecourt.charging.memory import OpenSession
from forecourt.charging.models import Session
from forecourt.charging.refold import fold_facts, stored_facts
from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import NotFound
from forecourt.kit.ids import decode_id
from forecourt.pricing.price_book import PriceBook

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
    tx = await uow.connection()
    prices = PriceBook()
    found = await read_sessions(
        tx, "WHERE s.operator_id = %s AND s.id = %s", (operator_of(uow), session_id), prices
    )
    if not found:
        raise SessionNotFound()
    facts = await stored_facts(tx, found)
    return found[0], fold_facts(found[0], facts.get(session_id, []), keep=True)
