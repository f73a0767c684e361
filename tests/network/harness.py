"""Helpers of the network's tests: a batch as the gateway makes it, and a Stations port that remembers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from forecourt.identity.actor import Actor, system_actor
from forecourt.identity.bootstrap import create_operator
from forecourt.identity.permissions import ALL
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.ids import new_id
from forecourt.network.add_station import AddStation, add_station
from forecourt.network.handler import NetworkHandler
from forecourt.network.manage_places import create_location
from forecourt.network.models import Location, Station
from forecourt.stations.answers import Answer
from forecourt.stations.events import Connected, Event, Inbound

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
PEPPER = b"a pepper for tests"


class RememberingStations:
    """Takes commands and keeps them; `reachable` says whether anybody holds sockets."""

    def __init__(self) -> None:
        self.reachable = True
        self.sent: list[tuple[UUID, Any]] = []
        self.disconnected: list[tuple[UUID, str]] = []

    async def send(
        self, *, operator_id: UUID, station_id: UUID, command_id: UUID, command: Any, timeout_s: float
    ) -> bool:
        if self.reachable:
            self.sent.append((command_id, command))
        return self.reachable

    async def disconnect(self, *, station_id: UUID, reason: str) -> None:
        self.disconnected.append((station_id, reason))


class Network:
    """One operator with one location, and the handler."""

    def __init__(self, database: Database, operator_id: UUID) -> None:
        self.database = database
        self.operator_id = operator_id
        self.stations = RememberingStations()
        self.handler = NetworkHandler()
        self.location_id: UUID

    @asynccontextmanager
    async def work(self, **scope: Any):  # type: ignore[no-untyped-def]
        actor: Actor = scope.pop("actor", None) or system_actor(self.operator_id, "test")
        async with self.database.transaction(self.operator_id, actor=actor, **scope) as uow:
            yield uow

    async def add_location(self, **fields: Any) -> Location:
        async with self.work() as uow:
            return await create_location(
                {"name": "Garage", "country": "DE", "time_zone": "Europe/Berlin", **fields}, uow=uow
            )

    async def add_station(self, identity: str = "CP-1", *, protocol: str | None = "ocpp1.6") -> Station:
        """A station that is online, if `protocol` is given."""
        async with self.work() as uow:
            station, _ = await add_station(
                AddStation(identity=identity, location_id=self.location_id), uow=uow, pepper=PEPPER
            )
        if protocol is not None:
            await self.say(station.id, Connected(protocol, "192.0.2.1", 1, 1), protocol=protocol)
        return station

    async def say(
        self,
        station_id: UUID,
        *events: Event,
        at: datetime = NOON,
        protocol: str = "ocpp1.6",
        handler: NetworkHandler | None = None,
    ) -> list[Answer | None]:
        """One batch of one message."""
        message = Inbound(
            self.operator_id, station_id, at, events, protocol=protocol, message_id=new_id().hex
        )
        return await self.batch([message], handler=handler)

    async def batch(
        self, messages: Sequence[Inbound], *, handler: NetworkHandler | None = None
    ) -> list[Answer | None]:
        handler = handler or self.handler
        connection = await self.database.system_connection()
        try:
            async with connection.transaction():
                await handler.load(connection, messages)
                answers = [handler.apply(message, event) for message in messages for event in message.events]
                await handler.flush(connection)
            await handler.committed()
            return answers
        finally:
            await connection.close()

    async def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of any table, across tenants; `:operator` is this one's."""
        from sqlalchemy import text

        async with self.database.transaction(role="system") as uow:
            result = await uow.session.execute(text(query), {"operator": self.operator_id, **parameters})
            return [dict(row) for row in result.mappings()]

    async def row(self, query: str, **parameters: Any) -> dict[str, Any]:
        rows = await self.rows(query, **parameters)
        assert len(rows) == 1, rows
        return rows[0]

    async def events(self, event_type: str) -> list[dict[str, Any]]:
        return await self.rows(
            "SELECT * FROM outbox_event WHERE operator_id = :operator AND type = :type ORDER BY id",
            type=event_type,
        )


async def make_network(database: Database) -> Network:
    operator_id = await create_operator(database, slug=f"op-{new_id().hex[-12:]}", name="Test")
    network = Network(database, operator_id)
    network.location_id = (await network.add_location()).id
    return network


def owner(operator_id: UUID) -> Actor:
    return Actor(kind="user", id=new_id(), operator_id=operator_id, permissions=ALL, name="ada")


__all__ = ["NOON", "PEPPER", "Network", "RememberingStations", "UnitOfWork", "make_network", "owner"]
