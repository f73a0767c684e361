"""An operator with a site of two stations whose state a test sets, and a clock that it moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from forecourt.charging.models import ChargeDetailRecord, Session
from forecourt.identity.actor import Actor, system_actor
from forecourt.identity.bootstrap import create_operator
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.network.models import Connector, Evse, Installation, Location, Station
from forecourt.operations.evaluate import evaluate_operator
from forecourt.operations.models import AlertRule, Incident, IncidentEntry


def links(path: str) -> str:
    return f"https://cpo.example{path}"


class Floor:
    """One operator, one location, stations `CP-1` and `CP-2` with one EVSE and connector each."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.operator_id: UUID
        self.location_id = new_id()
        self.station_ids = [new_id(), new_id()]
        self.evse_ids = [new_id(), new_id()]
        self.connector_ids = [new_id(), new_id()]

    @classmethod
    async def build(cls, database: Database, clock: ManualClock) -> Floor:
        floor = cls(database, clock)
        op = floor.operator_id = await create_operator(database, slug=f"op-{new_id().hex[-12:]}", name="Test")
        async with floor.work() as uow:
            uow.session.add(
                Location(operator_id=op, id=floor.location_id, name="Garage", city="Berlin", country="DE",
                         time_zone="Europe/Berlin")
            )  # fmt: skip
            await uow.session.flush()
            for n, (station, evse, connector) in enumerate(
                zip(floor.station_ids, floor.evse_ids, floor.connector_ids, strict=True), start=1
            ):
                uow.session.add_all(
                    [
                        Station(operator_id=op, id=station, identity=f"CP-{n}", location_id=floor.location_id,
                                link="online", link_since=clock.now()),
                        Evse(operator_id=op, id=evse, location_id=floor.location_id, evse_uid=f"DE*T*E{n}"),
                    ]
                )  # fmt: skip
                await uow.session.flush()
                uow.session.add_all(
                    [
                        Installation(operator_id=op, evse_id=evse, station_id=station, evse_no=1, connector_no=1,
                                     valid_from=clock.now()),
                        Connector(operator_id=op, id=connector, evse_id=evse, connector_no=1, status="available",
                                  status_since=clock.now()),
                    ]
                )  # fmt: skip
        return floor

    def work(self, actor: Actor | None = None) -> Any:
        return self.database.transaction(
            self.operator_id, actor=actor or system_actor(self.operator_id, "test")
        )

    def wait(self, minutes: float) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    async def link(self, state: str, station: int = 0) -> None:
        async with self.work() as uow:
            await uow.session.execute(
                update(Station)
                .where(Station.operator_id == self.operator_id, Station.id == self.station_ids[station])
                .values(link=state, link_since=self.clock.now())
            )

    async def fault(self, code: str | None = "GroundFailure", connector: int = 0) -> None:
        """The connector reports a fault, or with None that all is well."""
        async with self.work() as uow:
            await uow.session.execute(
                update(Connector)
                .where(
                    Connector.operator_id == self.operator_id, Connector.id == self.connector_ids[connector]
                )
                .values(
                    status="faulted" if code else "available", error_code=code, status_since=self.clock.now()
                )
            )

    async def session(
        self, *, station: int = 0, energy_wh: int = 0, state: str = "charging", **more: Any
    ) -> UUID:
        """An open session that began now."""
        id_ = new_id()
        now = self.clock.now()
        async with self.work() as uow:
            uow.session.add(
                Session(
                    operator_id=self.operator_id, id=id_, station_id=self.station_ids[station],
                    location_id=self.location_id, evse_id=self.evse_ids[station], evse_no=1, connector_no=1,
                    protocol="ocpp1.6", transaction=id_.hex, state=state, opened_at=now, started_at=now,
                    time_zone="Europe/Berlin", energy_wh=Decimal(energy_wh), quality=[], **more,
                )
            )  # fmt: skip
        return id_

    async def record(self, session_id: UUID, minor: int, *, station: int = 0, revision: int = 1) -> None:
        """What a session was billed, net."""
        now = self.clock.now()
        async with self.work() as uow:
            uow.session.add(
                ChargeDetailRecord(
                    operator_id=self.operator_id, session_id=session_id, revision=revision,
                    station_id=self.station_ids[station], evse_id=self.evse_ids[station], started_at=now, ended_at=now,
                    created_at=now, energy_wh=Decimal(1), held_wh=Decimal(0), charging_s=1, idle_s=0, occupancy_s=1,
                    quality=[], timeline={}, charging_periods=[], currency="EUR", total_before_taxes_minor=minor,
                    total_after_taxes_minor=minor, signed=[],
                )
            )  # fmt: skip

    async def set_session(self, session_id: UUID, **values: Any) -> None:
        async with self.work() as uow:
            await uow.session.execute(
                update(Session)
                .where(Session.operator_id == self.operator_id, Session.id == session_id)
                .values(**values)
            )

    async def set_rule(self, kind: str, **values: Any) -> None:
        await self.evaluate()
        async with self.work() as uow:
            rule = await uow.session.scalar(
                select(AlertRule).where(AlertRule.operator_id == self.operator_id, AlertRule.kind == kind)
            )
            assert rule is not None
            for name, value in values.items():
                setattr(rule, name, value)

    async def evaluate(self) -> None:
        await evaluate_operator(self.database, self.operator_id, links=links)

    async def incidents(self) -> Sequence[Incident]:
        async with self.work() as uow:
            rows = await uow.session.scalars(
                select(Incident)
                .where(Incident.operator_id == self.operator_id)
                .order_by(Incident.opened_at, Incident.id)
            )
            return list(rows)

    async def incident(self) -> Incident:
        (found,) = await self.incidents()
        return found

    async def course(self, incident: Incident) -> list[str]:
        async with self.work() as uow:
            rows = await uow.session.scalars(
                select(IncidentEntry.kind)
                .where(
                    IncidentEntry.operator_id == self.operator_id, IncidentEntry.incident_id == incident.id
                )
                .order_by(IncidentEntry.at, IncidentEntry.id)
            )
            return list(rows)
