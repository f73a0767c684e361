"""Which remote start began a session: by its number (2.x), or by tag, connector and time (1.6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from forecourt.charging.memory import Batch, OpenSession
from forecourt.charging.open_session import began_by
from forecourt.charging.ports import Effect
from forecourt.network.answered_commands import Evidence
from forecourt.network.mark_effective import mark_effective

WINDOW: Final = timedelta(minutes=10)
"""A start that comes later was not caused by the command (1.6 has no id for it)."""

_COMMANDS: Final = """
SELECT id, station_id, number, params, created_at FROM command
WHERE station_id = ANY(%s) AND kind = 'remote-start' AND effective_at IS NULL
    AND status IN ('sent', 'accepted', 'timed_out') AND created_at > %s
ORDER BY created_at DESC
"""


async def load_remote_starts(
    tx: psycopg.AsyncConnection[Any], answered: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Of accepted commands, the parameters of remote starts that have shown no effect yet, by id."""
    if not answered:
        return {}
    cursor = await tx.execute(
        "SELECT id, params FROM command WHERE id = ANY(%s) AND kind = 'remote-start' AND effective_at IS NULL",
        (list(answered),),
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def find_remote_starts(
    tx: psycopg.AsyncConnection[Any], sessions: Sequence[OpenSession], batch: Batch
) -> None:
    """Tie new sessions to the remote start that caused them, and note the effect."""
    wanted = [
        session for session in sessions if session.command_id is None and session.transaction is not None
    ]
    if not wanted:
        return
    async with tx.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_COMMANDS, ([s.station_id for s in wanted], batch.now - timedelta(days=1)))
        commands = await cursor.fetchall()
    for session in wanted:
        for command in commands:
            if command["station_id"] == session.station_id and _caused(command, session):
                session.command_id = command["id"]
                commands.remove(command)
                batch.effects.append(began_by(session, command["id"], batch.now))
                break


def _caused(command: Mapping[str, Any], session: OpenSession) -> bool:
    if session.remote_start_no is not None:
        return bool(command["number"] == session.remote_start_no)
    if session.protocol != "ocpp1.6":
        return False
    params = command["params"]
    tag = params.get("id_token")
    evse_no = params.get("evse_no")
    begun: datetime = session.opened_at
    return (
        tag is not None
        and session.token_value is not None
        and str(tag).lower() == session.token_value.lower()
        and (evse_no is None or evse_no == session.evse_no)
        and -timedelta(minutes=1) <= begun - command["created_at"] <= WINDOW
    )


class NetworkEvidence:
    """Tells `network` that remote starts and stops took effect (adapter of `ports.CommandEvidence`)."""

    async def mark_effective(self, tx: Any, effects: Sequence[Effect]) -> None:
        """Mark the commands effective, in the batch's transaction."""
        await mark_effective(
            tx,
            [
                Evidence(
                    operator_id=effect.operator_id,
                    station_id=effect.station_id,
                    kind=effect.kind,
                    at=effect.at,
                    command_id=effect.command_id,
                    params=effect.params,
                    shown_by=effect.shown_by,
                )
                for effect in effects
            ],
        )
