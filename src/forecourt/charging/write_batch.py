"""Write what a batch collected: readings, facts, sessions, events. In the batch's transaction, in bulk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from forecourt.charging.close_session import settle_time
from forecourt.charging.correlate import find_remote_starts
from forecourt.charging.memory import (
    AUTHORISATION_COLUMNS,
    FINDING_COLUMNS,
    ORPHAN_COLUMNS,
    READING_COLUMNS,
    SIGNED_COLUMNS,
    TIMELINE_COLUMNS,
    Batch,
    OpenSession,
)
from forecourt.charging.ports import CommandEvidence
from forecourt.charging.record_readings import contradiction
from forecourt.charging.refold import refold
from forecourt.charging.share_energy import trimmed
from forecourt.kit import outbox
from forecourt.kit.bulk import insert_rows, update_rows
from forecourt.kit.errors import Unavailable
from forecourt.kit.ids import encode_id
from forecourt.kit.outbox import OUTBOX_COLUMNS, outbox_row

Tx = psycopg.AsyncConnection[Any]

_FIXED: Final = ("station_id", "protocol", "transaction", "start_key", "currency")
_NAMED: Final = ("transaction", "start_key", "currency")
"""Fixed once known: a session that waits for its transaction gets them later."""
_CHANGING: Final = (
    "revision", "evse_no", "connector_no", "location_id", "evse_id", "host_partner_id", "time_zone", "max_power_w",
    "tariff_version_id", "opened_at", "started_at", "state", "stopped_at", "ended_at", "end_cause", "stop_reason",
    "last_at", "token_id", "token_value", "token_type", "token_group", "token_status", "authorisation_id",
    "remote_start_no", "command_id", "fleet_partner_id", "register", "energy_wh", "held_wh", "power_w", "soc_percent",
    "cost_before_taxes", "cost_after_taxes", "quality", "seq", "fold", "settle_after",
)  # fmt: skip
_WRITE_EVERY: Final = timedelta(seconds=1)
_DOUBTS: Final = frozenset(("unit_suspect", "register_base_missing", "register_erratic"))
"""Flags that a person should see even when no energy is held."""
_BUSY: Final = 32
"""In a batch of more sessions than this, a session that only measured is written at most once a second."""
_KEY: Final = ("operator_id", "id")
_SOURCES: Final = ("none", "samples", "intervals", "register")
_VALUES: Final = READING_COLUMNS.index("import_wh")
_SESSION: Final = READING_COLUMNS.index("session_id")
_MEASURED: Final = READING_COLUMNS.index("measured_at")


class SessionChanged(Unavailable):
    """Somebody else changed a session between loading and writing it: load the batch again and write it."""


async def write_batch(
    tx: Tx, batch: Batch, *, evidence: CommandEvidence | None
) -> list[tuple[OpenSession, dict[str, Any]]]:
    """Write everything, and hand back what the viewers of changed sessions should see.

    Raises:
        SessionChanged: a session's revision is not the one in memory.
    """
    sessions = _in_order(batch)
    fresh = [session for session in sessions if session.is_new]
    wanted = [session for session in sessions if session.is_new or session.correlate]
    if wanted:
        await find_remote_starts(tx, wanted, batch)
    if fresh:
        rows = [
            (s.operator_id, s.id, *(getattr(s, name) for name in _FIXED), *_changing(s, s.revision))
            for s in fresh
        ]
        await insert_rows(tx, "session", (*_KEY, *_FIXED, *_CHANGING), rows)
    if batch.timeline:
        await insert_rows(
            tx, "session_timeline", TIMELINE_COLUMNS, batch.timeline,
            conflict="ON CONFLICT (operator_id, session_id, fact_key) DO NOTHING",
        )  # fmt: skip
    await _write_readings(tx, batch)
    sessions = _in_order(batch)
    late = [session for session in sessions if session.refold]
    await refold(tx, late)
    for session in late:
        session.urgent = True
    live = await _write_sessions(tx, batch, sessions, {session.id for session in late})
    await _write_rest(tx, batch)
    if evidence is not None and batch.effects:
        await evidence.mark_effective(tx, batch.effects)
    return live


def _in_order(batch: Batch) -> list[OpenSession]:
    """The batch's sessions in the order in which everybody locks them."""
    return sorted(batch.sessions.values(), key=lambda session: session.id.int)


def _changing(session: OpenSession, revision: int) -> tuple[Any, ...]:
    fold = session.course.fold
    before = after = None
    total = session.total
    if total is not None:
        before, after = total.exact.before_taxes, total.exact.after_taxes
    return (
        revision, session.evse_no, session.connector_no, session.location_id, session.evse_id,
        session.host_partner_id, session.time_zone, session.max_power_w,
        session.priced_by.id if session.priced_by else None, session.opened_at, session.started_at,
        session.shown_state, fold.stopped_at, fold.ended_at, _end_cause(session), session.stop_reason,
        fold.last[0] if fold.last else None, session.token_id, session.token_value, session.token_type,
        session.token_group, session.token_status, session.authorisation_id, session.remote_start_no,
        session.command_id, session.fleet_partner_id, _SOURCES[fold.source], trimmed(fold.energy_wh), trimmed(session.course.held_wh),
        fold.power_w, fold.soc_percent, before, after, session.quality, session.seq, session.course.dump(),
        session.settle_after,
    )  # fmt: skip


def _end_cause(session: OpenSession) -> str | None:
    """Why it ended, in the domain's words."""
    fold = session.course.fold
    if fold.ended_at is None:
        return None
    if session.transaction is None:
        return str(session.seq.get("end", "closed_by_evidence"))
    if fold.stopped_at is None:
        return "closed_by_evidence"
    if session.token_status not in (None, "accepted") and fold.energy_wh == 0:
        return "refused"
    return END_CAUSES.get(session.stop_reason or "Local", "station")


END_CAUSES: Final = {
    "Local": "driver", "EVDisconnected": "driver", "StoppedByEV": "driver", "Remote": "operator",
    "DeAuthorized": "station", "PowerLoss": "power_loss", "EmergencyStop": "fault", "GroundFault": "fault",
    "OvercurrentFault": "fault", "EnergyLimitReached": "limit", "TimeLimitReached": "limit",
    "SOCLimitReached": "limit", "MasterPass": "operator",
}  # fmt: skip


async def _write_sessions(
    tx: Tx, batch: Batch, sessions: Sequence[OpenSession], refolded: set[UUID]
) -> list[tuple[OpenSession, dict[str, Any]]]:
    rows: list[tuple[Any, ...]] = []
    live = []
    busy = len(sessions) > _BUSY
    for session in sessions:
        calm = not session.urgent and session.shown_state == session.told_state
        if busy and calm and not _old(session, batch.now):
            continue
        was_over = session.told_state == "ended"
        corrected = was_over and session.course.dump() != session.loaded
        if was_over and not corrected and session.seq == session.loaded_seq:
            continue  # told again what it knew
        if not was_over or corrected or session.settled_at is None:
            session.settle_after = settle_time(session, batch.now)
            if session.settled_at is not None and session.settle_after is not None:
                session.settle_after = batch.now
        revision = session.revision if session.is_new else session.revision + 1
        if not session.is_new:
            values = _changing(session, revision)
            rows.append((session.operator_id, session.id, *values))
        elif session.id in refolded or session.settle_after is not None:
            revision = session.revision + 1
            rows.append((session.operator_id, session.id, *_changing(session, revision)))
        session.revision, session.urgent, session.written_at = revision, False, batch.now
        _tell(session, batch, was_over, corrected)
        live.append((session, live_data(session)))
    await write_changes(tx, rows)
    named = [s for s in sessions if s.renamed]
    if named:
        names = [(s.operator_id, s.id, *(getattr(s, name) for name in _NAMED)) for s in named]
        await update_rows(tx, "session", _KEY, _NAMED, names)
    return live


def _old(session: OpenSession, now: datetime) -> bool:
    """Whether its row is a second old. Readings are on disk anyhow, and a stale row is noticed when it is read."""
    written_at = session.written_at
    return written_at is None or not written_at <= now < written_at + _WRITE_EVERY


def session_changes(session: OpenSession) -> tuple[Any, ...]:
    """The row for `write_changes`, for the revision that the session has now."""
    return (session.operator_id, session.id, *_changing(session, session.revision))


async def write_changes(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
    """Update sessions, each from the revision before.

    Raises:
        SessionChanged: one of them has another revision.
    """
    if not rows:
        return
    written = await update_rows(
        tx, "session", _KEY, _CHANGING, rows, where="target.revision = new.revision - 1"
    )
    if written != len(rows):
        raise SessionChanged(f"{len(rows) - written} of {len(rows)} sessions were changed by somebody else")


def _tell(session: OpenSession, batch: Batch, was_over: bool, corrected: bool) -> None:
    """Outbox rows for what happened to the session."""
    state = session.shown_state
    if session.is_new:
        _event(session, batch, "session.started")
    if corrected:
        _event(session, batch, "session.corrected")
    if not was_over and state != session.told_state:
        if not session.is_new:
            _event(session, batch, "session.state_changed", before=session.told_state)
        if state == "ended":
            _event(session, batch, "session.ended")
    held = session.course.held_wh > 0
    if session.is_over and (held or not _DOUBTS.isdisjoint(session.quality)):
        batch.find(
            "EnergyHeld" if held else "MeterDoubtful",
            key=f"{session.id}:{session.course.held_wh}",
            operator_id=session.operator_id,
            at=batch.now,
            station_id=session.station_id,
            session_id=session.id,
            held_wh=str(trimmed(session.course.held_wh)),
            quality=session.quality,
        )
    session.told_state = state


def _event(session: OpenSession, batch: Batch, name: str, **more: Any) -> None:
    batch.outbox.append(
        outbox_row(
            session.operator_id, name, subject_id=session.id, subject_revision=session.revision, at=batch.now,
            data={**live_data(session), **more},
        )
    )  # fmt: skip


def live_data(session: OpenSession) -> dict[str, Any]:
    """What viewers and readers of events see of a session; the driver's token is not among it."""
    fold = session.course.fold
    total = session.total
    if session.shown is None or session.shown["evse_id"] is None:
        session.shown = {
            "session_id": encode_id("ses", session.id),
            "station_id": encode_id("sta", session.station_id),
            "evse_id": encode_id("evs", session.evse_id) if session.evse_id else None,
            "location_id": encode_id("loc", session.location_id) if session.location_id else None,
            "transaction": session.transaction,
            "opened_at": _iso(session.opened_at),
            "currency": session.currency,
        }
    return {
        **session.shown,
        "state": session.shown_state,
        "ended_at": _iso(fold.ended_at),
        "last_at": _iso(fold.last[0] if fold.last else None),
        "energy_wh": str(trimmed(fold.energy_wh)),
        "power_w": None if fold.power_w is None else str(fold.power_w),
        "soc_percent": None if fold.soc_percent is None else str(fold.soc_percent),
        "cost": None if total is None else str(total.rounded.after_taxes),
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


async def _write_readings(tx: Tx, batch: Batch) -> None:
    """Insert readings; when fewer came in than were sent, see what the repeats say."""
    rows = list(batch.readings.values())
    if not rows:
        return
    written = await insert_rows(tx, "meter_reading", READING_COLUMNS, rows, conflict="ON CONFLICT DO NOTHING")
    if written != len(rows):
        await _reconcile(tx, batch, rows)


async def _reconcile(tx: Tx, batch: Batch, rows: Sequence[Sequence[Any]]) -> None:
    columns = ", ".join(f"m.{name}" for name in READING_COLUMNS)
    keys = list(zip(*(row[1:7] for row in rows), strict=True))
    async with tx.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            f"SELECT {columns} FROM meter_reading m JOIN unnest("  # noqa: S608
            "%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[])"
            " AS k (station_id, scope, raw_stamp, context, discriminator, stamped_at)"
            " ON m.station_id = k.station_id AND m.scope = k.scope AND m.raw_stamp = k.raw_stamp"
            " AND m.context = k.context AND m.discriminator = k.discriminator AND m.stamped_at = k.stamped_at"
            " WHERE m.operator_id = ANY(%s)",
            (*(list(values) for values in keys), list({row[0] for row in rows})),
        )
        stored = {tuple(row[1:7]): row for row in await cursor.fetchall()}
    for sent in rows:
        kept = stored.get(tuple(sent[1:7]))
        if kept is None:
            continue
        fills = {}
        session = batch.sessions.get(sent[_SESSION]) or batch.repeated.get(sent[_SESSION])
        if kept[_SESSION] is None and sent[_SESSION] is not None:
            fills["session_id"] = sent[_SESSION]
        if kept[_MEASURED] != sent[_MEASURED]:
            _refold(batch, session)  # the station's clock was set since: the first time stands
        for index in range(_VALUES, len(sent)):
            if sent[index] is None or sent[index] == kept[index]:
                continue
            if kept[index] is None:
                fills[READING_COLUMNS[index]] = sent[index]
            else:
                contradiction(batch, sent[0], sent[1], kept, READING_COLUMNS[index], sent[index])
                _refold(batch, session)
        if fills:
            await _fill(tx, kept, fills)
            _refold(batch, session)


def _refold(batch: Batch, session: OpenSession | None) -> None:
    if session is not None:
        session.refold = True
        batch.touch(session)


async def _fill(tx: Tx, kept: Sequence[Any], fills: dict[str, Any]) -> None:
    names = ", ".join(f"{name} = coalesce({name}, %s)" for name in fills)
    values = [Jsonb(value) if isinstance(value, dict) else value for value in fills.values()]
    await tx.execute(
        f"UPDATE meter_reading SET {names} WHERE operator_id = %s AND station_id = %s AND scope = %s"  # noqa: S608
        " AND raw_stamp = %s AND context = %s AND discriminator = %s AND stamped_at = %s",
        (*values, *kept[:7]),
    )


async def _write_rest(tx: Tx, batch: Batch) -> None:
    nothing = "ON CONFLICT DO NOTHING"
    inserts: list[tuple[str, Sequence[str], Sequence[Sequence[Any]], str]] = [
        ("signed_value", SIGNED_COLUMNS, batch.signed, nothing),
        ("authorisation", AUTHORISATION_COLUMNS, batch.authorisations, ""),
        ("orphan", ORPHAN_COLUMNS, batch.orphans, nothing),
        ("finding", FINDING_COLUMNS, list(batch.findings.values()), nothing),
        ("outbox_event", OUTBOX_COLUMNS, batch.outbox, ""),
    ]
    for table, columns, rows, conflict in inserts:
        if rows:
            await insert_rows(tx, table, columns, rows, conflict=conflict)
    if batch.outbox:
        await outbox.wake(tx)
    for operator_id, orphan_id, session_id, at in batch.matched:
        await tx.execute(
            "UPDATE orphan SET matched_session_id = %s, matched_at = %s WHERE operator_id = %s AND id = %s",
            (session_id, at, operator_id, orphan_id),
        )


LiveCallback = Callable[[list[tuple[OpenSession, dict[str, Any]]]], Any]
