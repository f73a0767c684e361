"""Sign in with e-mail and password: the first step to a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select, update

from forecourt.identity.errors import OperatorChoiceRequired, SignInFailed
from forecourt.identity.models import AppUser, Operator
from forecourt.identity.passwords import verify_password
from forecourt.identity.sessions import Challenged, Origin, SignedIn, proceed
from forecourt.identity.throttle import begin_attempt, mark_succeeded
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database

_MAX_OPERATORS = 5


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Who claims to be whom. ``operator`` is a slug, needed only if the sign-in fits several."""

    email: str
    password: str
    operator: str | None = None
    origin: Origin = field(default_factory=Origin)


async def sign_in(command: SignIn, *, database: Database, clock: Clock) -> SignedIn | Challenged:
    """Check the password, then go on. Has transactions of its own: a wrong try must stay written down.

    Raises:
        SignInFailed: no active user with that e-mail and password.
        SignInThrottled: too many wrong tries.
        OperatorChoiceRequired: they fit several operators, whose slugs are in ``operators``.
    """
    account, address = command.email, command.origin.address
    attempt = await begin_attempt(database, account=account, address=address, now=clock.now())
    fitting = await fitting_users(database, command.email, command.password, operator=command.operator)
    if not fitting:
        raise SignInFailed
    if len(fitting) > 1:
        await _link(database, [user for user, _ in fitting])
        slugs = sorted(slug for _, slug in fitting)
        raise OperatorChoiceRequired(f"name one of the operators {', '.join(slugs)}", operators=slugs)
    await mark_succeeded(database, attempt, account=account, address=address)
    return await proceed(database, fitting[0][0], method="password", origin=command.origin)


async def fitting_users(
    database: Database, email: str, password: str, *, operator: str | None = None
) -> list[tuple[AppUser, str]]:
    """The active users, each with the slug of its operator, that e-mail and password fit.

    Where there is none the password is checked all the same, so that the time tells nothing.
    """
    query = (
        select(AppUser, Operator.slug)
        .join(Operator, Operator.id == AppUser.operator_id)
        .where(AppUser.email_key == email.strip().lower(), AppUser.active)
        .order_by(AppUser.last_sign_in_at.desc().nulls_last(), AppUser.id)
        .limit(_MAX_OPERATORS)
    )
    if operator is not None:
        query = query.where(Operator.slug == operator)
    async with database.transaction(role="system") as uow:  # the operator is not known yet
        candidates = (await uow.session.execute(query)).all()
    if not candidates:
        await verify_password(password, None)
    return [(user, slug) for user, slug in candidates if await verify_password(password, user.password_hash)]


async def _link(database: Database, users: list[AppUser]) -> None:
    """One address and one password fit them all: they are one person, who may switch between them."""
    async with database.transaction(role="system") as uow:
        for user in users[1:]:
            await uow.session.execute(
                update(AppUser)
                .where(AppUser.operator_id == user.operator_id, AppUser.id == user.id)
                .values(person_id=users[0].person_id)
            )
