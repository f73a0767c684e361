"""OCPP 2.x TransactionEvent: gaps, reordering, a missing Started, facts after Ended; none is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from forecourt.charging.advice import told_limits, verdict_on
from forecourt.charging.await_transaction import is_pinned, note_car, release, show_remote_start, take_waiting
from forecourt.charging.close_session import close_by_evidence, take_state
from forecourt.charging.fold import Fact
from forecourt.charging.memory import Batch, OpenSession, StationMemory
from forecourt.charging.open_session import fresh_course, identify, open_session, pin_price
from forecourt.charging.record_readings import record_readings
from forecourt.charging.start_transaction import replace_open_session
from forecourt.charging.stop_transaction import finish
from forecourt.charging.tokens_in_use import TokensInUse
from forecourt.stations.answers import IdTokenAnswer, TransactionAnswer, TransactionLimits
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
    station: StationMemory,
    message: Inbound,
    event: TransactionReported,
    *,
    in_use: TokensInUse,
    into: Batch,
) -> TransactionAnswer:
    """Give one event of a transaction its effect, whichever comes first."""
    at = station.correct(event.at, message.received_at)
    transaction = event.transaction or ""
    session = station.by_transaction.get(transaction)
    if session is None:
        session = _open(station, message, event, transaction, at, into=into)
        station.by_transaction[transaction] = session
        replace_open_session(station, session, message, at, into=into)
    elif session.evse_no is None and event.evse_no is not None:
        _locate(station, message, session, event, at, into=into)
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
    answer, limits = _identify(station, session, message, event, at, in_use=in_use, into=into)
    record_readings(station, message, event.readings, session, f"t:{transaction}", session.evse_no, into=into)
    if event.kind == "ended":
        finish(session, message, event, at, into=into)
        release(station, session, message, at, into=into)
    station.keep(session)
    return TransactionAnswer(transaction, answer, _cost(station, session), limits)


def _open(
    station: StationMemory, message: Inbound, event: TransactionReported, transaction: str, at: datetime,
    *, into: Batch,
) -> OpenSession:  # fmt: skip
    """The session that waits at the EVSE, or a new one."""
    token = event.id_token.value if event.id_token is not None else None
    session = take_waiting(station, message, event.evse_no, token, at, into=into)
    if session is None:
        session = open_session(
            station, message, evse_no=event.evse_no, connector_no=event.connector_no, at=at, stamped_at=event.at,
            into=into,
        )  # fmt: skip
    session.transaction = transaction
    session.connector_no = event.connector_no or session.connector_no
    if event.charging_state not in (None, "idle"):
        note_car(station, event.evse_no, event.connector_no, at)
    session.remote_start_no = event.remote_start_no
    show_remote_start(session, token, message.received_at, into=into)
    if not is_pinned(session, token):
        pin_price(station, session, at)
    return session


def _cost(station: StationMemory, session: OpenSession) -> Decimal | None:
    """What it costs: finally, or so far where the station shows it (I02, I03). Left out: not known."""
    if session.refold or session.course.price is None:
        return None
    if session.is_over:
        return price_of(session.course.price).rounded.total.after_taxes
    total = session.total if station.shows_cost else None
    return None if total is None else total.rounded.after_taxes


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
    station: StationMemory, session: OpenSession, message: Inbound, event: TransactionReported, at: datetime,
    *, in_use: TokensInUse, into: Batch,
) -> tuple[IdTokenAnswer | None, TransactionLimits | None]:  # fmt: skip
    """The answer about the event's token, if it has one, and how much it may take."""
    if event.id_token is None:
        return None, None
    verdict = verdict_on(message.advice, event.id_token)
    token = event.id_token.value.lower()
    same = (session.token_value or "").lower() == token and not session.seq.get("ahead")
    if not same or session.token_status != "accepted":  # noqa: S105
        verdict = in_use.judge(verdict, session, at, into)
    limits = told_limits(verdict)
    if same and session.token_status == verdict.answer.status:
        return verdict.answer, limits
    answer = identify(session, verdict, message, at=message.received_at, into=into)
    holds = answer.status == "accepted" and (session.token_value or "").lower() == token
    if holds and not is_pinned(session, token):
        session.seq["pinned"] = token
        pin_price(station, session, at)
    return answer, limits


def _locate(
    station: StationMemory, message: Inbound, session: OpenSession, event: TransactionReported, at: datetime,
    *, into: Batch,
) -> None:  # fmt: skip
    """The EVSE became known after the transaction began: price, zone and power limit follow."""
    session.evse_no, session.connector_no = event.evse_no, event.connector_no
    place = station.places.get(event.evse_no or 0)
    if place is None:
        return
    session.evse_id, session.location_id = place.evse_id, place.location_id
    session.host_partner_id, session.time_zone = place.host_partner_id, place.time_zone
    session.max_power_w = place.max_power_w
    other = station.open_by_evse.get(event.evse_no or 0)
    if other is not None and other.is_waiting and other.opened_at <= at:
        session.opened_at = min(session.opened_at, other.opened_at)
        other.seq["end"] = "closed_by_evidence"
        close_by_evidence(other, message, at, cause="same_car", into=into)
    pin_price(station, session, session.opened_at if event.id_token is None else at)
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
