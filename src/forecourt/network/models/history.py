"""What stations reported, kept: status intervals, problems and security events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, TenantRow, tenant_fk
from forecourt.network.models.partner_sql import by_station


class StatusInterval(TenantRow, Base):
    """One status of a station or connector, from one moment to another. Only `ended_at` is ever filled in.

    `track` is `status` (what the hardware says) or `link` (whether its socket is open). `late` marks a status
    that arrived after a newer one: it belongs to the history and changes nothing now.
    """

    __tablename__ = "status_interval"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        tenant_fk("connector_id", target="connector"),
        Index(
            "uq_status_interval_open",
            "operator_id",
            "station_id",
            "connector_id",
            "track",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_status_interval_connector", "operator_id", "connector_id", "started_at"),
        Index("ix_status_interval_station", "operator_id", "station_id", "started_at"),
        {"info": {"partner_sql": by_station("status_interval"), "append_only": "fill"}},
    )

    station_id: Mapped[UUID]
    connector_id: Mapped[UUID | None]
    track: Mapped[str] = mapped_column(default="status", server_default="status")
    status: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    cause: Mapped[str | None]
    """Code of why: the OCPP error code, `connected`, a close reason, `swapped`, …"""
    info: Mapped[str | None]
    message_id: Mapped[str | None]
    """The message that said so, as in the message log."""
    raw_at: Mapped[datetime | None]
    """The station's own stamp, uncorrected."""
    received_at: Mapped[datetime]


class StationEvent(TenantRow, Base):
    """A problem (NotifyEvent) or a security event, as reported."""

    __tablename__ = "station_event"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        Index("ix_station_event_station", "operator_id", "station_id", "received_at"),
        {"info": {"partner_sql": by_station("station_event"), "append_only": True}},
    )

    station_id: Mapped[UUID]
    kind: Mapped[str]
    """`problem` or `security`."""
    code: Mapped[str]
    """The security event's type, or `Component.Variable`."""
    cleared: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    evse_no: Mapped[int | None]
    connector_no: Mapped[int | None]
    reported_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    message_id: Mapped[str | None]
    data: Mapped[dict[str, Any]]
