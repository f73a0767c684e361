"""Sessions, and what leads to one: tries, challenges, second factors, invitations, password resets."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.identity.models.directory import operator_fk
from forecourt.kit.columns import Base, CreatedAt, Row, TenantRow, UpdatedAt, tenant_fk


class WebSession(TenantRow, CreatedAt, Base):
    """A signed-in browser. The cookie holds 256 random bits, the row their SHA-256."""

    __tablename__ = "web_session"
    __table_args__ = (
        operator_fk(),
        tenant_fk("user_id", target="app_user"),
        UniqueConstraint("token_sha256"),
        Index(None, "operator_id", "user_id"),
    )

    user_id: Mapped[UUID]
    token_sha256: Mapped[bytes]
    expires_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    method: Mapped[str] = mapped_column(default="password", server_default="password")
    """How it was opened: ``password``, ``totp``, ``passkey``, ``recovery_code``, ``invitation``."""
    confirmed_at: Mapped[datetime | None]
    """When the person last proved to be there, by signing in or by giving password or code again."""


class SignInAttempt(Row, Base):
    """One try to sign in, for throttling. Outside tenants: the operator is not known yet. fc_system only."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index(None, "account_sha256", "at"),
        Index(None, "network", "at"),
    )

    account_sha256: Mapped[bytes]
    network: Mapped[str]
    at: Mapped[datetime]
    succeeded: Mapped[bool] = mapped_column(default=False, server_default="false")


class SignInChallenge(Row, CreatedAt, Base):
    """Half a sign-in: what was proven so far, and what is still to come. Its token is as secret as a session's.

    Without a user while nobody is known: a passkey says who it is. fc_system only.
    """

    __tablename__ = "sign_in_challenge"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        Index(None, "expires_at"),
        {"info": {"app_grants": ""}},
    )

    operator_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    purpose: Mapped[str]
    token_sha256: Mapped[bytes]
    nonce: Mapped[bytes | None]
    """What a passkey has to sign."""
    replaces_session_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Totp(TenantRow, CreatedAt, Base):
    """The shared secret of a person's authenticator app (RFC 6238), sealed. Counts once it is confirmed."""

    __tablename__ = "totp"
    __table_args__ = (
        operator_fk(),
        tenant_fk("user_id", target="app_user"),
        UniqueConstraint("operator_id", "user_id"),
    )

    user_id: Mapped[UUID]
    secret_sealed: Mapped[bytes]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]
    """The time step of the last code that was taken: it, and older ones, are not taken again."""


class RecoveryCode(TenantRow, CreatedAt, Base):
    """A code for the day on which the second factor is lost. 80 random bits, so its SHA-256 is enough."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        operator_fk(),
        tenant_fk("user_id", target="app_user"),
        Index(None, "operator_id", "user_id"),
    )

    user_id: Mapped[UUID]
    code_sha256: Mapped[bytes]
    used_at: Mapped[datetime | None]


class Passkey(TenantRow, CreatedAt, Base):
    """A WebAuthn credential of a person."""

    __tablename__ = "passkey"
    __table_args__ = (
        operator_fk(),
        tenant_fk("user_id", target="app_user"),
        UniqueConstraint("credential_id"),
        Index(None, "operator_id", "user_id"),
    )

    user_id: Mapped[UUID]
    name: Mapped[str]
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    transports: Mapped[list[str]]
    backed_up: Mapped[bool]
    last_used_at: Mapped[datetime | None]


class Invitation(TenantRow, CreatedAt, Base):
    """A person who is asked in by mail. The link holds 256 random bits, the row their SHA-256."""

    __tablename__ = "invitation"
    __table_args__ = (
        operator_fk(),
        tenant_fk("partner_id", target="partner"),
        UniqueConstraint("token_sha256"),
        Index(None, "operator_id", "email_key"),
    )

    email: Mapped[str]
    email_key: Mapped[str]
    role: Mapped[str]
    partner_id: Mapped[UUID | None]
    language: Mapped[str]
    invited_by: Mapped[str]
    token_sha256: Mapped[bytes]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]


class PasswordReset(TenantRow, CreatedAt, Base):
    """A link by mail that lets a person choose a new password, once."""

    __tablename__ = "password_reset"
    __table_args__ = (
        operator_fk(),
        tenant_fk("user_id", target="app_user"),
        UniqueConstraint("token_sha256"),
        Index(None, "operator_id", "user_id"),
    )

    user_id: Mapped[UUID]
    token_sha256: Mapped[bytes]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UserPreference(TenantRow, UpdatedAt, Base):
    """How a person likes the console: density, appearance, saved views. Means nothing to anybody else."""

    __tablename__ = "user_preference"
    __table_args__ = (
        operator_fk(),
        tenant_fk("user_id", target="app_user"),
        UniqueConstraint("operator_id", "user_id"),
    )

    user_id: Mapped[UUID]
    content: Mapped[dict[str, Any]]
