"""Reading runs and their rows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.imports.errors import ImportNotFound
from forecourt.imports.models import ImportRow, ImportRun
from forecourt.kit.database import UnitOfWork


async def get_run(uow: UnitOfWork, run_id: UUID, *, lock: bool = False) -> ImportRun:
    """A run; raises ImportNotFound."""
    query = select(ImportRun).where(ImportRun.operator_id == operator_of(uow), ImportRun.id == run_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    run = await uow.session.scalar(query)
    if run is None:
        raise ImportNotFound(id=str(run_id))
    return run


async def rows_of(uow: UnitOfWork, run_id: UUID) -> list[ImportRow]:
    """All rows of a run, by line."""
    rows = await uow.session.scalars(
        select(ImportRow)
        .where(ImportRow.operator_id == operator_of(uow), ImportRow.run_id == run_id)
        .order_by(ImportRow.line)
    )
    return list(rows)
