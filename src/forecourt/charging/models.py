"""Tables of tokens, authorisations and sessions. Readings and what becomes of them: `records`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.charging.records import (
    SESSION_PARTNER_SQL,
    ChargeDetailRecord,
    Finding,
    MeterReadingRow,
    Orphan,
    SignedValueRow,
)
from forecourt.kit.columns import Base, CreatedAt, Revision, TenantRow, Timestamps, tenant_fk
from forecourt.kit.tenancy import PARTNER_SQL

__all__ = [
    "TRANSACTION_NO",
    "Authorisation",
    "ChargeDetailRecord",
    "Finding",
    "IdToken",
    "MeterReadingRow",
    "Orphan",
    "Session",
    "SessionTimeline",
    "SignedValueRow",
    "TokenGroup",
]

TRANSACTION_NO = Sequence("transaction_no", data_type=Integer, start=1, metadata=Base.metadata)
"""OCPP 1.6 transaction ids of all operators (int32, above zero); gateways take them in blocks."""


class TokenGroup(TenantRow, CreatedAt, Base):
    """Tokens that may stop each other's sessions (1.6 parentIdTag, 2.x groupIdToken)."""

    __tablename__ = "token_group"
    __table_args__ = (
        Index("uq_token_group_code", "operator_id", text("lower(code)"), unique=True),
        {
            "info": {
                "partner_sql": "EXISTS (SELECT 1 FROM partner_grant g WHERE g.operator_id = token_group.operator_id"  # noqa: S608
                f" AND g.partner_id = {PARTNER_SQL} AND g.subject_type = 'token_group'"
                " AND g.subject_id = token_group.id AND g.valid_from <= now()"
                " AND (g.valid_to IS NULL OR g.valid_to > now()))"
            }
        },
    )

    name: Mapped[str]
    code: Mapped[str]


class IdToken(TenantRow, Timestamps, Revision, Base):
    """Something that says who wants to charge. `value_key` is the value without case and separators."""

    __tablename__ = "id_token"
    followed = "token"
    __table_args__ = (
        tenant_fk("group_id", target="token_group"),
        UniqueConstraint("operator_id", "issuer", "type", "value_key", name="uq_id_token_value"),
        Index("ix_id_token_value", "operator_id", "value_key"),
        Index("ix_id_token_list", "operator_id", "created_at", "id"),
        {
            "info": {
                "partner_sql": "EXISTS (SELECT 1 FROM token_group tg WHERE tg.operator_id = id_token.operator_id"
                " AND tg.id = id_token.group_id)"
            }
        },
    )

    value: Mapped[str]
    value_key: Mapped[str]
    type: Mapped[str] = mapped_column(default="rfid")
    issuer: Mapped[str] = mapped_column(default="", server_default="")
    contract_id: Mapped[str | None]
    group_id: Mapped[UUID | None]
    visual_number: Mapped[str | None]
    whitelist: Mapped[str] = mapped_column(default="allowed", server_default="allowed")
    language: Mapped[str | None]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    block_reason: Mapped[str | None]


class Authorisation(TenantRow, CreatedAt, Base):
    """One attempt to be allowed to charge, with its answer and the reason for it. Never changed."""

    __tablename__ = "authorisation"
    __table_args__ = (
        Index("ix_authorisation_at", "operator_id", "at", "id"),
        Index("ix_authorisation_token", "operator_id", "token_id", "at"),
        Index("ix_authorisation_station", "operator_id", "station_id", "at"),
        {"info": {"append_only": True}},
    )

    at: Mapped[datetime]
    kind: Mapped[str]
    station_id: Mapped[UUID]
    evse_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    token_value: Mapped[str]
    token_type: Mapped[str | None]
    status: Mapped[str]
    reason_code: Mapped[str | None]
    reason_params: Mapped[dict[str, Any] | None]
    issuer: Mapped[str | None]
    contract_id: Mapped[str | None]
    payer: Mapped[str | None]
    guarantee: Mapped[dict[str, Any] | None]
    quote_hash: Mapped[str | None]
    limits: Mapped[dict[str, Any] | None]
    external_reference: Mapped[str | None]
    took_ms: Mapped[int | None]


class Session(TenantRow, CreatedAt, Revision, Base):
    """One car, one EVSE, from authorisation or plug-in to unplugging.

    `transaction` is the charger-given id. `start_key` finds a repeated 1.6 start. `fold` is the state of
    the running energy and price; `revision` is the fence of whoever writes the row. Money in major units,
    unrounded while open.
    """

    __tablename__ = "session"
    __table_args__ = (
        tenant_fk("station_id", target="station"),
        tenant_fk("location_id", target="location"),
        tenant_fk("evse_id", target="evse"),
        Index("uq_session_transaction", "operator_id", "station_id", "transaction", unique=True),
        Index("uq_session_start_key", "operator_id", "station_id", "start_key", unique=True),
        Index("ix_session_open", "station_id", postgresql_where=text("settled_at IS NULL")),
        Index("ix_session_due", "settle_after", postgresql_where=text("settle_after IS NOT NULL")),
        Index("ix_session_token_open", "operator_id", "token_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_session_token", "operator_id", "token_id", "opened_at"),
        Index("ix_session_opened", "operator_id", "opened_at", "id"),
        Index("ix_session_station", "operator_id", "station_id", "opened_at"),
        {
            "info": {
                "partner_sql": f"session.host_partner_id = {PARTNER_SQL} OR session.fleet_partner_id = {PARTNER_SQL}"
            }
        },
    )

    station_id: Mapped[UUID]
    location_id: Mapped[UUID | None]
    evse_id: Mapped[UUID | None]
    evse_no: Mapped[int | None]
    connector_no: Mapped[int | None]
    protocol: Mapped[str]
    transaction: Mapped[str | None]
    start_key: Mapped[str | None]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_cause: Mapped[str | None]
    stop_reason: Mapped[str | None]
    last_at: Mapped[datetime | None]
    token_id: Mapped[UUID | None]
    token_value: Mapped[str | None]
    token_type: Mapped[str | None]
    token_group: Mapped[str | None]
    token_status: Mapped[str | None]
    authorisation_id: Mapped[UUID | None]
    remote_start_no: Mapped[int | None]
    command_id: Mapped[UUID | None]
    host_partner_id: Mapped[UUID | None]
    fleet_partner_id: Mapped[UUID | None]
    tariff_version_id: Mapped[UUID | None]
    currency: Mapped[str | None]
    time_zone: Mapped[str]
    max_power_w: Mapped[Decimal | None]
    register: Mapped[str | None]
    energy_wh: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    held_wh: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    power_w: Mapped[Decimal | None]
    soc_percent: Mapped[Decimal | None]
    cost_before_taxes: Mapped[Decimal | None]
    cost_after_taxes: Mapped[Decimal | None]
    quality: Mapped[list[str]]
    seq: Mapped[dict[str, Any] | None]
    fold: Mapped[bytes | None]
    settle_after: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_revision: Mapped[int | None]


class SessionTimeline(TenantRow, Base):
    """One fact about a session's course, with its cause and the message or command behind it.

    `kind`: started, state, stopped, unplugged, closed_by_evidence, authorised, … `at` is the station's
    time, corrected; the same fact told twice has the same `fact_key`.
    """

    __tablename__ = "session_timeline"
    __table_args__ = (
        tenant_fk("session_id", target="session"),
        UniqueConstraint("operator_id", "session_id", "fact_key", name="uq_session_timeline_fact"),
        {"info": {"append_only": True, "partner_sql": SESSION_PARTNER_SQL.format(table="session_timeline")}},
    )

    session_id: Mapped[UUID]
    fact_key: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    kind: Mapped[str]
    state: Mapped[str | None]
    cause: Mapped[str | None]
    meter_wh: Mapped[Decimal | None]
    detail: Mapped[dict[str, Any] | None]
    message_id: Mapped[str | None]
