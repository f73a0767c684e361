"""Sweep commands that nobody answered, and accepted ones that nothing came of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from forecourt.kit.bulk import insert_rows
from forecourt.kit.database import Database
from forecourt.kit.outbox import OUTBOX_COLUMNS, wake
from forecourt.network.answered_commands import command_event
from forecourt.network.send_command import real_time

_PROOF_DUE = {
    "remote-start": (timedelta(minutes=3), "no_transaction_followed"),
    "reset": (timedelta(minutes=15), "no_boot_followed"),
}
"""How long an accepted command may go without the behaviour that proves it."""

_TIME_OUT_SQL = b"""
    UPDATE command SET status = 'timed_out', answered_at = %(now)s, revision = revision + 1,
           reason = CASE WHEN status = 'pending' THEN 'not_sent' ELSE 'no_answer' END
    WHERE status IN ('pending', 'sent') AND expires_at < %(now)s
    RETURNING operator_id, id, station_id, kind, status, reason, revision
"""
_NO_EFFECT_SQL = b"""
    UPDATE command SET status = 'ineffective', reason = %(reason)s, revision = revision + 1
    WHERE status = 'accepted' AND effective_at IS NULL AND kind = %(kind)s AND answered_at < %(before)s
      AND answered_at > %(before)s - interval '1 day'
    RETURNING operator_id, id, station_id, kind, status, reason, revision
"""


async def time_out_commands(database: Database, *, now: datetime) -> int:
    """Close what is overdue, for all operators; tells how many changed. Safe to run anywhere, any time."""
    async with database.transaction(role="system") as uow:
        connection: psycopg.AsyncConnection[Any] = await uow.connection()
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_TIME_OUT_SQL, {"now": now})
            events = [command_event(row, now) for row in await cursor.fetchall()]
            for kind, (patience, reason) in _PROOF_DUE.items():
                await cursor.execute(
                    _NO_EFFECT_SQL,
                    {"kind": kind, "reason": reason, "before": now - real_time(patience, database.clock)},
                )
                events += [command_event(row, now) for row in await cursor.fetchall()]
        if events:
            await insert_rows(connection, "outbox_event", OUTBOX_COLUMNS, events)
            await wake(connection)
        return len(events)
