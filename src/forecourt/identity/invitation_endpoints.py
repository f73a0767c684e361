"""Invitations, as those who invite see them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from forecourt.identity.access import require
from forecourt.identity.answers import base_url
from forecourt.identity.edits import Sort, WantsCsv
from forecourt.identity.export import export_pages
from forecourt.identity.invitations import (
    Invite,
    invite,
    list_invitations,
    resend_invitation,
    revoke_invitation,
)
from forecourt.identity.models import Invitation
from forecourt.identity.schemas import INVITATION, PARTNER
from forecourt.identity.sign_in_schemas import InvitationIn, InvitationOut, SentInvitationOut
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit, Page

router = APIRouter(prefix="/invitations", tags=["Invitations"])

ReadUsers = Annotated[UnitOfWork, Depends(require("users:read"))]
WriteUsers = Annotated[UnitOfWork, Depends(require("users:write"))]


@router.get("", summary="List invitations", response_model=Page[InvitationOut])
async def get_invitations(
    uow: ReadUsers,
    csv: WantsCsv,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    include_closed: bool = False,
    sort: Sort = "-created_at",
) -> Any:
    """Those that wait, expired ones too; with `include_closed` also accepted and revoked ones."""

    async def fetch(limit: int, cursor: str | None) -> tuple[list[Invitation], str | None]:
        return await list_invitations(
            uow, limit=limit, cursor=cursor, include_closed=include_closed, sort=sort
        )

    if csv:
        return export_pages("invitations.csv", InvitationOut, fetch, InvitationOut.of)
    rows, next_cursor = await fetch(limit, cursor)
    return Page(items=[InvitationOut.of(row) for row in rows], next_cursor=next_cursor)


@router.post("", status_code=201, summary="Invite a person by mail")
async def post_invitation(
    uow: WriteUsers, request: Request, response: Response, body: InvitationIn
) -> SentInvitationOut:
    """The mail's link works once, for 7 days. Says nothing about accounts at other operators."""
    invitation, link = await invite(
        Invite(
            email=body.email,
            role=body.role,
            partner_id=decode_id(PARTNER, body.partner_id) if body.partner_id else None,
            language=body.language,
            base_url=base_url(request),
        ),
        uow=uow,
    )
    response.headers["Cache-Control"] = "no-store"
    return SentInvitationOut(**InvitationOut.of(invitation).model_dump(), link=_unless_mailed(request, link))


@router.post("/{invitation_id}/resend", summary="Mail it again")
async def post_resend(
    uow: WriteUsers, request: Request, response: Response, invitation_id: str
) -> SentInvitationOut:
    """With a new link, for another 7 days; at most once a minute."""
    invitation, link = await resend_invitation(
        uow, decode_id(INVITATION, invitation_id), base_url=base_url(request)
    )
    response.headers["Cache-Control"] = "no-store"
    return SentInvitationOut(**InvitationOut.of(invitation).model_dump(), link=_unless_mailed(request, link))


@router.delete("/{invitation_id}", summary="Revoke an invitation")
async def delete_invitation(uow: WriteUsers, invitation_id: str) -> InvitationOut:
    """Its link works no more."""
    return InvitationOut.of(await revoke_invitation(uow, decode_id(INVITATION, invitation_id)))


def _unless_mailed(request: Request, link: str) -> str | None:
    """The link for whoever has to carry it over, where no mail server does."""
    return None if request.app.state.mailer.configured else link
