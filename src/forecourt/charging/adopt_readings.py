"""Readings that were stored before their session was known: give them to it, and let its energy follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import psycopg

from forecourt.charging.memory import READING_COLUMNS, Adoption, Batch

_SCOPE: Final = READING_COLUMNS.index("scope")
_STATION: Final = READING_COLUMNS.index("station_id")
_SESSION: Final = READING_COLUMNS.index("session_id")
_MEASURED: Final = READING_COLUMNS.index("measured_at")


async def adopt_readings(
    tx: psycopg.AsyncConnection[Any], adoptions: Sequence[Adoption], batch: Batch
) -> None:
    """Give sessionless readings to their sessions: those of this batch, and those on disk.

    A reading that has a session keeps it, so that none counts twice.
    """
    for adoption in adoptions:
        session, since = adoption.session, adoption.since
        found = 0
        for row in batch.readings.values():
            if (
                row[_SESSION] is None
                and row[_SCOPE] == adoption.scope
                and row[_STATION] == session.station_id
                and (since is None or row[_MEASURED] >= since)
            ):
                row[_SESSION] = session.id
                found += 1
        for table in ("meter_reading", "signed_value"):
            cursor = await tx.execute(
                f"UPDATE {table} SET session_id = %s WHERE operator_id = %s AND station_id = %s AND scope = %s"  # noqa: S608
                " AND session_id IS NULL AND (%s::timestamptz IS NULL OR measured_at >= %s)",
                (session.id, session.operator_id, session.station_id, adoption.scope, since, since),
            )
            found += cursor.rowcount
        if found:
            session.refold = session.urgent = True
            batch.touch(session)


async def mark_adopted(tx: psycopg.AsyncConnection[Any], adoptions: Sequence[Adoption], at: datetime) -> None:
    """The orphans of adopted readings have found their session."""
    for adoption in adoptions:
        if adoption.transaction is not None:
            session = adoption.session
            await tx.execute(
                "UPDATE orphan SET matched_session_id = %s, matched_at = %s WHERE operator_id = %s"
                " AND station_id = %s AND transaction = %s AND kind = 'readings' AND matched_session_id IS NULL",
                (session.id, at, session.operator_id, session.station_id, adoption.transaction),
            )
