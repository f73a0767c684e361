"""Write all rows of a checked import, or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.imports.check_run import check, keep_plans
from forecourt.imports.errors import ImportHasErrors, ImportNotReady
from forecourt.imports.kind import Kind
from forecourt.imports.models import ImportRun
from forecourt.imports.plan import Plan, counted, plan_rows
from forecourt.imports.queries import get_run, rows_of
from forecourt.imports.registry import kind_of
from forecourt.imports.rows import chunks
from forecourt.kit.bulk import update_rows
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.errors import ForecourtError
from forecourt.network.queries import actor_name

TASK = "imports.commit"
AWAY = (OperationalError, InterfaceError, OSError)
"""The database is away: the job is tried again."""
Progress = Callable[[int], Awaitable[None]]
_log = structlog.get_logger(__name__)


class Outdated(Exception):
    """Since the check somebody made or changed what rows are about; the plan that was seen is no more."""


async def order_commit(run_id: UUID, *, uow: UnitOfWork) -> ImportRun:
    """Have a checked import written, by a job.

    Raises:
        ImportNotFound, ImportNotReady, ImportHasErrors.
    """
    run = await get_run(uow, run_id, lock=True)
    if run.state != "checked":
        raise ImportNotReady(f"the import is {run.state}", state=run.state)
    if run.counts.get("error"):
        raise ImportHasErrors(f"{run.counts['error']} rows cannot be written", count=run.counts["error"])
    run.state, run.progress, run.error = "running", 0, None
    run.committed_by = actor_name(uow)
    await uow.session.flush()
    await record_change(
        uow, action="import.ordered", subject_type="import_run", subject_id=run.id, before={"state": "checked"},
        after={"state": "running"},
    )  # fmt: skip
    await enqueue(uow, TASK, run)
    return run


async def enqueue(uow: UnitOfWork, task: str, run: ImportRun) -> None:
    """The job, in the name of who asks; an operator's jobs of this kind run one after the other."""
    actor: Any = uow.actor
    await uow.enqueue(
        task,
        lock=f"imports/{run.operator_id}",
        operator_id=str(run.operator_id),
        run_id=str(run.id),
        actor_kind=actor.kind,
        actor_id=str(actor.id) if actor.id else None,
        actor_name=actor.name,
    )


async def commit_run(database: Database, actor: Actor, run_id: UUID) -> None:
    """Write the rows in one transaction. What cannot be written leaves the run as it was, with the reason."""
    try:
        async with database.transaction(actor.operator_id, actor=actor) as uow:
            await alone(uow)
            run = await get_run(uow, run_id)
            if run.state == "running":
                await _write(run, uow=uow, progress=progress_of(database, run))
        return
    except Outdated:
        reason: dict[str, Any] = {"code": "Outdated", "params": {}}
    except IntegrityError as error:
        reason = {"code": "Collision", "params": {"constraint": _constraint(error)}}
    except ForecourtError as error:
        reason = {"code": error.code, "params": error.params}
    except AWAY:
        raise
    except Exception:
        _log.exception("imports.commit_failed", run_id=str(run_id))
        reason = {"code": "Unexpected", "params": {}}
    async with database.transaction(actor.operator_id, actor=actor) as uow:
        run = await get_run(uow, run_id, lock=True)
        run.state, run.progress, run.error, run.committed_by = "checked", 0, reason, None
        await check(run, kind_of(run.kind), uow=uow)
        await record_change(
            uow, action="import.failed", subject_type="import_run", subject_id=run.id, before={"state": "running"},
            after={"state": "checked", "reason": reason["code"]},
        )  # fmt: skip


async def _write(run: ImportRun, *, uow: UnitOfWork, progress: Progress) -> None:
    kind = kind_of(run.kind)
    rows = await rows_of(uow, run.id)
    seen = {row.id: row.plan for row in rows}
    plans = await plan_rows(uow, kind, run.mapping, rows)
    # What the other import did already is fine; anything else is not what was looked at.
    if any(plan.verdict not in (seen[plan.row.id], "unchanged") for plan in plans):
        raise Outdated
    await keep_plans(uow, plans)
    await apply(uow, kind, plans, progress)
    run.state, run.progress, run.counts = "done", run.row_count, counted(plans)
    run.committed_at = uow.clock.now()
    await uow.session.flush()
    await record_change(
        uow, action="import.committed", subject_type="import_run", subject_id=run.id, before={"state": "running"},
        after={"state": "done", "counts": run.counts},
    )  # fmt: skip


async def apply(uow: UnitOfWork, kind: Kind, plans: Sequence[Plan], progress: Progress | None = None) -> None:
    """Create and change what is planned, and keep the way back with the rows."""
    through = sum(1 for plan in plans if plan.verdict == "unchanged")
    for some in chunks([plan for plan in plans if plan.verdict == "create"]):
        made = await kind.create(uow, [plan.judged.columns for plan in some])
        await _keep(uow, [(plan, row, None) for plan, row in zip(some, made, strict=True)])
        through += len(some)
        if progress is not None:
            await progress(through)
    for some in chunks([plan for plan in plans if plan.verdict == "update"]):
        changes = {plan.judged.existing.id: _changed(plan) for plan in some}
        restore = {
            plan.judged.existing.id: {name: getattr(plan.judged.existing, name) for name in _changed(plan)}
            for plan in some
        }
        rows = {row.id: row for row in await kind.change(uow, changes)}
        if len(rows) < len(some):
            raise Outdated
        await _keep(uow, [(plan, rows[id_], restore[id_]) for plan, id_ in zip(some, changes, strict=True)])
        through += len(some)
        if progress is not None:
            await progress(through)


def _changed(plan: Plan) -> dict[str, Any]:
    existing = plan.judged.existing
    return {
        name: value for name, value in plan.judged.columns.items() if getattr(existing, name, value) != value
    }


async def _keep(uow: UnitOfWork, done: list[tuple[Plan, Any, dict[str, Any] | None]]) -> None:
    await update_rows(
        await uow.connection(),
        "import_row",
        ("operator_id", "id"),
        ("subject_id", "subject_revision", "restore"),
        [(plan.row.operator_id, plan.row.id, row.id, row.revision, restore) for plan, row, restore in done],
    )


async def alone(uow: UnitOfWork) -> None:
    """Wait until no other import of the operator writes, in whatever process."""
    await uow.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('imports/' || :operator, 0))"),
        {"operator": str(uow.operator_id)},
    )


def progress_of(database: Database, run: ImportRun) -> Progress:
    """Tells in a transaction of its own how far the job is, for the screen; the job's own is not seen before its end."""
    operator_id, run_id = run.operator_id, run.id

    async def tell(rows: int) -> None:
        async with database.transaction(operator_id) as uow:
            await uow.session.execute(
                text("UPDATE import_run SET progress = :rows WHERE operator_id = :operator AND id = :id"),
                {"rows": rows, "operator": operator_id, "id": run_id},
            )

    return tell


def _constraint(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
