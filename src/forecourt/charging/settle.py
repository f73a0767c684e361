"""Settle sessions: final rating of all stored facts, and an immutable charge detail record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from forecourt.charging.close_session import expiry
from forecourt.charging.compact import charging_periods, compact_timeline, iso
from forecourt.charging.load_memory import read_sessions
from forecourt.charging.memory import TIMELINE_COLUMNS, OpenSession
from forecourt.charging.refold import fold_facts, stored_facts
from forecourt.charging.share_energy import trimmed
from forecourt.charging.write_batch import live_data, session_changes, write_changes
from forecourt.kit import outbox
from forecourt.kit.bulk import insert_rows
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.money import to_minor
from forecourt.kit.outbox import OUTBOX_COLUMNS, outbox_row
from forecourt.pricing.price_book import PriceBook
from forecourt.tariff import Segment, price_of, price_to_dict, tariff_to_dict

Tx = psycopg.AsyncConnection[Any]

BATCH: Final = 50
SILENCE: Final = timedelta(days=7)
_DUE: Final = """
SELECT operator_id, id FROM session WHERE settle_after <= %s ORDER BY settle_after LIMIT %s FOR UPDATE SKIP LOCKED
"""
_SIGNED: Final = """
SELECT session_id, measured_at, context, measurand, data, signing_method, encoding_method, public_key
FROM signed_value WHERE operator_id = ANY(%s) AND session_id = ANY(%s) ORDER BY measured_at, id
"""
_PARTIES: Final = """
SELECT s.id, a.contract_id, a.issuer FROM session s
JOIN authorisation a ON a.operator_id = s.operator_id AND a.id = s.authorisation_id
WHERE s.operator_id = ANY(%s) AND s.id = ANY(%s)
"""
_REVISIONS: Final = """
SELECT session_id, max(revision) FROM charge_detail_record WHERE operator_id = ANY(%s) AND session_id = ANY(%s)
GROUP BY session_id
"""
CDR_COLUMNS: Final = (
    "operator_id", "id", "session_id", "revision", "station_id", "location_id", "evse_id", "token_id", "contract_id",
    "token_issuer", "started_at", "ended_at", "energy_wh", "held_wh", "charging_s", "idle_s", "occupancy_s", "quality", "timeline",
    "charging_periods", "currency", "total_before_taxes_minor", "total_after_taxes_minor", "price",
    "tariff_version_id", "tariff_hash", "tariff", "signed", "created_at",
)  # fmt: skip


async def settle_due(database: Database, *, prices: PriceBook, limit: int = BATCH) -> int:
    """Settle sessions whose time has come, in one transaction; tells how many. Safe to run twice at once."""
    now = database.clock.now()
    async with database.transaction(role="system") as uow:
        tx = await uow.connection()
        cursor = await tx.execute(_DUE, (now, limit))
        due = await cursor.fetchall()
        if due:
            await settle_sessions(tx, due, now=now, prices=prices)
    return len(due)


async def close_silent(database: Database) -> int:
    """Let sessions end of which nothing was heard for a week; tells how many. They are settled next."""
    now = database.clock.now()
    async with database.transaction(role="system") as uow:
        tx = await uow.connection()
        cursor = await tx.execute(
            "UPDATE session SET settle_after = %s, revision = revision + 1"
            " WHERE ended_at IS NULL AND settled_at IS NULL AND settle_after IS NULL AND coalesce(last_at, opened_at) < %s",
            (now, now - SILENCE),
        )
        return cursor.rowcount


async def _close_open(tx: Tx, sessions: Sequence[OpenSession], now: datetime) -> None:
    """What is due but not over ends at its last fact: nobody told of the unplugging, or of anything.

    An authorisation whose car never came ends when its time is up.
    """
    rows = []
    for session in sessions:
        fold = session.course.fold
        if fold.ended_at is None:
            at = max(fold.last[0] if fold.last else session.opened_at, session.began_at)
            cause = "silence"
            expired = expiry(session)
            if session.is_waiting and expired is not None and expired <= now:
                at, cause, session.seq["end"] = expired, "connection_timeout", "timed_out"
            rows.append((
                session.operator_id, new_id(), session.id, f"closed_by_evidence:{cause}", at, now,
                "closed_by_evidence", "ended", cause, None, None, None,
            ))  # fmt: skip
    if rows:
        await insert_rows(
            tx, "session_timeline", TIMELINE_COLUMNS, rows,
            conflict="ON CONFLICT (operator_id, session_id, fact_key) DO NOTHING",
        )  # fmt: skip


async def settle_sessions(
    tx: Tx, keys: Sequence[tuple[UUID, UUID]], *, now: datetime, prices: PriceBook
) -> list[UUID]:
    """Write the next charge detail record of each session (operator, id); returns the records' ids.

    A session that never had a transaction took nothing and owes nothing: it has no record.
    """
    operators, ids = list({key[0] for key in keys}), [key[1] for key in keys]
    sessions = await read_sessions(
        tx, "WHERE s.operator_id = ANY(%s) AND s.id = ANY(%s)", (operators, ids), prices
    )
    was_open = {session.id: not session.is_over for session in sessions}
    await _close_open(tx, sessions, now)
    facts = await stored_facts(tx, sessions)
    signed: dict[UUID, list[dict[str, Any]]] = {}
    for session_id, at, *rest in await (await tx.execute(_SIGNED, (operators, ids))).fetchall():
        names = ("context", "measurand", "data", "signing_method", "encoding_method", "public_key")
        signed.setdefault(session_id, []).append({"at": iso(at), **dict(zip(names, rest, strict=True))})
    revisions = dict(await (await tx.execute(_REVISIONS, (operators, ids))).fetchall())
    parties = {row[0]: row[1:] for row in await (await tx.execute(_PARTIES, (operators, ids))).fetchall()}
    records, events = [], []
    for session in sessions:
        session.course = fold_facts(session, facts.get(session.id, []), keep=True)
        session.refold = False
        session.settled_at, session.settle_after = now, None
        session.revision += 1
        if was_open[session.id]:
            events.append(_told(session, "session.ended", now))
        events.append(_told(session, "session.settled", now))
        if session.transaction is None:
            continue
        revision = (revisions.get(session.id) or 0) + 1
        record = _record(
            session, revision, signed.get(session.id, []), parties.get(session.id, (None, None)), now
        )
        records.append(record)
        session.settled_revision = revision
        events.append(_event(session, record, now))
    await insert_rows(tx, "charge_detail_record", CDR_COLUMNS, records)
    await write_changes(tx, [session_changes(session) for session in sessions])
    await tx.execute(
        "UPDATE session SET settled_at = %s, settled_revision = CASE WHEN transaction IS NULL THEN NULL"
        " ELSE coalesce(settled_revision, 0) + 1 END WHERE operator_id = ANY(%s) AND id = ANY(%s)",
        (now, operators, ids),
    )
    await insert_rows(tx, "outbox_event", OUTBOX_COLUMNS, events)
    await outbox.wake(tx)
    return [record[1] for record in records]


def _record(
    session: OpenSession,
    revision: int,
    signed: list[dict[str, Any]],
    party: tuple[str | None, str | None],
    now: datetime,
) -> tuple[Any, ...]:
    course = session.course
    fold = course.fold
    begin, end = session.began_at, fold.ended_at or fold.at or session.began_at
    segments = course.segments or []
    price = tariff = total = None
    if course.price is not None and session.priced_by is not None:
        rated = price_of(course.price)
        price, tariff = price_to_dict(rated), tariff_to_dict(session.priced_by.version.tariff)
        total = rated.rounded.total
    quality = session.quality if price is not None else sorted({*session.quality, "unpriced"})
    currency = session.currency
    return (
        session.operator_id, new_id(), session.id, revision, session.station_id, session.location_id,
        session.evse_id, session.token_id, *party, begin, end, trimmed(fold.energy_wh), trimmed(course.held_wh),
        _seconds(segments, "charging"), _seconds(segments, "idle"), int((end - begin).total_seconds()), quality,
        compact_timeline(segments), charging_periods(segments), currency,
        to_minor(total.before_taxes, currency) if total and currency else None,
        to_minor(total.after_taxes, currency) if total and currency else None,
        price, session.priced_by.id if session.priced_by else None,
        session.priced_by.version.content_hash if session.priced_by else None, tariff, signed, now,
    )  # fmt: skip


def _told(session: OpenSession, name: str, now: datetime) -> tuple[Any, ...]:
    return outbox_row(
        session.operator_id, name, subject_id=session.id, subject_revision=session.revision, at=now,
        data=live_data(session),
    )  # fmt: skip


def _event(session: OpenSession, record: tuple[Any, ...], now: datetime) -> tuple[Any, ...]:
    row = dict(zip(CDR_COLUMNS, record, strict=True))
    return outbox_row(
        session.operator_id, "cdr.created", subject_id=row["id"], subject_revision=row["revision"], at=now,
        data={
            "cdr_id": encode_id("cdr", row["id"]),
            "session_id": encode_id("ses", session.id),
            "revision": row["revision"],
            "energy_wh": str(row["energy_wh"]),
            "total_after_taxes_minor": row["total_after_taxes_minor"],
            "currency": row["currency"],
            "quality": row["quality"],
        },
    )  # fmt: skip


def _seconds(segments: Sequence[Segment], state: str) -> int:
    return int(sum((s.end - s.start).total_seconds() for s in segments if s.state == state))
