"""``/healthz`` (the process answers), ``/readyz`` (it is fit to work), ``/metrics`` (Prometheus)."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from forecourt.identity.access import PUBLIC
from forecourt.kit.health import Health
from forecourt.kit.metrics import CONTENT_TYPE, Metrics

router = APIRouter(include_in_schema=False)


@router.get("/healthz", openapi_extra=PUBLIC)
async def get_healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz", openapi_extra=PUBLIC)
async def get_readyz(request: Request) -> JSONResponse:
    """200 if every check passes, else 503. Which fails is told by name only; why is in the log and for operators."""
    health: Health = request.app.state.health
    readiness = await health.readiness()
    return JSONResponse(
        {
            "status": "ready" if readiness.ready else "not ready",
            "checks": {check.name: "ok" if check.ok else "failed" for check in readiness.checks},
        },
        status_code=200 if readiness.ready else 503,
    )


@router.get("/metrics", openapi_extra=PUBLIC)
async def get_metrics(request: Request) -> Response:
    """All metrics of the process, as text."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.render(), media_type=CONTENT_TYPE)


def create_health_app(health: Health, metrics: Metrics) -> FastAPI:
    """Only these three, for a process without the API."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.health, app.state.metrics = health, metrics
    app.include_router(router)
    return app
