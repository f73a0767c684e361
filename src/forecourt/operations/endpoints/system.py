"""The system page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from forecourt.identity.access import operator_of, require_actor
from forecourt.identity.actor import Actor
from forecourt.identity.edits import WantsCsv
from forecourt.kit.database import Database
from forecourt.kit.paging import Page
from forecourt.network.listing import answer
from forecourt.operations.endpoints.access import DEFAULT_PAGE, Cursor, PageLimit, ReadSystem, Sort
from forecourt.operations.manage_jobs import change_job, list_jobs
from forecourt.operations.system import SystemProbe, is_home, system_health
from forecourt.operations.system_schemas import JobChanged, JobOut, JobState, SystemOut

router = APIRouter(prefix="/system", tags=["system"])
MayWrite = Annotated[Actor, Depends(require_actor("system:write"))]


def _parts(request: Request) -> tuple[Database, SystemProbe]:
    return request.app.state.database, request.app.state.system_probe


@router.get("")
async def read_system(uow: ReadSystem, request: Request) -> SystemOut:
    """How the installation is, and what is not as it should be.

    The operator whose installation it is (`FORECOURT_DEFAULT_OPERATOR`) sees all of it; another one sees what is
    its own, and nothing from which others could be guessed.
    """
    database, probe = _parts(request)
    return await system_health(
        uow, database=database, probe=probe, mail_configured=request.app.state.mailer.configured
    )


@router.get("/jobs", response_model=Page[JobOut])
async def read_jobs(
    uow: ReadSystem,
    request: Request,
    csv: WantsCsv,
    state: JobState = "failed",
    sort: Sort = "-id",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """The operator's jobs, and to the installation's own operator those of nobody, the newest first."""
    database, probe = _parts(request)
    own, home = operator_of(uow), await is_home(uow, probe)

    async def fetch(position: str | None, size: int) -> Any:
        async with database.transaction(role="system") as system:
            return await list_jobs(
                system, own=own, home=home, state=state, sort=sort, cursor=position, limit=size
            )

    async def show(rows: Sequence[JobOut]) -> list[JobOut]:
        return list(rows)

    return await answer(fetch, show, JobOut, csv=csv, cursor=cursor, limit=limit, filename="jobs.csv")


@router.post("/jobs/{job}/retry")
async def retry_job(job: int, actor: MayWrite, request: Request) -> JobChanged:
    """Try a failed job again at once."""
    return await _change(request, actor, job, "waiting")


@router.post("/jobs/{job}/discard")
async def discard_job(job: int, actor: MayWrite, request: Request) -> JobChanged:
    """Give a failed job up for good; the audit trail keeps what it was."""
    return await _change(request, actor, job, "discarded")


async def _change(request: Request, actor: Actor, job: int, to: Any) -> JobChanged:
    database, probe = _parts(request)
    async with database.transaction(actor.operator_id, actor=actor) as uow:
        home = await is_home(uow, probe)
    async with database.transaction(actor.operator_id, role="system", actor=actor) as uow:
        return await change_job(uow, job, own=actor.operator_id, home=home, to=to)
