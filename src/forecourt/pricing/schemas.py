"""Tariffs on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from forecourt.kit.ids import encode_id
from forecourt.pricing.explain_tariff import Candidate, Reason, Scope
from forecourt.pricing.list_tariffs import Overview
from forecourt.pricing.models import Tariff, TariffAssignment, TariffVersionRow
from forecourt.pricing.standing import Standing
from forecourt.tariff import posted_to_dict, tariff_from_dict

EXAMPLE = {
    "currency": "EUR",
    "elements": [
        {"prices": [{"dimension": "energy", "price": "0.49", "tax_percent": "19"}]},
        {"prices": [{"dimension": "idle_time", "price": "6.00", "unit": "hour", "tax_percent": "19"}]},
    ],
}


class Strict(BaseModel):
    """Base of what comes in: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class DocumentIn(Strict):
    """A tariff, ours or an OCPI 2.2.1 or 2.3.0 object: exactly one of them."""

    tariff: dict[str, Any] | None = Field(default=None, examples=[EXAMPLE])
    ocpi_tariff: dict[str, Any] | None = None


class TariffIn(DocumentIn):
    """A new tariff with its first draft."""

    name: str = Field(min_length=1, max_length=200, examples=["Standard AC"])
    description: str | None = Field(default=None, max_length=2000)


class TariffPatch(Strict):
    """What may be changed of a tariff; prices change by a new version."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=2000)


class VersionOut(BaseModel):
    """One version. Its document never changes once it is live."""

    id: str = Field(examples=["trv_01jz8q3v5de8qbn1c2x4y6z7a8"])
    tariff_id: str
    number: int
    status: str = Field(examples=["live"], description="draft, scheduled, live or retired")
    tariff: dict[str, Any]
    content_hash: str
    created_at: datetime
    published_at: datetime | None = Field(description="Live from then on; in the future while scheduled")
    retired_at: datetime | None

    @classmethod
    def of(cls, row: TariffVersionRow, standing: Standing | None = None) -> VersionOut:
        """From the row, with what it stands for now where time has passed since it was written."""
        return cls(
            id=encode_id("trv", row.id), tariff_id=encode_id("trf", row.tariff_id), number=row.number,
            status=standing.status if standing else row.status, tariff=row.document,
            content_hash=row.content_hash, created_at=row.created_at, published_at=row.published_at,
            retired_at=standing.retired_at if standing else row.retired_at,
        )  # fmt: skip


class PublishIn(Strict):
    """When a version becomes live."""

    at: AwareDatetime | None = Field(default=None, description="At once if left out")


class OcpiOut(BaseModel):
    """A version as an OCPI Tariff object."""

    tariff: dict[str, Any]
    lossy: list[str] = Field(description="Fields of ours that OCPI cannot say; empty: nothing is lost")


class TariffOut(BaseModel):
    """A tariff; its versions are read apart."""

    id: str = Field(examples=["trf_01jz8q3v5de8qbn1c2x4y6z7a8"])
    name: str
    description: str | None
    currency: str
    archived_at: datetime | None
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, row: Tariff) -> TariffOut:
        """From the row."""
        return cls(
            id=encode_id("trf", row.id), name=row.name, description=row.description, currency=row.currency,
            archived_at=row.archived_at, created_at=row.created_at, revision=row.revision,
        )  # fmt: skip


class PostedOut(BaseModel):
    """A price as drivers see it: with tax, per kWh before per minute before per session before the rest."""

    element: int
    dimension: str = Field(examples=["energy"])
    unit: str = Field(examples=["kwh"])
    price: str = Field(examples=["0.49"])
    per_minute: str | None = Field(description="The same price per minute, if it is one for time")
    tax_percent: str | None
    when: dict[str, Any] = Field(description="The condition, as in the tariff")


class WeekPartOut(BaseModel):
    """A stretch of an hour of the week with the same prices, with tax; null where nothing is charged."""

    day: int = Field(ge=0, le=6, description="From Monday")
    hour: int = Field(ge=0, le=23)
    start_minute: int
    end_minute: int
    energy: str | None = Field(examples=["0.49"], description="Per kWh")
    charging: str | None = Field(examples=["1.20"], description="Per hour while energy flows")
    standing: str | None = Field(examples=["6"], description="Per hour afterwards")
    element: int | None = Field(description="The one whose energy price it is")


class WeekOut(BaseModel):
    """A week of prices, and the prices as drivers see them."""

    currency: str
    monday: date
    week: list[WeekPartOut]
    posted: list[PostedOut]


class TariffListed(TariffOut):
    """A tariff in a list: its prices, its versions' numbers by state, and how many places it applies to."""

    posted: list[PostedOut] = Field(description="Prices of the live version, else of the next one")
    shown_version: int | None
    live_version: int | None
    live_since: datetime | None
    scheduled_version: int | None
    scheduled_at: datetime | None
    draft_version: int | None
    everywhere: bool = Field(description="Assigned to the whole operator")
    locations: int
    evses: int

    @classmethod
    def from_overview(cls, found: Overview) -> TariffListed:
        """From what the list reads."""
        live, scheduled, draft, shown = found.live, found.scheduled, found.draft, found.shown
        posted = posted_to_dict(tariff_from_dict(shown.document)) if shown else []
        return cls(
            **TariffOut.of(found.tariff).model_dump(),
            posted=[PostedOut(**price) for price in posted],
            shown_version=shown.number if shown else None,
            live_version=live.number if live else None,
            live_since=live.published_at if live else None,
            scheduled_version=scheduled.number if scheduled else None,
            scheduled_at=scheduled.published_at if scheduled else None,
            draft_version=draft.number if draft else None,
            everywhere=found.everywhere,
            locations=found.locations,
            evses=found.evses,
        )


class TariffMade(TariffOut):
    """A new tariff and its draft."""

    draft: VersionOut


class AssignmentIn(Strict):
    """Where a tariff applies: an EVSE, a location, or neither for the whole operator."""

    tariff_id: str = Field(examples=["trf_01jz8q3v5de8qbn1c2x4y6z7a8"])
    location_id: str | None = None
    evse_id: str | None = None
    valid_from: AwareDatetime | None = Field(default=None, description="Now if left out")
    valid_to: AwareDatetime | None = None


class AssignmentOut(BaseModel):
    """Where and when a tariff applies."""

    id: str = Field(examples=["tra_01jz8q3v5de8qbn1c2x4y6z7a8"])
    tariff_id: str
    location_id: str | None
    evse_id: str | None
    location_name: str | None = Field(description="Of the location, or of the one where the EVSE is")
    evse_uid: str | None
    valid_from: datetime
    valid_to: datetime | None

    @classmethod
    def of(
        cls, row: TariffAssignment, *, location_name: str | None = None, evse_uid: str | None = None
    ) -> AssignmentOut:
        """From the row and the names of its place."""
        return cls(
            id=encode_id("tra", row.id), tariff_id=encode_id("trf", row.tariff_id),
            location_id=encode_id("loc", row.location_id) if row.location_id else None,
            evse_id=encode_id("evs", row.evse_id) if row.evse_id else None,
            location_name=location_name, evse_uid=evse_uid,
            valid_from=row.valid_from, valid_to=row.valid_to,
        )  # fmt: skip


class CandidateOut(BaseModel):
    """An assignment that reaches the place: it applies, or why it does not."""

    assignment_id: str
    tariff_id: str
    tariff_name: str
    scope: Scope
    version: int | None = Field(description="The one that was live then")
    valid_from: datetime
    valid_to: datetime | None
    reason: Reason


class AppliedOut(BaseModel):
    """The version that prices a session starting there and then (`null`: none does), and why."""

    version_id: str | None
    tariff_id: str | None
    content_hash: str | None
    candidates: list[CandidateOut] = Field(description="All that reach the place, the most specific first")

    @classmethod
    def of(cls, found: list[Candidate]) -> AppliedOut:
        """From the candidates."""
        winner = next((one for one in found if one.reason == "applies"), None)
        return cls(
            version_id=encode_id("trv", winner.version_id) if winner and winner.version_id else None,
            tariff_id=encode_id("trf", winner.tariff_id) if winner else None,
            content_hash=winner.content_hash if winner else None,
            candidates=[
                CandidateOut(
                    assignment_id=encode_id("tra", one.assignment_id),
                    tariff_id=encode_id("trf", one.tariff_id),
                    tariff_name=one.tariff_name,
                    scope=one.scope,
                    version=one.number,
                    valid_from=one.valid_from,
                    valid_to=one.valid_to,
                    reason=one.reason,
                )
                for one in found
            ],
        )
