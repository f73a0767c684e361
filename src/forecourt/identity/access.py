"""The one door of every endpoint: who calls, may they, and a transaction that sees no more than they may.

    Access = Annotated[UnitOfWork, Depends(require("stations:read"))]

The transaction is committed when the answer is ready and good (below 400), before its first byte is sent; the
``Edge`` that ``api`` puts into the request does that. Without one (a bare app in a test) leaving the dependency
commits.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from forecourt.identity.actor import Actor
from forecourt.identity.authenticate import authenticate_key, authenticate_session
from forecourt.identity.credentials import CSRF_HEADER, SESSION_COOKIE, csrf_token, same
from forecourt.identity.errors import CsrfRefused, PermissionMissing, SignInRequired
from forecourt.identity.permissions import ALL
from forecourt.kit.database import Database, UnitOfWork

SIGNED_IN = "signed-in"
"""Stands for a permission where any signed-in caller may."""
PUBLIC: dict[str, Any] = {"x-public": True}
"""``openapi_extra`` of an endpoint that needs no credential; every other one must have ``require``."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[\w.:-]{1,100}")

_bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="An API key: `fck_…`")
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    scheme_name="session",
    description=f"Set by sign-in. Requests that change something also send the header `{CSRF_HEADER}`.",
)


class Edge(Protocol):
    """Who ends the request's transaction, and keeps idempotent answers. ``api`` puts one into ``request.state``."""

    async def enter(
        self, transaction: AbstractAsyncContextManager[UnitOfWork], request: Request
    ) -> UnitOfWork:
        """Open the transaction; it is committed or rolled back with the answer."""
        ...

    async def commit_early(self) -> None:
        """Commit it now."""
        ...


async def authenticate(request: Request) -> Actor:
    """The caller of the request.

    Raises:
        SignInRequired: no credential.
        KeyRefused, SessionExpired: one that is not valid.
        CsrfRefused: a session that changes something without its CSRF token.
    """
    database: Database = request.app.state.database
    now = request.app.state.clock.now()
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    token = request.cookies.get(SESSION_COOKIE)
    if scheme:
        actor = await authenticate_key(database, key if scheme.lower() == "bearer" else "", now=now)
    elif token:
        actor = await authenticate_session(database, token, now=now)
        if request.method not in _SAFE_METHODS and not same(
            csrf_token(token), request.headers.get(CSRF_HEADER, "")
        ):
            raise CsrfRefused(f"send the session's CSRF token in the header {CSRF_HEADER}")
    else:
        raise SignInRequired
    return dataclasses.replace(actor, address=client_address(request), request_id=request_id(request))


def check_permission(actor: Actor, permission: str) -> None:
    """Refuse an actor without the permission.

    Raises:
        PermissionMissing: it lacks it.
    """
    if permission != SIGNED_IN and not actor.may(permission):
        raise PermissionMissing(f"this needs the permission {permission!r}", permission=permission)


def require(permission: str) -> Callable[..., AsyncGenerator[UnitOfWork]]:
    """A dependency that authenticates, checks the permission and yields the request's unit of work.

    Args:
        permission: e.g. ``"stations:read"``, or ``SIGNED_IN``.

    Raises:
        ValueError: no such permission.
    """
    _check_known(permission)

    async def access(
        request: Request, _bearer_scheme: Any = Depends(_bearer), _cookie_scheme: Any = Depends(_cookie)
    ) -> AsyncGenerator[UnitOfWork]:
        actor = await authenticate(request)
        check_permission(actor, permission)
        database: Database = request.app.state.database
        transaction = database.transaction(actor.operator_id, partner_id=actor.partner_id, actor=actor)
        edge: Edge | None = getattr(request.state, "edge", None)
        if edge is None:
            async with transaction as uow:
                yield uow
        else:
            yield await edge.enter(transaction, request)

    access.permission = permission  # type: ignore[attr-defined]
    return access


def require_actor(permission: str) -> Callable[..., Awaitable[Actor]]:
    """Like ``require``, without a transaction: for what lasts long (streams, waiting for an outcome).

    The endpoint opens its own: ``database.transaction(actor.operator_id, partner_id=actor.partner_id, actor=actor)``.
    """
    _check_known(permission)

    async def access(
        request: Request, _bearer_scheme: Any = Depends(_bearer), _cookie_scheme: Any = Depends(_cookie)
    ) -> Actor:
        actor = await authenticate(request)
        check_permission(actor, permission)
        return actor

    access.permission = permission  # type: ignore[attr-defined]
    return access


async def commit_early(request: Request) -> None:
    """Commit the request's transaction now, e.g. to wait for what comes of it. Its unit of work is then over.

    Raises:
        RuntimeError: the app was not made by ``api.create_api``.
    """
    edge: Edge | None = getattr(request.state, "edge", None)
    if edge is None:
        raise RuntimeError("only an app made by create_api can commit early")
    await edge.commit_early()


def permission_of(call: object) -> str | None:
    """The permission that a dependency made by ``require`` or ``require_actor`` checks, else None."""
    permission = getattr(call, "permission", None)
    return permission if isinstance(permission, str) else None


def actor_of(uow: UnitOfWork) -> Actor:
    """The actor of a request's unit of work, typed."""
    actor = uow.actor
    assert isinstance(actor, Actor)
    return actor


def operator_of(uow: UnitOfWork) -> UUID:
    """The operator of a scoped unit of work."""
    assert uow.operator_id is not None
    return uow.operator_id


def client_address(request: Request) -> str | None:
    """The caller's IP address as the server sees it (behind a trusted proxy: as the proxy says)."""
    return request.client.host if request.client else None


def request_id(request: Request) -> str | None:
    """The id of the request, if ``api`` gave it one."""
    value = getattr(request.state, "request_id", None)
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else None


def _check_known(permission: str) -> None:
    if permission != SIGNED_IN and permission not in ALL:
        raise ValueError(f"{permission!r} is not a permission; see identity/permissions.py")
