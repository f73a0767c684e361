"""An incident's course: its entries, its events, and its row for those who are about to change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.operations.errors import IncidentNotFound
from forecourt.operations.models import Incident, IncidentEntry

PREFIX = {"station": "sta", "connector": "con", "session": "ses"}
"""Of a subject's id, by its type."""


def add_entry(
    uow: UnitOfWork,
    incident: Incident,
    kind: str,
    *,
    actor: str | None = None,
    text: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add a fact to the incident's course, in the transaction that made it true."""
    uow.session.add(
        IncidentEntry(
            operator_id=incident.operator_id,
            incident_id=incident.id,
            at=uow.clock.now(),
            kind=kind,
            actor=actor,
            text=text,
            data=msgspec.to_builtins(dict(data or {}), enc_hook=str),
        )
    )


def record_event(uow: UnitOfWork, incident: Incident, what: str) -> None:
    """Tell the incident's new state to the readers of events."""
    uow.record(
        f"incident.{what}",
        subject_id=incident.id,
        subject_revision=incident.revision,
        data=summary(incident),
    )


def summary(incident: Incident) -> dict[str, Any]:
    """What events and webhooks say of an incident."""
    return {
        "id": encode_id("inc", incident.id),
        "kind": incident.kind,
        "severity": incident.severity,
        "state": incident.state,
        "subject_id": encode_id(PREFIX[incident.subject_type], incident.subject_id),
        "station_id": encode_id("sta", incident.station_id) if incident.station_id else None,
        "location_id": encode_id("loc", incident.location_id) if incident.location_id else None,
        "facts": incident.facts,
        "since": incident.since.isoformat(),
        "opened_at": incident.opened_at.isoformat(),
        "acknowledged_at": incident.acknowledged_at.isoformat() if incident.acknowledged_at else None,
        "acknowledged_by": incident.acknowledged_by,
        "resolved_at": incident.resolved_at.isoformat() if incident.resolved_at else None,
        "resolve_cause": incident.resolve_cause,
    }


async def get_incident(uow: UnitOfWork, incident_id: UUID, *, lock: bool = False) -> Incident:
    """An incident of the operator; with ``lock`` it stays as it is until the transaction ends.

    Raises:
        IncidentNotFound.
    """
    query = select(Incident).where(Incident.operator_id == operator_of(uow), Incident.id == incident_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = await uow.session.scalar(query)
    if row is None:
        raise IncidentNotFound(id=encode_id("inc", incident_id))
    return row
