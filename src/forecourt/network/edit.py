"""Change some fields of a row, and say so in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecourt.identity.audit import record_change
from forecourt.identity.edits import check_revision
from forecourt.kit.database import UnitOfWork


async def edit_row(
    row: Any, changes: Mapping[str, Any], *, subject_type: str, if_match: int | None, uow: UnitOfWork
) -> bool:
    """Set the fields of a locked row that differ; tells whether any did.

    Raises:
        PreconditionFailed: the edit is based on another revision.
    """
    check_revision(if_match, row.revision)
    before = {name: getattr(row, name) for name in changes}
    if before == dict(changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    row.revision += 1
    await uow.session.flush()
    await record_change(
        uow,
        action=f"{subject_type}.updated",
        subject_type=subject_type,
        subject_id=row.id,
        before=before,
        after=dict(changes),
    )
    return True
