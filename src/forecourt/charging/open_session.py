"""Open a session in memory: where it is, what it costs, who it is for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from forecourt.charging.advice import Verdict
from forecourt.charging.fold import Course, context_of, new_course
from forecourt.charging.memory import AHEAD, EARLIEST, Batch, OpenSession, StationMemory
from forecourt.charging.ports import Effect
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.outbox import outbox_row
from forecourt.stations.answers import IdTokenAnswer
from forecourt.stations.events import Inbound
from forecourt.tariff import State, initial_state


def open_session(
    station: StationMemory,
    message: Inbound,
    *,
    evse_no: int | None,
    connector_no: int | None,
    at: datetime,
    stamped_at: datetime | None,
    into: Batch,
) -> OpenSession:
    """Make a session without transaction, price or facts. `stamped_at` is the station's claim for `at`."""
    place = station.places.get(evse_no) if evse_no is not None else None
    session = OpenSession(
        operator_id=station.operator_id,
        id=new_id(),
        station_id=station.station_id,
        protocol=message.protocol,
        transaction=None,
        start_key=None,
        evse_no=evse_no,
        connector_no=connector_no,
        location_id=place.location_id if place else station.location_id,
        evse_id=place.evse_id if place else None,
        host_partner_id=place.host_partner_id if place else None,
        time_zone=place.time_zone if place else station.time_zone,
        currency=None,
        max_power_w=place.max_power_w if place else None,
        connector_type=place.connector_type if place else None,
        opened_at=at,
        course=Course.__new__(Course),
        priced_by=None,
        is_new=True,
    )
    session.course = fresh_course(session)
    if stamped_at is not None and not EARLIEST <= stamped_at <= message.received_at + AHEAD:
        session.flag("clock")
    into.touch(session)
    return session


def pin_price(station: StationMemory, session: OpenSession, at: datetime) -> None:
    """The version that applies at the authorisation prices the session, whatever is published later."""
    place = station.places.get(session.evse_no) if session.evse_no is not None else None
    found = None if place is None else place.priced_at(at)
    if place is not None:
        session.connector_type = place.connector_type
    if (found and found.id) == (session.priced_by and session.priced_by.id):
        return
    session.priced_by = found
    session.currency = found.currency if found else None
    session.renamed, session.shown = not session.is_new, None
    had_facts = session.course.fold.last is not None
    session.course = fresh_course(session)
    session.refold = session.refold or had_facts


def fresh_course(session: OpenSession, *, source: int = 0, keep: bool = False) -> Course:
    """The course of a session before its first fact."""
    priced_by = session.priced_by
    price: State | None = None
    if priced_by is not None:
        context = context_of(time_zone=session.time_zone, connector_type=session.connector_type)
        price = initial_state(priced_by.version, context)
    return new_course(
        price=price,
        max_power_w=session.max_power_w,
        until_unplugged=priced_by is not None and priced_by.prices_idle,
        source=source,
        keep=keep,
    )


def name_holder(session: OpenSession, verdict: Verdict, authorisation_id: UUID) -> None:
    """Say who the session is for."""
    resolution = verdict.resolution
    session.token_value = verdict.id_token.value
    session.token_type = resolution.token_type or verdict.id_token.type
    session.token_id = resolution.token_id
    session.token_group = resolution.group
    session.token_status = verdict.answer.status
    session.fleet_partner_id = resolution.fleet_partner_id
    session.authorisation_id = authorisation_id
    if session.command_id is None:
        session.command_id = resolution.command_id


def identify(
    session: OpenSession, verdict: Verdict, message: Inbound, *, at: datetime, into: Batch
) -> IdTokenAnswer:
    """Say who the session is for, once; a second token is judged and leaves the first in place.

    An authorisation before the transaction was for whoever comes: the transaction's own stands.
    """
    resolution = verdict.resolution
    authorisation_id = keep_authorisation(
        session.operator_id, session.station_id, verdict, at, "start", into,
        session_id=session.id, evse_id=session.evse_id,
    )  # fmt: skip
    was_refused = session.token_status not in (None, "accepted")
    accepted = verdict.answer.status == "accepted"
    ahead = session.seq.pop("ahead", False)
    if session.token_value is None or ahead or (was_refused and accepted):
        if session.command_id is None and resolution.command_id is not None:
            into.effects.append(began_by(session, resolution.command_id, at))
        name_holder(session, verdict, authorisation_id)
        into.note(
            session, kind="authorised" if accepted else "refused",
            key=f"token:{verdict.id_token.value.lower()}:{verdict.answer.status}", at=at,
            received_at=message.received_at, message_id=message.message_id, cause=verdict.reason_code,
            detail=None if accepted else verdict.reason_params or None,
        )  # fmt: skip
        into.touch(session)
    return verdict.answer


def began_by(session: OpenSession, command_id: UUID, at: datetime) -> Effect:
    """The session shows that a remote start took effect."""
    return Effect(
        operator_id=session.operator_id,
        station_id=session.station_id,
        kind="remote-start",
        at=at,
        command_id=command_id,
        shown_by={"session_id": encode_id("ses", session.id), "transaction": session.transaction},
    )


def keep_authorisation(
    operator_id: UUID, station_id: UUID, verdict: Verdict, at: datetime, kind: str, into: Batch,
    *, session_id: UUID | None = None, evse_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """One more attempt, with its answer and reason; a refusal is also an event."""
    authorisation_id = new_id()
    resolution, limits, guarantee = verdict.resolution, verdict.limits, verdict.guarantee
    into.authorisations.append((
        operator_id, authorisation_id, at, kind, station_id, evse_id, session_id, resolution.token_id,
        verdict.id_token.value, resolution.token_type or verdict.id_token.type, verdict.answer.status,
        verdict.reason_code, dict(verdict.reason_params) or None, resolution.issuer, resolution.contract_id,
        guarantee.payer if guarantee else None, dict(guarantee.details) or None if guarantee else None,
        None if limits is None else {
            name: str(value) for name in ("energy_wh", "duration_s", "cost", "soc_percent")
            if (value := getattr(limits, name)) is not None
        } or None,
        resolution.external_reference, verdict.took_ms,
    ))  # fmt: skip
    if verdict.answer.status != "accepted":
        into.outbox.append(
            outbox_row(
                operator_id, "token.refused", subject_id=authorisation_id, subject_revision=None, at=at,
                data={
                    "station_id": encode_id("sta", station_id), "status": verdict.answer.status,
                    "reason_code": verdict.reason_code, "reason_params": dict(verdict.reason_params),
                },
            )
        )  # fmt: skip
    return authorisation_id
