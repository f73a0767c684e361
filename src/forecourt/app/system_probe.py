"""What the system page learns from this process and from the gateway's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import func, select

from forecourt import __version__
from forecourt.app.settings import Settings
from forecourt.gateway.gateway import Gateway
from forecourt.gateway.models import GatewayNode, StationLink
from forecourt.kit.bus import Bus, NatsBus
from forecourt.kit.database import UnitOfWork
from forecourt.operations.system import Node


class ProcessProbe:
    """See `operations.system.SystemProbe`."""

    version = __version__

    def __init__(self, settings: Settings, bus: Bus, gateway: Gateway | None) -> None:
        """Look at these parts."""
        self._bus = bus
        self._gateway = gateway
        self.home_operator = settings.default_operator
        self.embedded = settings.database_url is None
        self.bus_kind: Literal["memory", "nats"] = "nats" if isinstance(bus, NatsBus) else "memory"

    def bus_connected(self) -> bool:
        """The bus in memory always is."""
        return self._bus.connected if isinstance(self._bus, NatsBus) else True

    def queue(self) -> int | None:
        """What the gateway's journal holds."""
        return None if self._gateway is None else self._gateway.writers.depth

    async def nodes(self, uow: UnitOfWork) -> Sequence[Node]:
        """Leases and links, by the database's clock."""
        links = (
            select(StationLink.node, func.count().label("count"))
            .where(StationLink.disconnected_at.is_(None))
            .group_by(StationLink.node)
            .subquery()
        )
        rows = await uow.session.execute(
            select(
                GatewayNode.node,
                GatewayNode.lease_until,
                (GatewayNode.lease_until > func.clock_timestamp()).label("alive"),
                func.coalesce(links.c.count, 0).label("links"),
            )
            .outerjoin(links, links.c.node == GatewayNode.node)
            .order_by(GatewayNode.node)
        )
        return [
            Node(name=row.node, alive=row.alive, lease_until=row.lease_until, links=row.links) for row in rows
        ]
