"""Locations, EVSEs and connectors on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from forecourt.kit.ids import encode_id
from forecourt.network.errors import UnknownTimeZone
from forecourt.network.models import Connector, Evse, Location


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_time_zone(name: str) -> str:
    """The name itself, if it is in the IANA database.

    Raises:
        UnknownTimeZone: it is not.
    """
    if name not in _zones():
        raise UnknownTimeZone(f"{name!r} is not an IANA time zone, e.g. 'Europe/Berlin'", time_zone=name)
    return name


TimeZone = Annotated[str, AfterValidator(check_time_zone), Field(examples=["Europe/Berlin"])]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Latitude = Annotated[Decimal, Field(ge=-90, le=90, examples=["52.520008"])]
Longitude = Annotated[Decimal, Field(ge=-180, le=180, examples=["13.404954"])]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["DE"], description="ISO 3166-1 alpha-2")]
ConnectorType = Annotated[
    str, Field(max_length=50, examples=["IEC_62196_T2_COMBO"], description="As OCPI's ConnectorType")
]
PowerType = Literal["ac_1_phase", "ac_3_phase", "dc"]


class Strict(BaseModel):
    """Base of what comes in: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class LocationIn(Strict):
    """A new location."""

    name: Name = Field(examples=["Garage am Zoo"])
    country: Country
    time_zone: TimeZone
    address: str | None = Field(default=None, max_length=300, examples=["Budapester Str. 38"])
    city: str | None = Field(default=None, max_length=100, examples=["Berlin"])
    postal_code: str | None = Field(default=None, max_length=20, examples=["10787"])
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    opening_hours: dict[str, Any] | None = Field(
        default=None, examples=[{"twentyfourseven": True}], description="As OCPI's Hours"
    )
    host_partner_id: str | None = Field(default=None, description="The site host, a partner's id")


class LocationPatch(Strict):
    """What to change of a location; what is left out stays."""

    name: Name | None = None
    country: Country | None = None
    time_zone: TimeZone | None = None
    address: str | None = Field(default=None, max_length=300)
    city: str | None = Field(default=None, max_length=100)
    postal_code: str | None = Field(default=None, max_length=20)
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    opening_hours: dict[str, Any] | None = None
    host_partner_id: str | None = None


class LocationOut(BaseModel):
    """A location."""

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
    host_partner_id: str | None
    retired_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

    @classmethod
    def of(cls, row: Location) -> LocationOut:
        """From the row."""
        return cls(
            id=encode_id("loc", row.id),
            name=row.name,
            address=row.address,
            city=row.city,
            postal_code=row.postal_code,
            country=row.country,
            latitude=row.latitude,
            longitude=row.longitude,
            time_zone=row.time_zone,
            opening_hours=row.opening_hours,
            host_partner_id=encode_id("ptn", row.host_partner_id) if row.host_partner_id else None,
            retired_at=row.retired_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
            revision=row.revision,
        )


class EvseIn(Strict):
    """A new EVSE. Without `evse_uid` it gets one in eMI³ form."""

    location_id: str = Field(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])
    evse_uid: str | None = Field(default=None, min_length=3, max_length=48, examples=["DE*FCT*E1024*1"])
    label: str | None = Field(default=None, max_length=100)
    max_power_w: int | None = Field(default=None, ge=0, examples=[22000])
    station_id: str | None = Field(default=None, description="Install it at this station, too")
    evse_no: int | None = Field(
        default=None, ge=1, le=200, description="Its number there; needed with `station_id`"
    )


class EvsePatch(Strict):
    """What to change of an EVSE. Its id stays for ever."""

    label: str | None = Field(default=None, max_length=100)
    max_power_w: int | None = Field(default=None, ge=0)


class EvseOut(BaseModel):
    """An EVSE, and the hardware that serves it now."""

    id: str = Field(examples=["evs_01jz8q3v5de8qbn1c2x4y6z7a8"])
    evse_uid: str = Field(examples=["DE*FCT*E1024*1"])
    location_id: str
    label: str | None
    max_power_w: int | None
    station_id: str | None
    evse_no: int | None
    retired_at: datetime | None
    revision: int

    @classmethod
    def of(cls, row: Evse, served: tuple[str, int] | None = None) -> EvseOut:
        """From the row; `served` is the station's public id and its number for the EVSE."""
        return cls(
            id=encode_id("evs", row.id),
            evse_uid=row.evse_uid,
            location_id=encode_id("loc", row.location_id),
            label=row.label,
            max_power_w=row.max_power_w,
            station_id=served[0] if served else None,
            evse_no=served[1] if served else None,
            retired_at=row.retired_at,
            revision=row.revision,
        )


class ConnectorFields(Strict):
    """What an operator says of a connector."""

    connector_type: ConnectorType | None = None
    format: Literal["socket", "cable"] | None = None
    power_type: PowerType | None = None
    max_power_w: int | None = Field(default=None, ge=0, examples=[22000])
    max_current_a: Decimal | None = Field(default=None, ge=0, examples=["32"])
    max_voltage_v: Decimal | None = Field(default=None, ge=0, examples=["400"])


class ConnectorIn(ConnectorFields):
    """A new connector of an EVSE."""

    evse_id: str = Field(examples=["evs_01jz8q3v5de8qbn1c2x4y6z7a8"])
    connector_no: int = Field(ge=1, le=200, examples=[1])


class ConnectorOut(BaseModel):
    """A connector with its last known status; `offline` stations keep theirs (see the station's `link`)."""

    id: str = Field(examples=["con_01jz8q3v5de8qbn1c2x4y6z7a8"])
    evse_id: str
    connector_no: int
    connector_type: str | None
    format: str | None
    power_type: str | None
    max_power_w: int | None
    max_current_a: Decimal | None
    max_voltage_v: Decimal | None
    status: str | None = Field(examples=["available"])
    status_since: datetime | None
    error_code: str | None
    retired_at: datetime | None
    revision: int

    @classmethod
    def of(cls, row: Connector) -> ConnectorOut:
        """From the row."""
        return cls(
            id=encode_id("con", row.id),
            evse_id=encode_id("evs", row.evse_id),
            connector_no=row.connector_no,
            connector_type=row.connector_type,
            format=row.format,
            power_type=row.power_type,
            max_power_w=row.max_power_w,
            max_current_a=row.max_current_a,
            max_voltage_v=row.max_voltage_v,
            status=row.status,
            status_since=row.status_since,
            error_code=row.error_code,
            retired_at=row.retired_at,
            revision=row.revision,
        )
