"""Take in a file, and say of each row what would happen. Nothing but the run itself is written."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.imports.errors import ImportNotReady
from forecourt.imports.fields import guess_mapping
from forecourt.imports.kind import Kind
from forecourt.imports.models import ImportRow, ImportRun
from forecourt.imports.plan import Plan, counted, plan_rows
from forecourt.imports.queries import get_run, rows_of
from forecourt.imports.read_csv import Table, read_table
from forecourt.imports.registry import check_mapping, kind_of
from forecourt.kit.bulk import insert_rows, update_rows
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import new_id
from forecourt.network.queries import actor_name

_PLAN = ("label", "plan", "errors", "before", "after", "subject_id")


async def upload(kind: Kind, filename: str, content: bytes, *, uow: UnitOfWork) -> ImportRun:
    """Read a file, guess what its columns are, and check its rows.

    Raises:
        FileUnreadable.
    """
    table = read_table(content)
    run = ImportRun(
        operator_id=operator_of(uow),
        id=new_id(),
        kind=kind.name,
        source="file",
        filename=filename,
        file_sha256=hashlib.sha256(content).hexdigest(),
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=table.columns,
        mapping=guess_mapping(kind.fields, table.columns),
        state="checked",
        row_count=len(table.rows),
        counts={},
        created_by=actor_name(uow) or "",
    )
    uow.session.add(run)
    await uow.session.flush()
    await _store(uow, run, table)
    await check(run, kind, uow=uow)
    await record_change(
        uow, action="import.uploaded", subject_type="import_run", subject_id=run.id,
        after={"kind": run.kind, "filename": filename, "rows": run.row_count, "counts": run.counts},
    )  # fmt: skip
    return run


async def _store(uow: UnitOfWork, run: ImportRun, table: Table) -> None:
    await insert_rows(
        await uow.connection(),
        "import_row",
        ("operator_id", "id", "run_id", "line", "cells"),
        [(run.operator_id, new_id(), run.id, line, cells) for line, cells in table.rows],
    )


async def map_columns(run_id: UUID, mapping: dict[str, int], *, uow: UnitOfWork) -> ImportRun:
    """Say what the columns are, and check all rows again.

    Raises:
        ImportNotFound, MappingUnusable.
        ImportNotReady: it is committed already.
    """
    run = await get_run(uow, run_id, lock=True)
    if run.state != "checked":
        raise ImportNotReady(f"the import is {run.state}", state=run.state)
    kind = kind_of(run.kind)
    check_mapping(kind, mapping, run.columns)
    before = {"mapping": run.mapping, "counts": run.counts, "checked": False}
    run.mapping, run.error = mapping, None
    await check(run, kind, uow=uow)
    await record_change(
        uow, action="import.checked", subject_type="import_run", subject_id=run.id, before=before,
        after={"mapping": run.mapping, "counts": run.counts, "checked": True},
    )  # fmt: skip
    return run


async def check(run: ImportRun, kind: Kind, *, uow: UnitOfWork) -> list[Plan]:
    """Judge the run's rows by what is there now, and keep the plan with them."""
    plans = await plan_rows(uow, kind, run.mapping, await rows_of(uow, run.id))
    await keep_plans(uow, plans)
    run.counts = counted(plans)
    await uow.session.flush()
    return plans


async def keep_plans(uow: UnitOfWork, plans: list[Plan]) -> None:
    """Write what is planned into the rows."""
    await update_rows(
        await uow.connection(),
        "import_row",
        ("operator_id", "id"),
        _PLAN,
        [(plan.row.operator_id, plan.row.id, *_planned(plan)) for plan in plans],
    )


def _planned(plan: Plan) -> tuple[Any, ...]:
    judged = plan.judged
    faults = [
        {"field": fault.field, "code": fault.code, "params": dict(fault.params)} for fault in judged.faults
    ]
    return (
        plan.label,
        plan.verdict,
        faults or None,
        judged.before or None,
        judged.after or None,
        judged.existing.id if judged.existing is not None else None,
    )


def row_of(run: ImportRun, line: int, cells: list[str]) -> ImportRow:
    """A row that does not come from a file."""
    return ImportRow(
        operator_id=run.operator_id, id=new_id(), run_id=run.id, line=line, cells=cells, label=""
    )
