"""Rows of the console's tables on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

State = Literal[
    "faulted", "offline", "suspended_station", "unavailable", "suspended_car", "finishing", "preparing",
    "occupied", "charging", "reserved", "available", "unknown",
]  # fmt: skip
"""What a connector is to an operator, worst first; a station is what its worst connector is."""


class ConnectorRow(BaseModel):
    """A connector that the station serves now, and the session that is open at it."""

    id: str = Field(examples=["con_01jz8q3v5de8qbn1c2x4y6z7a8"])
    evse_id: str
    evse_uid: str = Field(examples=["DE*FCT*E1024*1"])
    evse_no: int
    connector_no: int
    connector_type: str | None
    max_power_w: int | None
    status: str | None = Field(examples=["occupied"], description="As the station reported it last")
    status_since: datetime | None
    error_code: str | None
    session_id: str | None
    session_state: str | None = Field(examples=["charging"])
    power_w: Decimal | None
    energy_wh: Decimal | None = Field(description="Of the open session")
    measured_at: datetime | None = Field(description="When the session said something last")


class StationRow(BaseModel):
    """A station as a table shows it."""

    id: str = Field(examples=["sta_01jz8q3v5de8qbn1c2x4y6z7a8"])
    identity: str = Field(examples=["CP-0042"])
    label: str | None
    state: State = Field(description="Of its worst connector; `offline` if it is not connected")
    link: str = Field(examples=["online"])
    link_since: datetime | None
    last_seen_at: datetime | None
    blocked: bool
    protocol: str | None
    vendor: str | None
    model: str | None
    firmware_version: str | None
    error_code: str | None
    location_id: str | None
    location_name: str | None
    city: str | None
    country: str | None
    time_zone: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    connectors: list[ConnectorRow]
    open_sessions: int
    power_w: Decimal | None = Field(description="Of all open sessions; null if it is offline")
    energy_today_wh: Decimal = Field(description="Since midnight in the operator's time zone")
    revision: int


class StationTable(BaseModel):
    """Some rows, and how many there are in all."""

    items: list[StationRow]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")
    total: int | None = Field(description="Rows that fit the filters; told with the first page only.")


class StationFacets(BaseModel):
    """What stations can be filtered by, with how many there are of each."""

    total: int
    states: dict[str, int] = Field(examples=[{"charging": 12, "offline": 2}])
    countries: dict[str, int] = Field(examples=[{"DE": 40}])
    models: dict[str, int]
    protocols: dict[str, int] = Field(examples=[{"ocpp1.6": 20}])


class SearchHit(BaseModel):
    """Something that was found."""

    kind: Literal["station", "location", "session", "token", "tariff", "user"]
    id: str
    title: str = Field(examples=["CP-0042"])
    detail: str | None = Field(examples=["Adlershof, Berlin"])
    state: str | None = Field(default=None, description="Of a station or session")


class SearchOut(BaseModel):
    """The best of each kind, kinds in the order station, location, session, token, tariff, user."""

    items: list[SearchHit]
