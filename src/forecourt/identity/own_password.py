"""A person's own password: change it, or give it again to prove that one is there."""

from __future__ import annotations

from forecourt.identity.access import actor_of
from forecourt.identity.audit import record_change
from forecourt.identity.errors import SignInFailed
from forecourt.identity.mails import Letter, send_letter
from forecourt.identity.passwords import hash_password, verify_password
from forecourt.identity.queries import get_operator
from forecourt.identity.second_factor import check_totp
from forecourt.identity.sessions import confirm_session
from forecourt.identity.sign_out import end_sessions
from forecourt.identity.throttle import begin_attempt, mark_succeeded
from forecourt.identity.update_user import get_user
from forecourt.kit.crypto import SecretBox
from forecourt.kit.database import Database, UnitOfWork


async def change_own_password(
    uow: UnitOfWork, *, database: Database, old: str, new: str, base_url: str
) -> None:
    """Choose a new password; the user's other sessions end, and a mail tells of it.

    Raises:
        SignInFailed: the old password is wrong.
        SignInThrottled: too many wrong tries.
        PasswordTooWeak: the new one is too short or too long.
    """
    actor = actor_of(uow)
    assert actor.id is not None
    account = f"user {actor.id}"
    attempt = await begin_attempt(database, account=account, address=actor.address, now=uow.clock.now())
    user, _ = await get_user(uow, actor.id, lock=True)
    if not await verify_password(old, user.password_hash):
        raise SignInFailed("the old password is wrong")
    await mark_succeeded(database, attempt, account=account, address=actor.address)
    user.password_hash = await hash_password(new)
    await end_sessions(uow, user_id=user.id, except_session_id=actor.session_id)
    await confirm_session(uow)
    await record_change(
        uow, action="user.password_changed", subject_type="user", subject_id=user.id,
        before={"password": "old"}, after={"password": "new"},
    )  # fmt: skip
    operator = await get_operator(uow)
    letter = Letter(
        kind="password_changed",
        to=user.email,
        language=user.language or "en",
        operator=operator.name,
        name=user.name,
        link=f"{base_url}/console/forgotten",
    )
    await send_letter(uow, letter)


async def confirm(
    uow: UnitOfWork, *, database: Database, password: str | None, code: str | None, box: SecretBox
) -> None:
    """Prove again to be there, by password or by a code of the authenticator app.

    Raises:
        SignInFailed: the password is wrong, or neither is given.
        CodeWrong: the code is.
        SignInThrottled: too many wrong tries.
    """
    actor = actor_of(uow)
    assert actor.id is not None
    account = f"user {actor.id}"
    attempt = await begin_attempt(database, account=account, address=actor.address, now=uow.clock.now())
    user, _ = await get_user(uow, actor.id)
    if password is not None:
        if not await verify_password(password, user.password_hash):
            raise SignInFailed("the password is wrong")
    elif code is not None:
        await check_totp(uow, user, box, code)
    else:
        raise SignInFailed("give the password or a code")
    await mark_succeeded(database, attempt, account=account, address=actor.address)
    await confirm_session(uow)
