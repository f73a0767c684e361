"""What needs attention, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from forecourt.operations.schemas import Place

AttentionKind = Literal[
    "connector_faulted", "station_faulted", "station_offline", "session_without_energy", "session_held", "orphans",
    "findings", "knock",
]  # fmt: skip
AttentionAction = Literal[
    "reset_station", "check_station", "open_session", "review_session", "match_orphans", "judge_findings",
    "adopt_station",
]  # fmt: skip


class IncidentRef(BaseModel):
    """The unresolved incident that is open about it."""

    id: str = Field(examples=["inc_01jz8q3v5de8qbn1c2x4y6z7a8"])
    state: str = Field(examples=["open"])
    severity: str = Field(examples=["critical"])
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    revision: int = Field(description="For `If-Match` when acknowledging or resolving it.")


class StationRef(BaseModel):
    """The station it is about."""

    id: str = Field(examples=["sta_01jz8q3v5de8qbn1c2x4y6z7a8"])
    identity: str = Field(examples=["CP-0042"])
    label: str | None
    link: str = Field(examples=["online"])


class AttentionItem(BaseModel):
    """One thing that is wrong: what it costs, how old it is, and what to do next."""

    key: str = Field(
        examples=["connector_faulted:con_01jz8q3v5de8qbn1c2x4y6z7a8"], description="Stays the same."
    )
    kind: AttentionKind
    since: datetime
    age_seconds: int
    people_stranded: int = Field(description="Open sessions at what is broken: people whose car is there.")
    cost_per_hour_minor: int | None = Field(
        description="What it took in an hour on average over the last 7 days, net, in minor units; null: no data."
    )
    currency: str | None = Field(examples=["EUR"])
    count: int = Field(description="How many are behind it, e.g. orphans of one station.")
    station: StationRef | None
    location: Place | None
    evse_uid: str | None = Field(examples=["DE*FCT*E1024*1"])
    evse_no: int | None
    connector_no: int | None
    connector_id: str | None
    session_id: str | None
    subject_id: str | None = Field(description="The knock, or the latest orphan or finding.")
    facts: dict[str, Any] = Field(examples=[{"error_code": "GroundFailure"}])
    incident: IncidentRef | None
    action: AttentionAction


class AttentionOut(BaseModel):
    """The worst first: people stranded, then money per hour, then kind, then age."""

    items: list[AttentionItem]
    total: int
    counts: dict[str, int] = Field(examples=[{"station_offline": 2}], description="Of all, by kind.")
    people_stranded: int = Field(description="In all.")
    generated_at: datetime
