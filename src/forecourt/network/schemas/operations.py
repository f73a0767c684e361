"""The inbox and commands on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from forecourt.kit.ids import encode_id
from forecourt.network.models import Command, InboxWindow, Knock
from forecourt.network.schemas.places import Strict


class KnockOut(BaseModel):
    """An unregistered identity that connected."""

    id: str = Field(examples=["knk_01jz8q3v5de8qbn1c2x4y6z7a8"])
    identity: str = Field(examples=["CP-0042"])
    state: str = Field(examples=["waiting"])
    station_id: str | None = Field(description="There once it was let in")
    first_at: datetime
    last_at: datetime
    count: int
    remote_address: str | None
    path: str | None
    said: dict[str, Any] = Field(description="Subprotocols, user agent, boot information")
    decided_at: datetime | None
    decided_by: str | None

    @classmethod
    def of(cls, row: Knock) -> KnockOut:
        """From the row."""
        return cls(
            id=encode_id("knk", row.id),
            station_id=encode_id("sta", row.station_id) if row.station_id else None,
            **{name: getattr(row, name) for name in cls.model_fields if name not in ("id", "station_id")},
        )


class WindowIn(Strict):
    """For how long, and for how many."""

    minutes: int = Field(default=15, ge=1, le=120)
    max_per_address: int = Field(default=5, ge=1, le=500)


class WindowOut(BaseModel):
    """A span in which unknown stations come in as pending."""

    id: str
    opened_at: datetime
    closes_at: datetime
    opened_by: str | None
    max_per_address: int
    admitted: dict[str, Any]

    @classmethod
    def of(cls, row: InboxWindow) -> WindowOut:
        """From the row."""
        return cls(
            id=encode_id("win", row.id),
            **{name: getattr(row, name) for name in cls.model_fields if name != "id"},
        )


class AdoptIn(Strict):
    """Where the station stands, and how it is to connect."""

    location_id: str = Field(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])
    label: str | None = Field(default=None, max_length=100)
    security_profile: int = Field(default=1, ge=0, le=3)
    password: str | None = Field(
        default=None, min_length=1, max_length=128, description="Made for you if left out"
    )
    push_password: bool = Field(default=True, description="Also write it into the station, if it is online")
    free_vend: bool = Field(default=False, description="Charge without a token")


class LocationMatch(BaseModel):
    """A location where a knocking station may stand, and why."""

    location_id: str
    name: str
    city: str | None
    reason: Literal["same_address", "similar_name"] = Field(
        description="Stations there come from the same network address, or are named alike"
    )
    stations: list[str] = Field(examples=[["KRK-NORD-03", "KRK-NORD-04"]], description="Which, at most five")


class ChargerAddress(BaseModel):
    """An address that chargers connect to."""

    url: str = Field(examples=["wss://cpo.example:9443/ocpp/acme/"])
    encrypted: bool


class ReportedOutlet(BaseModel):
    """A connector as the station reported it while the door was open."""

    evse_no: int
    connector_no: int
    kind: str | None = Field(examples=["ccs2"])
    status: str | None = Field(examples=["available"])


class KnockMatches(BaseModel):
    """What is known of a knocking station beforehand."""

    locations: list[LocationMatch] = Field(description="The likeliest first")
    same_serial: str | None = Field(description="Identity of an adopted station with the same serial number")
    same_model: int = Field(description="Adopted stations of the same vendor and model")
    outlets: list[ReportedOutlet] = Field(description="Each becomes a connector with its adoption")


class CommandOut(BaseModel):
    """A tracked command: `pending → sent → accepted | rejected | failed | timed_out`, then `effective` or
    `ineffective`."""

    id: str = Field(examples=["cmd_01jz8q3v5de8qbn1c2x4y6z7a8"])
    station_id: str
    kind: str = Field(examples=["reset"])
    params: dict[str, Any]
    status: str = Field(examples=["accepted"])
    reason: str | None = Field(examples=["station_offline"])
    reply: dict[str, Any] | None
    number: int = Field(description="`remoteStartId` or `requestId` on the wire, where the message has one")
    requested_by: str | None
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    expires_at: datetime
    effective_at: datetime | None
    evidence: dict[str, Any] | None
    revision: int

    @classmethod
    def of(cls, row: Command, *, for_partner: bool) -> CommandOut:
        """From the row. A partner does not learn what was said to the station: it may name the driver."""
        shown = cls(
            id=encode_id("cmd", row.id),
            station_id=encode_id("sta", row.station_id),
            **{name: getattr(row, name) for name in cls.model_fields if name not in ("id", "station_id")},
        )
        if for_partner:
            shown.params, shown.reply, shown.evidence, shown.requested_by = {}, None, None, None
        return shown
