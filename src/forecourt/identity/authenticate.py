"""Find out who calls: by API key, or by session cookie. Looked up across tenants, since nobody is known yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from forecourt.identity.actor import Actor
from forecourt.identity.credentials import same, sha256, split_key
from forecourt.identity.errors import KeyRefused, SessionExpired
from forecourt.identity.models import ApiKey, AppUser, Membership, Operator, Partner, WebSession
from forecourt.identity.permissions import ROLE_PERMISSIONS, Role, effective
from forecourt.identity.security import Security
from forecourt.kit.database import Database, UnitOfWork

_TOUCH_AFTER = timedelta(minutes=1)


async def authenticate_key(database: Database, text: str, *, now: datetime) -> Actor:
    """The actor of an API key.

    Raises:
        KeyRefused: not a key, unknown, revoked or expired, or its partner is not active.
    """
    parts = split_key(text)
    if parts is None:
        raise KeyRefused("the bearer token is not an API key of the form fck_…")
    prefix, digest = parts
    async with database.transaction(role="system") as uow:
        key = await uow.session.scalar(select(ApiKey).where(ApiKey.prefix == prefix))
        if key is None or not same(key.secret_sha256, digest):
            raise KeyRefused("the API key is unknown")
        if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            raise KeyRefused(f"the API key {key.name!r} is revoked or has expired")
        await _check_partner(uow, key.operator_id, key.partner_id, KeyRefused)
        if key.last_used_at is None or now - key.last_used_at > _TOUCH_AFTER:
            await uow.session.execute(
                update(ApiKey)
                .where(ApiKey.operator_id == key.operator_id, ApiKey.id == key.id)
                .values(last_used_at=now)
            )
    return Actor(
        kind="key",
        id=key.id,
        operator_id=key.operator_id,
        partner_id=key.partner_id,
        permissions=effective(frozenset(key.permissions), partner=key.partner_id is not None),
        name=key.name,
    )


async def authenticate_session(database: Database, token: str, *, now: datetime) -> Actor:
    """The actor of a session cookie.

    Raises:
        SessionExpired: unknown, signed out, too old, idle for too long, or the user is not active any more.
    """
    async with database.transaction(role="system") as uow:
        row = (
            await uow.session.execute(
                select(WebSession, AppUser, Membership, Operator.security)
                .join(
                    AppUser,
                    (AppUser.operator_id == WebSession.operator_id) & (AppUser.id == WebSession.user_id),
                )
                .join(
                    Membership,
                    (Membership.operator_id == WebSession.operator_id)
                    & (Membership.user_id == WebSession.user_id),
                )
                .join(Operator, Operator.id == WebSession.operator_id)
                .where(WebSession.token_sha256 == sha256(token))
            )
        ).one_or_none()
        if row is None:
            raise SessionExpired
        session, user, membership, rules = row
        over = (
            session.ended_at is not None
            or session.expires_at <= now
            or session.last_seen_at + Security.of(rules).idle <= now
        )
        if over or not user.active:
            raise SessionExpired
        await _check_partner(uow, session.operator_id, membership.partner_id, SessionExpired)
        if now - session.last_seen_at > _TOUCH_AFTER:
            await uow.session.execute(
                update(WebSession)
                .where(WebSession.operator_id == session.operator_id, WebSession.id == session.id)
                .values(last_seen_at=now)
            )
    return Actor(
        kind="user",
        id=user.id,
        operator_id=user.operator_id,
        partner_id=membership.partner_id,
        permissions=effective(
            ROLE_PERMISSIONS[Role(membership.role)], partner=membership.partner_id is not None
        ),
        role=membership.role if membership.partner_id is None else None,
        name=user.email,
        session_id=session.id,
    )


async def _check_partner(
    uow: UnitOfWork,
    operator_id: UUID,
    partner_id: UUID | None,
    error: type[KeyRefused] | type[SessionExpired],
) -> None:
    if partner_id is None:
        return
    partner = await uow.session.get(Partner, (operator_id, partner_id))
    if partner is None or not partner.active:
        raise error("the partner is not active")
