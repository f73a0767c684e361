"""Rules, channels, deliveries and incidents on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from forecourt.kit.ids import decode_id, encode_id
from forecourt.operations.course import PREFIX
from forecourt.operations.models import AlertChannel, AlertDelivery, AlertRule, Incident, IncidentEntry

RuleKindCode = Literal["station_offline", "connector_faulted", "session_without_energy"]
Severity = Literal["critical", "warning", "info"]
IncidentState = Literal["open", "acknowledged", "resolved"]
ChannelKind = Literal["email", "webhook"]
Language = Literal["en", "de"]
_INCIDENT = "inc_01jz8q3v5de8qbn1c2x4y6z7a8"
_LOCATION = "loc_01jz8q3v5de8qbn1c2x4y6z7a8"
_CHANNEL = "ach_01jz8q3v5de8qbn1c2x4y6z7a8"
_MAX_LISTED = 200


class Strict(BaseModel):
    """Base of what comes in: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class RuleTermsIn(Strict):
    """What can be said about a rule."""

    name: str | None = Field(default=None, max_length=100)
    enabled: bool = True
    delay_minutes: int = Field(default=15, ge=0, le=10_080, description="How long the condition must hold.")
    reopen_minutes: int = Field(
        default=15,
        ge=0,
        le=1_440,
        description="A condition that returns this soon reopens its incident; people are told once in this time.",
    )
    severity: Severity = "warning"
    location_ids: list[str] | None = Field(
        default=None, max_length=_MAX_LISTED, examples=[[_LOCATION]], description="Only there; null: everywhere."
    )  # fmt: skip
    channel_ids: list[str] | None = Field(
        default=None, max_length=_MAX_LISTED, examples=[[_CHANNEL]], description="Who is told; null: every channel."
    )  # fmt: skip

    def stored(self, *, only_given: bool = False) -> dict[str, Any]:
        """The fields as the table holds them.

        Raises:
            InvalidId: an id of another kind.
        """
        values = self.model_dump(exclude_unset=only_given, exclude={"kind"})
        for name, prefix in (("location_ids", "loc"), ("channel_ids", "ach")):
            if values.get(name) is not None:
                values[name] = list(dict.fromkeys(str(decode_id(prefix, text)) for text in values[name]))
        return values


class RuleIn(RuleTermsIn):
    """A further rule."""

    kind: RuleKindCode


class RulePatch(RuleTermsIn):
    """What to change; what is left out stays."""


class RuleOut(BaseModel):
    """When an incident opens, and who is told."""

    id: str = Field(examples=["arl_01jz8q3v5de8qbn1c2x4y6z7a8"])
    kind: str = Field(examples=["station_offline"])
    builtin: bool = Field(
        description="Every operator has one of each kind; it can be switched off, not deleted."
    )
    name: str | None
    enabled: bool
    delay_minutes: int
    reopen_minutes: int
    severity: str = Field(examples=["warning"])
    location_ids: list[str] | None
    channel_ids: list[str] | None
    open_incidents: int
    revision: int
    updated_at: datetime

    @classmethod
    def of(cls, row: AlertRule, open_incidents: int = 0) -> RuleOut:
        """From the row."""
        return cls(
            id=encode_id("arl", row.id),
            location_ids=_outside("loc", row.location_ids),
            channel_ids=_outside("ach", row.channel_ids),
            open_incidents=open_incidents,
            **{
                name: getattr(row, name)
                for name in (
                    "kind", "builtin", "name", "enabled", "delay_minutes", "reopen_minutes", "severity", "revision",
                    "updated_at",
                )
            },
        )  # fmt: skip


class ChannelFieldsIn(Strict):
    """What can be said about a channel."""

    name: str = Field(min_length=1, max_length=100, examples=["Duty phone"])
    enabled: bool = True
    recipients: list[str] | None = Field(
        default=None, min_length=1, max_length=50, examples=[["duty@example.org"]], description="Of `email`."
    )
    language: Language = Field(default="en", description="Of the mails.")
    url: str | None = Field(
        default=None, max_length=2000, description="Of `webhook`: a public https address.", examples=[None]
    )


class ChannelIn(ChannelFieldsIn):
    """A further channel."""

    kind: ChannelKind


class ChannelPatch(ChannelFieldsIn):
    """What to change; what is left out stays."""

    name: str = Field(default="", min_length=1, max_length=100, examples=["Duty phone"])


class ChannelOut(BaseModel):
    """A way in which people or machines are told."""

    id: str = Field(examples=[_CHANNEL])
    kind: str = Field(examples=["webhook"])
    name: str
    enabled: bool
    recipients: list[str] | None
    language: str
    url: str | None
    old_secret_until: datetime | None = Field(
        description="Until then the secret before the last rotation signs too."
    )
    last_delivery: DeliveryOut | None
    revision: int

    @classmethod
    def of(cls, row: AlertChannel, last: DeliveryOut | None = None) -> ChannelOut:
        """From the row."""
        return cls(
            id=encode_id("ach", row.id), kind=row.kind, name=row.name, enabled=row.enabled, language=row.language,
            recipients=row.recipients, url=row.url, revision=row.revision, last_delivery=last,
            old_secret_until=row.old_secret_until,
        )  # fmt: skip


class ChannelWithSecret(BaseModel):
    """A channel, and the secret that its receiver checks signatures with: told this once."""

    channel: ChannelOut
    secret: str | None = Field(examples=["fcw_…"], description="Of a webhook; null for e-mail.")


class DeliveryOut(BaseModel):
    """One thing told to one receiver, and what came of it."""

    id: str = Field(examples=["adl_01jz8q3v5de8qbn1c2x4y6z7a8"])
    channel_id: str
    channel_kind: str
    incident_id: str | None = Field(description="Null: a test.")
    event: str = Field(examples=["incident.opened"])
    receiver: str = Field(examples=["duty@example.org"])
    state: str = Field(
        examples=["sent"],
        description="`waiting`, `sent`, `failed`, or `not_sent`: no mail server is set up.",
    )
    attempts: int
    response_code: int | None = Field(description="HTTP status that a webhook answered with last.")
    error: str | None
    took_ms: int | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: AlertDelivery, mail: Any = None) -> DeliveryOut:
        """From the row, and the mail's if it is one."""
        source = mail if mail is not None else row
        return cls(
            id=encode_id("adl", row.id),
            channel_id=encode_id("ach", row.channel_id),
            channel_kind=row.channel_kind,
            incident_id=encode_id("inc", row.incident_id) if row.incident_id else None,
            event=row.event,
            receiver=row.receiver,
            state=str(source.state),
            attempts=source.attempts,
            response_code=row.response_code,
            error=source.error,
            took_ms=row.took_ms,
            created_at=row.created_at,
            finished_at=source.finished_at,
        )


class Place(BaseModel):
    """Where something is."""

    id: str = Field(examples=[_LOCATION])
    name: str
    city: str | None
    time_zone: str


class IncidentOut(BaseModel):
    """A condition of a rule at one subject, from when it was worth telling until it ended."""

    id: str = Field(examples=[_INCIDENT])
    rule_id: str
    kind: str = Field(examples=["station_offline"])
    severity: str = Field(examples=["warning"])
    state: str = Field(examples=["open"])
    subject_type: str = Field(examples=["station"])
    subject_id: str = Field(examples=["sta_01jz8q3v5de8qbn1c2x4y6z7a8"])
    station_id: str | None
    location: Place | None
    facts: dict[str, Any] = Field(
        description="What the sentence about it is made of.", examples=[{"identity": "CP-0042"}]
    )
    since: datetime = Field(description="When the condition began.")
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None
    resolved_at: datetime | None
    resolved_by: str | None = Field(description="Null: it ended by itself.")
    resolve_cause: str | None = Field(examples=["condition_ended"])
    resolve_reason: str | None
    reopened: int = Field(description="How often it came back.")
    revision: int

    @classmethod
    def of(cls, row: Incident, location: Place | None) -> IncidentOut:
        """From the row and its place."""
        return cls(**_incident_fields(row, location))


class EntryOut(BaseModel):
    """One fact of an incident's course."""

    at: datetime
    kind: str = Field(examples=["acknowledged"])
    actor: str | None
    text: str | None
    data: dict[str, Any]

    @classmethod
    def of(cls, row: IncidentEntry) -> EntryOut:
        """From the row."""
        return cls(at=row.at, kind=row.kind, actor=row.actor, text=row.text, data=row.data)


class IncidentDetail(IncidentOut):
    """An incident with its course, oldest first, and what was told of it."""

    entries: list[EntryOut]
    deliveries: list[DeliveryOut]

    @classmethod
    def with_course(
        cls, row: Incident, location: Place | None, entries: list[EntryOut], deliveries: list[DeliveryOut]
    ) -> IncidentDetail:
        """From the row and what belongs to it."""
        return cls(**_incident_fields(row, location), entries=entries, deliveries=deliveries)


class AcknowledgeIn(Strict):
    """Words for the others."""

    note: str | None = Field(default=None, max_length=1000, examples=["On my way, 20 minutes"])


class CommentIn(Strict):
    """Words for the others."""

    text: str = Field(min_length=1, max_length=4000, examples=["The fuse of row B was out"])


class ResolveIn(Strict):
    """Why it is over."""

    reason: str = Field(min_length=1, max_length=1000, examples=["Taken down for works until Friday"])


def _incident_fields(row: Incident, location: Place | None) -> dict[str, Any]:
    return {
        "id": encode_id("inc", row.id),
        "rule_id": encode_id("arl", row.rule_id),
        "subject_id": encode_id(PREFIX[row.subject_type], row.subject_id),
        "station_id": encode_id("sta", row.station_id) if row.station_id else None,
        "location": location,
        **{
            name: getattr(row, name)
            for name in (
                "kind", "severity", "state", "subject_type", "facts", "since", "opened_at", "acknowledged_at",
                "acknowledged_by", "note", "resolved_at", "resolved_by", "resolve_cause", "resolve_reason",
                "reopened", "revision",
            )
        },
    }  # fmt: skip


def _outside(prefix: str, ids: list[str] | None) -> list[str] | None:
    return None if ids is None else [encode_id(prefix, UUID(text)) for text in ids]
