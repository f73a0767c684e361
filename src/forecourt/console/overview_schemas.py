"""What the overview asks, on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field


class Place(BaseModel):
    """A location with the state of its connectors, for a map."""

    id: str = Field(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])
    name: str
    city: str | None
    country: str
    latitude: Decimal | None
    longitude: Decimal | None
    states: dict[str, int] = Field(
        examples=[{"available": 6, "charging": 2}], description="Connectors by state"
    )


class LookAt(BaseModel):
    """Open sessions with something odd, each counted once, by the first of these that is so."""

    unseen: int = Field(description="Its station is offline")
    no_power: int = Field(description="The station holds it back")
    no_price: int = Field(description="No tariff: the driver pays nothing")
    silent: int = Field(description="Charging, but not a word for half an hour")


class Overview(BaseModel):
    """The whole network in figures, and where it is."""

    at: datetime
    stations: dict[str, int] = Field(
        examples=[{"available": 40, "charging": 14, "offline": 1}],
        description="By the state of the worst connector",
    )
    connectors: dict[str, int] = Field(examples=[{"available": 71, "charging": 22}], description="By state")
    open_sessions: int
    look_at: LookAt
    power_w: Decimal = Field(description="Of open sessions at stations that are online")
    places: list[Place] = Field(description="With at least one connector in service")


class DayRevenue(BaseModel):
    """What was earned, taxes included, in one currency; major units."""

    currency: str = Field(examples=["EUR"])
    total: Decimal
    so_far: Decimal
    by_quarter_hour: list[Decimal]


class Day(BaseModel):
    """One day. A session's energy and cost are spread evenly over the time that it charged."""

    starts_at: datetime
    ends_at: datetime
    energy_wh: Decimal
    energy_so_far_wh: Decimal = Field(description="Until this time of the day")
    energy_by_quarter_hour_wh: list[Decimal] = Field(
        description="Of today until now; the last one may be shorter"
    )
    revenue: list[DayRevenue] = Field(description="One for each currency; they never add up")


class TwoDays(BaseModel):
    """Today so far, and the whole of yesterday, in the operator's time zone."""

    at: datetime
    time_zone: str = Field(examples=["Europe/Berlin"])
    today: Day
    yesterday: Day


class FeedItem(BaseModel):
    """A fact as an operator reads it, with what it is about by name."""

    position: int
    at: datetime
    type: str = Field(examples=["connector.status_changed"])
    station_id: str | None
    identity: str | None = Field(examples=["CP-0042"])
    location_name: str | None
    time_zone: str | None
    evse_no: int | None
    connector_no: int | None
    session_id: str | None
    state: str | None = Field(examples=["charging"], description="Of the connector or session after it")
    detail: str | None = Field(examples=["GroundFailure"], description="A code that says why")
    energy_wh: Decimal | None
    cost: Decimal | None = Field(description="Taxes included, major units")
    currency: str | None


class Feed(BaseModel):
    """The newest facts, newest first."""

    items: list[FeedItem]
    last_minute: int = Field(
        description="How many facts there were in the last minute, of all kinds; 1,000 at most"
    )


FeedKind = Literal["all", "trouble", "sessions"]
