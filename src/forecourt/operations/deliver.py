"""One try to call the webhook of a recorded delivery; what came of it is in its row."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from uuid import UUID

import msgspec

from forecourt.kit.crypto import SecretBox, SecretUnreadable
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from forecourt.operations.errors import WebhookAddressRefused
from forecourt.operations.manage_channels import open_secrets
from forecourt.operations.models import AlertChannel, AlertDelivery
from forecourt.operations.webhook import (
    DELIVERY_HEADER,
    EVENT_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    WebhookCall,
    WebhookUnreachable,
    call_webhook,
    sign,
)

MAX_ATTEMPTS = 14
"""2, 4, 8, … seconds apart, then hourly: the last about four hours after the first."""
_GONE = 410


class WebhookNotTaken(Exception):
    """The receiver did not take it now; the job tries again."""


async def deliver(
    database: Database, box: SecretBox, *, operator_id: UUID, delivery_id: UUID, allow_private: bool
) -> None:
    """Call the webhook once.

    A call whose outcome was not recorded (a crash right after it) goes out again under the same delivery id.

    Raises:
        WebhookNotTaken: it should be tried again.
    """
    async with database.transaction(operator_id) as uow:
        delivery = await uow.session.get(AlertDelivery, (operator_id, delivery_id))
        if delivery is None or delivery.state != "waiting":
            return
        channel = await uow.session.get(AlertChannel, (operator_id, delivery.channel_id))
        now = uow.clock.now()
    status: int | None = None
    error: str | None = None
    final = False
    started = time.monotonic()
    if channel is None or channel.url is None:
        error, final = "the channel is gone", True
    else:
        try:
            call = _call_of(delivery, channel, box, now)
            status = await asyncio.to_thread(call_webhook, call, allow_private=allow_private)
        except (WebhookAddressRefused, SecretUnreadable) as problem:
            error, final = problem.message, True
        except WebhookUnreachable as problem:
            error = str(problem)
    taken = status is not None and 200 <= status < 300
    async with database.transaction(operator_id) as uow:
        delivery = await uow.session.get_one(AlertDelivery, (operator_id, delivery_id), with_for_update=True)
        delivery.attempts += 1
        delivery.response_code = status
        delivery.error = error if error or taken else f"answered {status}"
        delivery.took_ms = round((time.monotonic() - started) * 1000)
        delivery.last_attempt_at = uow.clock.now()
        if not taken and (final or status == _GONE or delivery.attempts >= MAX_ATTEMPTS):
            final = True
        if taken or final:
            delivery.state = "sent" if taken else "failed"
            delivery.finished_at = uow.clock.now()
        reason = delivery.error
    if not taken and not final:
        raise WebhookNotTaken(reason)


def _call_of(delivery: AlertDelivery, channel: AlertChannel, box: SecretBox, now: datetime) -> WebhookCall:
    timestamp = int(time.time())  # the receiver's clock is a real one, whatever ours is
    delivery_id = encode_id("adl", delivery.id)
    body = msgspec.json.encode({"id": delivery_id, **(delivery.body or {})})
    return WebhookCall(
        url=channel.url or "",
        body=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Forecourt",
            EVENT_HEADER: delivery.event,
            DELIVERY_HEADER: delivery_id,
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: sign(body, timestamp=timestamp, secrets=open_secrets(channel, box, now=now)),
        },
    )
