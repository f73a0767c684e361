"""What needs attention now: open incidents and what is wrong beside them, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from forecourt.identity.access import actor_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.network.models import Knock, Station
from forecourt.operations.attention_facts import (
    Takings,
    held_sessions,
    open_findings,
    open_sessions,
    stations_by_id,
    takings,
    unresolved_incidents,
    waiting_knocks,
    waiting_orphans,
)
from forecourt.operations.attention_schemas import (
    AttentionAction,
    AttentionItem,
    AttentionKind,
    AttentionOut,
    IncidentRef,
    StationRef,
)
from forecourt.operations.course import PREFIX
from forecourt.operations.models import Incident
from forecourt.operations.queries import places
from forecourt.operations.rule_kinds import (
    Observation,
    faulted_connectors,
    offline_stations,
    sessions_without_energy,
)

HELD_FOR: Final = timedelta(days=90)
"""Held sessions older than this are the back office's, not today's."""
_RANK: Final[dict[str, int]] = {
    "connector_faulted": 1, "station_faulted": 1, "station_offline": 2, "session_without_energy": 3,
    "session_held": 4, "orphans": 5, "findings": 6, "knock": 7,
}  # fmt: skip
"""The order of states, of those that cost and strand the same."""


async def attention(uow: UnitOfWork, *, limit: int) -> AttentionOut:
    """What needs attention, as far as the caller may see it."""
    may = actor_of(uow).may
    draft = _Draft(uow)
    if may("incidents:read"):
        draft.incidents = {row.subject_id: row for row in await unresolved_incidents(uow)}
    if may("stations:read"):
        for found in await offline_stations(uow):
            draft.add_observed("station_offline", found)
        for found in await faulted_connectors(uow):
            kind: AttentionKind = (
                "connector_faulted" if found.subject_type == "connector" else "station_faulted"
            )
            draft.add_observed(kind, found)
    if may("sessions:read"):
        await _add_sessions(draft)
    if may("inbox:read"):
        for knock in await waiting_knocks(uow):
            draft.add_knock(knock)
    items = await draft.finish(sessions=may("sessions:read"))
    items.sort(key=_worst_first)
    return AttentionOut(
        items=items[:limit],
        total=len(items),
        counts=dict(Counter(item.kind for item in items)),
        people_stranded=sum(item.people_stranded for item in items),
        generated_at=uow.clock.now(),
    )


async def _add_sessions(draft: _Draft) -> None:
    uow = draft.uow
    for found in await sessions_without_energy(uow):
        # A session is only late once a rule says so, and what is broken beneath it comes first.
        if found.subject_id in draft.incidents and not draft.is_broken(found):
            draft.add_observed("session_without_energy", found)
    held = await held_sessions(uow, since=uow.clock.now() - HELD_FOR)
    for row in held:
        draft.add(
            "session_held", row.id, since=row.since, station_id=row.station_id, location_id=row.location_id,
            evse_no=row.evse_no, session_id=row.id, facts={"held_wh": str(row.held_wh), "code": row.code},
        )  # fmt: skip
    for row in await waiting_orphans(uow):
        draft.add(
            "orphans", row.station_id, since=row.since, station_id=row.station_id, count=row.count,
            subject_id=encode_id("orp", max(row.ids)), facts={"code": row.code},
        )  # fmt: skip
    for row in await open_findings(uow, except_sessions=[row.id for row in held]):
        draft.add(
            "findings", f"{row.code}:{row.station_id}", since=row.since, station_id=row.station_id, count=row.count,
            subject_id=encode_id("fnd", max(row.ids)), facts={"code": row.code},
        )  # fmt: skip


class _Draft:
    """Items as they are found; what many of them need is read once, at the end."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.incidents: dict[UUID, Incident] = {}
        self._found: list[dict[str, Any]] = []

    def add_observed(self, kind: AttentionKind, found: Observation) -> None:
        """Something that a rule's query sees."""
        connector = found.subject_id if found.subject_type == "connector" else None
        session = found.subject_id if found.subject_type == "session" else None
        facts = dict(found.facts)
        self.add(
            kind, found.subject_id, since=found.since, station_id=found.station_id, location_id=found.location_id,
            evse_uid=facts.pop("evse_uid", None), evse_no=facts.pop("evse_no", None),
            connector_no=facts.pop("connector_no", None), connector_id=connector, session_id=session,
            incident=self.incidents.get(found.subject_id), facts=facts, evse_id=found.evse_id,
        )  # fmt: skip

    def add_knock(self, knock: Knock) -> None:
        """A station that waits to be let in."""
        self.add(
            "knock", knock.id, since=knock.first_at, subject_id=encode_id("knk", knock.id), count=knock.count,
            facts={"identity": knock.identity, "remote_address": knock.remote_address},
        )  # fmt: skip

    def add(self, kind: AttentionKind, subject: object, **fields: Any) -> None:
        """Anything."""
        self._found.append({"kind": kind, "subject": subject, **fields})

    def is_broken(self, found: Observation) -> bool:
        """Whether the station or EVSE of a session is in the list itself."""
        return any(
            item["station_id"] == found.station_id
            and (
                item["kind"] in ("station_offline", "station_faulted")
                or (item["kind"] == "connector_faulted" and item["evse_no"] == found.facts.get("evse_no"))
            )
            for item in self._found
            if item.get("station_id") is not None
        )

    async def finish(self, *, sessions: bool) -> list[AttentionItem]:
        """The items with stations, places, people and money."""
        ids = {item["station_id"] for item in self._found if item.get("station_id") is not None}
        stations = await stations_by_id(self.uow, ids)
        where = await places(
            self.uow,
            [
                item.get("location_id") or _location_of(stations, item.get("station_id"))
                for item in self._found
            ],
        )
        people = await open_sessions(self.uow, ids) if sessions else {}
        money = await takings(self.uow, stations) if sessions else Takings({}, {})
        return [self._item(item, stations, where, people, money) for item in self._found]

    def _item(
        self,
        item: dict[str, Any],
        stations: dict[UUID, Station],
        where: dict[UUID, Any],
        people: dict[UUID, list[int | None]],
        money: Takings,
    ) -> AttentionItem:
        kind: AttentionKind = item["kind"]
        station = stations.get(item.get("station_id") or UUID(int=0))
        location_id = item.get("location_id") or _location_of(stations, item.get("station_id"))
        cost = _cost(kind, item, money)
        subject = item["subject"]
        incident: Incident | None = item.get("incident")
        return AttentionItem(
            key=f"{kind}:{_key(kind, subject)}",
            kind=kind,
            since=item["since"],
            age_seconds=max(0, int((self.uow.clock.now() - item["since"]).total_seconds())),
            people_stranded=_stranded(kind, item, people),
            cost_per_hour_minor=cost[0] if cost else None,
            currency=cost[1] if cost else None,
            count=item.get("count", 1),
            station=_station_ref(station) if station else None,
            location=where.get(location_id) if location_id else None,
            evse_uid=item.get("evse_uid"),
            evse_no=item.get("evse_no"),
            connector_no=item.get("connector_no"),
            connector_id=encode_id("con", item["connector_id"]) if item.get("connector_id") else None,
            session_id=encode_id("ses", item["session_id"]) if item.get("session_id") else None,
            subject_id=item.get("subject_id"),
            facts=item.get("facts", {}),
            incident=_incident_ref(incident) if incident else None,
            action=_action(kind, station),
        )


def _worst_first(item: AttentionItem) -> tuple[int, int, int, Any]:
    """People stranded, then money per hour, then the order of states, then age."""
    return (-item.people_stranded, -(item.cost_per_hour_minor or 0), _RANK[item.kind], item.since)


def _stranded(kind: AttentionKind, item: dict[str, Any], people: dict[UUID, list[int | None]]) -> int:
    there: Sequence[int | None] = people.get(item.get("station_id") or UUID(int=0), ())
    if kind in ("station_offline", "station_faulted"):
        return len(there)
    if kind == "connector_faulted":
        return sum(evse_no == item.get("evse_no") for evse_no in there)
    return 1 if kind == "session_without_energy" else 0


def _cost(kind: AttentionKind, item: dict[str, Any], money: Takings) -> tuple[int, str] | None:
    if kind in ("station_offline", "station_faulted"):
        return money.by_station.get(item["station_id"])
    if kind in ("connector_faulted", "session_without_energy") and item.get("evse_id") is not None:
        return money.by_evse.get(item["evse_id"])
    return None


def _action(kind: AttentionKind, station: Station | None) -> AttentionAction:
    online = station is not None and station.link == "online"
    actions: dict[str, AttentionAction] = {
        "connector_faulted": "reset_station" if online else "check_station",
        "station_faulted": "reset_station" if online else "check_station",
        "station_offline": "check_station",
        "session_without_energy": "open_session",
        "session_held": "review_session",
        "orphans": "match_orphans",
        "findings": "judge_findings",
        "knock": "adopt_station",
    }
    return actions[kind]


def _key(kind: AttentionKind, subject: object) -> str:
    prefixes = {
        "connector_faulted": PREFIX["connector"], "station_faulted": "sta", "station_offline": "sta",
        "session_without_energy": "ses", "session_held": "ses", "orphans": "sta", "knock": "knk",
    }  # fmt: skip
    return encode_id(prefixes[kind], subject) if isinstance(subject, UUID) else str(subject)


def _station_ref(row: Station) -> StationRef:
    return StationRef(id=encode_id("sta", row.id), identity=row.identity, label=row.label, link=row.link)


def _incident_ref(row: Incident) -> IncidentRef:
    return IncidentRef(
        id=encode_id("inc", row.id), state=row.state, severity=row.severity, acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at, revision=row.revision,
    )  # fmt: skip


def _location_of(stations: dict[UUID, Station], station_id: UUID | None) -> UUID | None:
    station = stations.get(station_id) if station_id else None
    return station.location_id if station else None
