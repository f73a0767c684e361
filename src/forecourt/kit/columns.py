"""The declarative base, the column types, and the mixins that every table is made of.

Mapped annotations choose the column: ``str`` is text, ``int`` is bigint, ``Decimal`` is numeric without a
scale, ``datetime`` is timestamptz and refuses naive values, ``dict``/``list`` are jsonb, an ``Enum`` is text
holding the member's value (no database enum: adding a member needs no migration).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    Numeric,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from forecourt.kit.ids import new_id

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: ``timestamptz``, always UTC in Python.

    Raises:
        ValueError: on binding a naive datetime.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what has no time zone, turn the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; only aware datetimes are stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out UTC, whatever the session's time zone is."""
        return None if value is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value in ``jsonb``. ``None`` is SQL NULL, never JSON null.

    Decimals, UUIDs and datetimes inside are written as strings. Assign a new value to change it: changes
    inside the value are not noticed.
    """

    impl = JSONB(none_as_null=True)
    cache_ok = True


def _enum_values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


class Base(DeclarativeBase):
    """Base of every mapped class of the program: one metadata, one naming convention."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute
        str: Text(),
        int: BigInteger(),
        bytes: LargeBinary(),
        Decimal: Numeric(),
        datetime: UtcDateTime(),
        date: Date(),
        UUID: Uuid(),
        dict[str, Any]: Json(),
        dict[str, str]: Json(),
        list[Any]: Json(),
        list[str]: Json(),
        list[dict[str, Any]]: Json(),
        enum.Enum: Enum(
            enum.Enum, native_enum=False, create_constraint=False, length=64, values_callable=_enum_values
        ),
    }


class Row:
    """A row with an id of its own, outside any tenant."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class TenantRow:
    """A row of one tenant. The key is (operator_id, id), so that foreign keys can be composite."""

    operator_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class CreatedAt:
    """When the row was made, by the unit of work's clock (by the database's, outside the ORM)."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)


class UpdatedAt:
    """When the row was changed last, by the unit of work's clock. Set on every ORM flush that changes it."""

    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=91)


class Timestamps(CreatedAt, UpdatedAt):
    """Both times."""


class Revision:
    """A number that a writer counts up; what an ETag is made of. Starts at 1."""

    followed: ClassVar[str] = ""
    """Noun of its facts, e.g. ``station``. A unit of work tells of each new revision of such a row: what the use
    case records about it, else ``station.created`` or ``station.updated``. Empty: nobody follows it."""

    revision: Mapped[int] = mapped_column(default=1, server_default="1", sort_order=80)


class Versioned(Revision):
    """A revision that the ORM counts and checks: a lost update raises ``StaleRow`` at the edge."""

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Let SQLAlchemy put ``revision`` into the WHERE clause of every UPDATE and DELETE."""
        return {"version_id_col": cls.__table__.c.revision}  # type: ignore[attr-defined]


def tenant_fk(
    *local_columns: str,
    target: str,
    remote_columns: Sequence[str] = ("id",),
    ondelete: str | None = None,
    name: str | None = None,
) -> ForeignKeyConstraint:
    """A foreign key inside one tenant, for ``__table_args__``.

    ``tenant_fk("location_id", target="location")`` is (operator_id, location_id) → location (operator_id, id).
    Row-level security does not guard foreign-key checks, the operator's id in the key does.

    ``ondelete="SET NULL"`` would null ``operator_id`` too; it becomes ``SET NULL (location_id)``.
    """
    if len(local_columns) != len(remote_columns):
        raise ValueError(f"{target}: {local_columns} cannot refer to {tuple(remote_columns)}")
    if ondelete is not None and ondelete.upper() == "SET NULL":
        ondelete = f"SET NULL ({', '.join(local_columns)})"
    return ForeignKeyConstraint(
        ["operator_id", *local_columns],
        [f"{target}.operator_id", *(f"{target}.{column}" for column in remote_columns)],
        ondelete=ondelete,
        name=name,
    )
