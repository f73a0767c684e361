"""Tariffs: versions, where they apply, and what a session would cost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from forecourt.identity.access import operator_of, require
from forecourt.identity.audit import record_change
from forecourt.identity.edits import IfMatch, Sort, WantsCsv, check_revision, set_etag
from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id, encode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit, Page, Sorts, keyset, order, page_of
from forecourt.pricing.assign_tariff import assign_tariff, end_assignment
from forecourt.pricing.errors import TariffNameTaken
from forecourt.pricing.manage_tariffs import (
    archive_tariff,
    create_tariff,
    draft_version,
    edit_draft,
    get_tariff,
    get_version,
    list_versions,
    publish_version,
    read_document,
)
from forecourt.pricing.models import Tariff, TariffAssignment
from forecourt.pricing.preview import PREVIEW_BODY, preview_price
from forecourt.pricing.price_book import PriceBook
from forecourt.pricing.schemas import (
    AppliedOut,
    AssignmentIn,
    AssignmentOut,
    DocumentIn,
    TariffIn,
    TariffMade,
    TariffOut,
    TariffPatch,
    VersionOut,
)

router = APIRouter(tags=["tariffs"])
ReadTariffs = Annotated[UnitOfWork, Depends(require("tariffs:read"))]
WriteTariffs = Annotated[UnitOfWork, Depends(require("tariffs:write"))]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
PageLimit = Annotated[Limit, Query()]
_SORTS: Sorts = {"name": Tariff.name, "created_at": Tariff.created_at}
_ASSIGNMENT_SORTS: Sorts = {
    "valid_from": TariffAssignment.valid_from,
    "valid_to": TariffAssignment.valid_to,
}


@router.get("/tariffs", response_model=Page[TariffOut])
async def list_tariffs(
    uow: ReadTariffs,
    csv: WantsCsv,
    archived: bool = False,
    sort: Sort = "name",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> Any:
    """Tariffs, by `name` or `created_at`."""
    columns, key = order(_SORTS, sort, Tariff.id)
    query: Any = select(Tariff).where(
        Tariff.operator_id == operator_of(uow),
        Tariff.archived_at.is_not(None) if archived else Tariff.archived_at.is_(None),
    )
    if csv:
        rows = (await uow.session.scalars(query.order_by(*columns))).all()
        names = list(TariffOut.model_fields)
        return csv_response("tariffs.csv", names, _cells([TariffOut.of(row) for row in rows], names))
    found = (await uow.session.scalars(keyset(query, columns, cursor, limit))).all()
    rows, following = page_of(found, limit, key)
    return Page(items=[TariffOut.of(row) for row in rows], next_cursor=following)


async def _cells(items: Sequence[Any], names: Sequence[str]) -> AsyncIterator[Sequence[Any]]:
    for item in items:
        yield [getattr(item, name) for name in names]


@router.post("/tariffs", status_code=201)
async def create(body: TariffIn, uow: WriteTariffs, response: Response) -> TariffMade:
    """A new tariff; its first version is a draft until it is published."""
    document = read_document(body.tariff, body.ocpi_tariff)
    row, version = await create_tariff(uow, name=body.name, description=body.description, document=document)
    set_etag(response, row.revision)
    return TariffMade(**TariffOut.of(row).model_dump(), draft=VersionOut.of(version))


@router.post("/tariffs/preview", openapi_extra={"requestBody": PREVIEW_BODY})
async def preview(request: Request, uow: ReadTariffs) -> dict[str, Any]:
    """What a session costs by a tariff: inline (`tariff`, `ocpi_tariff`) or stored (`tariff_id`, `version`)."""
    return await preview_price(await request.body(), uow=uow)


@router.get("/tariffs/{tariff}")
async def read(tariff: str, uow: ReadTariffs, response: Response) -> TariffOut:
    """One tariff."""
    row = await get_tariff(uow, decode_id("trf", tariff))
    set_etag(response, row.revision)
    return TariffOut.of(row)


@router.patch("/tariffs/{tariff}")
async def edit(
    tariff: str, body: TariffPatch, uow: WriteTariffs, response: Response, if_match: IfMatch
) -> TariffOut:
    """Rename or describe a tariff."""
    row = await get_tariff(uow, decode_id("trf", tariff), lock=True)
    check_revision(if_match, row.revision)
    before = {"name": row.name, "description": row.description}
    for name, value in body.model_dump(exclude_unset=True).items():
        if value is not None or name == "description":
            setattr(row, name, value)
    row.revision += 1
    try:
        await uow.session.flush()
    except IntegrityError:
        raise TariffNameTaken(f"there is a tariff {body.name!r} already", name=body.name) from None
    await record_change(
        uow, action="tariff.updated", subject_type="tariff", subject_id=row.id, before=before,
        after={"name": row.name, "description": row.description},
    )  # fmt: skip
    set_etag(response, row.revision)
    return TariffOut.of(row)


@router.delete("/tariffs/{tariff}", status_code=204)
async def archive(tariff: str, uow: WriteTariffs) -> None:
    """Take a tariff out of use. Nothing that it priced is lost."""
    await archive_tariff(uow, decode_id("trf", tariff))


@router.get("/tariffs/{tariff}/versions")
async def versions(tariff: str, uow: ReadTariffs) -> list[VersionOut]:
    """All versions, newest first."""
    row = await get_tariff(uow, decode_id("trf", tariff))
    return [VersionOut.of(version) for version in await list_versions(uow, row.id)]


@router.post("/tariffs/{tariff}/versions", status_code=201)
async def draft(tariff: str, body: DocumentIn, uow: WriteTariffs) -> VersionOut:
    """A new draft."""
    document = read_document(body.tariff, body.ocpi_tariff)
    return VersionOut.of(await draft_version(uow, decode_id("trf", tariff), document))


@router.get("/tariffs/{tariff}/versions/{number}")
async def version(tariff: str, number: int, uow: ReadTariffs, response: Response) -> VersionOut:
    """One version. Its ETag is the tariff's."""
    row = await get_tariff(uow, decode_id("trf", tariff))
    set_etag(response, row.revision)
    return VersionOut.of(await get_version(uow, row.id, number))


@router.put("/tariffs/{tariff}/versions/{number}")
async def replace_draft(
    tariff: str, number: int, body: DocumentIn, uow: WriteTariffs, response: Response, if_match: IfMatch
) -> VersionOut:
    """Change a draft; `If-Match` takes the tariff's ETag, which every change of the draft renews."""
    document = read_document(body.tariff, body.ocpi_tariff)
    row = await get_tariff(uow, decode_id("trf", tariff), lock=True)
    check_revision(if_match, row.revision)
    edited = await edit_draft(uow, row.id, number, document)
    set_etag(response, row.revision)
    return VersionOut.of(edited)


@router.post("/tariffs/{tariff}/versions/{number}/publish")
async def publish(tariff: str, number: int, uow: WriteTariffs) -> VersionOut:
    """Make a draft live from now on. Sessions that are open keep the version they began with."""
    return VersionOut.of(await publish_version(uow, decode_id("trf", tariff), number))


@router.get("/tariff-assignments", response_model=Page[AssignmentOut])
async def list_assignments(
    uow: ReadTariffs,
    csv: WantsCsv,
    tariff: str | None = None,
    location: str | None = None,
    evse: str | None = None,
    sort: Sort = "valid_from",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> Any:
    """Where tariffs apply, by `valid_from` or `valid_to`."""
    model = TariffAssignment
    columns, key = order(_ASSIGNMENT_SORTS, sort, model.id)
    query: Any = select(model).where(model.operator_id == operator_of(uow))
    for column, prefix, value in (
        (model.tariff_id, "trf", tariff),
        (model.location_id, "loc", location),
        (model.evse_id, "evs", evse),
    ):
        if value is not None:
            query = query.where(column == decode_id(prefix, value))
    if csv:
        rows = (await uow.session.scalars(query.order_by(*columns))).all()
        names = list(AssignmentOut.model_fields)
        return csv_response(
            "tariff-assignments.csv", names, _cells([AssignmentOut.of(row) for row in rows], names)
        )
    found = (await uow.session.scalars(keyset(query, columns, cursor, limit))).all()
    rows, following = page_of(found, limit, key)
    return Page(items=[AssignmentOut.of(row) for row in rows], next_cursor=following)


@router.post("/tariff-assignments", status_code=201)
async def assign(body: AssignmentIn, uow: WriteTariffs) -> AssignmentOut:
    """Let a tariff apply to a place. The most specific assignment wins; a tie is refused."""
    row = await assign_tariff(
        uow,
        tariff_id=decode_id("trf", body.tariff_id),
        location_id=decode_id("loc", body.location_id) if body.location_id else None,
        evse_id=decode_id("evs", body.evse_id) if body.evse_id else None,
        valid_from=body.valid_from or uow.clock.now(),
        valid_to=body.valid_to,
    )
    return AssignmentOut.of(row)


@router.get("/tariff-assignments/applied")
async def applied(
    uow: ReadTariffs, location: str | None = None, evse: str | None = None, at: datetime | None = None
) -> AppliedOut:
    """Which tariff prices a session that starts at a place (name an EVSE with its location)."""
    found = await PriceBook().resolve(
        await uow.connection(),
        operator_of(uow),
        decode_id("loc", location) if location else None,
        decode_id("evs", evse) if evse else None,
        at or uow.clock.now(),
    )
    if found is None:
        return AppliedOut(version_id=None, tariff_id=None, content_hash=None)
    return AppliedOut(
        version_id=encode_id("trv", found.id),
        tariff_id=encode_id("trf", found.tariff_id),
        content_hash=found.version.content_hash,
    )


@router.delete("/tariff-assignments/{assignment}", status_code=204)
async def end(assignment: str, uow: WriteTariffs) -> None:
    """Let an assignment end now."""
    await end_assignment(uow, decode_id("tra", assignment))
