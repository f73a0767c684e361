"""Tell an incident to its rule's channels: mails and webhook calls, enqueued in the transaction that made it true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import select

from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.mail import queue_mail
from forecourt.network.models import Location
from forecourt.operations.course import add_entry, summary
from forecourt.operations.models import AlertChannel, AlertDelivery, AlertRule, Incident
from forecourt.operations.words import incident_mail, test_mail

CALL_WEBHOOK = "operations.call_webhook"


class Links(Protocol):
    """Makes the full address of a page out of its path."""

    def __call__(self, path: str) -> str:
        """E.g. ``https://cpo.example/console/alerts``."""
        ...


async def tell(
    uow: UnitOfWork, incident: Incident, rule: AlertRule | None, what: str, *, links: Links
) -> None:
    """Tell every channel of the rule that the incident is ``open`` or ``resolved``."""
    event = what
    if what == "open":
        event = "reopened" if incident.told_state is not None else "opened"
    incident.told_state, incident.told_at = what, uow.clock.now()
    channels = await _channels_of(uow, rule)
    mails = [channel for channel in channels if channel.kind == "email"]
    if mails:
        location = await _location_of(uow, incident)
        for channel in mails:
            subject, text = incident_mail(
                incident, event, location=location, language=channel.language, link=_link(incident, links),
                now=uow.clock.now(),
            )  # fmt: skip
            for address in channel.recipients or []:
                await _mail(
                    uow, channel, address, subject, text, event=f"incident.{event}", incident=incident
                )
    await _call(uow, channels, incident, event, links=links)
    if channels:
        add_entry(
            uow,
            incident,
            "told",
            data={"event": event, "channels": [channel.name for channel in channels]},
        )


async def tell_webhooks(
    uow: UnitOfWork, incident: Incident, rule: AlertRule | None, event: str, *, links: Links
) -> None:
    """Tell only the machines: of what people did in the console."""
    await _call(uow, await _channels_of(uow, rule), incident, event, links=links)


async def tell_test(uow: UnitOfWork, channel: AlertChannel, *, links: Links) -> list[AlertDelivery]:
    """Send something harmless through the channel, on or off; what became of it is in the deliveries."""
    link = links("/console/alerts?tab=channels")
    if channel.kind == "webhook":
        body = {"event": "test", "channel": channel.name, "at": uow.clock.now().isoformat(), "link": link}
        return [await _webhook(uow, channel, body, event="test", incident=None)]
    subject, text = test_mail(channel.name, language=channel.language, link=link)
    return [
        await _mail(uow, channel, address, subject, text, event="test", incident=None)
        for address in channel.recipients or []
    ]


async def _channels_of(uow: UnitOfWork, rule: AlertRule | None) -> Sequence[AlertChannel]:
    """Those that are on; of a rule that is gone none."""
    if rule is None:
        return []
    rows = await uow.session.scalars(
        select(AlertChannel)
        .where(AlertChannel.operator_id == uow.operator_id, AlertChannel.enabled)
        .order_by(AlertChannel.id)
    )
    wanted = rule.channel_ids
    return [row for row in rows if wanted is None or str(row.id) in wanted]


async def _location_of(uow: UnitOfWork, incident: Incident) -> Location | None:
    if incident.location_id is None:
        return None
    return await uow.session.scalar(
        select(Location).where(
            Location.operator_id == incident.operator_id, Location.id == incident.location_id
        )
    )


async def _call(
    uow: UnitOfWork, channels: Sequence[AlertChannel], incident: Incident, event: str, *, links: Links
) -> None:
    for channel in channels:
        if channel.kind == "webhook":
            body = {
                "event": f"incident.{event}",
                "at": uow.clock.now().isoformat(),
                "incident": summary(incident),
                "link": _link(incident, links),
            }
            await _webhook(uow, channel, body, event=f"incident.{event}", incident=incident)


async def _mail(
    uow: UnitOfWork,
    channel: AlertChannel,
    address: str,
    subject: str,
    text: str,
    *,
    event: str,
    incident: Incident | None,
) -> AlertDelivery:
    mail = await queue_mail(uow, to=address, subject=subject, text=text)
    return await _record(uow, channel, incident, event=event, receiver=address, mail_id=mail.id)


async def _webhook(
    uow: UnitOfWork,
    channel: AlertChannel,
    body: dict[str, Any],
    *,
    event: str,
    incident: Incident | None,
) -> AlertDelivery:
    delivery = await _record(uow, channel, incident, event=event, receiver=channel.url or "", body=body)
    await uow.enqueue(CALL_WEBHOOK, operator_id=delivery.operator_id, delivery_id=delivery.id)
    return delivery


async def _record(
    uow: UnitOfWork, channel: AlertChannel, incident: Incident | None, **fields: Any
) -> AlertDelivery:
    delivery = AlertDelivery(
        operator_id=channel.operator_id,
        id=new_id(),
        channel_id=channel.id,
        channel_kind=channel.kind,
        incident_id=incident.id if incident is not None else None,
        **fields,
    )
    uow.session.add(delivery)
    await uow.session.flush()
    return delivery


def _link(incident: Incident, links: Links) -> str:
    return links(f"/console/alerts?incident={encode_id('inc', incident.id)}")
