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
from forecourt.stations.events import Inbound, TransactionReported
from forecourt.tariff import State, initial_state


def open_session(
    station: StationMemory,
    message: Inbound,
    event: TransactionReported,
    *,
    transaction: str | None,
    start_key: str | None,
    at: datetime,
    into: Batch,
) -> OpenSession:
    """Make the session of a transaction; the caller lets it take its first fact."""
    place = station.places.get(event.evse_no) if event.evse_no is not None else None
    session = OpenSession(
        operator_id=station.operator_id,
        id=new_id(),
        station_id=station.station_id,
        protocol=message.protocol,
        transaction=transaction,
        start_key=start_key,
        evse_no=event.evse_no,
        connector_no=event.connector_no,
        location_id=place.location_id if place else station.location_id,
        evse_id=place.evse_id if place else None,
        host_partner_id=place.host_partner_id if place else None,
        time_zone=place.time_zone if place else station.time_zone,
        currency=place.priced_by.currency if place and place.priced_by else None,
        max_power_w=place.max_power_w if place else None,
        connector_type=place.connector_type if place else None,
        opened_at=at,
        course=Course.__new__(Course),
        priced_by=place.priced_by if place else None,
        is_new=True,
    )
    session.course = fresh_course(session)
    session.remote_start_no = event.remote_start_no
    if event.at is not None and not EARLIEST <= event.at <= message.received_at + AHEAD:
        session.flag("clock")
    into.touch(session)
    return session


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


def identify(
    session: OpenSession, verdict: Verdict, message: Inbound, *, at: datetime, into: Batch
) -> IdTokenAnswer:
    """Say who the session is for, once; a second token is judged and leaves the first in place."""
    resolution = verdict.resolution
    authorisation_id = keep_authorisation(
        session.operator_id, session.station_id, verdict, at, "start", into,
        session_id=session.id, evse_id=session.evse_id,
    )  # fmt: skip
    was_refused = session.token_status not in (None, "accepted")
    if session.token_value is None or (was_refused and verdict.answer.status == "accepted"):
        session.token_value = verdict.id_token.value
        session.token_type = resolution.token_type or verdict.id_token.type
        session.token_id = resolution.token_id
        session.token_group = resolution.group
        session.token_status = verdict.answer.status
        session.fleet_partner_id = resolution.fleet_partner_id
        session.authorisation_id = authorisation_id
        if session.command_id is None and resolution.command_id is not None:
            session.command_id = resolution.command_id
            into.effects.append(began_by(session, resolution.command_id, at))
        into.note(
            session, kind="authorised" if verdict.answer.status == "accepted" else "refused",
            key=f"token:{verdict.id_token.value.lower()}", at=at, received_at=message.received_at,
            message_id=message.message_id, cause=verdict.reason_code,
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
