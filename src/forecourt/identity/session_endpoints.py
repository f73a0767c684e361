"""Sign in, sign out, who am I; and the operator itself."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from forecourt.identity.access import (
    PUBLIC,
    SIGNED_IN,
    actor_of,
    client_address,
    request_id,
    require,
    require_actor,
)
from forecourt.identity.actor import Actor
from forecourt.identity.change_operator import change_operator
from forecourt.identity.credentials import CSRF_COOKIE, SESSION_COOKIE, csrf_token
from forecourt.identity.edits import IfMatch, set_etag
from forecourt.identity.models import AppUser
from forecourt.identity.queries import get_operator
from forecourt.identity.schemas import (
    KEY,
    PARTNER,
    USER,
    MeOut,
    OperatorOut,
    OperatorPatch,
    PasswordIn,
    SignInIn,
    id_or_none,
)
from forecourt.identity.sign_in import LIFETIME, SignIn, sign_in
from forecourt.identity.sign_out import sign_out
from forecourt.identity.update_user import change_own_password
from forecourt.kit.database import Database, UnitOfWork

router = APIRouter(tags=["Sign-in"])

Caller = Annotated[Actor, Depends(require_actor(SIGNED_IN))]
SignedInAccess = Annotated[UnitOfWork, Depends(require(SIGNED_IN))]
ReadSettings = Annotated[UnitOfWork, Depends(require("settings:read"))]
WriteSettings = Annotated[UnitOfWork, Depends(require("settings:write"))]


def _own_rows(request: Request, caller: Actor) -> AbstractAsyncContextManager[UnitOfWork]:
    """The whole operator's scope, for the caller's own user and sessions: a partner's scope admits no user."""
    database: Database = request.app.state.database
    return database.transaction(caller.operator_id, actor=caller)


class SignedInOut(BaseModel):
    """The session is in the cookie; send ``csrf_token`` as ``X-CSRF-Token`` with every change."""

    csrf_token: str


@router.post("/sign-in", openapi_extra=PUBLIC, summary="Sign in with e-mail and password")
async def post_sign_in(request: Request, response: Response, body: SignInIn) -> SignedInOut:
    """Open a session: sets the cookie `forecourt_session`. Wrong tries are throttled per account and address."""
    command = SignIn(
        email=body.email,
        password=body.password.get_secret_value(),
        operator=body.operator,
        address=client_address(request),
        user_agent=request.headers.get("user-agent"),
        request_id=request_id(request),
    )
    signed_in = await sign_in(command, database=request.app.state.database, clock=request.app.state.clock)
    secure = request.url.scheme == "https" or bool(
        getattr(request.app.state.settings, "cookie_secure", False)
    )
    seconds = int(LIFETIME.total_seconds())
    response.set_cookie(
        SESSION_COOKIE,
        signed_in.token,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=secure,
        path="/",
    )
    response.set_cookie(
        CSRF_COOKIE,
        signed_in.csrf_token,
        max_age=seconds,
        httponly=False,
        samesite="lax",
        secure=secure,
        path="/",
    )
    response.headers["Cache-Control"] = "no-store"
    return SignedInOut(csrf_token=signed_in.csrf_token)


@router.post("/sign-out", status_code=204, summary="End the session")
async def post_sign_out(request: Request, caller: Caller, response: Response) -> None:
    """End the caller's session and take its cookies back."""
    async with _own_rows(request, caller) as uow:
        await sign_out(uow)
    response.delete_cookie(SESSION_COOKIE, path="/")
    response.delete_cookie(CSRF_COOKIE, path="/")


@router.get("/me", summary="Who am I, and what may I do")
async def get_me(uow: SignedInAccess, request: Request) -> MeOut:
    """The caller, its permissions, and its operator."""
    actor = actor_of(uow)
    user = None
    if actor.kind == "user":
        async with _own_rows(request, actor) as own:
            user = await own.session.get(AppUser, (actor.operator_id, actor.id))
    token = request.cookies.get(SESSION_COOKIE)
    return MeOut(
        kind=actor.kind,
        id=id_or_none(USER if actor.kind == "user" else KEY, actor.id),
        name=user.name if user else actor.name,
        email=actor.name if actor.kind == "user" else None,
        role=actor.role,
        partner_id=id_or_none(PARTNER, actor.partner_id),
        permissions=sorted(actor.permissions),
        operator=OperatorOut.of(await get_operator(uow)),
        csrf_token=csrf_token(token) if token and actor.kind == "user" else None,
    )


@router.post("/me/password", status_code=204, summary="Choose a new password")
async def post_password(request: Request, caller: Caller, body: PasswordIn) -> None:
    """Change the caller's own password; its other sessions end. Wrong tries are throttled like sign-ins."""
    async with _own_rows(request, caller) as uow:
        await change_own_password(
            uow,
            database=request.app.state.database,
            old=body.old_password.get_secret_value(),
            new=body.new_password.get_secret_value(),
        )


@router.get("/operator", tags=["Operator"], summary="The operator and its settings")
async def read_operator(uow: ReadSettings, response: Response) -> OperatorOut:
    """The operator that the caller belongs to."""
    operator = await get_operator(uow)
    set_etag(response, operator.revision)
    return OperatorOut.of(operator)


@router.patch("/operator", tags=["Operator"], summary="Change the operator")
async def patch_operator(
    uow: WriteSettings, response: Response, body: OperatorPatch, if_match: IfMatch
) -> OperatorOut:
    """Change name, time zone or settings."""
    operator = await change_operator(
        uow, name=body.name, time_zone=body.time_zone, settings=body.settings, if_revision=if_match
    )
    set_etag(response, operator.revision)
    return OperatorOut.of(operator)
