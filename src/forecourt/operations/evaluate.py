"""Judge an operator's alert rules against what is stored, and write down what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on

from forecourt.identity.actor import system_actor
from forecourt.kit.database import Database, UnitOfWork
from forecourt.operations.course import add_entry, record_event
from forecourt.operations.judge import Decision, Open, Reopen, Resolve, judge, what_to_tell
from forecourt.operations.models import AlertRule, Incident
from forecourt.operations.rule_kinds import RULE_KINDS, Observation
from forecourt.operations.tell import Links, tell

_ONE_AT_A_TIME = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")


async def evaluate_operator(database: Database, operator_id: UUID, *, links: Links) -> None:
    """Open, reopen and resolve the operator's incidents by what is the case now; twice is as good as once.

    Does nothing while another process is at it.
    """
    actor = system_actor(operator_id, "alerts")
    async with database.transaction(operator_id, actor=actor) as uow:
        if not await uow.session.scalar(_ONE_AT_A_TIME, {"key": f"alerts:{operator_id}"}):
            return
        observed: dict[str, list[Observation]] = {}
        for rule in await ensure_rules(uow):
            kind = RULE_KINDS.get(rule.kind)
            if kind is None:
                continue  # a newer version of the program wrote it
            if rule.kind not in observed:
                observed[rule.kind] = await kind.observe(uow)
            await _evaluate_rule(uow, rule, observed[rule.kind], links=links)


async def ensure_rules(uow: UnitOfWork) -> Sequence[AlertRule]:
    """The operator's rules; those of kinds that it does not have yet are made, with their defaults."""
    query = select(AlertRule).where(AlertRule.operator_id == uow.operator_id).order_by(AlertRule.id)
    rules = list(await uow.session.scalars(query))
    there = {rule.kind for rule in rules if rule.builtin}
    missing = [
        AlertRule(
            operator_id=uow.operator_id, kind=kind.code, builtin=True, delay_minutes=kind.delay_minutes,
            severity=kind.severity,
        )
        for kind in RULE_KINDS.values()
        if kind.code not in there
    ]  # fmt: skip
    if missing:
        uow.session.add_all(missing)
        await uow.session.flush()
    return [*rules, *missing]


async def _evaluate_rule(
    uow: UnitOfWork, rule: AlertRule, observations: Sequence[Observation], *, links: Links
) -> None:
    now = uow.clock.now()
    incidents = await _last_incidents(uow, rule, [found.subject_id for found in observations])
    for decision in judge(rule, observations, incidents, now=now):
        incident = await _apply(uow, rule, decision, incidents)
        if incident is not None:
            incidents[incident.subject_id] = incident
    for incident in incidents.values():
        what = what_to_tell(incident, reopen_minutes=rule.reopen_minutes, now=now)
        if what is not None:
            await tell(uow, incident, rule, what, links=links)


async def _last_incidents(uow: UnitOfWork, rule: AlertRule, subjects: Sequence[UUID]) -> dict[UUID, Incident]:
    """The rule's unresolved incidents, and the last one of each of the subjects."""
    own = (Incident.operator_id == uow.operator_id, Incident.rule_id == rule.id)
    unresolved = await uow.session.scalars(select(Incident).where(*own, Incident.state != "resolved"))
    found = {row.subject_id: row for row in unresolved}
    rest = [subject for subject in subjects if subject not in found]
    if rest:
        last = await uow.session.scalars(
            select(Incident)
            .ext(distinct_on(Incident.subject_id))
            .where(*own, Incident.subject_id.in_(rest))
            .order_by(Incident.subject_id, Incident.opened_at.desc(), Incident.id.desc())
        )
        found.update((row.subject_id, row) for row in last)
    return found


async def _apply(
    uow: UnitOfWork, rule: AlertRule, decision: Decision, incidents: dict[UUID, Incident]
) -> Incident | None:
    match decision:
        case Open(found):
            return await _open(uow, rule, found)
        case Reopen(found):
            return await _reopen(uow, incidents[found.subject_id], found)
        case Resolve(subject_id, cause):
            return await _resolve(uow, incidents[subject_id], cause)


async def _open(uow: UnitOfWork, rule: AlertRule, found: Observation) -> Incident:
    now = uow.clock.now()
    incident = Incident(
        operator_id=uow.operator_id, rule_id=rule.id, kind=rule.kind, severity=rule.severity,
        subject_type=found.subject_type, subject_id=found.subject_id, station_id=found.station_id,
        location_id=found.location_id, facts=found.facts, state="open", since=found.since, opened_at=now,
    )  # fmt: skip
    uow.session.add(incident)
    await uow.session.flush()
    add_entry(uow, incident, "opened", data={"since": found.since, "delay_minutes": rule.delay_minutes})
    record_event(uow, incident, "opened")
    return incident


async def _reopen(uow: UnitOfWork, incident: Incident, found: Observation) -> Incident | None:
    await _lock(uow, incident)
    if incident.state != "resolved":
        return None
    # Whoever had taken it is still at it.
    incident.state = "acknowledged" if incident.acknowledged_at is not None else "open"
    incident.facts = found.facts
    incident.resolved_at = incident.resolved_by = incident.resolve_cause = incident.resolve_reason = None
    incident.reopened += 1
    incident.revision += 1
    add_entry(uow, incident, "reopened", data={"since": found.since, "times": incident.reopened})
    record_event(uow, incident, "reopened")
    return incident


async def _resolve(uow: UnitOfWork, incident: Incident, cause: str) -> Incident | None:
    await _lock(uow, incident)
    if incident.state == "resolved":
        return None
    incident.state, incident.resolved_at, incident.resolve_cause = "resolved", uow.clock.now(), cause
    incident.revision += 1
    add_entry(uow, incident, "resolved", data={"cause": cause})
    record_event(uow, incident, "resolved")
    return incident


async def _lock(uow: UnitOfWork, incident: Incident) -> None:
    """A person may be at it in this moment."""
    options: dict[str, Any] = {"with_for_update": True}
    await uow.session.refresh(incident, **options)
