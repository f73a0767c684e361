"""A page of a long table of sessions comes out of the index in its order, names and prices looked up for the page only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects import postgresql

from forecourt.charging.models import Session
from forecourt.console.session_table import SessionFilters, session_query
from forecourt.kit.database import Database
from forecourt.kit.paging import keyset
from tests.api.test_list_plans import filled

__all__ = ["filled"]


async def test_the_newest_sessions_are_not_sorted(filled: tuple[Database, UUID]) -> None:
    database, operator = filled
    async with database.transaction(operator) as uow:
        order = [Session.opened_at.desc(), Session.id.desc()]
        compiled = keyset(session_query(uow, SessionFilters()), order, None, 50).compile(
            dialect=postgresql.psycopg.dialect()
        )
        connection = await uow.connection()
        found = await connection.execute(f"EXPLAIN {compiled}".encode(), dict(compiled.params))
        plan = "\n".join(row[0] for row in await found.fetchall())
    assert "Seq Scan on session" not in plan, plan
    assert "ix_session_opened" in plan, plan
    assert "Sort Key: session.opened_at" not in plan, plan
