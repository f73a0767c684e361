"""Tariffs on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from forecourt.kit.ids import encode_id
from forecourt.pricing.models import Tariff, TariffAssignment, TariffVersionRow

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
    status: str = Field(examples=["live"], description="draft, live or retired")
    tariff: dict[str, Any]
    content_hash: str
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None

    @classmethod
    def of(cls, row: TariffVersionRow) -> VersionOut:
        """From the row."""
        return cls(
            id=encode_id("trv", row.id), tariff_id=encode_id("trf", row.tariff_id), number=row.number,
            status=row.status, tariff=row.document, content_hash=row.content_hash, created_at=row.created_at,
            published_at=row.published_at, retired_at=row.retired_at,
        )  # fmt: skip


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
    valid_from: datetime
    valid_to: datetime | None

    @classmethod
    def of(cls, row: TariffAssignment) -> AssignmentOut:
        """From the row."""
        return cls(
            id=encode_id("tra", row.id), tariff_id=encode_id("trf", row.tariff_id),
            location_id=encode_id("loc", row.location_id) if row.location_id else None,
            evse_id=encode_id("evs", row.evse_id) if row.evse_id else None,
            valid_from=row.valid_from, valid_to=row.valid_to,
        )  # fmt: skip


class AppliedOut(BaseModel):
    """The version that prices a session starting there and then; `null` if none does."""

    version_id: str | None
    tariff_id: str | None
    content_hash: str | None
