"""Channels, and what was told through them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import and_, case, select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.identity.edits import IfMatch, WantsCsv, set_etag
from forecourt.kit.ids import decode_id
from forecourt.kit.mail import MailMessage
from forecourt.kit.paging import Page
from forecourt.network.listing import answer, fetch_page
from forecourt.operations.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadAlerts,
    Sort,
    WriteAlerts,
    allows_private,
    box_of,
    links_of,
)
from forecourt.operations.errors import AlertDeliveryNotFound
from forecourt.operations.manage_channels import (
    change_channel,
    create_channel,
    delete_channel,
    get_channel,
    rotate_secret,
)
from forecourt.operations.models import AlertChannel, AlertDelivery
from forecourt.operations.queries import show_channels, show_deliveries
from forecourt.operations.schemas import (
    ChannelIn,
    ChannelOut,
    ChannelPatch,
    ChannelWithSecret,
    DeliveryOut,
)
from forecourt.operations.tell import tell_test

router = APIRouter(tags=["alerts"])
_SORTS = {"name": AlertChannel.name, "created_at": AlertChannel.created_at}


@router.get("/alert-channels", response_model=Page[ChannelOut])
async def list_channels(
    uow: ReadAlerts,
    csv: WantsCsv,
    sort: Sort = "name",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """How people and machines are told, each with the last thing that was told through it."""
    query = select(AlertChannel).where(AlertChannel.operator_id == operator_of(uow))

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=AlertChannel, sorts=_SORTS, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[AlertChannel]) -> list[ChannelOut]:
        return await show_channels(uow, rows)

    return await answer(
        fetch, show, ChannelOut, csv=csv, cursor=cursor, limit=limit, filename="alert-channels.csv"
    )


@router.post("/alert-channels", status_code=201)
async def create(
    body: ChannelIn, uow: WriteAlerts, request: Request, response: Response
) -> ChannelWithSecret:
    """Add a channel. A webhook's secret is told this once."""
    fields = body.model_dump(exclude={"kind"})
    row, secret = await create_channel(
        uow, kind=body.kind, fields=fields, box=box_of(request), allow_private=allows_private(request)
    )
    set_etag(response, row.revision)
    response.headers["Cache-Control"] = "no-store"
    return ChannelWithSecret(channel=ChannelOut.of(row), secret=secret)


@router.get("/alert-channels/{channel}")
async def read_channel(channel: str, uow: ReadAlerts, response: Response) -> ChannelOut:
    """One channel."""
    row = await get_channel(uow, decode_id("ach", channel))
    set_etag(response, row.revision)
    return (await show_channels(uow, [row]))[0]


@router.patch("/alert-channels/{channel}")
async def patch_channel(
    channel: str,
    body: ChannelPatch,
    uow: WriteAlerts,
    request: Request,
    response: Response,
    if_match: IfMatch,
) -> ChannelOut:
    """Change a channel."""
    row = await change_channel(
        uow,
        decode_id("ach", channel),
        changes=body.model_dump(exclude_unset=True),
        if_revision=if_match,
        allow_private=allows_private(request),
    )
    set_etag(response, row.revision)
    return (await show_channels(uow, [row]))[0]


@router.post("/alert-channels/{channel}/rotate-secret")
async def rotate(
    channel: str, uow: WriteAlerts, request: Request, response: Response, if_match: IfMatch
) -> ChannelWithSecret:
    """Give a webhook a new secret, told this once. The old one signs beside it for 24 hours."""
    row, secret = await rotate_secret(
        uow, decode_id("ach", channel), box=box_of(request), if_revision=if_match
    )
    set_etag(response, row.revision)
    response.headers["Cache-Control"] = "no-store"
    return ChannelWithSecret(channel=ChannelOut.of(row), secret=secret)


@router.post("/alert-channels/{channel}/test", status_code=202)
async def test_channel(channel: str, uow: WriteAlerts, request: Request) -> list[DeliveryOut]:
    """Send something harmless through it. What came of it: `GET /alert-deliveries/{delivery}`."""
    row = await get_channel(uow, decode_id("ach", channel))
    rows = await tell_test(uow, row, links=links_of(request))
    await record_change(
        uow,
        action="alert_channel.tested",
        subject_type="alert_channel",
        subject_id=row.id,
        after={"receivers": [delivery.receiver for delivery in rows]},
    )
    return await show_deliveries(uow, rows)


@router.delete("/alert-channels/{channel}", status_code=204)
async def remove_channel(channel: str, uow: WriteAlerts) -> None:
    """Delete a channel; rules that named it go on without it."""
    await delete_channel(uow, decode_id("ach", channel))


@router.get("/alert-deliveries", response_model=Page[DeliveryOut])
async def list_deliveries(
    uow: ReadAlerts,
    csv: WantsCsv,
    channel: Annotated[str | None, Query(examples=["ach_01jz8q3v5de8qbn1c2x4y6z7a8"])] = None,
    incident: Annotated[str | None, Query(examples=["inc_01jz8q3v5de8qbn1c2x4y6z7a8"])] = None,
    state: Literal["waiting", "sent", "failed", "not_sent"] | None = None,
    sort: Sort = "-created_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """What was told to whom and what came of it, the latest first."""
    query = select(AlertDelivery).where(AlertDelivery.operator_id == operator_of(uow))
    if channel:
        query = query.where(AlertDelivery.channel_id == decode_id("ach", channel))
    if incident:
        query = query.where(AlertDelivery.incident_id == decode_id("inc", incident))
    if state:
        query = query.outerjoin(
            MailMessage,
            and_(
                MailMessage.operator_id == AlertDelivery.operator_id, MailMessage.id == AlertDelivery.mail_id
            ),
        ).where(
            case((AlertDelivery.mail_id.is_not(None), MailMessage.state), else_=AlertDelivery.state) == state
        )
    sorts = {"created_at": AlertDelivery.created_at}

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(
            uow, query, model=AlertDelivery, sorts=sorts, sort=sort, cursor=position, limit=size
        )

    async def show(rows: list[AlertDelivery]) -> list[DeliveryOut]:
        return await show_deliveries(uow, rows)

    return await answer(
        fetch, show, DeliveryOut, csv=csv, cursor=cursor, limit=limit, filename="alert-deliveries.csv"
    )


@router.get("/alert-deliveries/{delivery}")
async def read_delivery(delivery: str, uow: ReadAlerts) -> DeliveryOut:
    """One delivery."""
    row = await uow.session.scalar(
        select(AlertDelivery).where(
            AlertDelivery.operator_id == operator_of(uow), AlertDelivery.id == decode_id("adl", delivery)
        )
    )
    if row is None:
        raise AlertDeliveryNotFound(id=delivery)
    return (await show_deliveries(uow, [row]))[0]
