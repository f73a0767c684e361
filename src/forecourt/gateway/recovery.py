"""What an earlier life leaves: links that no process holds any more, and where stations were genuine."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from forecourt.gateway.connection import Link
from forecourt.gateway.directory import MAX_TRUSTED
from forecourt.gateway.journal import Item
from forecourt.ocpp import Version
from forecourt.stations.events import Disconnected, Inbound

if TYPE_CHECKING:
    from forecourt.gateway.gateway import Gateway


async def bury_dead_links(gateway: Gateway) -> None:
    """Tell the handlers that the links this node held before are gone. Called before any port is open."""
    async with await gateway.database.system_connection() as connection:
        cursor = await connection.execute(
            "SELECT operator_id, station_id, epoch, protocol FROM station_link"
            " WHERE node = %s AND disconnected_at IS NULL",
            (gateway.settings.node,),
        )
        rows: list[tuple[UUID, UUID, int, str]] = await cursor.fetchall()
        for operator_id, station_id, epoch, protocol in rows:
            entry = gateway.directory.get(station_id)
            if entry is None or entry.operator_id != operator_id:
                await connection.execute(
                    "UPDATE station_link SET disconnected_at = now() WHERE operator_id = %s AND station_id = %s",
                    (operator_id, station_id),
                )
                continue
            version = Version.find_by_subprotocol(protocol) or Version.V16
            link = Link(gateway, entry, version=version, profile=0, credential=None, remote_address=None)
            events = (Disconnected(epoch, "gateway restarted"),)
            inbound = Inbound(operator_id, station_id, gateway.clock.now(), events, protocol, epoch=epoch)
            gateway.writers.post(
                Item(link, "disconnect", inbound, fenced=False), lambda _written, _error: None
            )


async def remember_addresses(gateway: Gateway) -> None:
    """Where each station last proved itself: a guesser elsewhere cannot lock it out, not even after a restart."""
    async with await gateway.database.system_connection() as connection:
        cursor = await connection.execute(
            "SELECT station_id, remote_address FROM station_link"
            " WHERE security_profile > 0 AND remote_address IS NOT NULL ORDER BY connected_at LIMIT %s",
            (MAX_TRUSTED,),
        )
        for station_id, address in await cursor.fetchall():
            gateway.brake.trust(str(station_id), address)
