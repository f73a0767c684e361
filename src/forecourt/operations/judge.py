"""Whether incidents open, come back or end. Pure: facts, incidents and the time come in, decisions go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from forecourt.operations.rule_kinds import Observation


class RuleTerms(Protocol):
    """What a rule says of when."""

    enabled: bool
    delay_minutes: int
    reopen_minutes: int
    location_ids: list[str] | None


class Course(Protocol):
    """How far an incident is."""

    state: str
    resolved_at: datetime | None
    resolve_cause: str | None
    told_state: str | None
    told_at: datetime | None


@dataclass(frozen=True)
class Open:
    """A new incident."""

    observation: Observation


@dataclass(frozen=True)
class Reopen:
    """The condition is back: the subject's last incident goes on."""

    observation: Observation


@dataclass(frozen=True)
class Resolve:
    """The condition has ended (`condition_ended`), or nobody watches it any more (`rule_off`)."""

    subject_id: UUID
    cause: str


Decision = Open | Reopen | Resolve


def judge(
    rule: RuleTerms, observations: Sequence[Observation], incidents: Mapping[UUID, Course], *, now: datetime
) -> list[Decision]:
    """Decide on every subject of a rule.

    Args:
        rule: its terms.
        observations: what is the case now, at all subjects.
        incidents: the last incident of the rule by subject, whatever its state.
        now: the time.
    """
    places = set(rule.location_ids) if rule.location_ids is not None else None
    seen = {
        found.subject_id: found
        for found in observations
        if rule.enabled and (places is None or str(found.location_id) in places)
    }
    decisions: list[Decision] = []
    for subject_id, found in seen.items():
        last = incidents.get(subject_id)
        if last is not None and last.state != "resolved":
            continue
        if not found.certain or now - found.since < timedelta(minutes=rule.delay_minutes):
            continue
        if last is None or last.resolved_at is None:
            decisions.append(Open(found))
        elif last.resolve_cause == "person" and found.since <= last.resolved_at:
            continue  # somebody has judged this very occurrence
        elif found.since - last.resolved_at <= timedelta(minutes=rule.reopen_minutes):
            decisions.append(Reopen(found))
        else:
            decisions.append(Open(found))
    for subject_id, last in incidents.items():
        if last.state != "resolved" and subject_id not in seen:
            decisions.append(Resolve(subject_id, "condition_ended" if rule.enabled else "rule_off"))
    return decisions


def what_to_tell(incident: Course, *, reopen_minutes: int, now: datetime) -> str | None:
    """What the channels have to be told of an incident now: `open`, `resolved`, or nothing.

    A flapping condition is told at most once in `reopen_minutes`: its end as long as people believe that it is open,
    its return only after that time.
    """
    if incident.state == "resolved":
        return "resolved" if incident.told_state == "open" else None
    if incident.told_state == "open":
        return None
    if incident.told_at is not None and now - incident.told_at < timedelta(minutes=reopen_minutes):
        return None
    return "open"
