"""The end of a session: by its stop, by unplugging, or by evidence that it is over (a zombie)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from forecourt.charging.fold import Fact
from forecourt.charging.memory import RECENT, Batch, OpenSession, StationMemory
from forecourt.stations.events import Booted, Inbound, StatusReported

SETTLE_OFFLINE: Final = timedelta(minutes=15)
SETTLE_EVIDENCE: Final = timedelta(hours=24)
_STATES: Final = frozenset(("preparing", "charging", "suspended_ev", "suspended_evse", "finishing"))


def close_by_evidence(
    session: OpenSession,
    message: Inbound,
    at: datetime,
    *,
    cause: str,
    into: Batch,
    kind: Literal["unplugged", "closed_by_evidence"] = "closed_by_evidence",
) -> None:
    """Something shows that the session is over. A stop that comes later mends it."""
    key = f"{kind}:{cause}:{at.isoformat()}"
    session.take(Fact(kind, at, cause))
    into.note(
        session, kind=kind, key=key, at=at, received_at=message.received_at, message_id=message.message_id,
        state="ended", cause=cause,
    )  # fmt: skip
    into.touch(session)


def note_status(station: StationMemory, message: Inbound, event: StatusReported, *, into: Batch) -> None:
    """A connector's status is a hint about the session there, and `available` the evidence of its end."""
    session = station.open_by_evse.get(event.evse_no)
    if session is None or session.is_over or session.transaction is None:
        return
    received_at = message.received_at
    at = station.correct(event.at, received_at)
    if at < session.began_at:
        return  # an old status from the station's queue
    is_16 = message.protocol == "ocpp1.6"
    fold = session.course.fold
    if event.status == "available":
        if not is_16 and session.connector_no not in (None, event.connector_no):
            return  # another plug of the EVSE
        if is_16 or fold.stopped_at is not None or fold.energy_wh > 0:
            close_by_evidence(session, message, at, cause="available", into=into, kind="unplugged")
        return
    if session.booted_at is not None and is_16 and event.status == "preparing" and fold.stopped_at is None:
        close_by_evidence(session, message, session.booted_at, cause="boot", into=into)
        return
    if is_16 and event.status in _STATES:
        take_state(session, message, at, event.status, cause="status", into=into)


def note_boot(station: StationMemory, message: Inbound, event: Booted) -> None:
    """After a boot, a connector that waits for a car again has lost its transaction."""
    for session in station.open_by_evse.values():
        session.booted_at = message.received_at


def take_state(
    session: OpenSession, message: Inbound, at: datetime, state: str, *, cause: str, into: Batch
) -> None:
    """A change of state as the station tells it."""
    fact = Fact("state", at, state)
    newest = not session.refold and session.course.fits(fact)
    seq = session.seq
    numbered = session.protocol != "ocpp1.6"
    if newest and numbered and state == seq.get("state") and (not seq.get("missing") or seq.get("restated")):
        return  # nothing on its way can have changed the state since it was last told: saying it again says nothing
    if newest:
        seq["state"] = state
        if numbered:
            seq["restated"] = True
    session.take(fact)
    into.note(
        session, kind="state", key=f"state:{at.isoformat()}:{state}", at=at, received_at=message.received_at,
        message_id=message.message_id, state=state, cause=cause,
    )  # fmt: skip
    into.touch(session)


def expiry(session: OpenSession) -> datetime | None:
    """When the authorisation of a session without a car ends; `None` once the car is there."""
    until = session.seq.get("expires_at")
    return None if until is None or session.seq.get("plugged") else datetime.fromisoformat(until)


def settle_time(session: OpenSession, now: datetime) -> datetime | None:
    """When the session may be settled: now if nothing can be missing, later by policy; `None` while it charges."""
    fold = session.course.fold
    if session.transaction is None:
        return now if fold.ended_at is not None else expiry(session)
    if fold.ended_at is None:
        # It waits for unplugging; nobody may ever tell.
        return None if fold.stopped_at is None else fold.stopped_at + SETTLE_EVIDENCE
    if fold.stopped_at is None:
        return now + SETTLE_EVIDENCE
    if session.protocol == "ocpp1.6" or "low" not in session.seq:
        complete = now - fold.ended_at <= RECENT  # a queued stop may be followed by queued readings
    else:
        complete = not session.seq.get("missing")
    return now if complete else now + SETTLE_OFFLINE
