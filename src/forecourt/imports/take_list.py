"""Tokens handed to the API as a list: an import without a file, written at once, with history and undo like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from forecourt.charging.errors import TokenGroupNotFound
from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.imports.check_run import keep_plans, row_of
from forecourt.imports.commit_run import alone, apply
from forecourt.imports.models import ImportRow, ImportRun
from forecourt.imports.plan import counted, plan_rows
from forecourt.imports.registry import kind_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import new_id
from forecourt.network.queries import actor_name


class RowsRefused(Invalid):
    """A token of the list cannot be taken."""


async def take_tokens(uow: UnitOfWork, tokens: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Create those that are not there yet, all or none; tells how many were created and how many were there.

    Raises:
        TokenGroupNotFound, RowsRefused.
    """
    kind = kind_of("tokens")
    columns = [field.name for field in kind.fields]
    run = ImportRun(
        operator_id=operator_of(uow), id=new_id(), kind="tokens", source="api", columns=columns, state="done",
        mapping={name: index for index, name in enumerate(columns)}, row_count=len(tokens), progress=len(tokens),
        counts={}, created_by=actor_name(uow) or "", committed_by=actor_name(uow), committed_at=uow.clock.now(),
    )  # fmt: skip
    await alone(uow)
    uow.session.add(run)
    await uow.session.flush()
    rows: dict[Any, ImportRow] = {}
    for line, token in enumerate(tokens, start=1):
        values = {**token, "group": token.get("group_id")}
        cells = [_cell(values.get(name)) for name in columns]
        key = kind.key({name: cell for name, cell in zip(columns, cells, strict=True) if cell})
        rows.setdefault(key, row_of(run, line, cells))
    uow.session.add_all(rows.values())
    await uow.session.flush()
    plans = await plan_rows(uow, kind, run.mapping, list(rows.values()))
    for plan in plans:
        for fault in plan.judged.faults:
            if fault.code == "GroupUnknown":
                raise TokenGroupNotFound(id=fault.params.get("value"))
            raise RowsRefused(
                f"token {plan.row.line}: {fault.field} {fault.code}", number=plan.row.line, field=fault.field,
                reason=fault.code,
            )  # fmt: skip
        if plan.verdict == "update":  # those that are there stay as they are
            plan.verdict, plan.judged.before, plan.judged.after = "unchanged", {}, {}
    await keep_plans(uow, plans)
    await apply(uow, kind, plans)
    run.counts = counted(plans)
    await record_change(
        uow, action="import.committed", subject_type="import_run", subject_id=run.id, before={"state": "new"},
        after={"state": "done", "kind": "tokens", "counts": run.counts},
    )  # fmt: skip
    created = run.counts["create"]
    return created, len(tokens) - created


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value).strip()
