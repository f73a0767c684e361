"""Change a user: name, role, partner, password, active or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.identity.create_user import check_may_give, check_partner, user_facts
from forecourt.identity.edits import check_revision
from forecourt.identity.errors import GrantTooWide, LastOwner, SignInFailed, UserNotFound
from forecourt.identity.models import AppUser, Membership
from forecourt.identity.passwords import hash_password, verify_password
from forecourt.identity.permissions import Role
from forecourt.identity.sign_out import end_sessions
from forecourt.identity.throttle import begin_attempt, mark_succeeded
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.ids import encode_id

Unset = Literal["unset"]
UNSET: Final[Unset] = "unset"


@dataclass(frozen=True, kw_only=True)
class UpdateUser:
    """What to change; None (for the partner: ``UNSET``) leaves a field as it is."""

    user_id: UUID
    name: str | None = None
    role: Role | None = None
    partner_id: UUID | Unset | None = UNSET
    password: str | None = None
    active: bool | None = None
    if_revision: int | None = None


async def update_user(command: UpdateUser, *, uow: UnitOfWork) -> tuple[AppUser, Membership]:
    """Change the user. A new password, or deactivation, ends its sessions.

    Raises:
        UserNotFound: no such user, or another operator's.
        PreconditionFailed: it is not at ``if_revision``.
        GrantTooWide: the caller is not an owner and touches one, or gives more than it holds.
        LastOwner: the operator would be without an active owner.
        PasswordTooWeak, PartnerNotFound: as in ``create_user``.
    """
    user, membership = await get_user(uow, command.user_id, lock=True)
    check_revision(command.if_revision, user.revision)
    before, was_owner = user_facts(user, membership), _is_active_owner(user, membership)
    _check_may_touch(uow, membership)
    if command.role is not None and command.role.value != membership.role:
        check_may_give(uow, command.role)
        membership.role = command.role.value
    if command.partner_id != UNSET:
        if command.partner_id is not None:
            await check_partner(uow, command.partner_id)
        elif membership.partner_id is not None:  # out of the partner's ceiling, into all that the role may do
            check_may_give(uow, Role(membership.role))
        membership.partner_id = command.partner_id
    if command.name is not None:
        user.name = command.name.strip()
    if command.active is not None:
        user.active = command.active
    if command.password is not None:
        user.password_hash = await hash_password(command.password)
    if was_owner and not _is_active_owner(user, membership):
        await _check_other_owner(uow, user.id)
    if command.password is not None or not user.active:
        await end_sessions(uow, user_id=user.id)
    user.updated_at = (
        uow.clock.now()
    )  # so that a change of the membership alone counts up the user's revision too
    await uow.session.flush()
    after = user_facts(user, membership) | ({"password": "new"} if command.password is not None else {})
    await record_change(
        uow, action="user.updated", subject_type="user", subject_id=user.id, before=before, after=after
    )
    uow.record(
        "user.updated",
        subject_id=user.id,
        subject_revision=user.revision,
        data={"role": membership.role, "active": user.active},
    )
    return user, membership


async def change_own_password(uow: UnitOfWork, *, database: Database, old: str, new: str) -> None:
    """Let a signed-in user choose a new password; the user's other sessions end.

    Raises:
        SignInFailed: the old password is wrong, or the caller is not a user.
        SignInThrottled: too many wrong tries.
        PasswordTooWeak: the new one is too short or too long.
    """
    actor = uow.actor
    if not isinstance(actor, Actor) or actor.kind != "user" or actor.id is None:
        raise SignInFailed("only a signed-in user has a password")
    account = f"user {actor.id}"
    attempt = await begin_attempt(database, account=account, address=actor.address, now=uow.clock.now())
    user, _ = await get_user(uow, actor.id, lock=True)
    if not await verify_password(old, user.password_hash):
        raise SignInFailed("the old password is wrong")
    await mark_succeeded(database, attempt, account=account, address=actor.address)
    user.password_hash = await hash_password(new)
    await end_sessions(uow, user_id=user.id, except_session_id=actor.session_id)
    await record_change(
        uow, action="user.password_changed", subject_type="user", subject_id=user.id,
        before={"password": "old"}, after={"password": "new"},
    )  # fmt: skip


async def get_user(uow: UnitOfWork, user_id: UUID, *, lock: bool = False) -> tuple[AppUser, Membership]:
    """The user with its membership.

    Raises:
        UserNotFound: no such user, or another operator's.
    """
    query = (
        select(AppUser, Membership)
        .join(
            Membership, (Membership.operator_id == AppUser.operator_id) & (Membership.user_id == AppUser.id)
        )
        .where(AppUser.operator_id == operator_of(uow), AppUser.id == user_id)
    )
    if lock:
        query = query.with_for_update()
    row = (await uow.session.execute(query)).one_or_none()
    if row is None:
        raise UserNotFound(f"no user {encode_id('usr', user_id)}")
    return row[0], row[1]


def _is_active_owner(user: AppUser, membership: Membership) -> bool:
    return user.active and membership.role == Role.OWNER and membership.partner_id is None


def _check_may_touch(uow: UnitOfWork, membership: Membership) -> None:
    actor = uow.actor
    if isinstance(actor, Actor) and actor.kind != "system" and membership.role == Role.OWNER != actor.role:
        raise GrantTooWide("only an owner changes an owner", role=Role.OWNER.value)


async def _check_other_owner(uow: UnitOfWork, user_id: UUID) -> None:
    others = await uow.session.scalars(
        select(Membership.id)
        .join(AppUser, (AppUser.operator_id == Membership.operator_id) & (AppUser.id == Membership.user_id))
        .where(
            Membership.role == Role.OWNER.value,
            Membership.partner_id.is_(None),
            AppUser.active,
            AppUser.id != user_id,
        )
        .with_for_update()
    )
    if others.first() is None:
        raise LastOwner
