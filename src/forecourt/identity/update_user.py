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
from forecourt.identity.errors import GrantTooWide, LastOwner, UserNotFound
from forecourt.identity.models import AppUser, Membership
from forecourt.identity.passwords import hash_password
from forecourt.identity.permissions import Role
from forecourt.identity.second_factor import reset_second_factor
from forecourt.identity.sign_out import end_sessions
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id, new_id

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
    """Change the user. A new password, or deactivation, ends its sessions; the former also its ties to other operators.

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
        # Somebody else knows it now: it must not open the doors that the person has elsewhere.
        user.person_id = new_id()
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


async def take_away_second_factor(uow: UnitOfWork, user_id: UUID) -> tuple[AppUser, Membership]:
    """Help somebody who has lost phone and recovery codes: its factors go, its sessions end, a mail may follow.

    Raises:
        UserNotFound: no such user, or another operator's.
        GrantTooWide: the caller is not an owner and touches one.
    """
    user, membership = await get_user(uow, user_id, lock=True)
    _check_may_touch(uow, membership)
    await reset_second_factor(uow, user)
    user.person_id = new_id()
    await end_sessions(uow, user_id=user.id)
    await uow.session.flush()
    uow.record("user.updated", subject_id=user.id, subject_revision=user.revision, data={})
    return user, membership


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
