"""An API over the test database, callers of every kind, and rows of another tenant to reach for."""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter, FastAPI

from forecourt.api import create_api
from forecourt.identity.actor import system_actor
from forecourt.identity.bootstrap import create_operator
from forecourt.identity.create_key import CreateKey, create_key
from forecourt.identity.create_user import CreateUser, create_user
from forecourt.identity.manage_partners import create_partner
from forecourt.identity.permissions import ALL, Role
from forecourt.kit.bus import Bus, MemoryBus
from forecourt.kit.clock import Clock
from forecourt.kit.crypto import SecretBox
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.mail import NoMailer

PASSWORD = "correct horse battery"


class Probe:
    """What a process without a gateway tells the system page; `home` is the installation's own operator."""

    version, embedded, bus_kind = "1", True, "memory"

    def __init__(self, home: str = "default") -> None:
        self.home_operator = home

    def bus_connected(self) -> bool:
        return True

    def queue(self) -> int | None:
        return None

    async def nodes(self, uow: Any) -> Sequence[Any]:
        return []


def all_routers() -> list[APIRouter]:
    """The routers that the program mounts; identity's and live's are always there."""
    try:
        return list(importlib.import_module("forecourt.app.routers").all_routers())
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("forecourt."):
            raise
        warnings.warn(f"{error.name} is missing, only some routers are tested", stacklevel=1)
    found = []
    for name in ("network.endpoints", "charging.endpoints", "pricing.endpoints", "gateway.endpoints"):
        with contextlib.suppress(ModuleNotFoundError, AttributeError):
            found.append(importlib.import_module(f"forecourt.{name}").router)
    return found


def make_api(
    database: Database,
    *,
    bus: Bus | None = None,
    clock: Clock | None = None,
    routers: Sequence[APIRouter] = (),
    **more: Any,
) -> FastAPI:
    """An app as the program makes it."""
    return create_api(
        database=database,
        clock=clock or database.clock,
        bus=bus or MemoryBus(),
        stations=more.pop("stations", None),
        jobs=more.pop("jobs", None),
        settings=more.pop(
            "settings",
            SimpleNamespace(
                cookie_secure=False,
                station_pepper=b"the pepper of the tests",
                webhooks_allow_private=False,
                public_url="https://cpo.example",
                ocpp_port=9000,
                ocpp_tls_port=9443,
                certificate_files=list,
                link=lambda path: f"https://cpo.example{path}",
            ),
        ),
        routers=routers,
        extra_state={
            "mailer": NoMailer(),
            "secret_box": SecretBox({"test": bytes(32)}, "test"),
            "system_probe": Probe(),
        }
        | more.pop("extra_state", {}),
        **more,
    )


@asynccontextmanager
async def client_of(app: FastAPI, key: str | None = None, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the app, with an API key or anonymous. The app's lifespan is not run."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/api/v1", headers=headers, **options
    ) as client:
        yield client


async def make_operator(database: Database, slug: str = "") -> UUID:
    """A new tenant."""
    return await create_operator(database, slug=slug or f"op-{new_id().hex[-20:]}", name="Test operator")


async def make_key(
    database: Database,
    operator_id: UUID,
    *,
    permissions: Sequence[str] = tuple(sorted(ALL)),
    partner_id: UUID | None = None,
) -> str:
    """An API key's text."""
    async with database.transaction(operator_id, actor=system_actor(operator_id, "test")) as uow:
        _, text = await create_key(
            CreateKey(name="test key", permissions=permissions, partner_id=partner_id), uow=uow
        )
    return text


async def make_partner(database: Database, operator_id: UUID) -> UUID:
    """A partner without grants."""
    async with database.transaction(operator_id, actor=system_actor(operator_id, "test")) as uow:
        partner = await create_partner(uow, name=f"partner {new_id().hex}", kind="site_host")
    return partner.id


async def make_user(
    database: Database,
    operator_id: UUID,
    *,
    role: Role = Role.OWNER,
    email: str = "",
    partner_id: UUID | None = None,
) -> str:
    """A user with PASSWORD; returns the e-mail."""
    email = email or f"u-{new_id().hex[-16:]}@example.org"
    async with database.transaction(operator_id, actor=system_actor(operator_id, "test")) as uow:
        await create_user(
            CreateUser(email=email, name="Test user", role=role, password=PASSWORD, partner_id=partner_id),
            uow=uow,
        )
    return email


async def sign_in(
    client: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: str
) -> httpx.Response:
    """Sign in; the client keeps the cookie, and sends the CSRF token from then on."""
    response = await client.post("/sign-in", json={"email": email, "password": password, **more})
    if response.status_code == 200 and response.json()["csrf_token"]:
        client.headers["X-CSRF-Token"] = response.json()["csrf_token"]
    return response
