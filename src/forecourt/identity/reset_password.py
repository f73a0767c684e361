"""A new password for somebody who has forgotten the old one: asked for by mail, by a link for one hour and one use.

Asking does the same work for every address: whether somebody has it is looked up by a job, after the answer.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from forecourt.identity.audit import record_change
from forecourt.identity.credentials import new_session_token, sha256
from forecourt.identity.errors import ResetOver
from forecourt.identity.mails import Letter, send_letter
from forecourt.identity.models import AppUser, Operator, PasswordReset
from forecourt.identity.passwords import hash_password
from forecourt.identity.sessions import Origin, actor_from
from forecourt.identity.sign_out import end_sessions
from forecourt.identity.throttle import begin_attempt
from forecourt.kit.database import Database

LIFETIME = timedelta(hours=1)
TASK = "identity.send_password_resets"


async def ask_for_reset(database: Database, *, email: str, base_url: str, origin: Origin) -> None:
    """Take the wish. Nothing in answer or time tells whether the address is known.

    Raises:
        SignInThrottled: too many wishes for this address, or from this network.
    """
    await begin_attempt(database, account=f"reset {email}", address=origin.address, now=database.clock.now())
    async with database.transaction(role="system") as uow:
        await uow.enqueue(TASK, email=email, base_url=base_url, address=origin.address)


async def send_resets(database: Database, *, email: str, base_url: str, address: str | None) -> None:
    """Mail a link to every active user with that address: one for each operator."""
    async with database.transaction(role="system") as uow:
        users = (
            await uow.session.execute(
                select(AppUser, Operator.name)
                .join(Operator, Operator.id == AppUser.operator_id)
                .where(AppUser.email_key == email.strip().lower(), AppUser.active)
                .limit(10)
            )
        ).all()
    for user, operator in users:
        token, actor = new_session_token(), actor_from(user, Origin(address=address))
        async with database.transaction(user.operator_id, actor=actor) as uow:
            now = uow.clock.now()
            uow.session.add(
                PasswordReset(
                    operator_id=user.operator_id,
                    user_id=user.id,
                    token_sha256=sha256(token),
                    created_at=now,
                    expires_at=now + LIFETIME,
                )
            )
            await record_change(
                uow, action="user.password_reset_asked", subject_type="user", subject_id=user.id
            )
            await send_letter(
                uow,
                Letter(
                    kind="password_reset",
                    to=user.email,
                    language=user.language or "en",
                    operator=operator,
                    name=user.name,
                    link=f"{base_url}/console/reset#{token}",
                ),
            )


async def reset_password(
    database: Database, *, token: str, password: str, base_url: str, origin: Origin
) -> None:
    """Take the new password: every session ends, every other link too, and a mail tells of it.

    Raises:
        ResetOver: the link was used, has expired, or was never there.
        PasswordTooWeak: too short or too long.
    """
    async with database.transaction(role="system") as uow:
        found = await uow.session.scalar(
            select(PasswordReset).where(PasswordReset.token_sha256 == sha256(token))
        )
        if found is None:
            raise ResetOver
        user = await uow.session.get_one(AppUser, (found.operator_id, found.user_id))
    password_hash = await hash_password(password)
    async with database.transaction(user.operator_id, actor=actor_from(user, origin)) as uow:
        now = uow.clock.now()
        reset = await uow.session.get_one(PasswordReset, (found.operator_id, found.id), with_for_update=True)
        user = await uow.session.get_one(AppUser, (found.operator_id, found.user_id), with_for_update=True)
        if reset.used_at is not None or reset.expires_at <= now or not user.active:
            raise ResetOver
        user.password_hash = password_hash
        await uow.session.execute(
            update(PasswordReset)
            .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
            .values(used_at=now)
        )
        await end_sessions(uow, user_id=user.id)
        await record_change(
            uow,
            action="user.password_reset",
            subject_type="user",
            subject_id=user.id,
            before={"password": "old"},
            after={"password": "new"},
        )
        operator = await uow.session.get_one(Operator, user.operator_id)
        await send_letter(
            uow,
            Letter(
                kind="password_changed",
                to=user.email,
                language=user.language or "en",
                operator=operator.name,
                name=user.name,
                link=f"{base_url}/console/forgotten",
            ),
        )
