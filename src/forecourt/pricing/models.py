"""Tables of stored tariffs. `tariff` computes, this package stores."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, Revision, TenantRow, Timestamps, tenant_fk

PUBLISHED = ("live", "retired")


class Tariff(TenantRow, Timestamps, Revision, Base):
    """A tariff: a name under which versions of prices follow each other."""

    __tablename__ = "tariff"
    followed = "tariff"
    __table_args__ = (Index("uq_tariff_name", "operator_id", "name", unique=True),)

    name: Mapped[str]
    description: Mapped[str | None]
    currency: Mapped[str]
    archived_at: Mapped[datetime | None]


class TariffVersionRow(TenantRow, CreatedAt, Base):
    """One state of a tariff. Its document never changes once it is published.

    `scheduled` goes live at `published_at` by itself: prices follow the times, never the word. Rows say so
    late, with the next change; `forecourt.pricing.standing` tells what they stand for at a moment.
    """

    __tablename__ = "tariff_version"
    __table_args__ = (
        tenant_fk("tariff_id", target="tariff"),
        UniqueConstraint("operator_id", "tariff_id", "number", name="uq_tariff_version_number"),
        Index(
            "uq_tariff_version_live",
            "operator_id",
            "tariff_id",
            unique=True,
            postgresql_where=text("status = 'live'"),
        ),
        CheckConstraint("status IN ('draft', 'scheduled', 'live', 'retired')", name="status"),
    )

    tariff_id: Mapped[UUID]
    number: Mapped[int]
    status: Mapped[str] = mapped_column(default="draft")
    document: Mapped[dict[str, Any]]
    content_hash: Mapped[str]
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class TariffAssignment(TenantRow, CreatedAt, Base):
    """Where a tariff applies: the whole operator, a location, or an EVSE, from `valid_from` to `valid_to`."""

    __tablename__ = "tariff_assignment"
    __table_args__ = (
        tenant_fk("tariff_id", target="tariff"),
        tenant_fk("location_id", target="location"),
        tenant_fk("evse_id", target="evse"),
        CheckConstraint("location_id IS NULL OR evse_id IS NULL", name="one_place"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
        Index("ix_tariff_assignment_place", "operator_id", "evse_id", "location_id"),
    )

    tariff_id: Mapped[UUID]
    location_id: Mapped[UUID | None]
    evse_id: Mapped[UUID | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
