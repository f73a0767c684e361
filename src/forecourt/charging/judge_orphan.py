"""A person says what an orphan is: part of a session, or nothing."""

from __future__ import annotations

from forecourt.charging.adopt_readings import adopt_readings, mark_adopted
from forecourt.charging.errors import OrphanElsewhere, OrphanJudged, SessionNotFound, SessionStopped
from forecourt.charging.load_memory import read_sessions
from forecourt.charging.memory import Adoption, Batch, OrphanStop
from forecourt.charging.models import Orphan, Session
from forecourt.charging.queries import get_row
from forecourt.charging.stop_transaction import is_number, take_stop
from forecourt.charging.write_batch import write_batch
from forecourt.identity.access import actor_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.pricing.price_book import PriceBook


async def match_orphan(uow: UnitOfWork, orphan: Orphan, session_id: str) -> Orphan:
    """Give a locked orphan to a session of its station: a stop ends it, readings count in its energy once.

    A session that was settled is settled again with the next revision of its record.

    Raises:
        OrphanJudged: it has a session, or was dismissed.
        SessionNotFound.
        OrphanElsewhere: the session is of another station.
        SessionStopped: a stop, and the session has another one.
    """
    _check_open(orphan)
    row = await get_row(uow, Session, "ses", session_id, SessionNotFound, lock=True)
    if row.station_id != orphan.station_id:
        raise OrphanElsewhere(session=session_id)
    tx = await uow.connection()
    (session,) = await read_sessions(
        tx, "WHERE s.operator_id = %s AND s.id = %s", (row.operator_id, row.id), PriceBook()
    )
    now = uow.clock.now()
    batch = Batch(now=now)
    if orphan.kind == "stop":
        if session.stop_reason is not None:
            raise SessionStopped(session=session_id, stop_reason=session.stop_reason)
        detail = orphan.detail or {}
        stop = OrphanStop(
            orphan.id, orphan.at, orphan.token_value, orphan.meter_wh, detail.get("reason"), orphan.message_id,
            orphan.received_at, orphan.transaction,
        )  # fmt: skip
        take_stop(session, stop, into=batch)
        batch.touch(session)
    adoptions = []
    if is_number(orphan.transaction):
        adoptions.append(Adoption(session, f"t:{orphan.transaction}", None, orphan.transaction))
    await adopt_readings(tx, adoptions, batch)
    await write_batch(tx, batch, evidence=None)
    await mark_adopted(tx, adoptions, now)
    await uow.session.refresh(orphan)
    orphan.matched_session_id, orphan.matched_at = row.id, now
    orphan.matched_by = actor_of(uow).name
    await uow.session.flush()
    await record_change(
        uow, action="orphan.matched", subject_type="orphan", subject_id=orphan.id,
        before={"session_id": None}, after={"session_id": encode_id("ses", row.id)},
    )  # fmt: skip
    return orphan


async def dismiss_orphan(uow: UnitOfWork, orphan: Orphan, reason: str) -> Orphan:
    """A locked orphan belongs to no session of ours; it stays on record.

    Raises:
        OrphanJudged: it has a session, or was dismissed.
    """
    _check_open(orphan)
    orphan.dismissed_at, orphan.dismissed_by = uow.clock.now(), actor_of(uow).name
    orphan.dismiss_reason = reason
    await uow.session.flush()
    await record_change(
        uow,
        action="orphan.dismissed",
        subject_type="orphan",
        subject_id=orphan.id,
        before={"reason": None},
        after={"reason": reason},
    )
    return orphan


def _check_open(orphan: Orphan) -> None:
    if orphan.matched_session_id is not None or orphan.dismissed_at is not None:
        raise OrphanJudged(id=encode_id("orp", orphan.id))
