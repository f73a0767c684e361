"""Sessions before their transaction: plugged or authorised, whichever comes first (ADR 8).

A car that is plugged in is seen by the connector's status, an authorisation by an accepted Authorize (which
names no EVSE: only where the station has one) or an accepted remote start. The transaction then takes over
the session that waits at its EVSE; if none comes, the session ends by unplugging, refusal or time-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from forecourt.charging.advice import Verdict
from forecourt.charging.close_session import close_by_evidence
from forecourt.charging.memory import NEWS, RECENT, Batch, OpenSession, StationMemory
from forecourt.charging.open_session import began_by, keep_authorisation, name_holder, open_session, pin_price
from forecourt.charging.ports import Resolution
from forecourt.stations.answers import IdTokenAnswer
from forecourt.stations.events import IdTokenRef, Inbound, StatusReported

PLUGGED: Final = frozenset(
    ("preparing", "occupied", "charging", "suspended_ev", "suspended_evse", "finishing")
)
_ARRIVED: Final = frozenset(("preparing", "occupied"))
_GONE: Final = frozenset(("available", "reserved"))


def note_plug(
    station: StationMemory, message: Inbound, event: StatusReported, at: datetime, *, into: Batch
) -> None:
    """Follow a connector's plug by its status; a car that arrives opens a session, unless one is open.

    EVSE 0 is the station as a whole. Only the change counts: a status told again, or told after a transaction, is no new car.
    """
    if not event.evse_no:
        return
    key = (event.evse_no, 1 if message.protocol == "ocpp1.6" else event.connector_no)
    last = station.plugs.get(key)
    if last is not None and at < last[0]:
        return  # an old status from the station's queue
    if event.status in _GONE:
        station.plugs[key] = (at, False)
        _leave(station, message, event, at, into=into)
    elif event.status in PLUGGED:
        arrived = event.status in _ARRIVED and not (last is not None and last[1])
        station.plugs[key] = (at, True)
        if arrived:
            _arrive(station, message, event, at, into=into)


def note_car(station: StationMemory, evse_no: int | None, connector_no: int | None, at: datetime) -> None:
    """A transaction shows that a car is plugged in; the status that says so, too, comes or came."""
    key = (evse_no or 0, connector_no or 1)
    last = station.plugs.get(key)
    if key[0] and (last is None or last[0] <= at):
        station.plugs[key] = (at, True)


def _arrive(
    station: StationMemory, message: Inbound, event: StatusReported, at: datetime, *, into: Batch
) -> None:
    session = station.open_by_evse.get(event.evse_no)
    if session is None or session.is_over:
        session = open_session(
            station, message, evse_no=event.evse_no, connector_no=event.connector_no, at=at,
            stamped_at=event.at, into=into,
        )  # fmt: skip
        station.keep(session)
    elif session.transaction is not None or session.seq.get("plugged"):
        return
    session.seq["plugged"] = True
    session.connector_no = event.connector_no
    into.note(
        session, kind="plugged", key=f"plugged:{at.isoformat()}", at=at, received_at=message.received_at,
        message_id=message.message_id, cause="status", state=session.shown_state,
    )  # fmt: skip
    into.touch(session)


def _leave(
    station: StationMemory, message: Inbound, event: StatusReported, at: datetime, *, into: Batch
) -> None:
    """The car of a session that waits has gone. One that is only authorised goes on waiting for it.

    1.6 says Preparing of a presented tag, too: Available after the connection time-out means that no car came.
    """
    session = station.open_by_evse.get(event.evse_no)
    if session is None or not session.is_waiting or at < session.opened_at:
        return
    same = message.protocol == "ocpp1.6" or session.connector_no in (None, event.connector_no)
    if session.seq.get("plugged") and same:
        until = session.seq.get("expires_at")
        waited = until is not None and at >= datetime.fromisoformat(until) - NEWS
        session.seq["end"] = "timed_out" if waited else "driver"
        close_by_evidence(session, message, at, cause="available", into=into, kind="unplugged")


def authorise(
    station: StationMemory, message: Inbound, evse_no: int, verdict: Verdict, authorisation_id: UUID, *,
    cause: str, at: datetime, into: Batch,
) -> None:  # fmt: skip
    """An authorisation before the transaction. Accepted: the session there goes on, or one opens, with its price.

    Refused: the session of the car that waits there ends. While a transaction runs it says nothing: the
    token may be there to stop it.
    """
    session = station.open_by_evse.get(evse_no)
    if session is not None and session.is_over:
        session = None
    if session is not None and session.transaction is not None:
        return
    if verdict.answer.status != "accepted":
        if session is not None and session.token_value in (None, verdict.id_token.value):
            _refuse(session, message, verdict, authorisation_id, at, into=into)
        return
    if session is None:
        session = open_session(
            station, message, evse_no=evse_no, connector_no=None, at=at, stamped_at=None, into=into
        )
        station.keep(session)
        if station.is_plugged(evse_no):
            session.seq["plugged"] = True  # the car of a session that ended, refused or stopped
    name_holder(session, verdict, authorisation_id)
    session.seq["ahead"] = True
    session.seq["pinned"] = verdict.id_token.value.lower()
    session.seq["expires_at"] = (at + station.connection_timeout).isoformat()
    pin_price(station, session, at)
    into.note(
        session, kind="authorised", key=f"authorised:{verdict.id_token.value.lower()}:{at.isoformat()}", at=at,
        received_at=message.received_at, message_id=message.message_id, cause=cause, state=session.shown_state,
    )  # fmt: skip
    into.touch(session)


def _refuse(
    session: OpenSession, message: Inbound, verdict: Verdict, authorisation_id: UUID, at: datetime, *, into: Batch
) -> None:  # fmt: skip
    name_holder(session, verdict, authorisation_id)
    session.seq["end"] = "refused"
    at = max(at, session.opened_at)
    into.note(
        session, kind="refused", key=f"refused:{at.isoformat()}", at=at, received_at=message.received_at,
        message_id=message.message_id, cause=verdict.reason_code, detail=verdict.reason_params or None,
    )  # fmt: skip
    close_by_evidence(session, message, at, cause=verdict.reason_code or verdict.answer.status, into=into)


def authorise_remotely(
    station: StationMemory, message: Inbound, command_id: UUID, params: Mapping[str, Any], *, into: Batch
) -> None:
    """A station accepted a remote start: the session at its EVSE is authorised by whoever asked for it."""
    evse_no = params.get("evse_no") or station.only_evse_no
    if evse_no is None:
        return
    at = message.received_at
    id_token = IdTokenRef(str(params["id_token"]), params.get("id_token_type"))
    resolution = Resolution(status="accepted", token_type=id_token.type, command_id=command_id)
    verdict = Verdict(id_token, IdTokenAnswer("accepted"), resolution)
    place = station.places.get(evse_no)
    authorisation_id = keep_authorisation(
        station.operator_id, station.station_id, verdict, at, "remote_start", into,
        evse_id=place.evse_id if place else None,
    )  # fmt: skip
    authorise(station, message, evse_no, verdict, authorisation_id, cause="remote_start", at=at, into=into)


def take_waiting(
    station: StationMemory, message: Inbound, evse_no: int | None, token: str | None, at: datetime, *, into: Batch
) -> OpenSession | None:  # fmt: skip
    """The session that waits at the EVSE of a transaction which begins there; the caller names the transaction.

    A transaction of an earlier time (an offline queue) leaves it waiting. Somebody else's authorisation
    without a car ends.
    """
    session = station.open_by_evse.get(evse_no) if evse_no is not None else None
    if session is None or not session.is_waiting or at < session.opened_at - RECENT:
        return None
    holder = session.token_value
    if holder and token and holder.lower() != token.lower() and not session.seq.get("plugged"):
        session.seq["end"] = "closed_by_evidence"
        close_by_evidence(session, message, max(at, session.opened_at), cause="next_start", into=into)
        return None
    session.seq.pop("expires_at", None)
    session.renamed = session.correlate = not session.is_new
    session.urgent = True
    session.shown = None
    session.opened_at = min(session.opened_at, at)
    into.touch(session)
    return session


def is_pinned(session: OpenSession, token: str | None) -> bool:
    """Whether the price is the one of this token's authorisation."""
    pinned = session.seq.get("pinned")
    return pinned is not None and (token is None or pinned == token.lower())


def show_remote_start(session: OpenSession, token: str | None, at: datetime, *, into: Batch) -> None:
    """The transaction of a session that a remote start authorised has begun: the command took effect."""
    if session.command_id is None or not session.seq.get("ahead"):
        return
    if token is not None and (session.token_value or "").lower() != token.lower():
        session.command_id = None
        return
    into.effects.append(began_by(session, session.command_id, at))


def release(
    station: StationMemory, session: OpenSession, message: Inbound, at: datetime, *, into: Batch
) -> None:
    """A transaction ended that was told of late: the car that a status showed meanwhile was its own."""
    other = station.open_by_evse.get(session.evse_no) if session.evse_no is not None else None
    if (
        other is not None
        and other is not session
        and other.is_waiting
        and other.token_value is None
        and session.began_at <= other.opened_at <= at
    ):
        other.seq["end"] = "closed_by_evidence"
        close_by_evidence(other, message, at, cause="same_car", into=into)
