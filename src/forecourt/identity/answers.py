"""What endpoints of identity share: where the request came from, the keys of the installation, the cookies."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request, Response

from forecourt.identity.access import SIGNED_IN, client_address, request_id, require_actor
from forecourt.identity.actor import Actor
from forecourt.identity.credentials import CSRF_COOKIE, SESSION_COOKIE
from forecourt.identity.errors import OnlyForPeople
from forecourt.identity.passkeys import RelyingParty
from forecourt.identity.sessions import Challenged, Origin, SignedIn
from forecourt.identity.sign_in_schemas import SignedInOut
from forecourt.kit.crypto import SecretBox
from forecourt.kit.database import Database, UnitOfWork

Caller = Annotated[Actor, Depends(require_actor(SIGNED_IN))]


def origin_of(request: Request) -> Origin:
    """From where the request came."""
    return Origin(
        address=client_address(request),
        user_agent=request.headers.get("user-agent"),
        request_id=request_id(request),
    )


def box_of(request: Request) -> SecretBox:
    """What seals the secrets of second factors, under the installation's key."""
    box: SecretBox = request.app.state.secret_box
    return box


def base_url(request: Request) -> str:
    """Where people reach the console: from the settings, never from what a request says about itself."""
    return str(request.app.state.settings.link("")).rstrip("/")


def party_of(request: Request) -> RelyingParty:
    """Whom passkeys are for."""
    return RelyingParty.of(base_url(request))


@asynccontextmanager
async def own_rows(request: Request, caller: Actor) -> AsyncGenerator[UnitOfWork]:
    """The whole operator's scope, for the caller's own user and sessions: a partner's scope admits no user.

    Raises:
        OnlyForPeople: the caller is a key.
    """
    if caller.kind != "user":
        raise OnlyForPeople("only a signed-in person has this")
    database: Database = request.app.state.database
    async with database.transaction(caller.operator_id, actor=caller) as uow:
        yield uow


def answer(request: Request, response: Response, outcome: SignedIn | Challenged) -> SignedInOut:
    """The session into the cookies, or what is asked next."""
    response.headers["Cache-Control"] = "no-store"
    if isinstance(outcome, Challenged):
        return SignedInOut(next=outcome.next, challenge=outcome.token, methods=list(outcome.methods))
    secure = request.url.scheme == "https" or bool(
        getattr(request.app.state.settings, "cookie_secure", False)
    )
    seconds = int(outcome.lifetime.total_seconds())
    for name, value, hidden in (
        (SESSION_COOKIE, outcome.token, True),
        (CSRF_COOKIE, outcome.csrf_token, False),
    ):
        response.set_cookie(
            name, value, max_age=seconds, httponly=hidden, samesite="lax", secure=secure, path="/"
        )
    return SignedInOut(next="done", csrf_token=outcome.csrf_token)
