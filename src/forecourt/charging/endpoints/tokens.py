"""Id tokens, their groups, and every attempt to be authorised."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import or_

from forecourt.charging.endpoints.access import (
    DEFAULT_PAGE,
    Begin,
    Cursor,
    End,
    PageLimit,
    ReadTokens,
    Sort,
    WriteTokens,
    filtered,
    hidden,
    listed,
)
from forecourt.charging.errors import TokenNotFound
from forecourt.charging.manage_tokens import (
    block_token,
    change_token,
    create_group,
    create_token,
    unblock_token,
)
from forecourt.charging.models import Authorisation, IdToken, TokenGroup
from forecourt.charging.own_tokens import token_key
from forecourt.charging.queries import get_row, token_uses
from forecourt.charging.schemas import (
    AuthorisationOut,
    GroupIn,
    GroupOut,
    TokenBlock,
    TokenIn,
    TokenOut,
    TokenPatch,
    TokenUse,
)
from forecourt.identity.edits import IfMatch, WantsCsv, check_revision, set_etag
from forecourt.kit.ids import decode_id, encode_id
from forecourt.kit.paging import Page
from forecourt.network.listing import text_filter

router = APIRouter(tags=["tokens"])
_SORTS = {"created_at": IdToken.created_at, "value": IdToken.value}


@router.get("/tokens", response_model=Page[TokenOut])
async def list_tokens(
    uow: ReadTokens,
    csv: WantsCsv,
    q: str | None = None,
    value: str | None = None,
    type: str | None = None,
    group: str | None = None,
    blocked: bool | None = None,
    sort: Sort = "-created_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Tokens. `value` finds one as a station would spell it, `q` by a part."""
    query = filtered(
        uow, IdToken, ids={"group_id": ("tgr", group)},
        equal={"type": type, "value_key": token_key(value) if value else None},
    )  # fmt: skip
    if q:
        query = query.where(or_(text_filter(IdToken.value, q), text_filter(IdToken.visual_number, q)))
    if blocked is not None:
        query = query.where(IdToken.blocked_at.is_not(None) if blocked else IdToken.blocked_at.is_(None))
    return await listed(
        uow, query, IdToken, TokenOut, sorts=_SORTS, sort=sort, csv=csv, cursor=cursor, limit=limit,
        filename="tokens.csv",
    )  # fmt: skip


@router.post("/tokens", status_code=201)
async def create(body: TokenIn, uow: WriteTokens, response: Response) -> TokenOut:
    """A new token."""
    row = await create_token(uow, group=body.group_id, **body.model_dump(exclude={"group_id"}))
    set_etag(response, row.revision)
    return TokenOut.of(row)


@router.get("/tokens/{token}")
async def read(token: str, uow: ReadTokens, response: Response) -> TokenOut:
    """One token."""
    row = await get_row(uow, IdToken, "tok", token, TokenNotFound)
    set_etag(response, row.revision)
    return TokenOut.of(row, hide=hidden(uow))


@router.patch("/tokens/{token}")
async def edit(
    token: str, body: TokenPatch, uow: WriteTokens, response: Response, if_match: IfMatch
) -> TokenOut:
    """Change a token."""
    row = await get_row(uow, IdToken, "tok", token, TokenNotFound, lock=True)
    check_revision(if_match, row.revision)
    changes = body.model_dump(exclude_unset=True)
    if changes.get("whitelist", "") is None:
        del changes["whitelist"]
    row = await change_token(uow, row, changes, action="token.updated")
    set_etag(response, row.revision)
    return TokenOut.of(row)


@router.post("/tokens/{token}/block")
async def block(token: str, body: TokenBlock, uow: WriteTokens) -> TokenOut:
    """Refuse a token from now on."""
    row = await get_row(uow, IdToken, "tok", token, TokenNotFound, lock=True)
    return TokenOut.of(await block_token(uow, row, reason=body.reason, at=uow.clock.now()))


@router.post("/tokens/{token}/unblock")
async def unblock(token: str, uow: WriteTokens) -> TokenOut:
    """Accept a token again."""
    row = await get_row(uow, IdToken, "tok", token, TokenNotFound, lock=True)
    return TokenOut.of(await unblock_token(uow, row))


@router.get("/token-uses")
async def uses(
    uow: ReadTokens,
    tokens: Annotated[
        str,
        Query(max_length=4000, description="Ids with commas.", examples=["tok_01jz8q3v5de8qbn1c2x4y6z7a8"]),
    ],
) -> list[TokenUse]:
    """When tokens were last held to a reader, and how many sessions each began."""
    ids = [decode_id("tok", part) for part in tokens.split(",") if part.strip()]
    return [
        TokenUse(token_id=encode_id("tok", id_), last_at=at, last_status=status, sessions=count)
        for id_, at, status, count in await token_uses(uow, ids)
    ]


@router.get("/token-groups", response_model=Page[GroupOut])
async def list_groups(
    uow: ReadTokens,
    csv: WantsCsv,
    sort: Sort = "name",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Token groups."""
    return await listed(
        uow, filtered(uow, TokenGroup), TokenGroup, GroupOut, sorts={"name": TokenGroup.name}, sort=sort, csv=csv,
        cursor=cursor, limit=limit, filename="token-groups.csv",
    )  # fmt: skip


@router.post("/token-groups", status_code=201)
async def make_group(body: GroupIn, uow: WriteTokens) -> GroupOut:
    """A new group."""
    return GroupOut.of(await create_group(uow, name=body.name, code=body.code))


@router.get("/authorisations", response_model=Page[AuthorisationOut])
async def list_authorisations(
    uow: ReadTokens,
    csv: WantsCsv,
    station: str | None = None,
    token: str | None = None,
    session: str | None = None,
    status: str | None = None,
    begin: Begin = None,
    end: End = None,
    sort: Sort = "-at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Every attempt with its answer and reason, newest first."""
    query = filtered(
        uow, Authorisation,
        ids={"station_id": ("sta", station), "token_id": ("tok", token), "session_id": ("ses", session)},
        equal={"status": status}, time=Authorisation.at, begin=begin, end=end,
    )  # fmt: skip
    return await listed(
        uow, query, Authorisation, AuthorisationOut, sorts={"at": Authorisation.at}, sort=sort, csv=csv,
        cursor=cursor, limit=limit, filename="authorisations.csv",
    )  # fmt: skip
