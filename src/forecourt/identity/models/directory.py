"""Operators, partners, users with their roles, API keys, and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, Row, TenantRow, Timestamps, Versioned, tenant_fk
from forecourt.kit.ids import new_id
from forecourt.kit.tenancy import PARTNER_SQL

_OWN_PARTNER = f"partner_id = {PARTNER_SQL}"


def operator_fk() -> ForeignKeyConstraint:
    """The foreign key of a tenant's row to its operator."""
    return ForeignKeyConstraint(["operator_id"], ["operator.id"])


class Operator(Row, Versioned, Timestamps, Base):
    """The tenant. Its row is its own."""

    __tablename__ = "operator"
    __table_args__ = (
        UniqueConstraint("slug"),
        {"info": {"operator_column": "id", "partner_sql": "true", "app_grants": "SELECT, UPDATE"}},
    )

    slug: Mapped[str]
    name: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str]
    legal_name: Mapped[str | None]
    country: Mapped[str | None]
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["en"], server_default='["en"]')
    support_phone: Mapped[str | None]
    support_email: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    security: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    logo_sha256: Mapped[str | None]
    logo: Mapped[bytes | None] = mapped_column(deferred=True)


class Partner(TenantRow, Versioned, Timestamps, Base):
    """A scope inside an operator: site host, fleet, installer, franchisee."""

    __tablename__ = "partner"
    __table_args__ = (
        operator_fk(),
        UniqueConstraint("operator_id", "name"),
        {"info": {"partner_sql": f"id = {PARTNER_SQL}"}},
    )

    name: Mapped[str]
    kind: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default="true")


class PartnerGrant(TenantRow, CreatedAt, Base):
    """What a partner sees: a location or a token group, for a time. No foreign key: the subject lies above."""

    __tablename__ = "partner_grant"
    __table_args__ = (
        operator_fk(),
        tenant_fk("partner_id", target="partner"),
        Index(None, "operator_id", "partner_id", "subject_type", "subject_id"),
        {"info": {"partner_sql": _OWN_PARTNER}},
    )

    partner_id: Mapped[UUID]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class AppUser(TenantRow, Versioned, Timestamps, Base):
    """A person as one operator knows them; the same person at two operators is two rows."""

    __tablename__ = "app_user"
    __table_args__ = (
        operator_fk(),
        UniqueConstraint("operator_id", "email_key"),
        Index(None, "email_key"),
        Index(None, "person_id"),
    )

    person_id: Mapped[UUID] = mapped_column(default=new_id, server_default=text("gen_random_uuid()"))
    """The same for the rows of one person at several operators, once the person has proven to be both: only such
    rows can be switched between without a password."""
    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str | None]
    time_zone: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True, server_default="true")
    last_sign_in_at: Mapped[datetime | None]


class Membership(TenantRow, Timestamps, Base):
    """The role of a user, in the whole operator or inside one partner."""

    __tablename__ = "membership"
    __table_args__ = (
        operator_fk(),
        tenant_fk("user_id", target="app_user"),
        tenant_fk("partner_id", target="partner"),
        UniqueConstraint("operator_id", "user_id"),
    )

    user_id: Mapped[UUID]
    role: Mapped[str]
    partner_id: Mapped[UUID | None]


class ApiKey(TenantRow, CreatedAt, Base):
    """A credential for a machine. The secret has 256 random bits, so its SHA-256 is enough."""

    __tablename__ = "api_key"
    __table_args__ = (
        operator_fk(),
        tenant_fk("partner_id", target="partner"),
        UniqueConstraint("prefix"),
    )

    name: Mapped[str]
    prefix: Mapped[str]
    secret_sha256: Mapped[bytes]
    permissions: Mapped[list[str]]
    partner_id: Mapped[UUID | None]
    created_by: Mapped[UUID | None]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(TenantRow, Base):
    """Who changed what, when, from where: before and after. Never changed, never deleted."""

    __tablename__ = "audit_entry"
    # No foreign key to the operator: the trail outlives it.
    __table_args__ = (
        Index(None, "operator_id", "at"),
        Index(None, "operator_id", "subject_type", "subject_id"),
        {"info": {"append_only": True, "partner_sql": _OWN_PARTNER}},
    )

    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    partner_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str | None]
    subject_name: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
