"""Alert rules."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.edits import IfMatch, WantsCsv, set_etag
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import Page
from forecourt.network.listing import answer, fetch_page
from forecourt.operations.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadAlerts,
    Sort,
    WriteAlerts,
)
from forecourt.operations.manage_rules import change_rule, create_rule, delete_rule, get_rule
from forecourt.operations.models import AlertRule
from forecourt.operations.queries import show_rules
from forecourt.operations.schemas import RuleIn, RuleOut, RulePatch

router = APIRouter(prefix="/alert-rules", tags=["alerts"])
_SORTS = {"kind": AlertRule.kind, "created_at": AlertRule.created_at, "updated_at": AlertRule.updated_at}


@router.get("", response_model=Page[RuleOut])
async def list_rules(
    uow: ReadAlerts,
    csv: WantsCsv,
    sort: Sort = "kind",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """When incidents open. Every operator has one rule of each kind within seconds of being there."""
    query = select(AlertRule).where(AlertRule.operator_id == operator_of(uow))

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=AlertRule, sorts=_SORTS, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[AlertRule]) -> list[RuleOut]:
        return await show_rules(uow, rows)

    return await answer(fetch, show, RuleOut, csv=csv, cursor=cursor, limit=limit, filename="alert-rules.csv")


@router.post("", status_code=201)
async def create(body: RuleIn, uow: WriteAlerts, response: Response) -> RuleOut:
    """Add a rule, e.g. a stricter one for some locations."""
    row = await create_rule(uow, kind=body.kind, fields=body.stored())
    set_etag(response, row.revision)
    return RuleOut.of(row)


@router.get("/{rule}")
async def read_rule(rule: str, uow: ReadAlerts, response: Response) -> RuleOut:
    """One rule."""
    row = await get_rule(uow, decode_id("arl", rule))
    set_etag(response, row.revision)
    return (await show_rules(uow, [row]))[0]


@router.patch("/{rule}")
async def patch_rule(
    rule: str, body: RulePatch, uow: WriteAlerts, response: Response, if_match: IfMatch
) -> RuleOut:
    """Change a rule. Incidents that it no longer covers end within seconds."""
    row = await change_rule(
        uow, decode_id("arl", rule), changes=body.stored(only_given=True), if_revision=if_match
    )
    set_etag(response, row.revision)
    return (await show_rules(uow, [row]))[0]


@router.delete("/{rule}", status_code=204)
async def remove_rule(rule: str, uow: WriteAlerts) -> None:
    """Delete a rule that somebody added; its open incidents end."""
    await delete_rule(uow, decode_id("arl", rule))
