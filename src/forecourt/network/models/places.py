"""Locations, EVSEs and connectors: what the public knows, and what outlives the hardware."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, Revision, TenantRow, Timestamps, tenant_fk
from forecourt.network.models.partner_sql import by_evse, by_location


class Location(TenantRow, Timestamps, Revision, Base):
    """A site with one address and one time zone."""

    __tablename__ = "location"
    followed = "location"
    __table_args__ = (
        tenant_fk("host_partner_id", target="partner", name="fk_location_host_partner"),
        Index("ix_location_list", "operator_id", "name", "id"),
        {"info": {"partner_sql": by_location("location", "id")}},
    )

    name: Mapped[str]
    address: Mapped[str | None]
    city: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str]
    """ISO 3166-1 alpha-2."""
    latitude: Mapped[Decimal | None]
    longitude: Mapped[Decimal | None]
    time_zone: Mapped[str]
    """IANA name, e.g. `Europe/Berlin`."""
    opening_hours: Mapped[dict[str, Any] | None]
    host_partner_id: Mapped[UUID | None]
    retired_at: Mapped[datetime | None]


class Evse(TenantRow, Timestamps, Revision, Base):
    """The place where one car charges at a time. Belongs to its location, not to the hardware."""

    __tablename__ = "evse"
    followed = "evse"
    __table_args__ = (
        tenant_fk("location_id", target="location"),
        Index("uq_evse_uid", "operator_id", text("upper(evse_uid)"), unique=True),
        Index("ix_evse_location", "operator_id", "location_id"),
        Index("ix_evse_list", "operator_id", "evse_uid", "id"),
        {"info": {"partner_sql": by_location("evse")}},
    )

    location_id: Mapped[UUID]
    evse_uid: Mapped[str]
    """eMI³ id, e.g. `DE*FCT*E1024*1`. Never used again."""
    label: Mapped[str | None]
    """What is written on the outlet."""
    max_power_w: Mapped[int | None]
    retired_at: Mapped[datetime | None]


class Connector(TenantRow, Timestamps, Revision, Base):
    """One plug or socket of an EVSE. `status` is the last one reported; the intervals are the history."""

    __tablename__ = "connector"
    followed = "connector"
    __table_args__ = (
        tenant_fk("evse_id", target="evse"),
        Index("ix_connector_list", "operator_id", "created_at", "id"),
        Index("uq_connector_no", "operator_id", "evse_id", "connector_no", unique=True),
        {"info": {"partner_sql": by_evse("connector")}},
    )

    evse_id: Mapped[UUID]
    connector_no: Mapped[int]
    """Number within the EVSE, from 1, as in OCPP 2.x."""
    connector_type: Mapped[str | None]
    """As in OCPI `ConnectorType`, e.g. `IEC_62196_T2_COMBO`."""
    format: Mapped[str | None]
    """`socket` or `cable`."""
    power_type: Mapped[str | None]
    """`ac_1_phase`, `ac_3_phase` or `dc`."""
    max_power_w: Mapped[int | None]
    max_current_a: Mapped[Decimal | None]
    max_voltage_v: Mapped[Decimal | None]
    status: Mapped[str | None]
    status_since: Mapped[datetime | None]
    error_code: Mapped[str | None]
    retired_at: Mapped[datetime | None] = mapped_column(default=None)
