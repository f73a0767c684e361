"""Raw frames, who holds which station's socket, and which gateways live."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, Json, TenantRow


class MessageLog(TenantRow, Base):
    """One frame, in or out, with our reply to it; secrets redacted. Partitioned by day; retention drops partitions.

    A message of the station and our reply are one row: they are written in one transaction, read together,
    and cost half of two. The answer to a call of ours comes later, so it is a row of its own.
    """

    __tablename__ = "message_log"
    __table_args__ = (
        Index("ix_message_log_station", "operator_id", "station_id", "received_at"),
        Index(
            "ix_message_log_correlation",
            "operator_id",
            "correlation",
            postgresql_where=text("correlation IS NOT NULL"),
        ),
        Index(
            "ix_message_log_error", "operator_id", "received_at", postgresql_where=text("error IS NOT NULL")
        ),
        {
            "postgresql_partition_by": "RANGE (received_at)",
            "info": {"append_only": True, "app_grants": "SELECT", "partner_sql": "false"},
        },
    )

    received_at: Mapped[datetime] = mapped_column(primary_key=True)
    """When it came in or went out, by our clock."""
    station_id: Mapped[UUID]
    direction: Mapped[str]
    """`in` from the station, `out` to it."""
    type: Mapped[int]
    """2 CALL, 3 CALLRESULT, 4 CALLERROR, 5 CALLRESULTERROR, 6 SEND, 0 unreadable."""
    message_id: Mapped[str]
    action: Mapped[str]
    payload: Mapped[str]
    """The whole frame as text."""
    correlation: Mapped[str | None]
    """The command (`cmd_…`) that a call of ours, or the answer to it, belongs to."""
    error: Mapped[str | None]
    """Why the frame was refused, parked or dropped: a code."""
    quirks: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    """Deviations that were tolerated."""
    replied_at: Mapped[datetime | None]
    reply_type: Mapped[int | None]
    """3 CALLRESULT, 4 CALLERROR."""
    reply: Mapped[str | None]
    """Our whole reply as text."""


LOG_COLUMNS = (
    "operator_id", "id", "received_at", "station_id", "direction", "type", "message_id", "action", "payload",
    "correlation", "error", "quirks", "replied_at", "reply_type", "reply",
)  # fmt: skip


class StationLink(Base):
    """Who holds a station's socket. `epoch` counts its connections: the newest fences all older ones."""

    __tablename__ = "station_link"
    __table_args__ = (
        Index("ix_station_link_node", "node", postgresql_where=text("disconnected_at IS NULL")),
        {"info": {"app_grants": "SELECT", "partner_sql": "false"}},
    )

    operator_id: Mapped[UUID] = mapped_column(primary_key=True)
    station_id: Mapped[UUID] = mapped_column(primary_key=True)
    node: Mapped[str]
    epoch: Mapped[int]
    protocol: Mapped[str]
    security_profile: Mapped[int]
    remote_address: Mapped[str | None]
    connected_at: Mapped[datetime]
    disconnected_at: Mapped[datetime | None]
    boot_accepted: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether its last boot was accepted: OCPP 2.x may not send anything else before."""


class GatewayNode(Base):
    """A gateway process that lives until its lease is over, by the database's clock."""

    __tablename__ = "gateway_node"

    node: Mapped[str] = mapped_column(primary_key=True)
    lease_until: Mapped[datetime]
