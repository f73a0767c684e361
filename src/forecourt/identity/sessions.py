"""Open a session for somebody who has proven enough, or ask for what is missing.

password → second factor, if the person has one, or has to set one up → session
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update

from forecourt.identity.access import actor_of
from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.identity.challenges import open_challenge
from forecourt.identity.credentials import csrf_token, new_session_token, sha256
from forecourt.identity.errors import ConfirmationRequired, SessionNotFound, SignInFailed
from forecourt.identity.models import AppUser, Membership, Operator, WebSession
from forecourt.identity.second_factor import factors_of
from forecourt.identity.security import Security
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.ids import encode_id

Method = Literal["password", "totp", "passkey", "recovery_code", "invitation"]
CONFIRMED_FOR = timedelta(minutes=15)
"""So long after signing in, or giving the password again, a person may change how it signs in."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """From where somebody signs in."""

    address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A fresh session: the token goes into the cookie, the CSRF token to the page."""

    token: str
    csrf_token: str
    operator_id: UUID
    user_id: UUID
    lifetime: timedelta


@dataclass(frozen=True, kw_only=True)
class Challenged:
    """The password was right, more is asked: a second factor, or to set one up."""

    token: str
    next: Literal["second_factor", "enrol"]
    methods: tuple[str, ...]


async def proceed(
    database: Database,
    user: AppUser,
    *,
    method: Method,
    origin: Origin,
    replaces_session_id: UUID | None = None,
) -> SignedIn | Challenged:
    """Go on after the first proof.

    Raises:
        SignInFailed: the user was deactivated, or got a new password, in between.
    """
    actor = actor_from(user, origin)
    async with database.transaction(user.operator_id, role="system", actor=actor) as uow:
        factors = await factors_of(uow, user)
        security = await _security(uow, user.operator_id)
        if factors.any or security.second_factor_required:
            token = await open_challenge(
                uow,
                purpose="second_factor" if factors.any else "enrol",
                user=user,
                replaces_session_id=replaces_session_id,
            )
            return Challenged(
                token=token,
                next="second_factor" if factors.any else "enrol",
                methods=factors.methods if factors.any else (),
            )
        return await open_session(
            uow, user, method=method, origin=origin, replaces_session_id=replaces_session_id
        )


async def open_session(
    uow: UnitOfWork,
    user: AppUser,
    *,
    method: Method,
    origin: Origin,
    replaces_session_id: UUID | None = None,
) -> SignedIn:
    """Open it, in a transaction of fc_system that names the operator.

    Raises:
        SignInFailed: the user was deactivated, or got a new password, since ``user`` was read.
    """
    now = uow.clock.now()
    member = await uow.session.scalar(
        select(Membership.id).where(Membership.operator_id == user.operator_id, Membership.user_id == user.id)
    )
    known_hash = user.password_hash
    present = await uow.session.get(
        AppUser, (user.operator_id, user.id), with_for_update=True, populate_existing=True
    )
    if present is None or not present.active or member is None or present.password_hash != known_hash:
        raise SignInFailed
    security = await _security(uow, user.operator_id)
    present.last_sign_in_at = now
    token = new_session_token()
    if replaces_session_id is not None:
        await uow.session.execute(
            update(WebSession).where(WebSession.id == replaces_session_id).values(ended_at=now)
        )
    uow.session.add(
        WebSession(
            operator_id=user.operator_id,
            user_id=user.id,
            token_sha256=sha256(token),
            created_at=now,
            expires_at=now + security.lifetime,
            last_seen_at=now,
            address=origin.address,
            user_agent=(origin.user_agent or "")[:500] or None,
            method=method,
            confirmed_at=now,
        )
    )
    await record_change(
        uow, action="user.signed_in", subject_type="user", subject_id=user.id, after={"method": method}
    )
    return SignedIn(
        token=token,
        csrf_token=csrf_token(token),
        operator_id=user.operator_id,
        user_id=user.id,
        lifetime=security.lifetime,
    )


def actor_from(user: AppUser, origin: Origin) -> Actor:
    """The person who is just signing in, for the audit trail."""
    return Actor(
        kind="user",
        id=user.id,
        operator_id=user.operator_id,
        name=user.email,
        address=origin.address,
        request_id=origin.request_id,
    )


async def list_sessions(uow: UnitOfWork) -> list[WebSession]:
    """The caller's open sessions, the latest first."""
    now = uow.clock.now()
    actor = actor_of(uow)
    security = await _security(uow, actor.operator_id)
    rows = await uow.session.scalars(
        select(WebSession)
        .where(
            WebSession.user_id == actor.id,
            WebSession.ended_at.is_(None),
            WebSession.expires_at > now,
            WebSession.last_seen_at > now - security.idle,
        )
        .order_by(WebSession.last_seen_at.desc())
    )
    return list(rows)


async def end_session(uow: UnitOfWork, session_id: UUID) -> WebSession:
    """End one of the caller's own sessions.

    Raises:
        SessionNotFound: no such session, or another person's.
    """
    actor = actor_of(uow)
    found = await uow.session.get(WebSession, (actor.operator_id, session_id), with_for_update=True)
    if found is None or found.user_id != actor.id:
        raise SessionNotFound(f"no session {encode_id('wse', session_id)}")
    if found.ended_at is None:
        found.ended_at = uow.clock.now()
        await record_change(
            uow,
            action="user.session_ended",
            subject_type="user",
            subject_id=actor.id,
            before={"session": encode_id("wse", session_id), "ended_at": None},
            after={"session": encode_id("wse", session_id), "ended_at": found.ended_at},
        )
    return found


async def check_confirmed(uow: UnitOfWork) -> None:
    """Refuse a caller who has not proven lately to be there.

    Raises:
        ConfirmationRequired: the sign-in is too long ago; ``POST /me/confirm`` first.
    """
    actor = actor_of(uow)
    at: datetime | None = None
    if actor.session_id is not None:
        at = await uow.session.scalar(
            select(WebSession.confirmed_at).where(
                WebSession.operator_id == actor.operator_id, WebSession.id == actor.session_id
            )
        )
    if at is None or at + CONFIRMED_FOR <= uow.clock.now():
        raise ConfirmationRequired


async def confirm_session(uow: UnitOfWork) -> None:
    """Note that the caller has just proven to be there."""
    actor = actor_of(uow)
    await uow.session.execute(
        update(WebSession)
        .where(WebSession.operator_id == actor.operator_id, WebSession.id == actor.session_id)
        .values(confirmed_at=uow.clock.now())
    )


async def _security(uow: UnitOfWork, operator_id: UUID) -> Security:
    stored = await uow.session.scalar(select(Operator.security).where(Operator.id == operator_id))
    return Security.of(stored or {})
