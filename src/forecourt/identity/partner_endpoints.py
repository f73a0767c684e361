"""Partners, what they are granted, and the audit trail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from forecourt.identity.access import require
from forecourt.identity.create_user import check_partner
from forecourt.identity.edits import IfMatch, Sort, WantsCsv, set_etag
from forecourt.identity.export import cells, export_pages
from forecourt.identity.manage_partners import (
    Grant,
    UpdatePartner,
    create_partner,
    end_grant,
    grant,
    update_partner,
)
from forecourt.identity.models import AuditEntry, Partner, PartnerGrant
from forecourt.identity.queries import audit_query, list_audit, list_grants, list_partners, stream_audit
from forecourt.identity.schemas import (
    GRANT,
    KEY,
    PARTNER,
    SUBJECT_PREFIX,
    USER,
    AuditOut,
    GrantIn,
    GrantOut,
    PartnerIn,
    PartnerOut,
    PartnerPatch,
)
from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit, Page

router = APIRouter()

ReadPartners = Annotated[UnitOfWork, Depends(require("partners:read"))]
WritePartners = Annotated[UnitOfWork, Depends(require("partners:write"))]
ReadAudit = Annotated[UnitOfWork, Depends(require("audit:read"))]


@router.get("/partners", tags=["Partners"], summary="List partners", response_model=Page[PartnerOut])
async def get_partners(
    uow: ReadPartners,
    csv: WantsCsv,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    sort: Sort = "created_at",
) -> Any:
    """The operator's partners, by `created_at` or `name`; a partner sees itself only."""

    async def fetch(limit: int, cursor: str | None) -> tuple[list[Partner], str | None]:
        return await list_partners(uow, limit=limit, cursor=cursor, sort=sort)

    if csv:
        return export_pages("partners.csv", PartnerOut, fetch, PartnerOut.of)
    rows, next_cursor = await fetch(limit, cursor)
    return Page(items=[PartnerOut.of(row) for row in rows], next_cursor=next_cursor)


@router.post("/partners", tags=["Partners"], status_code=201, summary="Create a partner")
async def post_partner(uow: WritePartners, response: Response, body: PartnerIn) -> PartnerOut:
    """A site host, fleet, installer or franchisee. It sees nothing until something is granted."""
    partner = await create_partner(uow, name=body.name, kind=body.kind)
    set_etag(response, partner.revision)
    return PartnerOut.of(partner)


@router.get("/partners/{partner_id}", tags=["Partners"], summary="Read a partner")
async def read_partner(uow: ReadPartners, response: Response, partner_id: str) -> PartnerOut:
    """One partner."""
    partner = await check_partner(uow, decode_id(PARTNER, partner_id))
    set_etag(response, partner.revision)
    return PartnerOut.of(partner)


@router.patch("/partners/{partner_id}", tags=["Partners"], summary="Change or deactivate a partner")
async def patch_partner(
    uow: WritePartners, response: Response, partner_id: str, body: PartnerPatch, if_match: IfMatch
) -> PartnerOut:
    """Change the name, or deactivate (`active: false`): its members and keys are refused at once."""
    command = UpdatePartner(
        partner_id=decode_id(PARTNER, partner_id), name=body.name, active=body.active, if_revision=if_match
    )
    partner = await update_partner(command, uow=uow)
    set_etag(response, partner.revision)
    return PartnerOut.of(partner)


@router.get(
    "/partners/{partner_id}/grants",
    tags=["Partners"],
    summary="List a partner's grants",
    response_model=Page[GrantOut],
)
async def get_grants(
    uow: ReadPartners,
    partner_id: str,
    csv: WantsCsv,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    sort: Sort = "valid_from",
) -> Any:
    """What the partner sees, has seen and will see, by `valid_from` or `valid_to`."""
    partner = await check_partner(uow, decode_id(PARTNER, partner_id))

    async def fetch(limit: int, cursor: str | None) -> tuple[list[PartnerGrant], str | None]:
        return await list_grants(uow, partner_id=partner.id, limit=limit, cursor=cursor, sort=sort)

    if csv:
        return export_pages("grants.csv", GrantOut, fetch, GrantOut.of)
    rows, next_cursor = await fetch(limit, cursor)
    return Page(items=[GrantOut.of(row) for row in rows], next_cursor=next_cursor)


@router.post("/partners/{partner_id}/grants", tags=["Partners"], status_code=201, summary="Grant something")
async def post_grant(uow: WritePartners, partner_id: str, body: GrantIn) -> GrantOut:
    """Let the partner see a location or a token group, for a time."""
    command = Grant(
        partner_id=decode_id(PARTNER, partner_id),
        subject_type=body.subject_type,
        subject_id=decode_id(SUBJECT_PREFIX[body.subject_type], body.subject_id),
        valid_from=body.valid_from or uow.clock.now(),
        valid_to=body.valid_to,
    )
    return GrantOut.of(await grant(command, uow=uow))


@router.delete("/partner-grants/{grant_id}", tags=["Partners"], summary="End a grant")
async def delete_grant(uow: WritePartners, grant_id: str) -> GrantOut:
    """The partner stops seeing it now; the grant stays in the list."""
    return GrantOut.of(await end_grant(uow, grant_id=decode_id(GRANT, grant_id)))


@router.get("/audit", tags=["Audit"], summary="List changes", response_model=Page[AuditOut])
async def get_audit(
    uow: ReadAudit,
    csv: WantsCsv,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    action: Annotated[
        str | None, Query(max_length=100, description="`user.created`, or `user.` for all.")
    ] = None,
    subject_type: Annotated[str | None, Query(max_length=60)] = None,
    subject_id: Annotated[str | None, Query(max_length=60)] = None,
    actor_id: Annotated[str | None, Query(max_length=40, description="`usr_…` or `key_…`")] = None,
    at_from: AwareDatetime | None = None,
    at_to: AwareDatetime | None = None,
    sort: Sort = "-at",
) -> Any:
    """Who changed what, when, from where, newest first (`sort=at`: oldest first). As CSV: all that the filters admit."""
    query = audit_query(
        action=action,
        subject_type=subject_type,
        subject_id=_any_id(subject_id) if subject_id else None,
        actor_id=_actor_id(actor_id) if actor_id else None,
        at_from=at_from,
        at_to=at_to,
    )
    if csv:
        return csv_response(
            "audit.csv", list(AuditOut.model_fields), _rows(stream_audit(uow, query, sort=sort))
        )
    rows, next_cursor = await list_audit(uow, query, limit=limit, cursor=cursor, sort=sort)
    return Page(items=[AuditOut.of(row) for row in rows], next_cursor=next_cursor)


async def _rows(entries: AsyncIterator[AuditEntry]) -> AsyncIterator[Sequence[Any]]:
    async for entry in entries:
        yield cells(AuditOut.of(entry))


def _any_id(text: str) -> UUID:
    """A subject's id of whatever kind, with its prefix or bare."""
    try:
        return UUID(text)
    except ValueError:
        return decode_id(text.rpartition("_")[0], text)


def _actor_id(text: str) -> UUID:
    return decode_id(KEY if text.startswith(KEY) else USER, text)
