"""What a person does with an incident: take it, say something about it, end it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import actor_of
from forecourt.identity.audit import record_change
from forecourt.identity.edits import check_revision
from forecourt.kit.database import UnitOfWork
from forecourt.operations.course import add_entry, get_incident, record_event
from forecourt.operations.errors import IncidentResolved
from forecourt.operations.models import AlertRule, Incident
from forecourt.operations.tell import Links, tell, tell_webhooks


async def acknowledge_incident(
    uow: UnitOfWork, incident_id: UUID, *, note: str | None, if_revision: int | None, links: Links
) -> Incident:
    """Say that somebody is at it. Once more by another person hands it over.

    Raises:
        IncidentNotFound, PreconditionFailed.
        IncidentResolved: it has ended already.
    """
    incident = await _unresolved(uow, incident_id, if_revision)
    before = {"state": incident.state, "acknowledged_by": incident.acknowledged_by, "note": incident.note}
    who = actor_of(uow).name
    incident.state, incident.acknowledged_at, incident.acknowledged_by = "acknowledged", uow.clock.now(), who
    incident.note = note
    incident.revision += 1
    add_entry(uow, incident, "acknowledged", actor=who, text=note)
    record_event(uow, incident, "acknowledged")
    after = {"state": incident.state, "acknowledged_by": who, "note": note}
    await _audit(uow, incident, "incident.acknowledged", before, after)
    await tell_webhooks(uow, incident, await _rule_of(uow, incident), "acknowledged", links=links)
    return incident


async def comment_incident(uow: UnitOfWork, incident_id: UUID, *, text: str) -> Incident:
    """Add words to its course; also when it has ended.

    Raises:
        IncidentNotFound.
    """
    incident = await get_incident(uow, incident_id, lock=True)
    before = incident.revision
    incident.revision += 1
    add_entry(uow, incident, "commented", actor=actor_of(uow).name, text=text)
    await _audit(
        uow,
        incident,
        "incident.commented",
        {"revision": before},
        {"revision": incident.revision, "text": text},
    )
    return incident


async def resolve_incident(
    uow: UnitOfWork, incident_id: UUID, *, reason: str, if_revision: int | None, links: Links
) -> Incident:
    """End it though its condition may still hold: this occurrence opens no other incident.

    Raises:
        IncidentNotFound, PreconditionFailed.
        IncidentResolved: it has ended already.
    """
    incident = await _unresolved(uow, incident_id, if_revision)
    before = {"state": incident.state, "resolve_reason": None}
    who = actor_of(uow).name
    incident.state, incident.resolved_at, incident.resolved_by = "resolved", uow.clock.now(), who
    incident.resolve_cause, incident.resolve_reason = "person", reason
    incident.revision += 1
    add_entry(uow, incident, "resolved", actor=who, text=reason, data={"cause": "person"})
    record_event(uow, incident, "resolved")
    await _audit(uow, incident, "incident.resolved", before, {"state": "resolved", "resolve_reason": reason})
    if incident.told_state == "open":
        await tell(uow, incident, await _rule_of(uow, incident), "resolved", links=links)
    return incident


async def _unresolved(uow: UnitOfWork, incident_id: UUID, if_revision: int | None) -> Incident:
    incident = await get_incident(uow, incident_id, lock=True)
    check_revision(if_revision, incident.revision)
    if incident.state == "resolved":
        raise IncidentResolved
    return incident


async def _rule_of(uow: UnitOfWork, incident: Incident) -> AlertRule | None:
    return await uow.session.scalar(
        select(AlertRule).where(
            AlertRule.operator_id == incident.operator_id, AlertRule.id == incident.rule_id
        )
    )


async def _audit(
    uow: UnitOfWork,
    incident: Incident,
    action: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    await uow.session.flush()
    await record_change(
        uow, action=action, subject_type="incident", subject_id=incident.id, before=before, after=after
    )
