"""Where tariffs apply, and which of them prices a session at a place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import select

from forecourt.identity.access import operator_of, require
from forecourt.identity.edits import Sort, WantsCsv
from forecourt.kit.csv import csv_response
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit, Page, Sorts, keyset, order, page_of
from forecourt.pricing.assign_tariff import assign_tariff, end_assignment, place_names
from forecourt.pricing.explain_tariff import explain_tariff
from forecourt.pricing.models import TariffAssignment
from forecourt.pricing.schemas import AppliedOut, AssignmentIn, AssignmentOut

router = APIRouter(tags=["tariffs"])
ReadTariffs = Annotated[UnitOfWork, Depends(require("tariffs:read"))]
WriteTariffs = Annotated[UnitOfWork, Depends(require("tariffs:write"))]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
PageLimit = Annotated[Limit, Query()]
_ASSIGNMENT_SORTS: Sorts = {
    "valid_from": TariffAssignment.valid_from,
    "valid_to": TariffAssignment.valid_to,
}


async def cells(items: Iterable[Any], names: Sequence[str]) -> AsyncIterator[Sequence[Any]]:
    """The rows of a CSV export: the named fields of each item."""
    for item in items:
        yield [getattr(item, name) for name in names]


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
        return csv_response("tariff-assignments.csv", names, cells(await _named(uow, rows), names))
    found = (await uow.session.scalars(keyset(query, columns, cursor, limit))).all()
    rows, following = page_of(found, limit, key)
    return Page(items=await _named(uow, rows), next_cursor=following)


async def _named(uow: UnitOfWork, rows: Sequence[TariffAssignment]) -> list[AssignmentOut]:
    """The assignments with the names of their places."""
    names = await place_names(uow, rows)
    return [
        AssignmentOut.of(row, location_name=names[row.id].location_name, evse_uid=names[row.id].evse_uid)
        for row in rows
    ]


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
    return (await _named(uow, [row]))[0]


@router.get("/tariff-assignments/applied")
async def applied(
    uow: ReadTariffs, location: str | None = None, evse: str | None = None, at: datetime | None = None
) -> AppliedOut:
    """Which tariff prices a session that starts at a place (name an EVSE with its location)."""
    found = await explain_tariff(
        uow,
        location_id=decode_id("loc", location) if location else None,
        evse_id=decode_id("evs", evse) if evse else None,
        at=at or uow.clock.now(),
    )
    return AppliedOut.of(found)


@router.delete("/tariff-assignments/{assignment}", status_code=204)
async def end(assignment: str, uow: WriteTariffs) -> None:
    """Let an assignment end now."""
    await end_assignment(uow, decode_id("tra", assignment))
