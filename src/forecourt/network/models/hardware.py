"""Stations: the hardware, how it proves who it is, where it is installed and what it is configured to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, Revision, TenantRow, Timestamps, tenant_fk
from forecourt.network.models.partner_sql import by_evse, by_location, by_station


class Station(TenantRow, Timestamps, Revision, Base):
    """The hardware behind one OCPP identity.

    `registration` goes `knocking → adopted → retired`; `link` is a fact about the socket only.
    """

    __tablename__ = "station"
    followed = "station"
    __table_args__ = (
        ForeignKeyConstraint(["operator_id"], ["operator.id"], name="fk_station_operator"),
        tenant_fk("location_id", target="location"),
        Index(
            "uq_station_identity",
            "operator_id",
            text("lower(identity)"),
            unique=True,
            postgresql_where=text("registration <> 'retired'"),
        ),
        Index("ix_station_location", "operator_id", "location_id"),
        Index("ix_station_list", "operator_id", "identity", "id"),
        Index("uq_station_id", "id", unique=True),
        Index("ix_station_directory_change", "directory_change"),
        Index("ix_station_knocking", "operator_id", postgresql_where=text("registration = 'knocking'")),
        {"info": {"partner_sql": by_location("station")}},
    )

    identity: Mapped[str]
    """As registered; compared without case. A retired station gives it free for the hardware that follows."""
    location_id: Mapped[UUID | None]
    label: Mapped[str | None]
    registration: Mapped[str] = mapped_column(default="adopted", server_default="adopted")
    blocked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    retired_at: Mapped[datetime | None]

    protocol: Mapped[str | None]
    """Subprotocol of the last connection, e.g. `ocpp1.6`."""
    vendor: Mapped[str | None]
    model: Mapped[str | None]
    serial_number: Mapped[str | None]
    firmware_version: Mapped[str | None]

    free_vend: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    allow_plain: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """May connect without any credential (security profile 0)."""
    security_profile: Mapped[int] = mapped_column(default=1, server_default="1")
    """The lowest profile that the station may connect with."""
    strictness: Mapped[str] = mapped_column(default="standard", server_default="standard")
    """`strict`, `standard` or `lenient`."""
    quirks: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Flags by name: `assume_16`, `ping` (`on`, `observe`, `off`), `no_millis`, …"""
    heartbeat_interval_s: Mapped[int] = mapped_column(default=300, server_default="300")

    link: Mapped[str] = mapped_column(default="offline", server_default="offline")
    link_since: Mapped[datetime | None]
    link_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    remote_address: Mapped[str | None]
    last_seen_at: Mapped[datetime | None]
    """Coarse: at most one write in five minutes."""
    clock_skew_ms: Mapped[int] = mapped_column(default=0, server_default="0")
    """The station's clock minus ours."""
    boot_status: Mapped[str | None]
    booted_at: Mapped[datetime | None]
    status: Mapped[str | None]
    """The last status reported for the station as a whole (EVSE 0)."""
    status_since: Mapped[datetime | None]
    error_code: Mapped[str | None]
    reported: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Outlets reported before adoption: `"evse_no/connector_no"` → status."""
    directory_change: Mapped[int] = mapped_column(server_default=text("(pg_current_xact_id()::text::bigint)"))
    """The transaction that last changed what gateways keep of it (see `network.directory`)."""


class Installation(TenantRow, CreatedAt, Base):
    """An EVSE served by a station, from one day to another.

    `connector_no` is null when the station numbers connectors within the EVSE (OCPP 2.x); for OCPP 1.6 it is
    the connector of the EVSE when several plugs share one outlet.
    """

    __tablename__ = "installation"
    __table_args__ = (
        tenant_fk("evse_id", target="evse"),
        tenant_fk("station_id", target="station"),
        Index(
            "uq_installation_current",
            "operator_id",
            "station_id",
            "evse_no",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index("ix_installation_evse", "operator_id", "evse_id", "valid_from"),
        {"info": {"partner_sql": by_evse("installation")}},
    )

    evse_id: Mapped[UUID]
    station_id: Mapped[UUID]
    evse_no: Mapped[int]
    """OCPP EVSE number; for OCPP 1.6 the connector number on the wire."""
    connector_no: Mapped[int | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class StationCredential(TenantRow, CreatedAt, Base):
    """A Basic-auth password, as HMAC-SHA-256 under a salt of its own and a pepper from the settings."""

    __tablename__ = "station_credential"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        Index("ix_station_credential_station", "operator_id", "station_id"),
        Index("ix_station_credential_end", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        {"info": {"partner_sql": "false"}},
    )

    station_id: Mapped[UUID]
    salt: Mapped[bytes]
    hash: Mapped[bytes]
    weak: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_by: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    """When it ends at the latest, if somebody set an end to it."""
    replaced_at: Mapped[datetime | None]
    """When a newer one was made in its place: it ends at that one's first use."""
    revoked_at: Mapped[datetime | None]


class StationBoot(TenantRow, Base):
    """One BootNotification that differs from the one before, or came later than a loop would."""

    __tablename__ = "station_boot"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        Index("ix_station_boot_station", "operator_id", "station_id", "last_at"),
        {"info": {"partner_sql": by_station("station_boot")}},
    )

    station_id: Mapped[UUID]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=1, server_default="1")
    reason: Mapped[str | None]
    answer: Mapped[str]
    protocol: Mapped[str | None]
    data: Mapped[dict[str, Any]]


class Variable(TenantRow, Base):
    """A variable of the device model, or an OCPP 1.6 configuration key (component `""`).

    Absent instances are `""`, absent numbers 0, so that the natural key needs no null.
    """

    __tablename__ = "variable"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        Index(
            "uq_variable_name",
            "operator_id",
            "station_id",
            "component",
            "component_instance",
            "evse_no",
            "connector_no",
            "variable",
            "variable_instance",
            "attribute",
            unique=True,
        ),
        {"info": {"partner_sql": by_station("variable")}},
    )

    station_id: Mapped[UUID]
    component: Mapped[str]
    component_instance: Mapped[str]
    evse_no: Mapped[int]
    connector_no: Mapped[int]
    variable: Mapped[str]
    variable_instance: Mapped[str]
    attribute: Mapped[str]
    value: Mapped[str | None]
    mutability: Mapped[str | None]
    data_type: Mapped[str | None]
    unit: Mapped[str | None]
    changed_at: Mapped[datetime]
    seen_at: Mapped[datetime]
