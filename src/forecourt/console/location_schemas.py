"""The table of locations on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field


class LocationRow(BaseModel):
    """A location with what stands there and what it does."""

    id: str = Field(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])
    name: str
    address: str | None
    city: str | None
    postal_code: str | None
    country: str
    latitude: Decimal | None
    longitude: Decimal | None
    time_zone: str
    opening_hours: dict[str, Any] | None
    state: str | None = Field(
        examples=["charging"], description="Of the worst station; null where none stands"
    )
    stations: int
    connector_states: dict[str, int] = Field(examples=[{"available": 3, "charging": 1}])
    open_sessions: int
    power_w: Decimal
    energy_today_wh: Decimal
    retired_at: datetime | None
    revision: int


class LocationTable(BaseModel):
    """Some locations, and where the next begin."""

    items: list[LocationRow]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")
    total: int | None = Field(description="Rows that fit the filters; told with the first page only.")


class LocationFacets(BaseModel):
    """Open locations, counted."""

    total: int
    states: dict[str, int] = Field(examples=[{"charging": 12, "offline": 2}])
    countries: dict[str, int] = Field(examples=[{"DE": 40}])


class LocationLoad(BaseModel):
    """Mean power in each quarter of an hour of today, by the location's own midnight."""

    at: list[datetime]
    power_w: list[Decimal | None] = Field(description="Null where cars charged and nothing was told")
    day: datetime
    time_zone: str
