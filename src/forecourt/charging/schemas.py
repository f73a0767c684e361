"""Sessions and what belongs to them, on the wire. Decimals are strings, energy in Wh, power in W."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from forecourt.kit.ids import encode_id

Self = TypeVar("Self", bound="FromRow")
PREFIXES: dict[str, str] = {
    "station_id": "sta", "location_id": "loc", "evse_id": "evs", "session_id": "ses", "token_id": "tok",
    "group_id": "tgr", "command_id": "cmd", "authorisation_id": "aut", "tariff_version_id": "trv",
    "matched_session_id": "ses",
}  # fmt: skip


class Strict(BaseModel):
    """Base of what comes in: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class FromRow(BaseModel):
    """Made from a row: ids in their outside form, everything else as it is."""

    prefix: ClassVar[str] = ""

    @classmethod
    def of(cls: type[Self], row: Any, *, hide: frozenset[str] = frozenset()) -> Self:
        """From the row; fields in `hide` are left empty."""
        values: dict[str, Any] = {}
        for name in cls.model_fields:
            value = None if name in hide else getattr(row, name)
            if isinstance(value, UUID):
                value = encode_id(cls.prefix if name == "id" else PREFIXES[name], value)
            values[name] = value
        return cls(**values)


class SessionOut(FromRow):
    """One car at one EVSE. Money in major units, not rounded while the session is open."""

    prefix: ClassVar[str] = "ses"

    id: str = Field(examples=["ses_01jz8q3v5de8qbn1c2x4y6z7a8"])
    station_id: str
    location_id: str | None
    evse_id: str | None
    evse_no: int | None
    connector_no: int | None
    protocol: str = Field(examples=["ocpp1.6"])
    transaction: str | None = Field(description="The id that the charger knows")
    state: str = Field(examples=["charging"])
    opened_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None
    end_cause: str | None = Field(examples=["driver", "closed_by_evidence"])
    stop_reason: str | None = Field(description="As the station said it")
    last_at: datetime | None = Field(description="Time of the latest fact")
    token_id: str | None
    token_value: str | None = Field(description="Hidden from partners")
    token_type: str | None
    token_status: str | None
    authorisation_id: str | None
    command_id: str | None = Field(description="The remote start that caused it")
    tariff_version_id: str | None
    currency: str | None
    time_zone: str
    register_used: str | None = Field(description="register, intervals, samples or none")
    energy_wh: Decimal
    held_wh: Decimal = Field(description="Neither billed nor dropped: to be judged by a person")
    power_w: Decimal | None
    soc_percent: Decimal | None
    cost_before_taxes: Decimal | None
    cost_after_taxes: Decimal | None
    quality: list[str] = Field(examples=[["jump_held"]])
    settle_after: datetime | None
    settled_at: datetime | None
    settled_revision: int | None
    revision: int

    @classmethod
    def of(cls, row: Any, *, hide: frozenset[str] = frozenset()) -> SessionOut:
        """From the row."""
        values: dict[str, Any] = {}
        for name in cls.model_fields:
            value = None if name in hide else getattr(row, "register" if name == "register_used" else name)
            if isinstance(value, UUID):
                value = encode_id("ses" if name == "id" else PREFIXES[name], value)
            values[name] = value
        return cls(**values)


HIDDEN_FROM_PARTNERS = frozenset(
    {"token_id", "token_value", "authorisation_id", "contract_id", "token_issuer", "signed"}
)


class ReadingOut(FromRow):
    """One meter reading."""

    scope: str
    raw_stamp: str
    context: str
    measured_at: datetime
    received_at: datetime
    quality: str | None
    import_wh: Decimal | None
    export_wh: Decimal | None
    import_interval_wh: Decimal | None
    export_interval_wh: Decimal | None
    power_w: Decimal | None
    power_l1_w: Decimal | None
    power_l2_w: Decimal | None
    power_l3_w: Decimal | None
    current_a: Decimal | None
    current_l1_a: Decimal | None
    current_l2_a: Decimal | None
    current_l3_a: Decimal | None
    voltage_v: Decimal | None
    voltage_l1_v: Decimal | None
    voltage_l2_v: Decimal | None
    voltage_l3_v: Decimal | None
    soc_percent: Decimal | None
    temperature_c: Decimal | None
    power_offered_w: Decimal | None
    current_offered_a: Decimal | None
    other: dict[str, Any] | None


class FactOut(FromRow):
    """One entry of a session's timeline: what happened, why, and the message behind it."""

    at: datetime
    received_at: datetime
    kind: str = Field(examples=["state"])
    state: str | None
    cause: str | None
    meter_wh: Decimal | None
    detail: dict[str, Any] | None
    message_id: str | None


class StretchOut(BaseModel):
    """A stretch of the session in one state, idling derived."""

    start: datetime
    end: datetime
    state: str
    energy_wh: Decimal


class TimelineOut(BaseModel):
    """Facts as they were told, and the states that follow from them."""

    facts: list[FactOut]
    stretches: list[StretchOut]


class TariffUsed(BaseModel):
    """The version of the tariff that prices a session, and where it was assigned when the session was opened."""

    tariff_id: str
    version_id: str
    name: str = Field(examples=["Standard AC"])
    number: int = Field(examples=[3])
    published_at: datetime | None
    place: Literal["evse", "location", "operator"] | None = Field(
        description="What the assignment named; null if it is gone"
    )
    place_name: str | None = Field(examples=["DE*FCT*E1024*1"])
    assigned_from: datetime | None
    document: dict[str, Any] = Field(description="The tariff; `element` of a trace row counts its elements")


class PriceOut(BaseModel):
    """What a session costs so far, or finally; `price` has exact and rounded amounts and the trace."""

    session_id: str
    final: bool
    cdr_id: str | None
    tariff_version_id: str | None
    tariff: TariffUsed | None = Field(description="Null if none applies, or it may not be seen")
    price: dict[str, Any] | None


class CurvePointOut(BaseModel):
    """What was known of a session at a time."""

    at: datetime
    power_w: Decimal | None
    energy_wh: Decimal = Field(description="So far")
    cost: Decimal | None = Field(description="So far, with tax, rounded as on the receipt")
    soc_percent: Decimal | None


class GapOut(BaseModel):
    """A span in which readings were due and none came."""

    start: datetime
    end: datetime


class CurveOut(BaseModel):
    """Power, energy and price over time, thinned so that the line looks like the one through all readings."""

    session_id: str
    revision: int = Field(description="Of the session")
    currency: str | None
    readings: int = Field(description="Times at which something was measured")
    every_s: int | None = Field(description="Usual seconds between readings (their median)")
    power_source: Literal["measured", "mean", "none"] = Field(
        description="`mean`: the station tells no power; it is energy over time since the point before"
    )
    points: list[CurvePointOut]
    gaps: list[GapOut]


class SignedValueOut(FromRow):
    """A signed meter value as the station sent it, character by character."""

    measured_at: datetime
    context: str | None = Field(examples=["Transaction.Begin"])
    measurand: str | None
    data: str = Field(examples=["OCMF|{}|{}"])
    signing_method: str | None
    encoding_method: str | None = Field(examples=["OCMF"])
    public_key: str | None


class SessionStart(Strict):
    """Begin charging at an EVSE. Without a token a tag is made for this start."""

    evse_id: str = Field(examples=["evs_01jz8q3v5de8qbn1c2x4y6z7a8"])
    id_token: str | None = Field(default=None, min_length=1, max_length=36, examples=["04A2B3C4"])


class TokenIn(Strict):
    """A new token."""

    value: str = Field(min_length=1, max_length=255, examples=["04A2B3C4D5E680"])
    type: str = Field(default="rfid", max_length=30, examples=["rfid", "emaid", "app", "mac", "central"])
    issuer: str = Field(default="", max_length=100)
    contract_id: str | None = Field(default=None, max_length=100)
    group_id: str | None = Field(default=None, examples=["tgr_01jz8q3v5de8qbn1c2x4y6z7a8"])
    visual_number: str | None = Field(default=None, max_length=100)
    whitelist: str = Field(default="allowed", pattern="^(always|allowed|allowed_offline|never)$")
    language: str | None = Field(default=None, max_length=8)
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class TokenPatch(Strict):
    """What may be changed of a token."""

    contract_id: str | None = None
    group_id: str | None = None
    visual_number: str | None = None
    whitelist: str | None = Field(default=None, pattern="^(always|allowed|allowed_offline|never)$")
    language: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class TokenBlock(Strict):
    """Why a token is blocked: a code that a person chooses."""

    reason: str = Field(default="operator", min_length=1, max_length=100, examples=["lost", "stolen"])


class TokenImport(Strict):
    """Many tokens; those that are there already are left as they are."""

    tokens: list[TokenIn] = Field(min_length=1, max_length=10_000)


class TokenImported(BaseModel):
    """What an import did."""

    created: int
    existing: int


class TokenOut(FromRow):
    """An id token."""

    prefix: ClassVar[str] = "tok"

    id: str
    value: str = Field(description="With `tokens:write`; others see its end only")
    type: str
    issuer: str
    contract_id: str | None
    group_id: str | None
    visual_number: str | None
    whitelist: str
    language: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    blocked_at: datetime | None
    block_reason: str | None
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, row: Any, *, hide: frozenset[str] = frozenset()) -> TokenOut:
        """From the row; with `value` in `hide` only its ends are shown."""
        made = super().of(row)
        return made.model_copy(update={"value": masked(row.value)}) if "value" in hide else made


class TokenUse(BaseModel):
    """When a token was last held to a reader, and how often it charged."""

    token_id: str
    last_at: datetime | None
    last_status: str | None = Field(examples=["accepted"])
    sessions: int


def masked(value: str) -> str:
    """A token's value for those who may not copy the card: its last four characters."""
    return f"••••{value[-4:]}" if len(value) > 6 else "••••"


class GroupIn(Strict):
    """A new group; `code` is what stations see (at most 20 characters for OCPP 1.6)."""

    name: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=1, max_length=36, examples=["FLEET-7"])


class GroupOut(FromRow):
    """Tokens that may stop each other's sessions."""

    prefix: ClassVar[str] = "tgr"

    id: str
    name: str
    code: str
    created_at: datetime


class AuthorisationOut(FromRow):
    """One attempt, its answer, and the reason for it as a code with parameters."""

    prefix: ClassVar[str] = "aut"

    id: str
    at: datetime
    kind: str = Field(examples=["authorize", "start"])
    station_id: str
    evse_id: str | None
    session_id: str | None
    token_id: str | None
    token_value: str
    token_type: str | None
    status: str = Field(examples=["accepted", "blocked"])
    reason_code: str | None = Field(examples=["TokenBlocked"])
    reason_params: dict[str, Any] | None
    issuer: str | None
    contract_id: str | None
    payer: str | None
    guarantee: dict[str, Any] | None
    limits: dict[str, Any] | None
    external_reference: str | None
    took_ms: int | None


class OrphanOut(FromRow):
    """A stop or readings that fit no session."""

    prefix: ClassVar[str] = "orp"

    id: str
    station_id: str
    kind: str
    reason_code: str
    transaction: str | None
    evse_no: int | None
    token_value: str | None
    at: datetime
    received_at: datetime
    meter_wh: Decimal | None
    detail: dict[str, Any] | None
    message_id: str | None
    matched_session_id: str | None
    matched_at: datetime | None
    matched_by: str | None = Field(
        description="The person who found the session; nobody if it was found by itself"
    )
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismiss_reason: str | None


class OrphanMatch(Strict):
    """The session that an orphan belongs to."""

    session_id: str = Field(examples=["ses_01jz8q3v5de8qbn1c2x4y6z7a8"])


class OrphanDismissal(Strict):
    """Why an orphan belongs to no session."""

    reason: str = Field(min_length=1, max_length=200, examples=["test transaction of an installer"])


class FindingResolution(Strict):
    """What a person found out."""

    reason: str | None = Field(default=None, max_length=300, examples=["meter was exchanged on site"])


class FindingOut(FromRow):
    """Something about station data that a person should judge."""

    prefix: ClassVar[str] = "fnd"

    id: str
    found_at: datetime
    code: str = Field(examples=["ReadingContradicted"])
    params: dict[str, Any]
    station_id: str | None
    session_id: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolve_reason: str | None


class CdrOut(FromRow):
    """The immutable result of a session. Totals in minor units; `price` has the exact amounts and the trace."""

    prefix: ClassVar[str] = "cdr"

    id: str
    session_id: str
    revision: int
    station_id: str
    location_id: str | None
    evse_id: str | None
    token_id: str | None
    contract_id: str | None = Field(description="Of the token; hidden from partners")
    token_issuer: str | None = Field(description="Who issued the token; hidden from partners")
    started_at: datetime
    ended_at: datetime
    energy_wh: Decimal
    held_wh: Decimal
    charging_s: int
    idle_s: int
    occupancy_s: int
    quality: list[str]
    currency: str | None
    total_before_taxes_minor: int | None
    total_after_taxes_minor: int | None
    tariff_version_id: str | None
    tariff_hash: str | None
    created_at: datetime


class CdrDetail(CdrOut):
    """The whole record."""

    timeline: dict[str, Any]
    charging_periods: list[dict[str, Any]]
    price: dict[str, Any] | None
    tariff: dict[str, Any] | None
    signed: list[dict[str, Any]] | None
