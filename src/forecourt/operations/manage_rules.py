"""Make, change and delete alert rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.identity.edits import check_revision
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.network.models import Location
from forecourt.operations.course import add_entry, record_event
from forecourt.operations.errors import (
    AlertRuleNotFound,
    BuiltinRuleStays,
    UnknownChannel,
    UnknownRuleKind,
    UnknownScope,
)
from forecourt.operations.models import AlertChannel, AlertRule, Incident
from forecourt.operations.rule_kinds import RULE_KINDS

FIELDS = (
    "name",
    "enabled",
    "delay_minutes",
    "reopen_minutes",
    "severity",
    "location_ids",
    "channel_ids",
)


async def get_rule(uow: UnitOfWork, rule_id: UUID, *, lock: bool = False) -> AlertRule:
    """A rule of the operator.

    Raises:
        AlertRuleNotFound.
    """
    query = select(AlertRule).where(AlertRule.operator_id == operator_of(uow), AlertRule.id == rule_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = await uow.session.scalar(query)
    if row is None:
        raise AlertRuleNotFound(id=encode_id("arl", rule_id))
    return row


async def create_rule(uow: UnitOfWork, *, kind: str, fields: dict[str, Any]) -> AlertRule:
    """Add a rule, e.g. a stricter one for some locations.

    Raises:
        UnknownRuleKind, UnknownScope, UnknownChannel.
    """
    if kind not in RULE_KINDS:
        raise UnknownRuleKind(f"{kind!r} is not one of {', '.join(RULE_KINDS)}", kind=kind)
    await _check_references(uow, fields)
    rule = AlertRule(operator_id=operator_of(uow), kind=kind, builtin=False, **fields)
    uow.session.add(rule)
    await uow.session.flush()
    await record_change(
        uow,
        action="alert_rule.created",
        subject_type="alert_rule",
        subject_id=rule.id,
        after={"kind": kind} | shown(rule),
    )
    return rule


async def change_rule(
    uow: UnitOfWork, rule_id: UUID, *, changes: dict[str, Any], if_revision: int | None
) -> AlertRule:
    """Change what is given. Incidents that the rule no longer covers end at its next evaluation.

    Raises:
        AlertRuleNotFound, PreconditionFailed, UnknownScope, UnknownChannel.
    """
    rule = await get_rule(uow, rule_id, lock=True)
    check_revision(if_revision, rule.revision)
    await _check_references(uow, changes)
    before = shown(rule)
    for name, value in changes.items():
        setattr(rule, name, value)
    if shown(rule) != before:
        rule.revision += 1
        await uow.session.flush()
    await record_change(
        uow,
        action="alert_rule.updated",
        subject_type="alert_rule",
        subject_id=rule.id,
        before=before,
        after=shown(rule),
    )
    return rule


async def delete_rule(uow: UnitOfWork, rule_id: UUID) -> None:
    """Delete a rule; its open incidents end with it.

    Raises:
        AlertRuleNotFound.
        BuiltinRuleStays: it is the one that every operator has.
    """
    rule = await get_rule(uow, rule_id, lock=True)
    if rule.builtin:
        raise BuiltinRuleStays
    unresolved = await uow.session.scalars(
        select(Incident)
        .where(
            Incident.operator_id == rule.operator_id,
            Incident.rule_id == rule.id,
            Incident.state != "resolved",
        )
        .with_for_update()
    )
    for incident in unresolved:
        incident.state, incident.resolved_at, incident.resolve_cause = (
            "resolved",
            uow.clock.now(),
            "rule_off",
        )
        incident.revision += 1
        add_entry(uow, incident, "resolved", data={"cause": "rule_off"})
        record_event(uow, incident, "resolved")
    await uow.session.flush()
    await record_change(
        uow,
        action="alert_rule.deleted",
        subject_type="alert_rule",
        subject_id=rule.id,
        before={"kind": rule.kind} | shown(rule),
        after={"deleted": True},
    )
    await uow.session.execute(
        delete(AlertRule).where(AlertRule.operator_id == rule.operator_id, AlertRule.id == rule.id)
    )


def shown(rule: AlertRule) -> dict[str, Any]:
    """The rule's fields for the audit trail."""
    return {name: getattr(rule, name) for name in FIELDS}


async def _check_references(uow: UnitOfWork, fields: dict[str, Any]) -> None:
    operator_id = operator_of(uow)
    places = await _missing(uow, Location, operator_id, fields.get("location_ids"))
    if places:
        raise UnknownScope(f"no such location: {places[0]}", location=places[0])
    channels = await _missing(uow, AlertChannel, operator_id, fields.get("channel_ids"))
    if channels:
        raise UnknownChannel(f"no such channel: {channels[0]}", channel=channels[0])


async def _missing(uow: UnitOfWork, model: Any, operator_id: UUID, ids: Sequence[str] | None) -> list[str]:
    if not ids:
        return []
    wanted = [UUID(text) for text in ids]
    found = await uow.session.scalars(
        select(model.id).where(model.operator_id == operator_id, model.id.in_(wanted))
    )
    there = set(found)
    return [str(id_) for id_ in wanted if id_ not in there]
