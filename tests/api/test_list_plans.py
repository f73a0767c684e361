"""A page of a long list is read from an index in its order: no sorting of everything, under row-level security."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from forecourt.charging.models import IdToken, Session
from forecourt.identity.models import AuditEntry
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.paging import encode_cursor, keyset, order
from forecourt.network.models import Command, Station
from tests.api.harness import make_operator

ROWS = 3_000
FILL = (
    "INSERT INTO location (operator_id, id, name, country, time_zone, revision)"
    " VALUES (%(operator)s, %(location)s, 'Garage', 'DE', 'UTC', 1)",
    "INSERT INTO station (operator_id, id, identity, location_id, registration, reported)"
    " SELECT %(operator)s, gen_random_uuid(), 'CP-' || n, %(location)s, 'adopted', '{}' FROM generate_series(1, %(rows)s) n",
    "INSERT INTO id_token (operator_id, id, value, value_key, type, created_at)"
    " SELECT %(operator)s, gen_random_uuid(), 'T' || n, 't' || n, 'rfid', now() - n * interval '1 s' FROM generate_series(1, %(rows)s) n",
    "INSERT INTO session (operator_id, id, station_id, protocol, state, opened_at, time_zone, quality)"
    " SELECT %(operator)s, gen_random_uuid(), id, 'ocpp1.6', 'ended', now() - row_number() OVER () * interval '1 s', 'UTC', '[]'"
    " FROM station WHERE operator_id = %(operator)s",
    "INSERT INTO command (operator_id, id, station_id, kind, params, expires_at, created_at)"
    " SELECT %(operator)s, gen_random_uuid(), id, 'reset', '{}', now(), now() - row_number() OVER () * interval '1 s'"
    " FROM station WHERE operator_id = %(operator)s",
    "INSERT INTO audit_entry (operator_id, id, at, actor_kind, actor_name, action, subject_type)"
    " SELECT %(operator)s, gen_random_uuid(), now() - n * interval '1 s', 'system', '', 'a.b', 'x' FROM generate_series(1, %(rows)s) n",
    "ANALYZE station", "ANALYZE id_token", "ANALYZE session", "ANALYZE command", "ANALYZE audit_entry",
)  # fmt: skip


@pytest.fixture
async def filled(empty_database: Database, empty_database_urls: Any) -> tuple[Database, UUID]:
    operator = await make_operator(empty_database)
    values = {"operator": operator, "location": new_id(), "rows": ROWS}
    async with await psycopg.AsyncConnection.connect(
        empty_database_urls.owner, autocommit=True
    ) as connection:
        for statement in FILL:
            await connection.execute(statement.encode(), values if "%(" in statement else None)
    return empty_database, operator


@pytest.mark.parametrize("page", ["first", "later"])
@pytest.mark.parametrize(
    ("model", "column", "sort"),
    [
        (Station, "identity", "identity"),
        (IdToken, "created_at", "-created_at"),
        (Session, "opened_at", "-opened_at"),
        (Command, "created_at", "-created_at"),
        (AuditEntry, "at", "-at"),
    ],
)
async def test_a_page_comes_out_of_an_index(
    filled: tuple[Database, UUID], model: Any, column: str, sort: str, page: str
) -> None:
    database, operator = filled
    columns, key = order({column: getattr(model, column)}, sort, model.id)
    async with database.transaction(operator) as uow:
        cursor = None
        if page == "later":
            rows = (await uow.session.scalars(keyset(select(model), columns, None, 500))).all()
            cursor = encode_cursor(key(rows[-1]))
        query = keyset(select(model).where(model.operator_id == operator), columns, cursor, 50)
        compiled = query.compile(dialect=postgresql.psycopg.dialect())
        connection = await uow.connection()
        found = await connection.execute(f"EXPLAIN {compiled}".encode(), dict(compiled.params))
        plan = "\n".join(row[0] for row in await found.fetchall())
    table = model.__tablename__
    assert f"Seq Scan on {table}" not in plan, plan
    assert "Index Scan" in plan, plan
    assert "Sort  (" not in plan.replace("Incremental Sort", ""), plan
