"""Lists of identity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from forecourt.identity.access import operator_of
from forecourt.identity.models import (
    ApiKey,
    AppUser,
    AuditEntry,
    Membership,
    Operator,
    Partner,
    PartnerGrant,
    Passkey,
    Totp,
)
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import NotFound
from forecourt.kit.paging import Sorts, keyset, order, page_of

USER_SORTS: Sorts = {
    "created_at": AppUser.created_at,
    "email": AppUser.email_key,
    "name": AppUser.name,
    "last_sign_in_at": AppUser.last_sign_in_at,
}
KEY_SORTS: Sorts = {
    "created_at": ApiKey.created_at,
    "name": ApiKey.name,
    "last_used_at": ApiKey.last_used_at,
    "expires_at": ApiKey.expires_at,
}
PARTNER_SORTS: Sorts = {"created_at": Partner.created_at, "name": Partner.name}
GRANT_SORTS: Sorts = {"valid_from": PartnerGrant.valid_from, "valid_to": PartnerGrant.valid_to}
AUDIT_SORTS: Sorts = {"at": AuditEntry.at}


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
    uow: UnitOfWork,
    *,
    limit: int,
    cursor: str | None,
    active: bool | None = None,
    search: str | None = None,
    sort: str = "created_at",
) -> tuple[list[tuple[AppUser, Membership]], str | None]:
    """Users with their memberships. ``search`` is a part of e-mail or name."""
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
    columns, key = order(USER_SORTS, sort, AppUser.id)
    rows = (await uow.session.execute(keyset(query, columns, cursor, limit))).all()
    return page_of([(row[0], row[1]) for row in rows], limit, lambda row: key(row[0]))


async def second_factors(uow: UnitOfWork, user_ids: list[UUID]) -> dict[UUID, list[str]]:
    """Which of the users have an authenticator app, and which a passkey."""
    found: dict[UUID, list[str]] = {user_id: [] for user_id in user_ids}
    apps = select(Totp.user_id).where(Totp.user_id.in_(user_ids), Totp.confirmed_at.is_not(None))
    keys = select(Passkey.user_id).where(Passkey.user_id.in_(user_ids)).distinct()
    for method, query in (("totp", apps), ("passkey", keys)):
        for user_id in await uow.session.scalars(query):
            found[user_id].append(method)
    return found


async def list_keys(
    uow: UnitOfWork,
    *,
    limit: int,
    cursor: str | None,
    include_revoked: bool = False,
    sort: str = "created_at",
) -> tuple[list[ApiKey], str | None]:
    """API keys."""
    query = select(ApiKey)
    if not include_revoked:
        query = query.where(ApiKey.revoked_at.is_(None))
    return await _page(uow, query, ApiKey.id, KEY_SORTS, sort, cursor, limit)


async def list_partners(
    uow: UnitOfWork, *, limit: int, cursor: str | None, sort: str = "created_at"
) -> tuple[list[Partner], str | None]:
    """Partners."""
    return await _page(uow, select(Partner), Partner.id, PARTNER_SORTS, sort, cursor, limit)


async def list_grants(
    uow: UnitOfWork, *, partner_id: UUID, limit: int, cursor: str | None, sort: str = "valid_from"
) -> tuple[list[PartnerGrant], str | None]:
    """All grants of a partner, ended ones too."""
    query = select(PartnerGrant).where(PartnerGrant.partner_id == partner_id)
    return await _page(uow, query, PartnerGrant.id, GRANT_SORTS, sort, cursor, limit)


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
    uow: UnitOfWork, query: Select[AuditEntry], *, limit: int, cursor: str | None, sort: str = "-at"
) -> tuple[list[AuditEntry], str | None]:
    """A page of the trail."""
    return await _page(uow, query, AuditEntry.id, AUDIT_SORTS, sort, cursor, limit)


async def stream_audit(
    uow: UnitOfWork, query: Select[AuditEntry], *, sort: str = "-at"
) -> AsyncIterator[AuditEntry]:
    """The whole trail, for an export."""
    columns, _ = order(AUDIT_SORTS, sort, AuditEntry.id)
    ordered = query.order_by(*columns).execution_options(yield_per=500)
    async for entry in await uow.session.stream_scalars(ordered):
        yield entry


async def _page(
    uow: UnitOfWork, query: Any, tie: Any, sorts: Sorts, sort: str, cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    columns, key = order(sorts, sort, tie)
    rows = (await uow.session.scalars(keyset(query, columns, cursor, limit))).all()
    return page_of(rows, limit, key)
