"""The second step of signing in: a code, a recovery code, a passkey, or setting a second factor up.

Each has transactions of its own: a wrong try must stay written down. A right one ends its challenge in the
transaction that opens the session, so that neither is used twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.challenges import find_challenge, open_challenge
from forecourt.identity.errors import ChallengeOver, PasskeyRefused
from forecourt.identity.models import AppUser, Operator, SignInChallenge
from forecourt.identity.passkeys import (
    RelyingParty,
    check_passkey,
    passkey_of,
    passkeys_of,
    sign_in_options,
)
from forecourt.identity.second_factor import (
    Enrolment,
    begin_totp,
    check_totp,
    confirm_totp,
    use_recovery_code,
)
from forecourt.identity.sessions import Method, Origin, SignedIn, actor_from, open_session
from forecourt.identity.throttle import PER_NETWORK, begin_attempt, mark_succeeded, network_of
from forecourt.kit.crypto import SecretBox
from forecourt.kit.database import Database, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a passkey has to answer, and the challenge that its answer belongs to."""

    token: str
    options: dict[str, Any]


async def finish_with_code(
    database: Database, *, token: str, code: str, recovery: bool, box: SecretBox, origin: Origin
) -> SignedIn:
    """Take a code of the authenticator app, or a recovery code, and open the session.

    Raises:
        ChallengeOver: the first step is too long ago, or was used.
        CodeWrong: the code does not fit, or was taken before.
        SignInThrottled: too many wrong codes.
    """
    user = await _user_of(database, token, "second_factor")
    account = f"second factor {user.id}"
    attempt = await begin_attempt(database, account=account, address=origin.address, now=database.clock.now())
    async with database.transaction(user.operator_id, role="system", actor=actor_from(user, origin)) as uow:
        challenge = await find_challenge(uow, token, "second_factor")
        if recovery:
            await use_recovery_code(uow, user, code)
        else:
            await check_totp(uow, user, box, code)
        signed_in = await _finish(
            uow, challenge, user, method="recovery_code" if recovery else "totp", origin=origin
        )
    await mark_succeeded(database, attempt, account=account, address=origin.address)
    return signed_in


async def begin_enrolment(database: Database, *, token: str, box: SecretBox, origin: Origin) -> Enrolment:
    """A secret for the authenticator app of somebody who has to have one before the first session.

    Raises:
        ChallengeOver: the first step is too long ago, or does not ask for this.
    """
    user = await _user_of(database, token, "enrol")
    async with database.transaction(user.operator_id, role="system", actor=actor_from(user, origin)) as uow:
        await find_challenge(uow, token, "enrol")
        issuer = await uow.session.scalar(select(Operator.name).where(Operator.id == user.operator_id))
        return await begin_totp(uow, user, box, issuer=issuer or "Forecourt")


async def finish_enrolment(
    database: Database, *, token: str, code: str, box: SecretBox, origin: Origin
) -> tuple[SignedIn, list[str]]:
    """Take the first code of the new app and open the session; returns the recovery codes too.

    Raises:
        ChallengeOver: the first step is too long ago, or does not ask for this.
        CodeWrong: the code is not of that secret.
        SignInThrottled: too many wrong codes.
    """
    user = await _user_of(database, token, "enrol")
    account = f"second factor {user.id}"
    attempt = await begin_attempt(database, account=account, address=origin.address, now=database.clock.now())
    async with database.transaction(user.operator_id, role="system", actor=actor_from(user, origin)) as uow:
        challenge = await find_challenge(uow, token, "enrol")
        codes = await confirm_totp(uow, user, box, code)
        signed_in = await _finish(uow, challenge, user, method="totp", origin=origin)
    await mark_succeeded(database, attempt, account=account, address=origin.address)
    return signed_in, codes


async def ask_for_passkey(
    database: Database, *, token: str | None, party: RelyingParty, origin: Origin
) -> Asked:
    """What the browser has to have signed: by a passkey of the one who gave a password, or by anybody's.

    Raises:
        ChallengeOver: the first step is too long ago, or was used.
        SignInThrottled: too many unanswered questions from this network.
    """
    nonce = secrets.token_bytes(32)
    if token is None:
        account = f"passkeys {network_of(origin.address)}"
        await begin_attempt(
            database,
            account=account,
            address=origin.address,
            now=database.clock.now(),
            limit=PER_NETWORK,
        )
        async with database.transaction(role="system") as uow:
            fresh = await open_challenge(uow, purpose="passkey", nonce=nonce)
        return Asked(token=fresh, options=sign_in_options([], party, nonce=nonce))
    async with database.transaction(role="system") as uow:
        challenge = await find_challenge(uow, token, "second_factor")
        user = await _user(uow, challenge)
        challenge.nonce = nonce
        options = sign_in_options(await passkeys_of(uow, user), party, nonce=nonce)
    return Asked(token=token, options=options)


async def finish_with_passkey(
    database: Database,
    *,
    token: str,
    credential: Mapping[str, Any],
    party: RelyingParty,
    origin: Origin,
) -> SignedIn:
    """Take a passkey's answer and open the session. The passkey has verified the person: it counts for both factors.

    Raises:
        ChallengeOver: the question is too old, or was answered.
        PasskeyRefused: the answer does not fit, or the passkey is another person's.
        SignInFailed: the person is not active any more.
    """
    async with database.transaction(role="system") as uow:
        challenge = await find_challenge(uow, token, "passkey", "second_factor")
        if challenge.nonce is None:
            raise ChallengeOver
        passkey = await passkey_of(uow, credential)
        if challenge.user_id not in (None, passkey.user_id):
            raise PasskeyRefused("this passkey is another person's")
        passkey.sign_count = check_passkey(passkey, credential, party, nonce=challenge.nonce)
        passkey.last_used_at = uow.clock.now()
        operator_id, user_id, purpose = passkey.operator_id, passkey.user_id, challenge.purpose
        challenge.nonce = None  # one answer to one question, whatever comes next
        user = await uow.session.get_one(AppUser, (operator_id, user_id))
    async with database.transaction(operator_id, role="system", actor=actor_from(user, origin)) as uow:
        challenge = await find_challenge(uow, token, "passkey", "second_factor")
        signed_in = await _finish(uow, challenge, user, method="passkey", origin=origin)
    if purpose == "passkey":
        network = network_of(origin.address)
        await forget_questions(database, network=network, address=origin.address)
    return signed_in


async def forget_questions(database: Database, *, network: str, address: str | None) -> None:
    """The questions that were asked from this network count no more: somebody real is there."""
    account = f"passkeys {network}"
    attempt = await begin_attempt(
        database, account=account, address=address, now=database.clock.now(), limit=PER_NETWORK + 1
    )
    await mark_succeeded(database, attempt, account=account, address=address)


async def _finish(
    uow: UnitOfWork, challenge: SignInChallenge, user: AppUser, *, method: Method, origin: Origin
) -> SignedIn:
    challenge.ended_at = uow.clock.now()
    return await open_session(
        uow, user, method=method, origin=origin, replaces_session_id=challenge.replaces_session_id
    )


async def _user_of(database: Database, token: str, purpose: Any) -> AppUser:
    async with database.transaction(role="system") as uow:
        return await _user(uow, await find_challenge(uow, token, purpose))


async def _user(uow: UnitOfWork, challenge: SignInChallenge) -> AppUser:
    key: tuple[UUID | None, UUID | None] = (challenge.operator_id, challenge.user_id)
    user = await uow.session.get(AppUser, key)
    if user is None or not user.active:
        raise ChallengeOver
    return user
