"""Half-sessions: what was proven so far of a sign-in, for some minutes, for one use.

Their token is handed to the page and comes back with the next step; only its hash is stored.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select

from forecourt.identity.credentials import new_session_token, sha256
from forecourt.identity.errors import ChallengeOver
from forecourt.identity.models import AppUser, SignInChallenge
from forecourt.kit.database import Database, UnitOfWork

Purpose = Literal["second_factor", "enrol", "passkey", "passkey_registration"]
LIFETIME = timedelta(minutes=10)


async def open_challenge(
    uow: UnitOfWork,
    *,
    purpose: Purpose,
    user: AppUser | None = None,
    nonce: bytes | None = None,
    replaces_session_id: UUID | None = None,
) -> str:
    """Write a challenge down, in a transaction of fc_system; returns its token.

    Args:
        uow: of the role ``system``.
        purpose: what it lets one do.
        user: who has proven a password already; None if a passkey is to say who it is.
        nonce: what a passkey is asked to sign.
        replaces_session_id: the session that ends once this one stands.
    """
    token = new_session_token()
    now = uow.clock.now()
    uow.session.add(
        SignInChallenge(
            operator_id=user.operator_id if user else None,
            user_id=user.id if user else None,
            purpose=purpose,
            token_sha256=sha256(token),
            nonce=nonce,
            replaces_session_id=replaces_session_id,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    await uow.session.flush()
    return token


async def find_challenge(uow: UnitOfWork, token: str, *purposes: Purpose) -> SignInChallenge:
    """The open challenge of a token, locked until the transaction ends.

    Raises:
        ChallengeOver: unknown, used, expired, or for something else.
    """
    found = await uow.session.scalar(
        select(SignInChallenge).where(SignInChallenge.token_sha256 == sha256(token)).with_for_update()
    )
    if (
        found is None
        or found.purpose not in purposes
        or found.ended_at is not None
        or found.expires_at <= uow.clock.now()
    ):
        raise ChallengeOver
    return found


async def forget_old_challenges(database: Database, *, now: datetime) -> int:
    """Delete challenges that are over; tells how many."""
    async with database.transaction(role="system") as uow:
        rows = await uow.session.scalars(
            delete(SignInChallenge).where(SignInChallenge.expires_at < now).returning(SignInChallenge.id)
        )
        return len(rows.all())
