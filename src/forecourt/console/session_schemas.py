"""Rows of the table of sessions on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, Field


class SessionRow(BaseModel):
    """A session as a table shows it, with the names of what it belongs to."""

    id: str = Field(examples=["ses_01jz8q3v5de8qbn1c2x4y6z7a8"])
    state: str = Field(examples=["charging"])
    station_id: str
    station: str | None = Field(examples=["CP-0042"], description="Its identity; null if it may not be seen")
    link: str | None = Field(examples=["online"], description="Whether the station is connected")
    location_id: str | None
    location: str | None = Field(examples=["Adlershof"])
    city: str | None
    time_zone: str
    evse_id: str | None
    evse_uid: str | None = Field(examples=["DE*FCT*E1024*1"])
    evse_no: int | None
    connector_no: int | None
    connector_type: str | None = Field(examples=["IEC_62196_T2_COMBO"])
    max_power_w: Decimal | None
    protocol: str = Field(examples=["ocpp1.6"])
    transaction: str | None
    token: str | None = Field(
        examples=["04A2B3C4D5E680"],
        description="The driver's token; only its last four characters without `tokens:read`, none for partners",
    )
    token_id: str | None
    token_type: str | None
    token_label: str | None = Field(description="Printed on it")
    token_status: str | None
    opened_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None
    end_cause: str | None
    stop_reason: str | None
    last_at: datetime | None = Field(description="Time of the latest fact")
    energy_wh: Decimal
    held_wh: Decimal = Field(description="Neither billed nor dropped: to be judged by a person")
    power_w: Decimal | None = Field(description="While it is open")
    soc_percent: Decimal | None
    currency: str | None
    cost: Decimal | None = Field(description="So far, or of the latest record: with tax, rounded")
    final: bool = Field(description="The cost is of a charge detail record")
    quality: list[str] = Field(examples=[["jump_held"]])
    settle_after: datetime | None
    settled_at: datetime | None
    settled_revision: int | None
    revision: int


class SessionTable(BaseModel):
    """Some rows, and how many there are in all."""

    items: list[SessionRow]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")
    total: int | None = Field(
        description="Rows that fit the filters; told with the first page, and only up to 10,000."
    )


class SessionFacets(BaseModel):
    """What is going on, and what waits for a person."""

    open: int
    states: dict[str, int] = Field(
        examples=[{"charging": 12, "suspended_ev": 2}], description="Of the open ones"
    )
    orphans: int = Field(description="Stops and readings that fit no session, not judged yet")
    findings: int = Field(description="Not resolved yet")
