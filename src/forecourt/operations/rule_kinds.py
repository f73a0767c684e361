"""The kinds of alert rules: what is the case now, by a query over stored facts, and each kind's defaults.

To add one: a query that yields `Observation`s, and an entry in `RULE_KINDS`. Every operator gets its rule at the next
evaluation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, select

from forecourt.charging.models import Session
from forecourt.kit.database import UnitOfWork
from forecourt.network.models import Connector, Evse, Installation, Station

NO_ENERGY_BELOW_WH: Final = Decimal(100)
"""A session with less has got no energy: a car on the slowest charger takes it in five minutes."""
WAITING_STATES: Final = ("plugged", "preparing", "charging", "suspended_evse")
"""A car is there and wants energy, as far as we know. Not `suspended_ev`: that car does not want any now."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A condition that holds at a subject."""

    subject_type: str
    subject_id: UUID
    since: datetime
    station_id: UUID | None
    location_id: UUID | None
    evse_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    certain: bool = True
    """False: it was so when the station was last heard. Keeps an incident open, opens none."""


@dataclass(frozen=True, kw_only=True)
class RuleKind:
    """A kind of rule.

    `observe` yields what is the case at every subject of the transaction's operator. `hastened_by` are the stored
    events after which it is worth to look at once.
    """

    code: str
    observe: Callable[[UnitOfWork], Awaitable[list[Observation]]]
    delay_minutes: int
    severity: str
    hastened_by: frozenset[str]


async def offline_stations(uow: UnitOfWork) -> list[Observation]:
    """Adopted stations whose socket is closed. One that never connected, or is blocked, is not missed."""
    rows = await uow.session.execute(
        select(Station.id, Station.identity, Station.location_id, Station.link_since).where(
            Station.operator_id == uow.operator_id,
            Station.registration == "adopted",
            Station.link == "offline",
            Station.link_since.is_not(None),
            Station.blocked.is_(False),
        )
    )
    return [
        Observation(
            subject_type="station", subject_id=row.id, since=row.link_since, station_id=row.id,
            location_id=row.location_id, facts={"identity": row.identity},
        )
        for row in rows
    ]  # fmt: skip


async def faulted_connectors(uow: UnitOfWork) -> list[Observation]:
    """Connectors, and whole stations, that report a fault."""
    rows = await uow.session.execute(
        select(
            Connector.id, Connector.evse_id, Connector.connector_no, Connector.status_since, Connector.error_code, Evse.evse_uid,
            Evse.location_id, Installation.evse_no, Station.id.label("station_id"), Station.identity, Station.link,
        )
        .join(Evse, and_(Evse.operator_id == Connector.operator_id, Evse.id == Connector.evse_id))
        .join(
            Installation,
            and_(
                Installation.operator_id == Evse.operator_id,
                Installation.evse_id == Evse.id,
                Installation.valid_to.is_(None),
            ),
        )
        .join(
            Station,
            and_(Station.operator_id == Installation.operator_id, Station.id == Installation.station_id),
        )
        .where(
            Connector.operator_id == uow.operator_id,
            Connector.status == "faulted",
            Connector.status_since.is_not(None),
            Connector.retired_at.is_(None),
            Evse.retired_at.is_(None),
        )
    )  # fmt: skip
    found = {
        row.id: Observation(
            subject_type="connector", subject_id=row.id, since=row.status_since, station_id=row.station_id,
            location_id=row.location_id, evse_id=row.evse_id, certain=row.link == "online",
            facts={
                "identity": row.identity, "evse_uid": row.evse_uid, "evse_no": row.evse_no,
                "connector_no": row.connector_no, "error_code": row.error_code,
            },
        )
        for row in rows
    }  # fmt: skip
    rows = await uow.session.execute(
        select(Station.id, Station.identity, Station.location_id, Station.status_since, Station.error_code,
               Station.link).where(
            Station.operator_id == uow.operator_id,
            Station.registration == "adopted",
            Station.status == "faulted",
            Station.status_since.is_not(None),
        )
    )  # fmt: skip
    for row in rows:
        found[row.id] = Observation(
            subject_type="station", subject_id=row.id, since=row.status_since, station_id=row.id,
            location_id=row.location_id, certain=row.link == "online",
            facts={"identity": row.identity, "error_code": row.error_code},
        )  # fmt: skip
    return list(found.values())


async def sessions_without_energy(uow: UnitOfWork) -> list[Observation]:
    """Open sessions whose car is there and has got no energy since it came."""
    rows = await uow.session.execute(
        select(
            Session.id, func.coalesce(Session.started_at, Session.opened_at).label("since"), Session.state,
            Session.evse_no, Session.evse_id, Session.connector_no, Session.energy_wh, Session.location_id, Session.station_id,
            Station.identity, Station.link,
        )
        .join(Station, and_(Station.operator_id == Session.operator_id, Station.id == Session.station_id))
        .where(
            Session.operator_id == uow.operator_id,
            Session.ended_at.is_(None),
            Session.state.in_(WAITING_STATES),
            Session.energy_wh < NO_ENERGY_BELOW_WH,
        )
    )  # fmt: skip
    return [
        Observation(
            subject_type="session", subject_id=row.id, since=row.since, station_id=row.station_id,
            location_id=row.location_id, evse_id=row.evse_id, certain=row.link == "online",
            facts={
                "identity": row.identity, "state": row.state, "evse_no": row.evse_no,
                "connector_no": row.connector_no, "energy_wh": str(row.energy_wh),
            },
        )
        for row in rows
    ]  # fmt: skip


RULE_KINDS: Final[dict[str, RuleKind]] = {
    kind.code: kind
    for kind in (
        RuleKind(
            code="station_offline",
            observe=offline_stations,
            delay_minutes=15,
            severity="warning",
            hastened_by=frozenset({"station.connected", "station.disconnected"}),
        ),
        RuleKind(
            code="connector_faulted",
            observe=faulted_connectors,
            delay_minutes=5,
            severity="critical",
            hastened_by=frozenset({"connector.status_changed"}),
        ),
        RuleKind(
            code="session_without_energy",
            observe=sessions_without_energy,
            delay_minutes=15,
            severity="warning",
            hastened_by=frozenset({"session.started", "session.state_changed", "session.ended"}),
        ),
    )
}
"""By code."""
