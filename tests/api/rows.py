"""One row in every table of a tenant, made from the tables' own description, whatever packages there are."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Uuid,
    create_engine,
    insert,
    inspect,
    pool,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeDecorator

import forecourt
from forecourt.kit.columns import Base
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.tenancy import operator_column
from forecourt.migrations import model_modules

TEXT_MARK = "zqmark"
"""In every text of the rows: where it shows up, somebody else's row does."""


@dataclass
class TenantRows:
    """What was made: a row by table name."""

    operator_id: UUID
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def marks(self) -> list[frozenset[str]]:
        """Text that can only come from these rows: for each row its id in all spellings; and TEXT_MARK."""
        ids = [row["id"] for row in self.rows.values() if isinstance(row.get("id"), UUID)]
        return [
            frozenset({TEXT_MARK}),
            *(frozenset({str(id_), id_.hex, encode_id("x", id_)[2:]}) for id_ in ids),
        ]


def tenant_tables(superuser_url: str) -> list[Table]:
    """The tables with a tenant that are really there, parents first."""
    for name in model_modules(list(forecourt.__path__)):
        importlib.import_module(name)
    engine = create_engine(
        superuser_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=pool.NullPool
    )
    present = set(inspect(engine).get_table_names())
    engine.dispose()
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name in present and operator_column(table) is not None
    ]


def fill_every_table(superuser_url: str) -> TenantRows:
    """Make a tenant with one row in every table, past all policies. Check constraints in the way are dropped."""
    made = TenantRows(operator_id=new_id())
    engine = create_engine(
        superuser_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=pool.NullPool
    )
    for table in tenant_tables(superuser_url):
        for _ in range(20):
            values = _values(table, made)
            try:
                with engine.begin() as connection:
                    connection.execute(insert(table).values(values))
                break
            except IntegrityError as error:
                cause = error.orig
                if not isinstance(cause, psycopg.errors.CheckViolation):
                    raise
                with engine.begin() as connection:
                    connection.exec_driver_sql(
                        f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{cause.diag.constraint_name}"'
                    )
        made.rows[table.name] = values
    engine.dispose()
    return made


def snapshot(superuser_url: str, operator_id: UUID) -> dict[str, list[str]]:
    """All rows of a tenant as text, by table; to see whether anything has changed."""
    found = {}
    with psycopg.connect(superuser_url) as connection:
        for table in tenant_tables(superuser_url):
            column = operator_column(table)
            assert column is not None
            query = f'SELECT t::text FROM "{table.name}" AS t WHERE "{column.name}" = %s ORDER BY 1'
            found[table.name] = [row[0] for row in connection.execute(query.encode(), (operator_id,))]
    return found


def _values(table: Table, made: TenantRows) -> dict[str, Any]:
    values: dict[str, Any] = {}
    tenant = operator_column(table)
    assert tenant is not None
    for column in table.columns:
        if column is tenant:
            values[column.name] = made.operator_id
        elif (
            column.computed is None
            and column.identity is None
            and (not column.nullable or column.primary_key)
        ):
            values[column.name] = _value(column)
    for constraint in table.foreign_key_constraints:
        parent = made.rows.get(constraint.referred_table.name)
        if parent is None:
            continue
        for element in constraint.elements:
            if element.parent.name in values and element.column.name in parent:
                values[element.parent.name] = parent[element.column.name]
    values[tenant.name] = made.operator_id
    return values


def _value(column: Column[Any]) -> Any:
    kind: Any = column.type
    if isinstance(kind, Enum) and kind.enums:
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance if hasattr(kind, "impl_instance") else kind.impl
    makers: list[tuple[type, Any]] = [
        (Uuid, new_id()),
        (Boolean, True),
        (Integer, 1),
        (Numeric, Decimal(1)),
        (DateTime, datetime.now(UTC)),
        (Date, date.today()),  # noqa: DTZ011 - any day will do
        (LargeBinary, new_id().bytes),
        (JSONB, {}),
        (ARRAY, []),
    ]
    for type_, value in makers:
        if isinstance(kind, type_):
            return value
    return f"{TEXT_MARK}{new_id().hex}"
