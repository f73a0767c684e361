"""Tables that only these tests know: every kind of row that the kit has to do with."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from forecourt.kit.columns import (
    NAMING_CONVENTION,
    Base,
    Json,
    Row,
    TenantRow,
    Timestamps,
    Versioned,
    tenant_fk,
)
from forecourt.kit.tenancy import PARTNER_SQL


class KitBase(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = Base.type_annotation_map


class Colour(enum.StrEnum):
    RED = "red"
    GREEN = "green"


class Shelf(TenantRow, Timestamps, Versioned, KitBase):
    """A tenant's row, of which a partner sees its own."""

    __tablename__ = "shelf"
    name: Mapped[str]
    colour: Mapped[Colour] = mapped_column(default=Colour.RED)
    partner_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any] | None]
    __table_args__ = ({"info": {"partner_sql": f"partner_id = {PARTNER_SQL}"}},)


class Book(TenantRow, KitBase):
    """Refers to a shelf of the same tenant. A partner sees none."""

    __tablename__ = "book"
    shelf_id: Mapped[UUID | None]
    pages: Mapped[int | None]
    price: Mapped[Decimal | None]
    lent: Mapped[bool | None]
    at: Mapped[datetime | None]
    cover: Mapped[bytes | None] = mapped_column(LargeBinary)
    title: Mapped[str | None]
    notes: Mapped[Any | None] = mapped_column(Json)
    __table_args__ = (tenant_fk("shelf_id", target="shelf", ondelete="SET NULL"),)


class Sealed(TenantRow, KitBase):
    """Never changed."""

    __tablename__ = "sealed"
    text: Mapped[str]
    __table_args__ = ({"info": {"append_only": True}},)


class Sample(KitBase):
    """Partitioned, and only ever filled."""

    __tablename__ = "sample"
    operator_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    left: Mapped[int | None]
    right: Mapped[int | None]
    __table_args__ = ({"postgresql_partition_by": "RANGE (at)", "info": {"append_only": "fill"}},)


class Tenant(KitBase):
    """Its own id is the tenant's."""

    __tablename__ = "kit_tenant"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    __table_args__ = ({"info": {"operator_column": "id"}},)


class Setting(Row, KitBase):
    """Nobody's: the application may read it."""

    __tablename__ = "kit_setting"
    value: Mapped[str]
    __table_args__ = ({"info": {"app_grants": "SELECT"}},)


class Secret(Row, KitBase):
    """Nobody's, and none of the application's business."""

    __tablename__ = "kit_secret"
    value: Mapped[str]
