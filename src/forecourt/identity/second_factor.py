"""Second factors: authenticator apps (TOTP, RFC 6238) and the recovery codes for the day one is lost."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno
from sqlalchemy import delete, func, select

from forecourt.identity.access import actor_of
from forecourt.identity.audit import record_change
from forecourt.identity.credentials import same, sha256
from forecourt.identity.errors import CodeWrong, EnrolmentMissing, FactorTaken, SecondFactorNeeded
from forecourt.identity.models import AppUser, Operator, Passkey, RecoveryCode, Totp
from forecourt.identity.security import Security
from forecourt.kit.crypto import SecretBox
from forecourt.kit.database import UnitOfWork

STEP_SECONDS = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
_SPACES = re.compile(r"[\s-]+")


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What a person has set up."""

    totp: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor at all."""
        return self.totp or self.passkeys > 0

    @property
    def methods(self) -> tuple[str, ...]:
        """By which ways the person can prove to be there."""
        ways = (
            ("passkey", self.passkeys > 0),
            ("totp", self.totp),
            ("recovery_code", self.recovery_codes > 0),
        )
        return tuple(name for name, there in ways if there)


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """What an authenticator app needs: the secret as text, as URI, and that as a QR code."""

    secret: str
    uri: str
    svg: str


async def factors_of(uow: UnitOfWork, user: AppUser) -> Factors:
    """What the user has set up."""
    of_user = (user.operator_id, user.id)
    totp = await uow.session.scalar(
        select(Totp.id).where(
            Totp.operator_id == of_user[0], Totp.user_id == of_user[1], Totp.confirmed_at.is_not(None)
        )
    )
    passkeys = await uow.session.scalar(
        select(func.count())
        .select_from(Passkey)
        .where(Passkey.operator_id == of_user[0], Passkey.user_id == of_user[1])
    )
    codes = await uow.session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(
            RecoveryCode.operator_id == of_user[0],
            RecoveryCode.user_id == of_user[1],
            RecoveryCode.used_at.is_(None),
        )
    )
    return Factors(totp=totp is not None, passkeys=passkeys or 0, recovery_codes=codes or 0)


async def begin_totp(uow: UnitOfWork, user: AppUser, box: SecretBox, *, issuer: str) -> Enrolment:
    """Make a new secret for the user's authenticator app. It counts once ``confirm_totp`` got a code of it.

    Raises:
        FactorTaken: an app is set up already; take it away first.
    """
    present = await _totp(uow, user)
    if present is not None and present.confirmed_at is not None:
        raise FactorTaken("an authenticator app is set up already: take it away first")
    secret = pyotp.random_base32()
    sealed = box.seal(secret.encode(), context=_context(user))
    if present is None:
        uow.session.add(Totp(operator_id=user.operator_id, user_id=user.id, secret_sealed=sealed))
    else:
        present.secret_sealed, present.last_step = sealed, None
    await uow.session.flush()
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=issuer)
    svg = segno.make(uri, error="m").svg_inline(scale=4, border=2, omitsize=True)
    return Enrolment(secret=secret, uri=uri, svg=svg)


async def confirm_totp(uow: UnitOfWork, user: AppUser, box: SecretBox, code: str) -> list[str]:
    """Let the app count from now on. Returns fresh recovery codes if there are none yet, else nothing.

    Raises:
        EnrolmentMissing: ``begin_totp`` comes first.
        CodeWrong: the code is not of that secret.
    """
    totp = await _totp(uow, user)
    if totp is None or totp.confirmed_at is not None:
        raise EnrolmentMissing
    _take_code(totp, user, box, code, now=uow.clock.now())
    totp.confirmed_at = uow.clock.now()
    await _tell(uow, user, before={"authenticator_app": False}, after={"authenticator_app": True})
    return await first_recovery_codes(uow, user)


async def check_totp(uow: UnitOfWork, user: AppUser, box: SecretBox, code: str) -> None:
    """Take a code, once.

    Raises:
        CodeWrong: no app is set up, or the code is wrong, too old, or was taken before.
    """
    totp = await _totp(uow, user)
    if totp is None or totp.confirmed_at is None:
        raise CodeWrong
    _take_code(totp, user, box, code, now=uow.clock.now())


async def remove_totp(uow: UnitOfWork, user: AppUser) -> None:
    """Take the authenticator app away; nothing happens if there is none.

    Raises:
        SecondFactorNeeded: the operator asks for a second factor, and this is the last.
    """
    factors = await factors_of(uow, user)
    await check_may_lose(uow, user, left=factors.passkeys)
    totp = await _totp(uow, user)
    if totp is None:
        return
    await uow.session.delete(totp)
    if factors.passkeys == 0:
        await _forget_codes(uow, user)
    await _tell(uow, user, before={"authenticator_app": factors.totp}, after={"authenticator_app": False})


async def check_may_lose(uow: UnitOfWork, user: AppUser, *, left: int) -> None:
    """Refuse to take the last factor where the operator asks for one.

    Raises:
        SecondFactorNeeded: it does.
    """
    stored = await uow.session.scalar(select(Operator.security).where(Operator.id == user.operator_id))
    if left == 0 and Security.of(stored or {}).second_factor_required:
        raise SecondFactorNeeded("the operator asks for a second factor: set up another one first")


async def first_recovery_codes(uow: UnitOfWork, user: AppUser) -> list[str]:
    """Codes for somebody who has none yet."""
    if (await factors_of(uow, user)).recovery_codes:
        return []
    return await new_recovery_codes(uow, user)


async def new_recovery_codes(uow: UnitOfWork, user: AppUser) -> list[str]:
    """Ten new codes; the old ones are over. They are shown once, their hashes are kept."""
    await _forget_codes(uow, user)
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        uow.session.add(
            RecoveryCode(operator_id=user.operator_id, user_id=user.id, code_sha256=sha256(_plain(code)))
        )
    await _tell(uow, user, before={"recovery_codes": "old"}, after={"recovery_codes": "new"})
    return codes


async def use_recovery_code(uow: UnitOfWork, user: AppUser, code: str) -> None:
    """Take a recovery code, once.

    Raises:
        CodeWrong: it is none of the user's, or was used before.
    """
    found = await uow.session.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.operator_id == user.operator_id,
            RecoveryCode.user_id == user.id,
            RecoveryCode.used_at.is_(None),
            RecoveryCode.code_sha256 == sha256(_plain(code)),
        )
        .with_for_update()
    )
    if found is None:
        raise CodeWrong
    found.used_at = uow.clock.now()
    left = (await factors_of(uow, user)).recovery_codes
    await _tell(uow, user, before={"recovery_codes_left": left + 1}, after={"recovery_codes_left": left})


async def reset_second_factor(uow: UnitOfWork, user: AppUser) -> None:
    """Take everything away, for somebody who has lost it all; whoever calls this checks who may."""
    factors = await factors_of(uow, user)
    for table in (Totp, RecoveryCode, Passkey):
        await uow.session.execute(
            delete(table).where(table.operator_id == user.operator_id, table.user_id == user.id)
        )
    await _tell(
        uow,
        user,
        before={"authenticator_app": factors.totp, "passkeys": factors.passkeys},
        after={"authenticator_app": False, "passkeys": 0},
    )


async def own_user(uow: UnitOfWork) -> AppUser:
    """The row of the calling person, in the operator's whole scope."""
    actor = actor_of(uow)
    return await uow.session.get_one(AppUser, (actor.operator_id, actor.id))


def _take_code(totp: Totp, user: AppUser, box: SecretBox, code: str, *, now: datetime) -> None:
    """The code of the time step before, of now, or after (RFC 6238 section 5.2), later than any taken before."""
    generator = pyotp.TOTP(box.open(totp.secret_sealed, context=_context(user)).decode())
    given, present = _SPACES.sub("", code), int(now.timestamp()) // STEP_SECONDS
    fitting = [
        step for step in (present - 1, present, present + 1) if same(generator.generate_otp(step), given)
    ]
    fresh = [step for step in fitting if totp.last_step is None or step > totp.last_step]
    if not fresh:
        raise CodeWrong
    totp.last_step = fresh[0]


async def _totp(uow: UnitOfWork, user: AppUser) -> Totp | None:
    found: Totp | None = await uow.session.scalar(
        select(Totp).where(Totp.operator_id == user.operator_id, Totp.user_id == user.id).with_for_update()
    )
    return found


async def _forget_codes(uow: UnitOfWork, user: AppUser) -> None:
    await uow.session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.operator_id == user.operator_id, RecoveryCode.user_id == user.id
        )
    )


async def _tell(
    uow: UnitOfWork, user: AppUser, *, before: dict[str, object], after: dict[str, object]
) -> None:
    await uow.session.flush()
    await record_change(
        uow,
        action="user.second_factor_changed",
        subject_type="user",
        subject_id=user.id,
        before=before,
        after=after,
        operator_id=user.operator_id,
    )


def _context(user: AppUser) -> str:
    return f"totp:{user.operator_id}:{user.id}"


def _plain(code: str) -> str:
    return _SPACES.sub("", code).lower()
