"""Put the HTTP API together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from forecourt.api import health_endpoints
from forecourt.api.docs_page import docs_page
from forecourt.api.edge import EdgeMiddleware
from forecourt.api.idempotency import Replay
from forecourt.api.openapi import declare_permissions, openapi_document
from forecourt.api.problems import handle
from forecourt.api.web import add_web
from forecourt.identity import endpoints as identity_endpoints
from forecourt.kit.bus import Bus
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database
from forecourt.kit.errors import ForecourtError
from forecourt.kit.health import Health
from forecourt.kit.metrics import Metrics
from forecourt.live import endpoints as live_endpoints
from forecourt.live.hub import EventHub

PREFIX = "/api/v1"
MAX_BODY_BYTES = 5_000_000


def create_api(
    *,
    database: Database,
    clock: Clock,
    bus: Bus,
    stations: Any,
    jobs: Any,
    settings: Any,
    routers: Sequence[APIRouter] = (),
    health: Health | None = None,
    metrics: Metrics | None = None,
    version: str = "1",
    max_body_bytes: int = MAX_BODY_BYTES,
    extra_state: dict[str, Any] | None = None,
    log: Any = None,
) -> FastAPI:
    """Make the app. Its lifespan starts and stops the event hub; ``await app.state.hub.stop()`` ends the streams.

    Args:
        database: of the requests' transactions.
        clock: what time it is.
        bus: where live values come from.
        stations: the port through which commands reach stations.
        jobs: the job queue.
        settings: the program's settings; ``cookie_secure`` is read here.
        routers: of the domain packages, mounted under ``/api/v1``; identity's and live's are added if missing.
        health: whose checks ``/readyz`` asks; one with the database's check by default.
        metrics: what ``/metrics`` shows; a registry of its own by default.
        version: of the program, told in the OpenAPI document.
        max_body_bytes: larger requests are refused.
        extra_state: more for ``request.app.state``, by name.
        log: not used, loggers come from structlog.

    Raises:
        EndpointWithoutAccess: a route that anybody could call, without saying so.
    """
    metrics = metrics or Metrics()
    if health is None:
        health = Health()
        health.add("database", database.ping)
    hub = EventHub(database=database, bus=bus, clock=clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await hub.start()
        try:
            yield
        finally:
            await hub.stop()

    app = FastAPI(
        title="Forecourt",
        version=version,
        description=_DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    state = {
        "database": database,
        "clock": clock,
        "bus": bus,
        "stations": stations,
        "jobs": jobs,
        "settings": settings,
        "hub": hub,
        "health": health,
        "metrics": metrics,
        **(extra_state or {}),
    }
    for name, value in state.items():
        setattr(app.state, name, value)

    own = [router for router in (identity_endpoints.router, live_endpoints.router) if router not in routers]
    for router in [*own, *routers]:
        declare_permissions(router)
        app.include_router(router, prefix=PREFIX)
    app.include_router(health_endpoints.router)
    app.add_api_route(f"{PREFIX}/docs", _get_docs, include_in_schema=False, response_class=HTMLResponse)
    add_web(app)

    app.add_exception_handler(ForecourtError, handle)
    app.add_exception_handler(RequestValidationError, handle)
    app.add_exception_handler(HTTPException, handle)
    app.add_exception_handler(Replay, _replay)
    app.add_middleware(EdgeMiddleware, database=database, metrics=metrics, max_body_bytes=max_body_bytes)
    app.openapi = lambda: openapi_document(app)  # type: ignore[method-assign]
    return app


async def _get_docs() -> HTMLResponse:
    return HTMLResponse(docs_page())


async def _replay(request: Request, error: Exception) -> Response:
    assert isinstance(error, Replay)
    await request.state.edge.roll_back()
    return Response(
        error.body, status_code=error.status, headers={**error.headers, "Idempotent-Replayed": "true"}
    )


_DESCRIPTION = """
One API for the console and for machines.

- **Sign in**: a session cookie for people (`POST /api/v1/sign-in`; send `X-CSRF-Token` with every change), or
  `Authorization: Bearer fck_…` for machines.
- **Ids** are a prefix and 26 characters, e.g. `sta_…` a station, `ses_…` a session.
- **Lists** take `limit` and `cursor`, and answer `next_cursor`; many also come as CSV (`?format=csv`).
- **Edits** take `If-Match` with the `ETag` of what they are based on. **POST** takes an `Idempotency-Key`.
- **Errors** are problem details (RFC 9457) with a stable `code`; all codes are under `x-error-codes`.
- **Live**: `GET /api/v1/events` (server-sent events).
"""
