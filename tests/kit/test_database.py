"""Transactions: commit at the edge, scope, events, jobs."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.outbox import OutboxEvent


class TestTransaction:
    async def test_commits_when_the_block_is_left(self, database: Database, operator_id: UUID) -> None:
        async with database.transaction(operator_id) as uow:
            uow.record("thing.made", subject_id=new_id(), subject_revision=1, data={"a": 1})
        async with database.transaction(operator_id) as uow:
            assert await uow.session.scalar(select(func.count()).select_from(OutboxEvent)) == 1

    async def test_an_exception_rolls_back_rows_and_jobs(self, database: Database, operator_id: UUID) -> None:
        async def attempt() -> None:
            async with database.transaction(operator_id) as uow:
                uow.record("thing.made", subject_id=new_id(), subject_revision=1, data={})
                await uow.enqueue("thing.announce", queue=str(operator_id), operator_id=operator_id)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await attempt()
        async with database.transaction(role="system") as uow:
            rows = select(func.count()).where(OutboxEvent.operator_id == operator_id)
            assert await uow.session.scalar(rows) == 0
            jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = :queue")
            assert await uow.session.scalar(jobs, {"queue": str(operator_id)}) == 0
