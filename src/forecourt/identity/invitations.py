"""Invite people by mail; they choose their own password, or bring the one they have at another operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import actor_of, operator_of
from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.identity.create_user import check_may_give, check_partner, user_facts
from forecourt.identity.credentials import new_session_token, sha256
from forecourt.identity.errors import (
    EmailTaken,
    InvitationJustSent,
    InvitationNotFound,
    InvitationOpen,
    InvitationOver,
    SignInFailed,
)
from forecourt.identity.mails import Letter, send_letter
from forecourt.identity.models import AppUser, Invitation, Membership, Operator
from forecourt.identity.passwords import hash_password
from forecourt.identity.permissions import Role
from forecourt.identity.queries import get_operator
from forecourt.identity.sessions import Challenged, Origin, SignedIn, proceed
from forecourt.identity.sign_in import fitting_users
from forecourt.identity.throttle import begin_attempt, mark_succeeded
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.paging import Sorts, keyset, order, page_of

LIFETIME = timedelta(days=7)
_RESEND_AFTER = timedelta(minutes=1)
_SORTS: Sorts = {"created_at": Invitation.created_at, "email": Invitation.email_key}


@dataclass(frozen=True, kw_only=True)
class Invite:
    """Who is asked in, as what."""

    email: str
    role: Role
    partner_id: UUID | None = None
    language: str = "en"
    base_url: str


async def invite(command: Invite, *, uow: UnitOfWork) -> tuple[Invitation, str]:
    """Write the invitation down and mail it; returns the link too.

    Raises:
        EmailTaken: the operator has a user with this e-mail.
        InvitationOpen: it is invited already.
        GrantTooWide, PartnerNotFound: as in ``create_user``.
        MailAddressInvalid: no mail can go there.
    """
    check_may_give(uow, command.role)
    if command.partner_id is not None:
        await check_partner(uow, command.partner_id)
    email, now = command.email.strip(), uow.clock.now()
    await _check_free(uow, email)
    open_one = await uow.session.scalar(
        select(Invitation.id).where(Invitation.email_key == email.lower(), *_is_open(now))
    )
    if open_one is not None:
        raise InvitationOpen(f"{email!r} is invited already", email=email)
    token, actor = new_session_token(), actor_of(uow)
    invitation = Invitation(
        operator_id=operator_of(uow),
        email=email,
        email_key=email.lower(),
        role=command.role.value,
        partner_id=command.partner_id,
        language=command.language,
        invited_by=actor.name,
        token_sha256=sha256(token),
        sent_at=now,
        expires_at=now + LIFETIME,
    )
    uow.session.add(invitation)
    await uow.session.flush()
    link = await _send(uow, invitation, token, command.base_url)
    await record_change(
        uow,
        action="invitation.created",
        subject_type="invitation",
        subject_id=invitation.id,
        after=_facts(invitation),
    )
    uow.record("invitation.created", subject_id=invitation.id, subject_revision=None, data={})
    return invitation, link


async def resend_invitation(uow: UnitOfWork, invitation_id: UUID, *, base_url: str) -> tuple[Invitation, str]:
    """Mail it again with a new link, for another seven days; the old link is over.

    Raises:
        InvitationNotFound: no such invitation.
        InvitationOver: accepted or revoked.
        InvitationJustSent: the last mail is less than a minute old.
    """
    invitation, now = await _get(uow, invitation_id), uow.clock.now()
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise InvitationOver
    check_may_give(uow, Role(invitation.role))
    if now - invitation.sent_at < _RESEND_AFTER:
        seconds = int(_RESEND_AFTER.total_seconds())
        raise InvitationJustSent("a mail went out less than a minute ago", retry_after_seconds=seconds)
    await _check_free(uow, invitation.email)
    token, before = new_session_token(), {"expires_at": invitation.expires_at}
    invitation.token_sha256 = sha256(token)
    invitation.sent_at, invitation.expires_at = now, now + LIFETIME
    await uow.session.flush()
    link = await _send(uow, invitation, token, base_url)
    await record_change(
        uow,
        action="invitation.sent_again",
        subject_type="invitation",
        subject_id=invitation.id,
        before=before,
        after={"expires_at": invitation.expires_at},
    )
    uow.record("invitation.updated", subject_id=invitation.id, subject_revision=None, data={})
    return invitation, link


async def revoke_invitation(uow: UnitOfWork, invitation_id: UUID) -> Invitation:
    """The link works no more; one that was accepted stays as it is.

    Raises:
        InvitationNotFound: no such invitation.
    """
    invitation = await _get(uow, invitation_id)
    if invitation.accepted_at is None and invitation.revoked_at is None:
        invitation.revoked_at = uow.clock.now()
        await record_change(
            uow,
            action="invitation.revoked",
            subject_type="invitation",
            subject_id=invitation.id,
            before={"email": invitation.email, "revoked_at": None},
            after={"email": invitation.email, "revoked_at": invitation.revoked_at},
        )
        uow.record("invitation.updated", subject_id=invitation.id, subject_revision=None, data={})
    return invitation


async def list_invitations(
    uow: UnitOfWork, *, limit: int, cursor: str | None, include_closed: bool, sort: str = "created_at"
) -> tuple[list[Invitation], str | None]:
    """Invitations that wait for an answer, expired ones too; with ``include_closed`` all."""
    query: Any = select(Invitation)
    if not include_closed:
        query = query.where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    columns, key = order(_SORTS, sort, Invitation.id)
    rows = (await uow.session.scalars(keyset(query, columns, cursor, limit))).all()
    return page_of(rows, limit, key)


async def look_at_invitation(database: Database, token: str) -> tuple[Invitation, str]:
    """The invitation of a link, and the operator's name. Says nothing about other operators.

    Raises:
        InvitationOver: accepted, revoked, expired, or never there.
    """
    async with database.transaction(role="system") as uow:
        invitation = await uow.session.scalar(
            select(Invitation).where(Invitation.token_sha256 == sha256(token), *_is_open(uow.clock.now()))
        )
        if invitation is None:
            raise InvitationOver
        name = await uow.session.scalar(select(Operator.name).where(Operator.id == invitation.operator_id))
        return invitation, name or ""


async def accept_invitation(
    database: Database, *, token: str, name: str, password: str, origin: Origin
) -> SignedIn | Challenged:
    """Become a user with a name and password of one's own, and go on to a session.

    Raises:
        InvitationOver: accepted, revoked, expired, or never there.
        EmailTaken: the operator has a user with this e-mail meanwhile.
        PasswordTooWeak: too short or too long.
    """
    invitation, _ = await look_at_invitation(database, token)
    password_hash = await hash_password(password)
    user = await _join(
        database, invitation, name=name, password_hash=password_hash, person_id=new_id(), origin=origin
    )
    return await proceed(database, user, method="invitation", origin=origin)


async def accept_with_account(
    database: Database, *, token: str, password: str, origin: Origin
) -> SignedIn | Challenged:
    """Become a user with the name and password that the person has at another operator.

    Raises:
        InvitationOver, EmailTaken: as in ``accept_invitation``.
        SignInFailed: the invited address has no account with that password.
        SignInThrottled: too many wrong tries.
    """
    invitation, _ = await look_at_invitation(database, token)
    account = invitation.email
    attempt = await begin_attempt(database, account=account, address=origin.address, now=database.clock.now())
    fitting = await fitting_users(database, invitation.email, password)
    if not fitting:
        raise SignInFailed
    await mark_succeeded(database, attempt, account=account, address=origin.address)
    known = fitting[0][0]
    user = await _join(
        database,
        invitation,
        name=known.name,
        password_hash=known.password_hash,
        person_id=known.person_id,
        origin=origin,
    )
    return await proceed(database, user, method="invitation", origin=origin)


async def _join(
    database: Database,
    invitation: Invitation,
    *,
    name: str,
    password_hash: str,
    person_id: UUID,
    origin: Origin,
) -> AppUser:
    user_id = new_id()
    actor = Actor(
        kind="user",
        id=user_id,
        operator_id=invitation.operator_id,
        name=invitation.email,
        address=origin.address,
        request_id=origin.request_id,
    )
    async with database.transaction(invitation.operator_id, actor=actor) as uow:
        present = await _get(uow, invitation.id)
        if (
            present.accepted_at is not None
            or present.revoked_at is not None
            or present.token_sha256 != invitation.token_sha256
        ):
            raise InvitationOver
        await _check_free(uow, present.email)
        user = AppUser(
            operator_id=present.operator_id,
            id=user_id,
            person_id=person_id,
            email=present.email,
            email_key=present.email_key,
            name=name.strip(),
            password_hash=password_hash,
            language=present.language,
            active=True,
        )
        uow.session.add(user)
        await uow.session.flush()
        membership = Membership(
            operator_id=present.operator_id,
            user_id=user.id,
            role=present.role,
            partner_id=present.partner_id,
        )
        uow.session.add(membership)
        present.accepted_at, present.user_id = uow.clock.now(), user.id
        await uow.session.flush()
        await record_change(
            uow,
            action="invitation.accepted",
            subject_type="user",
            subject_id=user.id,
            after=user_facts(user, membership),
        )
        uow.record(
            "user.created", subject_id=user.id, subject_revision=user.revision, data={"role": membership.role}
        )
        uow.record("invitation.updated", subject_id=present.id, subject_revision=None, data={})
    return user


async def _send(uow: UnitOfWork, invitation: Invitation, token: str, base_url: str) -> str:
    operator = await get_operator(uow)
    link = f"{base_url}/console/accept#{token}"
    await send_letter(
        uow,
        Letter(
            kind="invitation",
            to=invitation.email,
            language=invitation.language,
            operator=operator.name,
            by=invitation.invited_by,
            link=link,
        ),
    )
    return link


async def _get(uow: UnitOfWork, invitation_id: UUID) -> Invitation:
    found = await uow.session.get(Invitation, (operator_of(uow), invitation_id), with_for_update=True)
    if found is None:
        raise InvitationNotFound(f"no invitation {encode_id('inv', invitation_id)}")
    return found


async def _check_free(uow: UnitOfWork, email: str) -> None:
    if await uow.session.scalar(select(AppUser.id).where(AppUser.email_key == email.strip().lower())):
        raise EmailTaken(f"a user with the e-mail {email!r} exists", email=email)


def _is_open(now: Any) -> tuple[Any, ...]:
    return (
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now,
    )


def _facts(invitation: Invitation) -> dict[str, object]:
    return {
        "email": invitation.email,
        "role": invitation.role,
        "partner_id": invitation.partner_id,
        "expires_at": invitation.expires_at,
    }
