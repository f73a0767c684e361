"""What an earlier life leaves: where stations were genuine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.gateway.directory import MAX_TRUSTED

if TYPE_CHECKING:
    from forecourt.gateway.gateway import Gateway


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
