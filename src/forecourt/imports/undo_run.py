"""Take back what an import did, as far as nobody built on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import structlog

from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.imports.commit_run import AWAY, Progress, alone, enqueue, progress_of
from forecourt.imports.errors import ImportNotReady
from forecourt.imports.kind import Kind
from forecourt.imports.models import ImportRow, ImportRun
from forecourt.imports.queries import get_run, rows_of
from forecourt.imports.registry import kind_of
from forecourt.imports.rows import chunks
from forecourt.kit.bulk import update_rows
from forecourt.kit.database import Database, UnitOfWork
from forecourt.network.queries import actor_name
from forecourt.stations.commands import Stations

TASK = "imports.undo"
_log = structlog.get_logger(__name__)


async def order_undo(run_id: UUID, *, uow: UnitOfWork) -> ImportRun:
    """Have a written import taken back, by a job.

    Raises:
        ImportNotFound.
        ImportNotReady: it was not written, or is taken back already.
    """
    run = await get_run(uow, run_id, lock=True)
    if run.state != "done":
        raise ImportNotReady(f"the import is {run.state}", state=run.state)
    run.state, run.progress, run.undone_by = "undoing", 0, actor_name(uow)
    await uow.session.flush()
    await record_change(
        uow, action="import.undo_ordered", subject_type="import_run", subject_id=run.id, before={"state": "done"},
        after={"state": "undoing"},
    )  # fmt: skip
    await enqueue(uow, TASK, run)
    return run


async def undo_run(database: Database, actor: Actor, run_id: UUID, stations: Stations | None = None) -> None:
    """Remove what was created and is not in use, and set back what nobody changed since; all in one transaction."""
    try:
        await _undo(database, actor, run_id, stations)
    except AWAY:
        raise
    except Exception:
        _log.exception("imports.undo_failed", run_id=str(run_id))
        async with database.transaction(actor.operator_id, actor=actor) as uow:
            run = await get_run(uow, run_id, lock=True)
            run.state, run.undone_by, run.error = "done", None, {"code": "Unexpected", "params": {}}


async def _undo(database: Database, actor: Actor, run_id: UUID, stations: Stations | None) -> None:
    async with database.transaction(actor.operator_id, actor=actor) as uow:
        await alone(uow)
        run = await get_run(uow, run_id)
        if run.state != "undoing":
            return
        kind = kind_of(run.kind, stations)
        rows = await rows_of(uow, run.id)
        progress = progress_of(database, run)
        # The last first: what a later row built on an earlier one goes before it.
        created = [row for row in reversed(rows) if row.plan == "create" and row.subject_id]
        changed = [row for row in reversed(rows) if row.plan == "update" and row.subject_id]
        kept = await _remove(uow, run, kind, created, progress)
        kept |= await _set_back(uow, kind, changed, progress, len(created))
        await update_rows(
            await uow.connection(),
            "import_row",
            ("operator_id", "id"),
            ("undone", "kept_because"),
            [
                (row.operator_id, row.id, "kept" if row.id in kept else "undone", kept.get(row.id))
                for row in [*created, *changed]
            ],
        )
        undone = len(created) + len(changed) - len(kept)
        run.state, run.progress, run.undone_at = "undone", run.row_count, uow.clock.now()
        run.counts = {**run.counts, "undone": undone, "kept": len(kept)}
        await uow.session.flush()
        await record_change(
            uow, action="import.undone", subject_type="import_run", subject_id=run.id, before={"state": "undoing"},
            after={"state": "undone", "undone": undone, "kept": len(kept)},
        )  # fmt: skip


async def _remove(
    uow: UnitOfWork, run: ImportRun, kind: Kind, created: list[ImportRow], progress: Progress
) -> dict[UUID, str]:
    kept: dict[UUID, str] = {}
    through = 0
    for some in chunks(created):
        by_subject = {row.subject_id: row for row in some if row.subject_id}
        there = await kind.load(uow, by_subject.keys())
        used = await kind.used(uow, there.keys(), since=run.created_at)
        for id_, row in by_subject.items():
            if id_ not in there:
                kept[row.id] = "Gone"
            elif id_ in used:
                kept[row.id] = used[id_]
        await kind.remove(uow, [id_ for id_ in there if id_ not in used])
        through += len(some)
        await progress(through)
    return kept


async def _set_back(
    uow: UnitOfWork, kind: Kind, changed: list[ImportRow], progress: Progress, through: int
) -> dict[UUID, str]:
    kept: dict[UUID, str] = {}
    for some in chunks(changed):
        by_subject = {row.subject_id: row for row in some if row.subject_id}
        there = await kind.load(uow, by_subject.keys())
        changes: dict[UUID, dict[str, Any]] = {}
        for id_, row in by_subject.items():
            subject = there.get(id_)
            if subject is None:
                kept[row.id] = "Gone"
            elif subject.revision != row.subject_revision:
                kept[row.id] = "ChangedSince"
            else:
                changes[id_] = _columns(subject, row.restore or {})
        if changes:
            await kind.change(uow, changes)
        through += len(some)
        await progress(through)
    return kept


def _columns(subject: Any, stored: dict[str, Any]) -> dict[str, Any]:
    """Values out of JSON in the types of the row's columns."""
    columns = type(subject).__table__.columns
    return {
        name: None
        if value is None
        else msgspec.convert(value, columns[name].type.python_type, strict=False)
        if not isinstance(value, dict)
        else value
        for name, value in stored.items()
    }
