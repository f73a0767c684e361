"""Tables of alert rules, their channels, and incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, Revision, TenantRow, Timestamps, tenant_fk


class AlertRule(TenantRow, Timestamps, Revision, Base):
    """When an incident opens. `builtin` marks the one rule of its kind that every operator has."""

    __tablename__ = "alert_rule"
    followed = "alert_rule"
    __table_args__ = (
        Index(
            "uq_alert_rule_builtin",
            "operator_id",
            "kind",
            unique=True,
            postgresql_where=text("builtin"),
        ),
    )

    kind: Mapped[str]
    builtin: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    name: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    delay_minutes: Mapped[int]
    """How long the condition must hold."""
    reopen_minutes: Mapped[int] = mapped_column(default=15, server_default="15")
    """A condition that returns this soon reopens its incident, and people are told of it at most once in this time."""
    severity: Mapped[str]
    location_ids: Mapped[list[str] | None]
    """Only there; null: everywhere. UUIDs."""
    channel_ids: Mapped[list[str] | None]
    """Who is told; null: every channel. UUIDs."""


class AlertChannel(TenantRow, Timestamps, Revision, Base):
    """A way in which people or machines are told: e-mail or webhook."""

    __tablename__ = "alert_channel"
    followed = "alert_channel"

    kind: Mapped[str]
    name: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    recipients: Mapped[list[str] | None]
    """E-mail addresses."""
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    url: Mapped[str | None]
    """Of the webhook."""
    secret: Mapped[bytes | None]
    """Sealed; signs webhooks."""
    old_secret: Mapped[bytes | None]
    """Sealed; signs beside the present one until `old_secret_until`."""
    old_secret_until: Mapped[datetime | None]


class Incident(TenantRow, CreatedAt, Revision, Base):
    """A condition of a rule at one subject, from the moment it was worth telling until it ended.

    `open → acknowledged → resolved`; back to where it was if the condition returns soon.
    """

    __tablename__ = "incident"
    followed = "incident"
    __table_args__ = (
        Index(
            "uq_incident_unresolved",
            "operator_id",
            "rule_id",
            "subject_id",
            unique=True,
            postgresql_where=text("state <> 'resolved'"),
        ),
        Index("ix_incident_list", "operator_id", "opened_at", "id"),
        Index("ix_incident_subject", "operator_id", "rule_id", "subject_id", "opened_at"),
        Index("ix_incident_station", "operator_id", "station_id", "opened_at"),
    )

    rule_id: Mapped[UUID]
    kind: Mapped[str]
    severity: Mapped[str]
    subject_type: Mapped[str]
    """`station`, `connector` or `session`."""
    subject_id: Mapped[UUID]
    station_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    """What the sentence about it is made of, as it was when it opened."""
    state: Mapped[str]
    since: Mapped[datetime]
    """When the condition began."""
    opened_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    note: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    """Null: it ended by itself."""
    resolve_cause: Mapped[str | None]
    """`condition_ended`, `person` or `rule_off`."""
    resolve_reason: Mapped[str | None]
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    told_state: Mapped[str | None]
    """What the channels were told last: `open` or `resolved`."""
    told_at: Mapped[datetime | None]


class IncidentEntry(TenantRow, Base):
    """One fact of an incident's course. `kind`: opened, reopened, acknowledged, commented, told, resolved."""

    __tablename__ = "incident_entry"
    __table_args__ = (
        tenant_fk("incident_id", target="incident"),
        Index("ix_incident_entry_incident", "operator_id", "incident_id", "at"),
        {"info": {"append_only": True}},
    )

    incident_id: Mapped[UUID]
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str | None]
    text: Mapped[str | None]
    data: Mapped[dict[str, Any]]


class AlertDelivery(TenantRow, CreatedAt, Base):
    """One thing told to one receiver of a channel, and what came of it.

    A mail's state is its own (`mail_message`); here is the webhook's.
    """

    __tablename__ = "alert_delivery"
    __table_args__ = (
        tenant_fk("incident_id", target="incident"),
        Index("ix_alert_delivery_list", "operator_id", "created_at", "id"),
        Index("ix_alert_delivery_channel", "operator_id", "channel_id", "created_at"),
        Index("ix_alert_delivery_incident", "operator_id", "incident_id"),
    )

    channel_id: Mapped[UUID]
    channel_kind: Mapped[str]
    incident_id: Mapped[UUID | None]
    """Null: a test."""
    event: Mapped[str]
    """`incident.opened`, …, or `test`."""
    receiver: Mapped[str]
    mail_id: Mapped[UUID | None]
    body: Mapped[dict[str, Any] | None]
    """What the webhook gets."""
    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    """`waiting`, `sent`, `failed` or `not_sent`."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    response_code: Mapped[int | None]
    error: Mapped[str | None]
    took_ms: Mapped[int | None]
    last_attempt_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
