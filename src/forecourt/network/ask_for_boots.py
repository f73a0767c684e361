"""Ask stations that never told who they are to boot (quirk 25: some do not after they connect)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from forecourt.identity.actor import system_actor
from forecourt.kit.database import Database
from forecourt.network.queries import get_station
from forecourt.network.send_command import real_time, request_command
from forecourt.stations.commands import Stations

_PATIENCE = timedelta(seconds=60)
_AT_ONCE = 50

_SILENT = text(
    """
    SELECT s.operator_id, s.id FROM station s
    WHERE s.link = 'online' AND s.registration = 'adopted' AND s.booted_at IS NULL AND s.link_since < :before
      AND NOT EXISTS (
          SELECT FROM command c WHERE c.operator_id = s.operator_id AND c.station_id = s.id
          AND c.kind = 'trigger-message' AND c.created_at >= s.link_since)
    ORDER BY s.link_since LIMIT :at_once
    """
)


async def ask_for_boots(database: Database, stations: Stations, *, now: datetime) -> int:
    """Trigger a BootNotification once per link from those that sent none; tells how many were asked."""
    async with database.transaction(role="system") as uow:
        before = now - real_time(_PATIENCE, database.clock)
        rows: list[tuple[UUID, UUID]] = [
            (row[0], row[1])
            for row in await uow.session.execute(_SILENT, {"before": before, "at_once": _AT_ONCE})
        ]
    for operator_id, station_id in rows:
        async with database.transaction(operator_id, actor=system_actor(operator_id, "network")) as uow:
            await request_command(
                await get_station(uow, station_id),
                "trigger-message",
                {"message": "BootNotification"},
                uow=uow,
                database=database,
                stations=stations,
            )
    return len(rows)
