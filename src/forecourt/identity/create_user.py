"""Create a user with a role, in the whole operator or inside a partner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.identity.errors import EmailTaken, GrantTooWide, PartnerNotFound
from forecourt.identity.models import AppUser, Membership, Partner
from forecourt.identity.passwords import hash_password
from forecourt.identity.permissions import ROLE_PERMISSIONS, Role
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id


@dataclass(frozen=True, kw_only=True)
class CreateUser:
    """Who is to be let in. Without a password one is made up."""

    email: str
    name: str
    role: Role
    password: str | None = None
    partner_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class CreatedUser:
    """The user, and the password if it was made up: shown once."""

    user: AppUser
    membership: Membership
    password: str | None


async def create_user(command: CreateUser, *, uow: UnitOfWork) -> CreatedUser:
    """Create the user and its membership.

    Raises:
        EmailTaken: the operator has a user with this e-mail, active or not.
        PartnerNotFound: no such partner.
        PasswordTooWeak: the given password is too short or too long.
        GrantTooWide: the caller does not hold that role's permissions, or is not an owner and makes one.
    """
    operator_id = operator_of(uow)
    check_may_give(uow, command.role)
    email = command.email.strip()
    if await uow.session.scalar(select(AppUser.id).where(AppUser.email_key == email.lower())):
        raise EmailTaken(f"a user with the e-mail {email!r} exists", email=email)
    if command.partner_id is not None:
        await check_partner(uow, command.partner_id)
    made_up = secrets.token_urlsafe(15) if command.password is None else None
    user = AppUser(
        operator_id=operator_id,
        email=email,
        email_key=email.lower(),
        name=command.name.strip(),
        password_hash=await hash_password(command.password or made_up or ""),
        active=True,
    )
    uow.session.add(user)
    await uow.session.flush()
    membership = Membership(
        operator_id=operator_id, user_id=user.id, role=command.role.value, partner_id=command.partner_id
    )
    uow.session.add(membership)
    await uow.session.flush()
    await record_change(
        uow,
        action="user.created",
        subject_type="user",
        subject_id=user.id,
        after=user_facts(user, membership),
    )
    uow.record(
        "user.created", subject_id=user.id, subject_revision=user.revision, data={"role": membership.role}
    )
    return CreatedUser(user=user, membership=membership, password=made_up)


def check_may_give(uow: UnitOfWork, role: Role) -> None:
    """Refuse to give a role that holds more than the caller does; only an owner makes owners.

    Raises:
        GrantTooWide: it holds more.
    """
    if not isinstance(uow.actor, Actor) or uow.actor.kind == "system":
        return
    if role is Role.OWNER and uow.actor.role != Role.OWNER:
        raise GrantTooWide("only an owner makes an owner", role=role.value)
    too_much = ROLE_PERMISSIONS[role] - uow.actor.permissions
    if too_much:
        raise GrantTooWide(f"the caller does not hold all that {role.value!r} may do", role=role.value)


async def check_partner(uow: UnitOfWork, partner_id: UUID) -> Partner:
    """The partner.

    Raises:
        PartnerNotFound: no such partner.
    """
    partner = await uow.session.get(Partner, (operator_of(uow), partner_id))
    if partner is None:
        raise PartnerNotFound(f"no partner {encode_id('ptn', partner_id)}")
    return partner


def user_facts(user: AppUser, membership: Membership) -> dict[str, object]:
    """What the audit trail keeps of a user."""
    return {
        "email": user.email,
        "name": user.name,
        "active": user.active,
        "role": membership.role,
        "partner_id": membership.partner_id,
    }
