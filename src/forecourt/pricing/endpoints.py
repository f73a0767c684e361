"""Tariffs: versions, where they apply, and what a session would cost."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.exc import IntegrityError

from forecourt.identity.access import require
from forecourt.identity.audit import record_change
from forecourt.identity.edits import IfMatch, Sort, WantsCsv, check_revision, set_etag
from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit, Page, Sorts, keyset, order, page_of
from forecourt.pricing.assignment_endpoints import cells
from forecourt.pricing.assignment_endpoints import router as assignments
from forecourt.pricing.errors import TariffNameTaken
from forecourt.pricing.list_tariffs import overviews, tariffs_where
from forecourt.pricing.manage_tariffs import (
    archive_tariff,
    create_tariff,
    draft_version,
    edit_draft,
    get_tariff,
    get_version,
    list_versions,
    read_document,
)
from forecourt.pricing.models import Tariff
from forecourt.pricing.preview import (
    PREVIEW_BODY,
    WEEK_BODY,
    preview_price,
    preview_prices_of_week,
)
from forecourt.pricing.publish_version import discard_draft, publish_version, withdraw_version
from forecourt.pricing.schemas import (
    DocumentIn,
    OcpiOut,
    PublishIn,
    TariffIn,
    TariffListed,
    TariffMade,
    TariffOut,
    TariffPatch,
    VersionOut,
    WeekOut,
)
from forecourt.pricing.standing import standings
from forecourt.tariff import OcpiVersion, tariff_from_dict, tariff_to_ocpi

router = APIRouter(tags=["tariffs"])
ReadTariffs = Annotated[UnitOfWork, Depends(require("tariffs:read"))]
WriteTariffs = Annotated[UnitOfWork, Depends(require("tariffs:write"))]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
PageLimit = Annotated[Limit, Query()]
_OCPI: Final = msgspec.json.Encoder(decimal_format="number")
"""OCPI writes amounts as numbers; none of their digits is lost."""
_SORTS: Sorts = {"name": Tariff.name, "currency": Tariff.currency, "created_at": Tariff.created_at}


@router.get("/tariffs", response_model=Page[TariffListed])
async def list_tariffs(
    uow: ReadTariffs,
    csv: WantsCsv,
    archived: bool = False,
    state: Annotated[str | None, Query(examples=["live,draft"])] = None,
    currency: Annotated[str | None, Query(examples=["EUR"])] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    sort: Sort = "name",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> Any:
    """Tariffs with their prices and versions, by `name`, `currency` or `created_at`.

    `state` takes `live`, `scheduled`, `draft` (a tariff has a version that is so) and `retired`, separated by
    commas; `currency` codes likewise; `q` looks into name and description.
    """
    columns, key = order(_SORTS, sort, Tariff.id)
    query = tariffs_where(
        uow, archived=archived, states=_listed(state), currencies=_listed(currency), words=q
    )
    if csv:
        every = await overviews(uow, (await uow.session.scalars(query.order_by(*columns))).all())
        names = [name for name in TariffListed.model_fields if name != "posted"]
        return csv_response("tariffs.csv", names, cells(map(TariffListed.from_overview, every), names))
    found = (await uow.session.scalars(keyset(query, columns, cursor, limit))).all()
    rows, following = page_of(found, limit, key)
    shown = await overviews(uow, rows)
    return Page(items=[TariffListed.from_overview(one) for one in shown], next_cursor=following)


def _listed(value: str | None) -> list[str]:
    return [part for part in (value or "").split(",") if part]


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


@router.post("/tariffs/preview/week", openapi_extra={"requestBody": WEEK_BODY})
async def preview_week(request: Request, uow: ReadTariffs) -> WeekOut:
    """A week of prices, hour by hour, and the prices as drivers see them: inline or of a stored tariff.

    Each hour is priced by the same rating as a session that begins then; `energy` is per kWh, `charging` and
    `standing` per hour, all with tax, `null` where nothing is charged for it.
    """
    return WeekOut(**await preview_prices_of_week(await request.body(), uow=uow))


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
    found = await list_versions(uow, row.id)
    now = standings(found, uow.clock.now())
    return [VersionOut.of(version, now[version.id]) for version in found]


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
    found = await get_version(uow, row.id, number)
    now = standings(await list_versions(uow, row.id), uow.clock.now())
    return VersionOut.of(found, now[found.id])


@router.get("/tariffs/{tariff}/versions/{number}/ocpi", response_model=OcpiOut)
async def as_ocpi(tariff: str, number: int, uow: ReadTariffs, version: OcpiVersion = "2.3.0") -> Any:
    """One version as an OCPI Tariff object, and what OCPI cannot say of it."""
    row = await get_tariff(uow, decode_id("trf", tariff))
    found = await get_version(uow, row.id, number)
    document, lossy = tariff_to_ocpi(tariff_from_dict(found.document), version)
    return Response(_OCPI.encode({"tariff": document, "lossy": lossy}), media_type="application/json")


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


@router.delete("/tariffs/{tariff}/versions/{number}", status_code=204)
async def discard(tariff: str, number: int, uow: WriteTariffs) -> None:
    """Delete a draft; the tariff keeps at least one version."""
    await discard_draft(uow, decode_id("trf", tariff), number)


@router.post("/tariffs/{tariff}/versions/{number}/publish")
async def publish(
    tariff: str, number: int, uow: WriteTariffs, response: Response, if_match: IfMatch,
    body: PublishIn | None = None,
) -> VersionOut:  # fmt: skip
    """Make a draft live now, or at a set time. Sessions that are open keep the version they began with."""
    row = await get_tariff(uow, decode_id("trf", tariff), lock=True)
    check_revision(if_match, row.revision)
    published = await publish_version(uow, row.id, number, at=body.at if body else None)
    set_etag(response, row.revision)
    return VersionOut.of(published)


@router.post("/tariffs/{tariff}/versions/{number}/withdraw")
async def withdraw(tariff: str, number: int, uow: WriteTariffs, response: Response) -> VersionOut:
    """Make a version that is scheduled a draft again."""
    row = await get_tariff(uow, decode_id("trf", tariff), lock=True)
    withdrawn = await withdraw_version(uow, row.id, number)
    set_etag(response, row.revision)
    return VersionOut.of(withdrawn)


router.include_router(assignments)
