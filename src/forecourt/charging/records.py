"""Tables of what stations measured and what came of it: readings, signed values, orphans, findings, CDRs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, TenantRow, tenant_fk

SESSION_PARTNER_SQL = (
    "EXISTS (SELECT 1 FROM session s WHERE s.operator_id = {table}.operator_id AND s.id = {table}.session_id)"
)
"""A partner sees what belongs to a session that it sees (the session's own policy decides)."""


class MeterReadingRow(Base):
    """All that a station measured at one of its time stamps. Wh, W, A, V, percent, °C.

    `scope` is `t:TRANSACTION` or `e:EVSE`. `stamped_at` is what was read from `raw_stamp` (the epoch when
    it means nothing, then `discriminator` tells samples apart), `measured_at` is the time that counts.
    """

    __tablename__ = "meter_reading"
    __table_args__ = (
        Index("ix_meter_reading_session", "operator_id", "session_id", "measured_at"),
        {
            "postgresql_partition_by": "RANGE (stamped_at)",
            "info": {"append_only": "fill", "partner_sql": SESSION_PARTNER_SQL.format(table="meter_reading")},
        },
    )

    operator_id: Mapped[UUID] = mapped_column(primary_key=True)
    station_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    raw_stamp: Mapped[str] = mapped_column(primary_key=True)
    context: Mapped[str] = mapped_column(primary_key=True)
    discriminator: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamped_at: Mapped[datetime] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None]
    evse_no: Mapped[int | None]
    measured_at: Mapped[datetime]
    received_at: Mapped[datetime]
    message_id: Mapped[str | None]
    quality: Mapped[str | None]
    import_wh: Mapped[Decimal | None]
    export_wh: Mapped[Decimal | None]
    import_interval_wh: Mapped[Decimal | None]
    export_interval_wh: Mapped[Decimal | None]
    power_w: Mapped[Decimal | None]
    power_l1_w: Mapped[Decimal | None]
    power_l2_w: Mapped[Decimal | None]
    power_l3_w: Mapped[Decimal | None]
    current_a: Mapped[Decimal | None]
    current_l1_a: Mapped[Decimal | None]
    current_l2_a: Mapped[Decimal | None]
    current_l3_a: Mapped[Decimal | None]
    voltage_v: Mapped[Decimal | None]
    voltage_l1_v: Mapped[Decimal | None]
    voltage_l2_v: Mapped[Decimal | None]
    voltage_l3_v: Mapped[Decimal | None]
    soc_percent: Mapped[Decimal | None]
    temperature_c: Mapped[Decimal | None]
    power_offered_w: Mapped[Decimal | None]
    current_offered_a: Mapped[Decimal | None]
    other: Mapped[dict[str, Any] | None]


class SignedValueRow(TenantRow, CreatedAt, Base):
    """A signed meter value, verbatim; the same text of the same scope is kept once."""

    __tablename__ = "signed_value"
    __table_args__ = (
        UniqueConstraint("operator_id", "station_id", "scope", "digest", name="uq_signed_value_digest"),
        Index("ix_signed_value_session", "operator_id", "session_id"),
        {"info": {"append_only": "fill", "partner_sql": SESSION_PARTNER_SQL.format(table="signed_value")}},
    )

    station_id: Mapped[UUID]
    scope: Mapped[str]
    digest: Mapped[str]
    session_id: Mapped[UUID | None]
    measured_at: Mapped[datetime]
    context: Mapped[str | None]
    measurand: Mapped[str | None]
    data: Mapped[str]
    signing_method: Mapped[str | None]
    encoding_method: Mapped[str | None]
    public_key: Mapped[str | None]


class Orphan(TenantRow, Base):
    """A stop or reading that fits no session: parked, shown, matched later."""

    __tablename__ = "orphan"
    __table_args__ = (
        UniqueConstraint("operator_id", "station_id", "fact_key", name="uq_orphan_fact"),
        Index("ix_orphan_received", "operator_id", "received_at", "id"),
        Index("ix_orphan_unmatched", "station_id", postgresql_where=text("matched_session_id IS NULL")),
    )

    station_id: Mapped[UUID]
    fact_key: Mapped[str]
    kind: Mapped[str]
    reason_code: Mapped[str]
    transaction: Mapped[str | None]
    evse_no: Mapped[int | None]
    token_value: Mapped[str | None]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    meter_wh: Mapped[Decimal | None]
    detail: Mapped[dict[str, Any] | None]
    message_id: Mapped[str | None]
    matched_session_id: Mapped[UUID | None]
    matched_at: Mapped[datetime | None]
    matched_by: Mapped[str | None]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[str | None]
    dismiss_reason: Mapped[str | None]


class Finding(TenantRow, Base):
    """Something about station data that a person should judge. `code` and `params` make the sentence."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("operator_id", "fact_key", name="uq_finding_fact"),
        Index("ix_finding_found", "operator_id", "found_at", "id"),
    )

    fact_key: Mapped[str]
    found_at: Mapped[datetime]
    code: Mapped[str]
    params: Mapped[dict[str, Any]]
    station_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolve_reason: Mapped[str | None]


class ChargeDetailRecord(TenantRow, CreatedAt, Base):
    """The result of a session, final and immutable; a correction is a row with the next revision.

    `timeline`: the segments that were rated, compact. `charging_periods`: OCPI dimensions. Totals in minor
    units, `price` has the exact amounts and the trace.
    """

    __tablename__ = "charge_detail_record"
    __table_args__ = (
        tenant_fk("session_id", target="session"),
        UniqueConstraint("operator_id", "session_id", "revision", name="uq_charge_detail_record_revision"),
        Index("ix_charge_detail_record_created", "operator_id", "created_at", "id"),
        {
            "info": {
                "append_only": True,
                "partner_sql": SESSION_PARTNER_SQL.format(table="charge_detail_record"),
            }
        },
    )

    session_id: Mapped[UUID]
    revision: Mapped[int]
    station_id: Mapped[UUID]
    location_id: Mapped[UUID | None]
    evse_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    contract_id: Mapped[str | None]
    token_issuer: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    energy_wh: Mapped[Decimal]
    held_wh: Mapped[Decimal]
    charging_s: Mapped[int]
    idle_s: Mapped[int]
    occupancy_s: Mapped[int]
    quality: Mapped[list[str]]
    timeline: Mapped[dict[str, Any]]
    charging_periods: Mapped[list[dict[str, Any]]]
    currency: Mapped[str | None]
    total_before_taxes_minor: Mapped[int | None]
    total_after_taxes_minor: Mapped[int | None]
    price: Mapped[dict[str, Any] | None]
    tariff_version_id: Mapped[UUID | None]
    tariff_hash: Mapped[str | None]
    tariff: Mapped[dict[str, Any] | None]
    signed: Mapped[list[dict[str, Any]]]
