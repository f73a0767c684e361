"""Stations, their history, variables and credentials on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from forecourt.kit.ids import encode_id
from forecourt.network.models import (
    Station,
    StationBoot,
    StationCredential,
    StationEvent,
    StatusInterval,
    Variable,
)
from forecourt.network.schemas.places import Strict

Strictness = Literal["strict", "standard", "lenient"]


class StationIn(Strict):
    """A new station, before it connects."""

    identity: str = Field(min_length=1, max_length=100, examples=["CP-0042"])
    location_id: str = Field(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])
    label: str | None = Field(default=None, max_length=100)
    password: str | None = Field(
        default=None, min_length=1, max_length=128, description="Made for you if left out"
    )
    allow_plain: bool = Field(default=False, description="Let it connect without a password (profile 0)")
    free_vend: bool = Field(default=False, description="Charge without a token")
    security_profile: int = Field(default=1, ge=0, le=3)
    strictness: Strictness = "standard"
    quirks: dict[str, Any] = Field(default_factory=dict, examples=[{"assume_16": True, "ping": "off"}])
    heartbeat_interval_s: int = Field(default=300, ge=10, le=86400)


class StationPatch(Strict):
    """What to change of a station."""

    location_id: str | None = None
    label: str | None = Field(default=None, max_length=100)
    allow_plain: bool | None = None
    free_vend: bool | None = None
    security_profile: int | None = Field(default=None, ge=0, le=3)
    strictness: Strictness | None = None
    quirks: dict[str, Any] | None = None
    heartbeat_interval_s: int | None = Field(default=None, ge=10, le=86400)
    blocked: bool | None = None


class StationOut(BaseModel):
    """A station: who it is, how it may connect, and how it is."""

    id: str = Field(examples=["sta_01jz8q3v5de8qbn1c2x4y6z7a8"])
    identity: str = Field(examples=["CP-0042"])
    location_id: str | None
    label: str | None
    registration: str = Field(examples=["adopted"])
    blocked: bool
    link: str = Field(examples=["online"])
    link_since: datetime | None
    last_seen_at: datetime | None
    status: str | None
    status_since: datetime | None
    error_code: str | None
    protocol: str | None = Field(examples=["ocpp1.6"])
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    boot_status: str | None
    booted_at: datetime | None
    clock_skew_ms: int
    free_vend: bool
    allow_plain: bool
    security_profile: int
    strictness: str
    quirks: dict[str, Any]
    heartbeat_interval_s: int
    remote_address: str | None
    retired_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

    @classmethod
    def of(cls, row: Station) -> StationOut:
        """From the row."""
        fields = {name: getattr(row, name) for name in cls.model_fields if name not in ("id", "location_id")}
        return cls(
            id=encode_id("sta", row.id),
            location_id=encode_id("loc", row.location_id) if row.location_id else None,
            **fields,
        )


class StationWithPassword(BaseModel):
    """A station and its new password, told this once."""

    station: StationOut
    password: str | None = Field(description="Null if it needs none, or keeps the one it has")


class SwapIn(Strict):
    """The station that takes the place: by its knock, or one that is adopted already."""

    knock_id: str | None = Field(default=None, examples=["knk_01jz8q3v5de8qbn1c2x4y6z7a8"])
    new_station_id: str | None = None
    mappings: list[MappingIn] | None = Field(
        default=None, description="Which number each EVSE gets; left out, they keep theirs"
    )


class MappingIn(Strict):
    """The number of an EVSE at the new station."""

    evse_id: str
    evse_no: int = Field(ge=1, le=200)
    connector_no: int | None = Field(default=None, ge=1, le=200)


class CredentialIn(Strict):
    """A rotation."""

    password: str | None = Field(
        default=None, min_length=1, max_length=128, description="Made for you if left out"
    )
    grace_s: int | None = Field(
        default=None,
        ge=0,
        le=30 * 86400,
        description="Old passwords end at the first use of the new one; with this, after so many seconds at the latest",
    )
    push: bool = Field(default=False, description="Also write it into the station, if it is online")


class CredentialOut(BaseModel):
    """A password as far as it can be shown."""

    id: str = Field(examples=["scr_01jz8q3v5de8qbn1c2x4y6z7a8"])
    weak: bool
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    replaced_at: datetime | None = Field(
        description="A newer one was made in its place: it ends when the station first uses that one"
    )

    @classmethod
    def of(cls, row: StationCredential) -> CredentialOut:
        """From the row."""
        return cls(
            id=encode_id("scr", row.id),
            weak=row.weak,
            created_at=row.created_at,
            created_by=row.created_by,
            expires_at=row.expires_at,
            replaced_at=row.replaced_at,
        )


class CredentialMade(CredentialOut):
    """A new password, told this once."""

    password: str


class StatusIntervalOut(BaseModel):
    """One status from one moment to another."""

    id: str
    station_id: str
    connector_id: str | None = Field(description="Null: the station as a whole")
    track: str = Field(examples=["status"], description="`status`, or `link` for the socket")
    status: str
    started_at: datetime
    ended_at: datetime | None
    late: bool = Field(description="It arrived after a newer one")
    cause: str | None
    info: str | None
    message_id: str | None
    raw_at: datetime | None = Field(description="The station's own stamp")
    received_at: datetime

    @classmethod
    def of(cls, row: StatusInterval) -> StatusIntervalOut:
        """From the row."""
        own = ("id", "station_id", "connector_id")
        return cls(
            id=encode_id("sti", row.id),
            station_id=encode_id("sta", row.station_id),
            connector_id=encode_id("con", row.connector_id) if row.connector_id else None,
            **{name: getattr(row, name) for name in cls.model_fields if name not in own},
        )


class VariableOut(BaseModel):
    """A variable, or an OCPP 1.6 key (then `component` is empty)."""

    component: str
    component_instance: str | None
    evse_no: int | None
    connector_no: int | None
    variable: str = Field(examples=["HeartbeatInterval"])
    variable_instance: str | None
    attribute: str = Field(examples=["Actual"])
    value: str | None = Field(examples=["300"])
    mutability: str | None
    data_type: str | None
    unit: str | None
    changed_at: datetime
    seen_at: datetime

    @classmethod
    def of(cls, row: Variable) -> VariableOut:
        """From the row."""
        own = ("component_instance", "variable_instance", "evse_no", "connector_no")
        return cls(
            component_instance=row.component_instance or None,
            variable_instance=row.variable_instance or None,
            evse_no=row.evse_no or None,
            connector_no=row.connector_no or None,
            **{name: getattr(row, name) for name in cls.model_fields if name not in own},
        )


class StationEventOut(BaseModel):
    """A problem or a security event, as reported."""

    id: str
    kind: str = Field(examples=["security"])
    code: str = Field(examples=["SettingSystemTime"])
    cleared: bool
    evse_no: int | None
    connector_no: int | None
    reported_at: datetime | None
    received_at: datetime
    data: dict[str, Any]

    @classmethod
    def of(cls, row: StationEvent) -> StationEventOut:
        """From the row."""
        return cls(
            id=encode_id("sev", row.id),
            **{name: getattr(row, name) for name in cls.model_fields if name != "id"},
        )


class BootOut(BaseModel):
    """A boot, or several equal ones in a row."""

    first_at: datetime
    last_at: datetime
    count: int
    reason: str | None
    answer: str
    protocol: str | None
    data: dict[str, Any]

    @classmethod
    def of(cls, row: StationBoot) -> BootOut:
        """From the row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


SwapIn.model_rebuild()
