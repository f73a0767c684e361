"""Lists of identity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from forecourt.identity.access import operator_of
from forecourt.identity.models import ApiKey, AppUser, AuditEntry, Membership, Operator, Partner, PartnerGrant
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import NotFound
from forecourt.kit.paging import keyset, page_of


async def get_operator(uow: UnitOfWork, *, lock: bool = False) -> Operator:
    """The operator of the caller.

    Raises:
        NotFound: it is gone.
    """
    found = await uow.session.get(Operator, operator_of(uow), with_for_update=lock)
    if found is None:
        raise NotFound("the operator is gone")
    return found


async def list_users(
    uow: UnitOfWork, *, limit: int, cursor: str | None, active: bool | None = None, search: str | None = None
) -> tuple[list[tuple[AppUser, Membership]], str | None]:
    """Users with their memberships, oldest first. ``search`` is a part of e-mail or name."""
    query: Any = select(AppUser, Membership).join(
        Membership, (Membership.operator_id == AppUser.operator_id) & (Membership.user_id == AppUser.id)
    )
    if active is not None:
        query = query.where(AppUser.active.is_(active))
    if search:
        part = search.lower()
        query = query.where(
            or_(
                func.lower(AppUser.email).contains(part, autoescape=True),
                func.lower(AppUser.name).contains(part, autoescape=True),
            )
        )
    rows = (await uow.session.execute(_by_id(query, AppUser.id, cursor, limit))).all()
    return page_of([(row[0], row[1]) for row in rows], limit, lambda row: [row[0].id])


async def list_keys(
    uow: UnitOfWork, *, limit: int, cursor: str | None, include_revoked: bool = False
) -> tuple[list[ApiKey], str | None]:
    """API keys, oldest first."""
    query = select(ApiKey)
    if not include_revoked:
        query = query.where(ApiKey.revoked_at.is_(None))
    rows = (await uow.session.scalars(_by_id(query, ApiKey.id, cursor, limit))).all()
    return page_of(rows, limit, lambda key: [key.id])


async def list_partners(
    uow: UnitOfWork, *, limit: int, cursor: str | None
) -> tuple[list[Partner], str | None]:
    """Partners, oldest first."""
    rows = (await uow.session.scalars(_by_id(select(Partner), Partner.id, cursor, limit))).all()
    return page_of(rows, limit, lambda partner: [partner.id])


async def list_grants(
    uow: UnitOfWork, *, partner_id: UUID, limit: int, cursor: str | None
) -> tuple[list[PartnerGrant], str | None]:
    """All grants of a partner, ended ones too, oldest first."""
    query = select(PartnerGrant).where(PartnerGrant.partner_id == partner_id)
    rows = (await uow.session.scalars(_by_id(query, PartnerGrant.id, cursor, limit))).all()
    return page_of(rows, limit, lambda grant: [grant.id])


def audit_query(
    *,
    action: str | None = None,
    subject_type: str | None = None,
    subject_id: UUID | None = None,
    actor_id: UUID | None = None,
    at_from: datetime | None = None,
    at_to: datetime | None = None,
) -> Select[AuditEntry]:
    """The trail, filtered; ``at_to`` is excluded. ``action`` may end in ``.`` to mean all that begin so."""
    query = select(AuditEntry)
    if action is not None:
        prefix = action.endswith(".")
        query = query.where(
            AuditEntry.action.startswith(action, autoescape=True) if prefix else AuditEntry.action == action
        )
    if subject_type is not None:
        query = query.where(AuditEntry.subject_type == subject_type)
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == str(subject_id))
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    if at_from is not None:
        query = query.where(AuditEntry.at >= at_from)
    if at_to is not None:
        query = query.where(AuditEntry.at < at_to)
    return query


async def list_audit(
    uow: UnitOfWork, query: Select[AuditEntry], *, limit: int, cursor: str | None
) -> tuple[list[AuditEntry], str | None]:
    """A page of the trail, newest first."""
    columns: list[Any] = [AuditEntry.at.desc(), AuditEntry.id.desc()]
    newest_first: Any = keyset(cast(Any, query), columns, cursor, limit)
    rows = (await uow.session.scalars(newest_first)).all()
    return page_of(rows, limit, lambda entry: [entry.at, entry.id])


async def stream_audit(uow: UnitOfWork, query: Select[AuditEntry]) -> AsyncIterator[AuditEntry]:
    """The whole trail, newest first, for an export."""
    ordered = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).execution_options(yield_per=500)
    async for entry in await uow.session.stream_scalars(ordered):
        yield entry


def _by_id(query: Any, column: Any, cursor: str | None, limit: int) -> Any:
    return keyset(query, [column], cursor, limit)
