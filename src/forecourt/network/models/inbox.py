"""The inbox of unknown stations, and the windows in which its door stands open."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, TenantRow, tenant_fk


class Knock(TenantRow, Base):
    """An unregistered identity that connected: what it said, when, from where, how often.

    `state` is `waiting`, `adopted`, `refused` or `blocked`. `station_id` is there once it was let in.
    """

    __tablename__ = "knock"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        Index("uq_knock_identity", "operator_id", text("lower(identity)"), unique=True),
        Index("ix_knock_last", "operator_id", "state", "last_at"),
        {"info": {"partner_sql": "false"}},
    )

    identity: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    station_id: Mapped[UUID | None]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=1, server_default="1")
    remote_address: Mapped[str | None]
    path: Mapped[str | None]
    said: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Subprotocols, user agent, whether it sent a password (never the password), its boot information."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class InboxWindow(TenantRow, CreatedAt, Base):
    """A span of minutes in which unknown stations are let in as pending."""

    __tablename__ = "inbox_window"
    __table_args__ = (
        Index("ix_inbox_window_until", "operator_id", "closes_at"),
        {"info": {"partner_sql": "false"}},
    )

    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    opened_by: Mapped[str | None]
    max_per_address: Mapped[int] = mapped_column(default=5, server_default="5")
    """How many different identities one address may bring in."""
    admitted: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Identities let in, by address."""
