"""Create and change partners, and grant them locations and token groups for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import column, select, table

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.identity.create_user import check_partner
from forecourt.identity.edits import check_revision
from forecourt.identity.errors import GrantNotFound, PartnerNameTaken, UnknownSubject
from forecourt.identity.models import Partner, PartnerGrant
from forecourt.kit.columns import Base
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import encode_id

PartnerKind = Literal["site_host", "fleet", "installer", "franchisee"]
SubjectType = Literal["location", "token_group"]


async def create_partner(uow: UnitOfWork, *, name: str, kind: PartnerKind) -> Partner:
    """Create a partner; it sees nothing until something is granted.

    Raises:
        PartnerNameTaken: the operator has a partner of that name.
    """
    await _check_name(uow, name, None)
    partner = Partner(operator_id=operator_of(uow), name=name.strip(), kind=kind, active=True)
    uow.session.add(partner)
    await uow.session.flush()
    await record_change(
        uow, action="partner.created", subject_type="partner", subject_id=partner.id, after=_facts(partner)
    )
    uow.record(
        "partner.created",
        subject_id=partner.id,
        subject_revision=partner.revision,
        data={"name": partner.name},
    )
    return partner


@dataclass(frozen=True, kw_only=True)
class UpdatePartner:
    """What to change; None leaves a field as it is."""

    partner_id: UUID
    name: str | None = None
    active: bool | None = None
    if_revision: int | None = None


async def update_partner(command: UpdatePartner, *, uow: UnitOfWork) -> Partner:
    """Change a partner. One that is not active cannot sign in, nor use its keys.

    Raises:
        PartnerNotFound: no such partner.
        PreconditionFailed: it is not at ``if_revision``.
        PartnerNameTaken: another one has that name.
    """
    partner = await check_partner(uow, command.partner_id)
    check_revision(command.if_revision, partner.revision)
    before = _facts(partner)
    if command.name is not None:
        await _check_name(uow, command.name, partner.id)
        partner.name = command.name.strip()
    if command.active is not None:
        partner.active = command.active
    await uow.session.flush()
    await record_change(
        uow,
        action="partner.updated",
        subject_type="partner",
        subject_id=partner.id,
        before=before,
        after=_facts(partner),
    )
    uow.record(
        "partner.updated", subject_id=partner.id, subject_revision=partner.revision, data=_facts(partner)
    )
    return partner


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a partner is to see, and when (``valid_to`` excluded; None: until further notice)."""

    partner_id: UUID
    subject_type: SubjectType
    subject_id: UUID
    valid_from: datetime
    valid_to: datetime | None = None


async def grant(command: Grant, *, uow: UnitOfWork) -> PartnerGrant:
    """Let a partner see a location or a token group.

    Raises:
        PartnerNotFound: no such partner.
        UnknownSubject: the location or group is not there, or another operator's.
        Invalid: it would end before it begins.
    """
    await check_partner(uow, command.partner_id)
    if command.valid_to is not None and command.valid_to <= command.valid_from:
        raise Invalid(f"the grant would end at {command.valid_to}, before it begins at {command.valid_from}")
    await _check_subject(uow, command.subject_type, command.subject_id)
    made = PartnerGrant(
        operator_id=operator_of(uow),
        partner_id=command.partner_id,
        subject_type=command.subject_type,
        subject_id=command.subject_id,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )
    uow.session.add(made)
    await uow.session.flush()
    facts = {"subject_type": made.subject_type, "subject_id": made.subject_id, "valid_to": made.valid_to}
    await record_change(
        uow, action="partner.granted", subject_type="partner", subject_id=made.partner_id, after=facts
    )
    uow.record("partner.granted", subject_id=made.partner_id, subject_revision=None, data=facts)
    return made


async def end_grant(uow: UnitOfWork, *, grant_id: UUID) -> PartnerGrant:
    """End a grant now; one that has ended stays as it is.

    Raises:
        GrantNotFound: no such grant.
    """
    found = await uow.session.get(PartnerGrant, (operator_of(uow), grant_id), with_for_update=True)
    if found is None:
        raise GrantNotFound(f"no grant {encode_id('grt', grant_id)}")
    now = uow.clock.now()
    if found.valid_to is None or found.valid_to > now:
        before, found.valid_to = {"valid_to": found.valid_to}, now
        await record_change(
            uow,
            action="partner.grant_ended",
            subject_type="partner",
            subject_id=found.partner_id,
            before=before,
            after={"valid_to": now},
        )
        uow.record(
            "partner.grant_ended",
            subject_id=found.partner_id,
            subject_revision=None,
            data={"grant_id": found.id},
        )
    return found


async def _check_name(uow: UnitOfWork, name: str, partner_id: UUID | None) -> None:
    taken = await uow.session.scalar(select(Partner.id).where(Partner.name == name.strip()))
    if taken is not None and taken != partner_id:
        raise PartnerNameTaken(f"a partner named {name.strip()!r} exists", name=name.strip())


async def _check_subject(uow: UnitOfWork, subject_type: SubjectType, subject_id: UUID) -> None:
    """Locations and token groups live above identity: look at the table by name, under the tenant's policy."""
    if subject_type not in Base.metadata.tables:  # a program without that package has none
        raise UnknownSubject(f"no {subject_type} {subject_id}", subject_type=subject_type)
    subject = table(subject_type, column("id"))
    if await uow.session.scalar(select(subject.c.id).where(subject.c.id == subject_id)) is None:
        raise UnknownSubject(f"no {subject_type} {subject_id}", subject_type=subject_type)


def _facts(partner: Partner) -> dict[str, object]:
    return {"name": partner.name, "kind": partner.kind, "active": partner.active}
