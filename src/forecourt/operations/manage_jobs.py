"""Jobs that an operator may see: list them, try failed ones again, or discard them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.paging import decode_cursor, encode_cursor
from forecourt.operations.errors import JobNotFailed, JobNotFound
from forecourt.operations.system_facts import OWN_JOBS
from forecourt.operations.system_schemas import JobChanged, JobOut, JobState

_STATUS = {"waiting": "todo", "running": "doing", "failed": "failed"}
_STATE: dict[str, JobState] = {"todo": "waiting", "doing": "running", "failed": "failed"}
_HIDDEN = frozenset({"operator_id"})
_MAX_ID = 2**63 - 1


async def list_jobs(
    uow: UnitOfWork, *, own: UUID, home: bool, state: JobState, sort: str, cursor: str | None, limit: int
) -> tuple[Sequence[JobOut], str | None]:
    """Jobs in a state, the newest first (`-id`) or the oldest (`id`). In a transaction of fc_system.

    Raises:
        Invalid: another order.
        InvalidCursor.
    """
    if sort not in ("id", "-id"):
        raise Invalid(f"cannot sort by {sort!r}; by id only", sort=sort)
    down = sort == "-id"
    values = decode_cursor(cursor) if cursor else []
    last = values[0] if values and isinstance(values[0], int) else (_MAX_ID if down else -1)
    rows = await uow.session.execute(
        text(
            "SELECT j.id, task_name, queue_name, status::text, attempts, scheduled_at, args, e.error, e.at"  # noqa: S608
            " FROM jobs.procrastinate_jobs j LEFT JOIN job_error e ON e.job_id = j.id"
            f" WHERE status = CAST(:status AS jobs.procrastinate_job_status) AND {OWN_JOBS}"
            f" AND j.id {'<' if down else '>'} :last ORDER BY j.id {'DESC' if down else ''} LIMIT :limit"
        ),
        {"status": _STATUS[state], "own": str(own), "home": home, "last": last, "limit": limit + 1},
    )
    found = [_shown(row) for row in rows]
    following = encode_cursor([found[limit - 1].id]) if len(found) > limit else None
    return found[:limit], following


async def change_job(
    uow: UnitOfWork, job_id: int, *, own: UUID, home: bool, to: Literal["waiting", "discarded"]
) -> JobChanged:
    """Try a failed job again at once, or discard it; in the audit trail either way.

    In a transaction of fc_system under the operator, so that both are one.

    Raises:
        JobNotFound: it is not there, or another operator's.
        JobNotFailed: it waits, runs, or has succeeded.
    """
    row = None
    if 0 < job_id <= _MAX_ID:
        row = (
            await uow.session.execute(
                text(
                    "SELECT j.id, task_name, queue_name, status::text, attempts, scheduled_at, args, e.error, e.at"  # noqa: S608
                    " FROM jobs.procrastinate_jobs j LEFT JOIN job_error e ON e.job_id = j.id"
                    f" WHERE j.id = :id AND {OWN_JOBS} FOR UPDATE OF j"
                ),
                {"id": job_id, "own": str(own), "home": home},
            )
        ).one_or_none()
    if row is None:
        raise JobNotFound(id=job_id)
    if row.status != "failed":
        raise JobNotFailed(id=job_id)
    statement = (
        "SELECT jobs.procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)"
        if to == "waiting"
        else "DELETE FROM jobs.procrastinate_jobs WHERE id = :id"
    )
    await uow.session.execute(text(statement), {"id": job_id})
    before = _shown(row)
    await record_change(
        uow,
        action="job.retried" if to == "waiting" else "job.discarded",
        subject_type="job",
        subject_id=str(job_id),
        before={"state": "failed", "task": before.task, "args": before.args, "error": before.error},
        after={"state": to},
        operator_id=own,
    )
    return JobChanged(id=job_id, state=to)


def _shown(row: Any) -> JobOut:
    return JobOut(
        id=row.id,
        task=row.task_name,
        queue=row.queue_name,
        state=_STATE[row.status],
        attempts=row.attempts,
        scheduled_at=row.scheduled_at,
        args={name: value for name, value in row.args.items() if name not in _HIDDEN},
        error=row.error,
        failed_at=row.at,
    )
