"""Tracked instructions to stations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, Revision, TenantRow, tenant_fk
from forecourt.network.models.partner_sql import by_station

COMMAND_NUMBER = Sequence(
    "command_number", metadata=Base.metadata, minvalue=1, maxvalue=2**31 - 1, cycle=True
)
"""int32 numbers that stations echo: `remoteStartId`, `requestId` of a report."""


class Command(TenantRow, CreatedAt, Revision, Base):
    """`pending → sent → accepted | rejected | failed | timed_out`, then `effective` or `ineffective`."""

    __tablename__ = "command"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        Index("ix_command_list", "operator_id", "created_at", "id"),
        Index("ix_command_station", "operator_id", "station_id", "created_at"),
        Index(
            "ix_command_open",
            "expires_at",
            postgresql_where=text("status IN ('pending', 'sent')"),
        ),
        Index("ix_command_number", "station_id", "number"),
        Index(
            "ix_command_unproven",
            "station_id",
            "created_at",
            postgresql_where=text("effective_at IS NULL AND status IN ('sent', 'accepted', 'timed_out')"),
        ),
        {"info": {"partner_sql": by_station("command")}},
    )

    station_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(COMMAND_NUMBER, server_default=COMMAND_NUMBER.next_value())
    kind: Mapped[str]
    """As in the address: `remote-start`, `reset`, …"""
    params: Mapped[dict[str, Any]]
    """What was asked for; secrets are replaced by `***`."""
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    reason: Mapped[str | None]
    reply: Mapped[dict[str, Any] | None]
    requested_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    effective_at: Mapped[datetime | None]
    evidence: Mapped[dict[str, Any] | None]
    """What showed that it took effect."""
