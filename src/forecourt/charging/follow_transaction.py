"""OCPP 2.x TransactionEvent: gaps, reordering, a missing Started, facts after Ended; none is refused."""

from __future__ import annotations

from forecourt.charging.advice import verdict_on
from forecourt.charging.close_session import take_state
from forecourt.charging.fold import Fact
from forecourt.charging.memory import Batch, OpenSession, StationMemory
from forecourt.charging.open_session import fresh_course, identify, open_session
from forecourt.charging.record_readings import record_readings
from forecourt.charging.start_transaction import replace_open_session
from forecourt.charging.stop_transaction import finish
from forecourt.stations.answers import IdTokenAnswer, TransactionAnswer
from forecourt.stations.events import Inbound, TransactionReported
from forecourt.tariff import price_of

_STATES = {
    "charging": "charging",
    "ev_connected": "ev_connected",
    "suspended_ev": "suspended_ev",
    "suspended_evse": "suspended_evse",
    "idle": "unplugged",
}
_MISSING_KEPT = 500
STARTED = -1
"""Stands in `seq["missing"]` for a Started that has not come."""


def follow_transaction(
    station: StationMemory, message: Inbound, event: TransactionReported, *, into: Batch
) -> TransactionAnswer:
    """Give one event of a transaction its effect, whichever comes first."""
    at = station.correct(event.at, message.received_at)
    transaction = event.transaction or ""
    session = station.by_transaction.get(transaction)
    if session is None:
        session = open_session(
            station, message, event, transaction=transaction, start_key=None, at=at, into=into
        )
        station.by_transaction[transaction] = session
        replace_open_session(station, session, message, at, into=into)
    elif session.evse_no is None and event.evse_no is not None:
        _locate(station, session, event, into=into)
    into.touch(session)
    _track(session, event)
    if event.charging_state not in (None, "idle"):
        session.seq["plugged"] = True
    state = _STATES.get(event.charging_state or "", "")
    if event.remote_start_no is not None and session.remote_start_no is None:
        session.remote_start_no = event.remote_start_no
        session.correlate = session.urgent = True
    if event.kind == "started":
        _begin(session, message, event, state, into=into, station=station)
    elif state:
        take_state(session, message, at, state, cause=event.trigger or "station", into=into)
    answer = _identify(session, message, event, into=into)
    record_readings(station, message, event.readings, session, f"t:{transaction}", session.evse_no, into=into)
    if event.kind == "ended":
        finish(session, message, event, at, into=into)
    station.keep(session)
    cost = None
    if session.is_over and not session.refold and session.course.price is not None:
        cost = price_of(session.course.price).rounded.total.after_taxes
    return TransactionAnswer(transaction=transaction, id_token=answer, total_cost=cost)


def _begin(
    session: OpenSession, message: Inbound, event: TransactionReported, state: str, *, into: Batch,
    station: StationMemory,
) -> None:  # fmt: skip
    if session.started_at is not None:
        return
    at = station.correct(event.at, message.received_at)
    session.started_at = at
    session.opened_at = min(session.opened_at, at)
    session.seq["state"] = state
    session.take(Fact("started", at, state))
    into.note(
        session, kind="started", key="started", at=at, received_at=message.received_at, state=state or None,
        message_id=message.message_id, cause=event.trigger or "station",
    )  # fmt: skip


def _identify(
    session: OpenSession, message: Inbound, event: TransactionReported, *, into: Batch
) -> IdTokenAnswer | None:
    if event.id_token is None:
        return None
    verdict = verdict_on(message.advice, event.id_token)
    same = session.token_value is not None and session.token_value.lower() == event.id_token.value.lower()
    if same and session.token_status == verdict.answer.status:
        return verdict.answer
    return identify(session, verdict, message, at=message.received_at, into=into)


def _locate(station: StationMemory, session: OpenSession, event: TransactionReported, *, into: Batch) -> None:
    """The EVSE became known after the transaction began: price, zone and power limit follow."""
    session.evse_no, session.connector_no = event.evse_no, event.connector_no
    place = station.places.get(event.evse_no or 0)
    if place is None:
        return
    session.evse_id, session.location_id = place.evse_id, place.location_id
    session.host_partner_id, session.time_zone = place.host_partner_id, place.time_zone
    session.max_power_w, session.connector_type = place.max_power_w, place.connector_type
    session.priced_by = place.priced_by
    session.currency = place.priced_by.currency if place.priced_by else None
    session.course = fresh_course(session)
    session.refold = True


def _track(session: OpenSession, event: TransactionReported) -> None:
    """Keep account of sequence numbers: what lies between the lowest and the highest and has not come."""
    seq, number = session.seq, event.seq_no
    missing: list[int] = seq.setdefault("missing", [])
    if event.kind == "started":
        if STARTED in missing:
            missing.remove(STARTED)
    elif "next" not in seq and session.started_at is None and STARTED not in missing:
        missing.append(STARTED)
    if number is None:
        seq.setdefault("next", 0)
        return
    following = seq.get("next")
    session.urgent = session.urgent or number != following
    known = len(missing)
    if following is None:
        seq.setdefault("low", number)
        seq["next"] = number + 1
    elif number == following:
        seq["next"] = number + 1
    elif number > following:
        missing.extend(range(following, min(number, following + _MISSING_KEPT)))
        seq["next"] = number + 1
    elif number in missing:
        missing.remove(number)
    elif number < seq.get("low", 0):
        missing.extend(range(number + 1, min(seq["low"], number + _MISSING_KEPT)))
        seq["low"] = number
    if len(missing) > known:
        seq.pop("restated", None)
    if len(missing) > _MISSING_KEPT:
        del missing[:-_MISSING_KEPT]
