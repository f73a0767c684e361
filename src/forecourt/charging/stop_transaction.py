"""OCPP 1.6 StopTransaction: always acknowledged; what fits no session is matched by evidence or parked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from forecourt.charging.advice import verdict_on
from forecourt.charging.await_transaction import release
from forecourt.charging.fold import Fact
from forecourt.charging.memory import Adoption, Batch, OpenSession, OrphanStop, StationMemory
from forecourt.charging.ports import Effect
from forecourt.charging.record_readings import record_readings
from forecourt.kit.ids import encode_id, new_id
from forecourt.stations.answers import TransactionAnswer
from forecourt.stations.events import Inbound, TransactionReported


def stop_transaction(
    station: StationMemory, message: Inbound, event: TransactionReported, *, into: Batch
) -> TransactionAnswer:
    """End the session of the transaction. A stop told twice changes nothing."""
    at = station.correct(event.at, message.received_at)
    answer = None
    if event.id_token is not None:
        answer = verdict_on(message.advice, event.id_token).answer
    session = station.by_transaction.get(event.transaction or "")
    scope = f"t:{event.transaction}"
    if session is None:
        alias = station.by_alias.get(event.transaction or "")
        session = alias if alias is not None and alias.stop_reason is None else _match(station, event, at)
        _park(station, message, event, at, session, into=into)
        _adopt(session, event.transaction, into=into)
        if session is None:
            record_readings(station, message, event.readings, None, scope, event.evse_no, into=into)
            return TransactionAnswer(id_token=answer)
        scope = f"t:{session.transaction}"
    record_readings(station, message, event.readings, session, scope, session.evse_no, into=into)
    finish(session, message, event, at, into=into)
    release(station, session, message, at, into=into)
    return TransactionAnswer(transaction=session.transaction, id_token=answer)


def finish(
    session: OpenSession, message: Inbound, event: TransactionReported, at: datetime, *, into: Batch
) -> None:
    """Let the session take its stop. The first one stands; another that differs is a finding."""
    reason = event.stopped_reason or "Local"
    fold = session.course.fold
    if session.stop_reason is not None:
        if fold.stopped_at is not None and abs((fold.stopped_at - at).total_seconds()) > 1:
            into.find(
                "StopContradicted", key=f"{session.id}:{at.isoformat()}", operator_id=session.operator_id,
                at=message.received_at, station_id=session.station_id, session_id=session.id,
                kept=fold.stopped_at.isoformat(), said=at.isoformat(),
            )  # fmt: skip
        return
    session.stop_reason = reason
    if fold.begin is not None and at < fold.begin:
        session.flag("stop_before_start")
    session.take(Fact("stopped", at, reason, event.meter_stop_wh))
    into.note(
        session, kind="stopped", key="stopped", at=at, received_at=message.received_at,
        message_id=message.message_id, cause=reason, meter_wh=event.meter_stop_wh,
    )  # fmt: skip
    into.effects.append(
        Effect(
            operator_id=session.operator_id,
            station_id=session.station_id,
            kind="remote-stop",
            at=message.received_at,
            params={"transaction": session.transaction},
            shown_by={"session_id": encode_id("ses", session.id), "reason": reason},
        )
    )
    into.touch(session)


def take_orphan_stop(station: StationMemory, session: OpenSession, message: Inbound, *, into: Batch) -> None:
    """A start that came after its stop: the stop waits among the orphans, found by tag, time and meter."""
    register = session.course.fold.register.wh
    tag = (session.token_value or "").strip().lower()
    for orphan in station.orphan_stops:
        if orphan.at < session.began_at or orphan.transaction in station.parked:
            continue
        if orphan.token_value and not _same_tag(tag, orphan.token_value.strip().lower()):
            continue
        if orphan.meter_wh is not None and register is not None and orphan.meter_wh < register:
            continue
        station.orphan_stops.remove(orphan)
        take_stop(session, orphan, into=into)
        _adopt(session, orphan.transaction, into=into)
        into.matched.append((session.operator_id, orphan.id, session.id, message.received_at))
        return


def take_stop(session: OpenSession, orphan: OrphanStop, *, into: Batch) -> None:
    """Let the session take a stop that was parked."""
    session.stop_reason = orphan.reason or "Local"
    session.take(Fact("stopped", orphan.at, session.stop_reason, orphan.meter_wh))
    into.note(
        session, kind="stopped", key="stopped", at=orphan.at, received_at=orphan.received_at,
        message_id=orphan.message_id, cause=session.stop_reason, meter_wh=orphan.meter_wh,
    )  # fmt: skip


def _match(station: StationMemory, event: TransactionReported, at: datetime) -> OpenSession | None:
    """The one open session that this stop can mean: by tag (or its beginning), time and meter."""
    if event.transaction in station.parked:
        return None  # it is of the start that could not be taken
    tag = event.id_token.value.strip().lower() if event.id_token else ""
    candidates = [
        session
        for session in station.all_sessions()
        if session.stop_reason is None
        and session.transaction is not None
        and session.began_at <= at
        and _meter_fits(session, event.meter_stop_wh)
    ]
    if event.evse_no is not None:
        candidates = [session for session in candidates if session.evse_no == event.evse_no]
    if tag:
        same = [s for s in candidates if s.token_value and _same_tag(s.token_value.lower(), tag)]
        return same[0] if len(same) == 1 else None
    # Without a tag, only an id that the station made up itself (0, -1) may mean another transaction.
    made_up = not is_number(event.transaction)
    return candidates[0] if made_up and len(candidates) == 1 else None


def is_number(transaction: str | None) -> bool:
    """Whether it can be the id of one transaction; 0 and -1 are said of any."""
    return transaction is not None and transaction.isdigit() and int(transaction) > 0


def _adopt(session: OpenSession | None, transaction: str | None, *, into: Batch) -> None:
    """Readings that came under the id of a stop are of its session."""
    if session is not None and is_number(transaction):
        into.adoptions.append(Adoption(session, f"t:{transaction}", None, transaction))


def _same_tag(known: str, said: str) -> bool:
    shorter, longer = sorted((known, said), key=len)
    return known == said or (len(shorter) >= 14 and longer.startswith(shorter))


def _meter_fits(session: OpenSession, meter_stop_wh: Decimal | None) -> bool:
    register = session.course.fold.register.wh
    return meter_stop_wh is None or register is None or meter_stop_wh >= register


def _park(
    station: StationMemory,
    message: Inbound,
    event: TransactionReported,
    at: datetime,
    session: OpenSession | None,
    *,
    into: Batch,
) -> None:
    stamp = event.raw_stamp or at.isoformat()
    into.orphans.append((
        station.operator_id, new_id(), station.station_id, f"stop:{event.transaction}:{stamp}", "stop",
        "UnknownTransaction", event.transaction, event.evse_no, event.id_token.value if event.id_token else None,
        at, message.received_at, event.meter_stop_wh, {"reason": event.stopped_reason}, message.message_id,
        session.id if session else None, message.received_at if session else None,
    ))  # fmt: skip
