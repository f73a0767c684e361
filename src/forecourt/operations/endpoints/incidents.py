"""Incidents."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime
from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.edits import IfMatch, WantsCsv, set_etag
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import Page
from forecourt.network.listing import answer, fetch_page
from forecourt.operations.course import get_incident
from forecourt.operations.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadIncidents,
    Sort,
    WriteIncidents,
    links_of,
)
from forecourt.operations.handle_incident import acknowledge_incident, comment_incident, resolve_incident
from forecourt.operations.models import Incident
from forecourt.operations.queries import show_incident, show_incidents
from forecourt.operations.schemas import (
    AcknowledgeIn,
    CommentIn,
    IncidentDetail,
    IncidentOut,
    IncidentState,
    ResolveIn,
    RuleKindCode,
    Severity,
)

router = APIRouter(prefix="/incidents", tags=["incidents"])
_SORTS = {"opened_at": Incident.opened_at, "since": Incident.since, "resolved_at": Incident.resolved_at}


@router.get("", response_model=Page[IncidentOut])
async def list_incidents(
    uow: ReadIncidents,
    csv: WantsCsv,
    state: IncidentState | None = None,
    unresolved: Annotated[bool | None, Query(description="Open or acknowledged.")] = None,
    kind: RuleKindCode | None = None,
    severity: Severity | None = None,
    station: Annotated[str | None, Query(examples=["sta_01jz8q3v5de8qbn1c2x4y6z7a8"])] = None,
    location: Annotated[str | None, Query(examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"])] = None,
    rule: Annotated[str | None, Query(examples=["arl_01jz8q3v5de8qbn1c2x4y6z7a8"])] = None,
    begin: Annotated[AwareDatetime | None, Query(alias="from", description="Opened not before.")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="Opened before.")] = None,
    sort: Sort = "-opened_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Incidents, the latest first."""
    query = select(Incident).where(Incident.operator_id == operator_of(uow))
    if unresolved is not None:
        query = query.where(Incident.state != "resolved" if unresolved else Incident.state == "resolved")
    for column, value in (
        (Incident.state, state),
        (Incident.kind, kind),
        (Incident.severity, severity),
        (Incident.station_id, decode_id("sta", station) if station else None),
        (Incident.location_id, decode_id("loc", location) if location else None),
        (Incident.rule_id, decode_id("arl", rule) if rule else None),
    ):
        if value is not None:
            query = query.where(column == value)
    if begin is not None:
        query = query.where(Incident.opened_at >= begin)
    if end is not None:
        query = query.where(Incident.opened_at < end)

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=Incident, sorts=_SORTS, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[Incident]) -> list[IncidentOut]:
        return await show_incidents(uow, rows)

    return await answer(
        fetch, show, IncidentOut, csv=csv, cursor=cursor, limit=limit, filename="incidents.csv"
    )


@router.get("/{incident}")
async def read_incident(incident: str, uow: ReadIncidents, response: Response) -> IncidentDetail:
    """One incident with its course, and what was told of it to whom."""
    row = await get_incident(uow, decode_id("inc", incident))
    set_etag(response, row.revision)
    return await show_incident(uow, row)


@router.post("/{incident}/acknowledge")
async def acknowledge(
    incident: str,
    body: AcknowledgeIn,
    uow: WriteIncidents,
    request: Request,
    response: Response,
    if_match: IfMatch,
) -> IncidentDetail:
    """Say that you are at it. Acknowledged again by another person it is theirs."""
    row = await acknowledge_incident(
        uow, decode_id("inc", incident), note=body.note, if_revision=if_match, links=links_of(request)
    )
    set_etag(response, row.revision)
    return await show_incident(uow, row)


@router.post("/{incident}/comment")
async def comment(incident: str, body: CommentIn, uow: WriteIncidents, response: Response) -> IncidentDetail:
    """Add words to its course, also when it has ended."""
    row = await comment_incident(uow, decode_id("inc", incident), text=body.text)
    set_etag(response, row.revision)
    return await show_incident(uow, row)


@router.post("/{incident}/resolve")
async def resolve(
    incident: str,
    body: ResolveIn,
    uow: WriteIncidents,
    request: Request,
    response: Response,
    if_match: IfMatch,
) -> IncidentDetail:
    """End it though its condition may still hold. This occurrence opens no other incident, the next one does."""
    row = await resolve_incident(
        uow, decode_id("inc", incident), reason=body.reason, if_revision=if_match, links=links_of(request)
    )
    set_etag(response, row.revision)
    return await show_incident(uow, row)
