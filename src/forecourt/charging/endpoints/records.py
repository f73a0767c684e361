"""Charge detail records, and what waits for a person: orphans and findings."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from forecourt.charging.endpoints.access import (
    DEFAULT_PAGE,
    Begin,
    Cursor,
    End,
    PageLimit,
    ReadSessions,
    Sort,
    WriteSessions,
    filtered,
    hidden,
    listed,
)
from forecourt.charging.errors import CdrNotFound, FindingNotFound, OrphanNotFound
from forecourt.charging.judge_orphan import dismiss_orphan, match_orphan
from forecourt.charging.models import ChargeDetailRecord, Finding, Orphan
from forecourt.charging.queries import get_row
from forecourt.charging.schemas import (
    CdrDetail,
    CdrOut,
    FindingOut,
    FindingResolution,
    OrphanDismissal,
    OrphanMatch,
    OrphanOut,
)
from forecourt.identity.access import actor_of
from forecourt.identity.audit import record_change
from forecourt.identity.edits import WantsCsv
from forecourt.kit.paging import Page

router = APIRouter(tags=["records"])
_CDR_SORTS = {
    "created_at": ChargeDetailRecord.created_at,
    "started_at": ChargeDetailRecord.started_at,
    "energy_wh": ChargeDetailRecord.energy_wh,
}


@router.get("/cdrs", response_model=Page[CdrOut])
async def list_cdrs(
    uow: ReadSessions,
    csv: WantsCsv,
    session: str | None = None,
    station: str | None = None,
    location: str | None = None,
    begin: Begin = None,
    end: End = None,
    sort: Sort = "-created_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Charge detail records, newest first; a correction is a record of its own with a higher revision."""
    query = filtered(
        uow, ChargeDetailRecord,
        ids={"session_id": ("ses", session), "station_id": ("sta", station), "location_id": ("loc", location)},
        time=ChargeDetailRecord.created_at, begin=begin, end=end,
    )  # fmt: skip
    return await listed(
        uow, query, ChargeDetailRecord, CdrOut, sorts=_CDR_SORTS, sort=sort, csv=csv, cursor=cursor, limit=limit,
        filename="cdrs.csv",
    )  # fmt: skip


@router.get("/cdrs/{cdr}")
async def read_cdr(cdr: str, uow: ReadSessions) -> CdrDetail:
    """One record with its timeline, price, trace, tariff and signed data."""
    row = await get_row(uow, ChargeDetailRecord, "cdr", cdr, CdrNotFound)
    return CdrDetail.of(row, hide=hidden(uow))


@router.get("/orphans", response_model=Page[OrphanOut])
async def list_orphans(
    uow: ReadSessions,
    csv: WantsCsv,
    station: str | None = None,
    kind: str | None = None,
    transaction: str | None = None,
    matched: bool | None = None,
    dismissed: bool | None = None,
    begin: Begin = None,
    end: End = None,
    sort: Sort = "-received_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Stops and readings that fit no session, and money messages that could not be taken, newest first.

    What waits for a person is neither `matched` nor `dismissed`.
    """
    query = filtered(
        uow, Orphan, ids={"station_id": ("sta", station)}, equal={"kind": kind, "transaction": transaction}, time=Orphan.received_at,
        begin=begin, end=end,
    )  # fmt: skip
    if matched is not None:
        column = Orphan.matched_session_id
        query = query.where(column.is_not(None) if matched else column.is_(None))
    if dismissed is not None:
        query = query.where(Orphan.dismissed_at.is_not(None) if dismissed else Orphan.dismissed_at.is_(None))
    return await listed(
        uow, query, Orphan, OrphanOut, sorts={"received_at": Orphan.received_at}, sort=sort, csv=csv, cursor=cursor,
        limit=limit, filename="orphans.csv",
    )  # fmt: skip


@router.get("/orphans/{orphan}")
async def read_orphan(orphan: str, uow: ReadSessions) -> OrphanOut:
    """One orphan."""
    return OrphanOut.of(await get_row(uow, Orphan, "orp", orphan, OrphanNotFound), hide=hidden(uow))


@router.post("/orphans/{orphan}/match")
async def match(orphan: str, body: OrphanMatch, uow: WriteSessions) -> OrphanOut:
    """Say to which session an orphan belongs. A stop ends it; readings count in its energy, once."""
    row = await get_row(uow, Orphan, "orp", orphan, OrphanNotFound, lock=True)
    return OrphanOut.of(await match_orphan(uow, row, body.session_id), hide=hidden(uow))


@router.post("/orphans/{orphan}/dismiss")
async def dismiss(orphan: str, body: OrphanDismissal, uow: WriteSessions) -> OrphanOut:
    """Say that an orphan belongs to no session; it stays on record."""
    row = await get_row(uow, Orphan, "orp", orphan, OrphanNotFound, lock=True)
    return OrphanOut.of(await dismiss_orphan(uow, row, body.reason), hide=hidden(uow))


@router.get("/findings", response_model=Page[FindingOut])
async def list_findings(
    uow: ReadSessions,
    csv: WantsCsv,
    station: str | None = None,
    session: str | None = None,
    code: str | None = None,
    resolved: bool | None = None,
    begin: Begin = None,
    end: End = None,
    sort: Sort = "-found_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """What a person should judge, newest first."""
    query = filtered(
        uow, Finding, ids={"station_id": ("sta", station), "session_id": ("ses", session)}, equal={"code": code},
        time=Finding.found_at, begin=begin, end=end,
    )  # fmt: skip
    if resolved is not None:
        query = query.where(Finding.resolved_at.is_not(None) if resolved else Finding.resolved_at.is_(None))
    return await listed(
        uow, query, Finding, FindingOut, sorts={"found_at": Finding.found_at}, sort=sort, csv=csv, cursor=cursor,
        limit=limit, filename="findings.csv",
    )  # fmt: skip


@router.post("/findings/{finding}/resolve")
async def resolve_finding(
    finding: str, uow: WriteSessions, body: FindingResolution | None = None
) -> FindingOut:
    """Say that a person has judged it, and what came out; saying it again changes nothing."""
    row = await get_row(uow, Finding, "fnd", finding, FindingNotFound, lock=True)
    if row.resolved_at is None:
        row.resolved_at, row.resolved_by = uow.clock.now(), actor_of(uow).name
        row.resolve_reason = None if body is None else body.reason
        await uow.session.flush()
        await record_change(
            uow, action="finding.resolved", subject_type="finding", subject_id=row.id,
            before={"resolved_at": None, "resolved_by": None, "reason": None},
            after={"resolved_at": row.resolved_at, "resolved_by": row.resolved_by, "reason": row.resolve_reason},
        )  # fmt: skip
    return FindingOut.of(row)
