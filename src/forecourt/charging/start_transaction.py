"""OCPP 1.6 StartTransaction: always an id, always recorded, the same start gives the same id."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import datetime

from forecourt.charging.advice import verdict_on
from forecourt.charging.await_transaction import is_pinned, note_car, show_remote_start, take_waiting
from forecourt.charging.close_session import close_by_evidence
from forecourt.charging.fold import Fact
from forecourt.charging.memory import Adoption, Batch, OpenSession, StationMemory
from forecourt.charging.open_session import identify, open_session, pin_price
from forecourt.charging.stop_transaction import take_orphan_stop
from forecourt.charging.tokens_in_use import TokensInUse
from forecourt.stations.answers import IdTokenAnswer, TransactionAnswer
from forecourt.stations.events import Inbound, TransactionReported


def start_key_of(event: TransactionReported) -> str:
    """What makes two starts the same one: connector, idTag, time stamp and meter (ocpp.md 3.2)."""
    stamp = event.raw_stamp or (event.at.isoformat() if event.at else "")
    tag = event.id_token.value.strip().lower() if event.id_token else ""
    text = "\n".join((str(event.evse_no), tag, stamp, str(event.meter_start_wh)))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def start_transaction(
    station: StationMemory,
    message: Inbound,
    event: TransactionReported,
    *,
    next_number: Callable[[], int],
    in_use: TokensInUse,
    into: Batch,
) -> TransactionAnswer:
    """Begin the transaction of the session that waits there, or of a new one, or find the one it began before."""
    key = start_key_of(event)
    verdict = verdict_on(message.advice, event.id_token) if event.id_token is not None else None
    known = station.by_start_key.get(key)
    if known is not None:
        answer = verdict.answer if verdict is not None else IdTokenAnswer("accepted")
        if answer.status == "accepted" and known.token_status == "concurrent_tx":  # noqa: S105
            answer = dataclasses.replace(answer, status="concurrent_tx")
        return TransactionAnswer(transaction=known.transaction, id_token=answer)
    at = station.correct(event.at, message.received_at)
    token = event.id_token.value if event.id_token is not None else None
    session = take_waiting(station, message, event.evse_no, token, at, into=into)
    if session is None:
        session = open_session(
            station, message, evse_no=event.evse_no, connector_no=event.connector_no, at=at, stamped_at=event.at,
            into=into,
        )  # fmt: skip
    session.transaction, session.start_key = str(next_number()), key
    session.seq["plugged"] = True
    note_car(station, event.evse_no, 1, at)
    show_remote_start(session, token, message.received_at, into=into)
    if not is_pinned(session, token):
        pin_price(station, session, at)
    session.started_at = at
    session.take(Fact("started", at, import_wh=event.meter_start_wh))
    into.note(
        session, kind="started", key="started", at=at, received_at=message.received_at,
        message_id=message.message_id, meter_wh=event.meter_start_wh, cause="station",
    )  # fmt: skip
    replace_open_session(station, session, message, at, into=into)
    station.keep(session)
    answer = IdTokenAnswer("invalid")
    if verdict is not None:
        verdict = in_use.judge(verdict, session, at, into)
        answer = identify(session, verdict, message, at=at, into=into)
    if station.orphan_stops:
        take_orphan_stop(station, session, message, into=into)
    _take_orphan_readings(station, session, into=into)
    return TransactionAnswer(transaction=session.transaction, id_token=answer)


def _take_orphan_readings(station: StationMemory, session: OpenSession, *, into: Batch) -> None:
    """Readings that came before this start, under an id that the station made up: of this connector, since then."""
    for orphan in list(station.orphan_readings):
        later = station.open_by_evse.get(session.evse_no or 0)
        between = later is not None and later is not session and later.began_at <= orphan.at
        if orphan.evse_no == session.evse_no and orphan.at >= session.began_at and not between:
            station.orphan_readings.remove(orphan)
            into.adoptions.append(
                Adoption(session, f"t:{orphan.transaction}", session.began_at, orphan.transaction)
            )


def replace_open_session(
    station: StationMemory, session: OpenSession, message: Inbound, at: datetime, *, into: Batch
) -> None:
    """A car charges at an EVSE at a time: what was open there before this start has ended."""
    if session.evse_no is None:
        return
    other = station.open_by_evse.get(session.evse_no)
    if other is None or other is session or other.is_over or other.began_at > at:
        return
    close_by_evidence(other, message, at, cause="next_start", into=into)
