"""Sign in with e-mail and password: a session for a browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.identity.credentials import csrf_token, new_session_token, sha256
from forecourt.identity.errors import OperatorChoiceRequired, SignInFailed
from forecourt.identity.models import AppUser, Membership, Operator, WebSession
from forecourt.identity.passwords import verify_password
from forecourt.identity.throttle import begin_attempt, mark_succeeded
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database

LIFETIME = timedelta(days=7)
_MAX_OPERATORS = 5


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Who claims to be whom. ``operator`` is a slug, needed only if the sign-in fits several."""

    email: str
    password: str
    operator: str | None = None
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
    expires_at: datetime


async def sign_in(command: SignIn, *, database: Database, clock: Clock) -> SignedIn:
    """Check the password and open a session. Has transactions of its own: a wrong try must stay written down.

    Raises:
        SignInFailed: no active user with that e-mail and password.
        SignInThrottled: too many wrong tries.
        OperatorChoiceRequired: they fit several operators, whose slugs are in ``operators``.
    """
    now = clock.now()
    attempt = await begin_attempt(database, account=command.email, address=command.address, now=now)
    candidates = await _candidates(database, command)
    fitting = [found for found in candidates if await verify_password(command.password, found[1])]
    if not candidates:
        await verify_password(command.password, None)
    if not fitting:
        raise SignInFailed
    if len(fitting) > 1:
        slugs = sorted(slug for _, _, slug in fitting)
        raise OperatorChoiceRequired(f"name one of the operators {', '.join(slugs)}", operators=slugs)
    await mark_succeeded(database, attempt, account=command.email, address=command.address)
    return await _open_session(command, user=fitting[0][0], database=database, now=now)


async def _candidates(database: Database, command: SignIn) -> list[tuple[AppUser, str, str]]:
    query = (
        select(AppUser, Operator.slug)
        .join(Operator, Operator.id == AppUser.operator_id)
        .where(AppUser.email_key == command.email.strip().lower(), AppUser.active)
        .order_by(AppUser.last_sign_in_at.desc().nulls_last(), AppUser.id)
        .limit(_MAX_OPERATORS)
    )
    if command.operator is not None:
        query = query.where(Operator.slug == command.operator)
    async with database.transaction(role="system") as uow:  # the operator is not known yet
        rows = (await uow.session.execute(query)).all()
    return [(user, user.password_hash, slug) for user, slug in rows]


async def _open_session(command: SignIn, *, user: AppUser, database: Database, now: datetime) -> SignedIn:
    token = new_session_token()
    actor = Actor(
        kind="user",
        id=user.id,
        operator_id=user.operator_id,
        name=user.email,
        address=command.address,
        request_id=command.request_id,
    )
    async with database.transaction(user.operator_id, actor=actor) as uow:
        member = await uow.session.scalar(select(Membership.id).where(Membership.user_id == user.id))
        present = await uow.session.get(AppUser, (user.operator_id, user.id), with_for_update=True)
        if (
            present is None
            or not present.active
            or member is None
            or present.password_hash != user.password_hash
        ):
            raise SignInFailed
        present.last_sign_in_at = now
        session = WebSession(
            operator_id=user.operator_id,
            user_id=user.id,
            token_sha256=sha256(token),
            created_at=now,
            expires_at=now + LIFETIME,
            last_seen_at=now,
            address=command.address,
            user_agent=(command.user_agent or "")[:500] or None,
        )
        uow.session.add(session)
        await record_change(uow, action="user.signed_in", subject_type="user", subject_id=user.id)
    return SignedIn(
        token=token,
        csrf_token=csrf_token(token),
        operator_id=user.operator_id,
        user_id=user.id,
        expires_at=now + LIFETIME,
    )
