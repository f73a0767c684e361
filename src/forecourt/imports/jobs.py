"""Jobs of imports: write, take back, and forget files that nobody committed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from forecourt.identity.actor import Actor
from forecourt.imports import commit_run, undo_run
from forecourt.imports.models import ImportRun
from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs
from forecourt.stations.commands import Stations

_KEEP_UNCOMMITTED = timedelta(days=7)


def register(jobs: Jobs, database: Database, stations: Stations | None = None) -> None:
    """Make the jobs known."""

    def actor(operator_id: UUID, kind: Any, id_: UUID | None, name: str) -> Actor:
        return Actor(kind=kind, id=id_, operator_id=operator_id, name=name)

    @jobs.task(commit_run.TASK, retry=20)
    async def commit(
        operator_id: UUID, run_id: UUID, actor_kind: str, actor_id: UUID | None, actor_name: str
    ) -> None:
        await commit_run.commit_run(database, actor(operator_id, actor_kind, actor_id, actor_name), run_id)

    @jobs.task(undo_run.TASK, retry=20)
    async def undo(
        operator_id: UUID, run_id: UUID, actor_kind: str, actor_id: UUID | None, actor_name: str
    ) -> None:
        await undo_run.undo_run(
            database, actor(operator_id, actor_kind, actor_id, actor_name), run_id, stations
        )

    @jobs.periodic("imports.forget_uncommitted", "43 3 * * *")
    async def forget(at: datetime) -> None:
        await forget_uncommitted(database)


async def forget_uncommitted(database: Database) -> int:
    """Delete files that were checked a week ago and never committed; tells how many."""
    async with database.transaction(role="system") as uow:
        result: Any = await uow.session.execute(
            delete(ImportRun).where(
                ImportRun.state == "checked", ImportRun.created_at < uow.clock.now() - _KEEP_UNCOMMITTED
            )
        )
        return int(result.rowcount)
