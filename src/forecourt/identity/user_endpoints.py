"""Users and API keys."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from forecourt.identity.access import require
from forecourt.identity.answers import base_url
from forecourt.identity.create_key import CreateKey, create_key
from forecourt.identity.create_user import CreateUser, create_user
from forecourt.identity.edits import IfMatch, Sort, WantsCsv, set_etag
from forecourt.identity.errors import KeyNotFound
from forecourt.identity.export import export_pages
from forecourt.identity.mails import Letter, send_letter
from forecourt.identity.models import ApiKey, AppUser, Membership
from forecourt.identity.queries import get_operator, list_keys, list_users, second_factors
from forecourt.identity.revoke_key import revoke_key
from forecourt.identity.schemas import (
    KEY,
    PARTNER,
    USER,
    CreatedKeyOut,
    CreatedUserOut,
    KeyIn,
    KeyOut,
    UserIn,
    UserOut,
    UserPatch,
)
from forecourt.identity.update_user import (
    UNSET,
    UpdateUser,
    get_user,
    take_away_second_factor,
    update_user,
)
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit, Page

router = APIRouter()

ReadUsers = Annotated[UnitOfWork, Depends(require("users:read"))]
WriteUsers = Annotated[UnitOfWork, Depends(require("users:write"))]
ReadKeys = Annotated[UnitOfWork, Depends(require("keys:read"))]
WriteKeys = Annotated[UnitOfWork, Depends(require("keys:write"))]


@router.get("/users", tags=["Users"], summary="List users", response_model=Page[UserOut])
async def get_users(
    uow: ReadUsers,
    csv: WantsCsv,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    active: bool | None = None,
    search: Annotated[str | None, Query(max_length=100, description="Part of e-mail or name.")] = None,
    sort: Sort = "created_at",
) -> Any:
    """The operator's users, by `created_at`, `email`, `name` or `last_sign_in_at`."""

    async def fetch(limit: int, cursor: str | None) -> tuple[list[UserOut], str | None]:
        rows, next_cursor = await list_users(
            uow, limit=limit, cursor=cursor, active=active, search=search, sort=sort
        )
        factors = await second_factors(uow, [user.id for user, _ in rows])
        return [UserOut.of(user, member, factors[user.id]) for user, member in rows], next_cursor

    if csv:
        return export_pages("users.csv", UserOut, fetch, lambda row: row)
    rows, next_cursor = await fetch(limit, cursor)
    return Page(items=rows, next_cursor=next_cursor)


@router.post("/users", tags=["Users"], status_code=201, summary="Create a user")
async def post_user(uow: WriteUsers, response: Response, body: UserIn) -> CreatedUserOut:
    """Let a person in. Without `password` one is made up and shown only in this answer."""
    created = await create_user(
        CreateUser(
            email=body.email,
            name=body.name,
            role=body.role,
            password=body.password.get_secret_value() if body.password else None,
            partner_id=decode_id(PARTNER, body.partner_id) if body.partner_id else None,
        ),
        uow=uow,
    )
    response.headers["Cache-Control"] = "no-store"
    set_etag(response, created.user.revision)
    return CreatedUserOut(
        **UserOut.of(created.user, created.membership).model_dump(), password=created.password
    )


@router.get("/users/{user_id}", tags=["Users"], summary="Read a user")
async def read_user(uow: ReadUsers, response: Response, user_id: str) -> UserOut:
    """One user."""
    return await _shown(uow, response, *await get_user(uow, decode_id(USER, user_id)))


@router.patch("/users/{user_id}", tags=["Users"], summary="Change or deactivate a user")
async def patch_user(
    uow: WriteUsers, response: Response, user_id: str, body: UserPatch, if_match: IfMatch
) -> UserOut:
    """Change name, role, partner or password, or deactivate (`active: false`): its sessions end at once."""
    partner_id = decode_id(PARTNER, body.partner_id) if body.partner_id else None
    user, membership = await update_user(
        UpdateUser(
            user_id=decode_id(USER, user_id),
            name=body.name,
            role=body.role,
            partner_id=partner_id if "partner_id" in body.model_fields_set else UNSET,
            password=body.password.get_secret_value() if body.password else None,
            active=body.active,
            if_revision=if_match,
        ),
        uow=uow,
    )
    return await _shown(uow, response, user, membership)


@router.delete("/users/{user_id}/second-factor", tags=["Users"], summary="Take a user's second factor away")
async def delete_second_factor(
    uow: WriteUsers, request: Request, response: Response, user_id: str
) -> UserOut:
    """For somebody who has lost phone and recovery codes: app, passkeys and codes go, its sessions end."""
    user, membership = await take_away_second_factor(uow, decode_id(USER, user_id))
    operator = await get_operator(uow)
    letter = Letter(
        kind="second_factor_reset",
        to=user.email,
        language=user.language or "en",
        operator=operator.name,
        name=user.name,
        link=f"{base_url(request)}/console/settings",
    )
    await send_letter(uow, letter)
    return await _shown(uow, response, user, membership)


async def _shown(uow: UnitOfWork, response: Response, user: AppUser, membership: Membership) -> UserOut:
    set_etag(response, user.revision)
    return UserOut.of(user, membership, (await second_factors(uow, [user.id]))[user.id])


@router.get("/api-keys", tags=["API keys"], summary="List API keys", response_model=Page[KeyOut])
async def get_keys(
    uow: ReadKeys,
    csv: WantsCsv,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    include_revoked: bool = False,
    sort: Sort = "created_at",
) -> Any:
    """API keys without their secrets, by `created_at`, `name`, `last_used_at` or `expires_at`."""

    async def fetch(limit: int, cursor: str | None) -> tuple[list[ApiKey], str | None]:
        return await list_keys(uow, limit=limit, cursor=cursor, include_revoked=include_revoked, sort=sort)

    if csv:
        return export_pages("api-keys.csv", KeyOut, fetch, KeyOut.of)
    keys, next_cursor = await fetch(limit, cursor)
    return Page(items=[KeyOut.of(key) for key in keys], next_cursor=next_cursor)


@router.post("/api-keys", tags=["API keys"], status_code=201, summary="Create an API key")
async def post_key(uow: WriteKeys, response: Response, body: KeyIn) -> CreatedKeyOut:
    """Make a key for a machine. Its text is shown only in this answer."""
    key, text = await create_key(
        CreateKey(
            name=body.name,
            permissions=body.permissions,
            role=body.role,
            partner_id=decode_id(PARTNER, body.partner_id) if body.partner_id else None,
            expires_at=body.expires_at,
        ),
        uow=uow,
    )
    response.headers["Cache-Control"] = "no-store"
    return CreatedKeyOut(**KeyOut.of(key).model_dump(), key=text)


@router.get("/api-keys/{key_id}", tags=["API keys"], summary="Read an API key")
async def read_key(uow: ReadKeys, key_id: str) -> KeyOut:
    """One key, without its secret."""
    key = await uow.session.get(ApiKey, (uow.operator_id, decode_id(KEY, key_id)))
    if key is None:
        raise KeyNotFound(f"no API key {key_id}")
    return KeyOut.of(key)


@router.delete("/api-keys/{key_id}", tags=["API keys"], summary="Revoke an API key")
async def delete_key(uow: WriteKeys, key_id: str) -> KeyOut:
    """The key stops working at once; it stays in the list of revoked ones."""
    return KeyOut.of(await revoke_key(uow, key_id=decode_id(KEY, key_id)))
