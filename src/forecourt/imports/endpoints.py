"""Imports, mounted by `api` under `/api/v1`. Each kind needs also the permission to write, or read, what it is about."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select
from starlette.responses import StreamingResponse

from forecourt.charging.endpoints.access import WriteTokens
from forecourt.charging.schemas import TokenImport, TokenImported
from forecourt.identity.access import check_permission, operator_of, require
from forecourt.identity.edits import WantsCsv
from forecourt.imports.check_run import map_columns, upload
from forecourt.imports.commit_run import order_commit
from forecourt.imports.models import ImportRow, ImportRun
from forecourt.imports.queries import get_run
from forecourt.imports.registry import KINDS, kind_of
from forecourt.imports.schemas import (
    ImportIn,
    ImportRowOut,
    ImportRunOut,
    KindName,
    KindOut,
    MappingIn,
    PasswordOut,
    PasswordsOut,
    ReportRow,
)
from forecourt.imports.take_list import take_tokens
from forecourt.imports.take_passwords import take_passwords
from forecourt.imports.undo_run import order_undo
from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id, encode_id
from forecourt.kit.paging import Page
from forecourt.network.endpoints.access import DEFAULT_PAGE, Cursor, PageLimit, Sort, pepper_of
from forecourt.network.listing import answer, fetch_page

router = APIRouter(tags=["imports"])
ReadImports = Annotated[UnitOfWork, Depends(require("imports:read"))]
WriteImports = Annotated[UnitOfWork, Depends(require("imports:write"))]
_WRITTEN = ("done", "undoing", "undone")


@router.get("/imports", response_model=Page[ImportRunOut])
async def list_runs(
    uow: ReadImports,
    csv: WantsCsv,
    kind: Annotated[str | None, Query(max_length=30, examples=["stations"])] = None,
    state: Annotated[str | None, Query(max_length=30, examples=["done"])] = None,
    sort: Sort = "-created_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Imports of what the caller may see, the latest first."""
    query = select(ImportRun).where(ImportRun.operator_id == operator_of(uow))
    hidden = [name for name in KINDS if not _may(uow, name, "read")]
    if hidden:
        query = query.where(ImportRun.kind.not_in(hidden))
    if kind:
        query = query.where(ImportRun.kind == kind)
    if state:
        query = query.where(ImportRun.state == state)
    sorts = {"created_at": ImportRun.created_at, "row_count": ImportRun.row_count}

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=ImportRun, sorts=sorts, sort=sort, cursor=position, limit=size
        )

    async def show(rows: Sequence[ImportRun]) -> list[ImportRunOut]:
        return [ImportRunOut.of(row) for row in rows]

    return await answer(
        fetch, show, ImportRunOut, csv=csv, cursor=cursor, limit=limit, filename="imports.csv"
    )


@router.post("/imports", status_code=201)
async def take_file(body: ImportIn, uow: WriteImports) -> ImportRunOut:
    """Check a CSV file: what its columns seem to be, and what each row would do. Nothing is written yet."""
    _check_kind(uow, body.kind, "write")
    run = await upload(kind_of(body.kind), body.filename, base64.b64decode(body.content), uow=uow)
    return ImportRunOut.of(run, same_file=await _same_file(uow, run))


@router.get("/imports/{run}")
async def read(run: str, uow: ReadImports) -> ImportRunOut:
    """One import, with its progress while it is written."""
    row = await _run(uow, run, "read")
    return ImportRunOut.of(row, same_file=await _same_file(uow, row))


@router.get("/imports/{run}/rows", response_model=Page[ImportRowOut])
async def list_rows(
    run: str,
    uow: ReadImports,
    csv: WantsCsv,
    plan: Annotated[str | None, Query(max_length=30, examples=["error"])] = None,
    undone: Annotated[str | None, Query(max_length=30, examples=["kept"])] = None,
    sort: Sort = "line",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """The rows with what would happen, or happened; as CSV the report."""
    found = await _run(uow, run, "read")
    query = select(ImportRow).where(ImportRow.operator_id == found.operator_id, ImportRow.run_id == found.id)
    if plan:
        query = query.where(ImportRow.plan == plan)
    if undone:
        query = query.where(ImportRow.undone == undone)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow,
            query,
            model=ImportRow,
            sorts={"line": ImportRow.line},
            sort=sort,
            cursor=position,
            limit=size,
        )

    async def show(rows: Sequence[ImportRow]) -> list[ImportRowOut]:
        return [ImportRowOut.of(row, found.kind) for row in rows]

    async def report(rows: Sequence[ImportRow]) -> list[ReportRow]:
        return [ReportRow.of(row, written=found.state in _WRITTEN) for row in await show(rows)]

    if csv:
        return await answer(
            fetch, report, ReportRow, csv=True, cursor=None, limit=limit, filename=f"import-{found.kind}.csv"
        )
    return await answer(fetch, show, ImportRowOut, csv=False, cursor=cursor, limit=limit, filename="")


@router.post("/imports/{run}/check")
async def check(run: str, body: MappingIn, uow: WriteImports) -> ImportRunOut:
    """Say what the columns are, and check again; also after something was created that rows refer to."""
    await _run(uow, run, "write")
    row = await map_columns(decode_id("imp", run), dict(body.mapping), uow=uow)
    return ImportRunOut.of(row, same_file=await _same_file(uow, row))


@router.post("/imports/{run}/commit", status_code=202)
async def commit(run: str, uow: WriteImports) -> ImportRunOut:
    """Write all rows, or none if one cannot be written any more. A job does it; look at `state` and `progress`."""
    await _run(uow, run, "write")
    return ImportRunOut.of(await order_commit(decode_id("imp", run), uow=uow))


@router.post("/imports/{run}/undo", status_code=202)
async def undo(run: str, uow: WriteImports) -> ImportRunOut:
    """Take back what was created and is not in use, and set back what nobody changed since."""
    await _run(uow, run, "write")
    return ImportRunOut.of(await order_undo(decode_id("imp", run), uow=uow))


@router.post("/imports/{run}/passwords")
async def passwords(run: str, uow: WriteImports, request: Request, response: Response) -> PasswordsOut:
    """Make passwords for the stations that the import created; they are told this once."""
    await _run(uow, run, "write")
    told = await take_passwords(decode_id("imp", run), pepper=pepper_of(request), uow=uow)
    response.headers["Cache-Control"] = "no-store"
    return PasswordsOut(
        items=[
            PasswordOut(line=line, identity=identity, password=password) for line, identity, password in told
        ]
    )


@router.get("/import-kinds")
async def kinds(uow: ReadImports) -> list[KindOut]:
    """What can be imported, and which fields there are."""
    return [KindOut.of(kind_of(name)) for name in KINDS]


@router.get("/import-kinds/{kind}/template", response_class=StreamingResponse)
async def template(kind: KindName, uow: ReadImports) -> StreamingResponse:
    """An example file with all columns."""
    fields = kind_of(kind).fields

    async def rows() -> AsyncIterator[list[str]]:
        yield [field.example for field in fields]

    return csv_response(f"{kind}-template.csv", [field.name for field in fields], rows())


@router.post("/tokens/import", tags=["tokens"])
async def bring_in(body: TokenImport, uow: WriteTokens) -> TokenImported:
    """Many tokens at once, all or none; those that are there already stay as they are. Undo it under imports."""
    created, existing = await take_tokens(uow, [token.model_dump() for token in body.tokens])
    return TokenImported(created=created, existing=existing)


def _may(uow: UnitOfWork, kind: str, verb: str) -> bool:
    actor: Any = uow.actor
    return bool(actor.may(f"{kind}:{verb}"))


def _check_kind(uow: UnitOfWork, kind: str, verb: str) -> None:
    if kind in KINDS:
        check_permission(uow.actor, f"{kind}:{verb}")


async def _run(uow: UnitOfWork, text: str, verb: str) -> ImportRun:
    run = await get_run(uow, decode_id("imp", text))
    _check_kind(uow, run.kind, verb)
    return run


async def _same_file(uow: UnitOfWork, run: ImportRun) -> str | None:
    if run.file_sha256 is None:
        return None
    found: UUID | None = await uow.session.scalar(
        select(ImportRun.id)
        .where(
            ImportRun.operator_id == run.operator_id,
            ImportRun.file_sha256 == run.file_sha256,
            ImportRun.kind == run.kind,
            ImportRun.id < run.id,
            ImportRun.state == "done",
        )
        .order_by(ImportRun.id.desc())
        .limit(1)
    )
    return encode_id("imp", found) if found else None
