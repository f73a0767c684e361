"""Make, change and delete the channels through which people and machines are told; keep webhook secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.identity.edits import check_revision
from forecourt.kit.crypto import SecretBox, new_token
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.mail import check_address
from forecourt.operations.errors import AlertChannelNotFound, ChannelIncomplete
from forecourt.operations.models import AlertChannel, AlertRule
from forecourt.operations.webhook import check_url

OLD_SECRET_LIVES = timedelta(hours=24)
"""How long the secret before a rotation still signs."""
FIELDS = ("name", "enabled", "recipients", "language", "url")


async def get_channel(uow: UnitOfWork, channel_id: UUID, *, lock: bool = False) -> AlertChannel:
    """A channel of the operator.

    Raises:
        AlertChannelNotFound.
    """
    query = select(AlertChannel).where(
        AlertChannel.operator_id == operator_of(uow), AlertChannel.id == channel_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = await uow.session.scalar(query)
    if row is None:
        raise AlertChannelNotFound(id=encode_id("ach", channel_id))
    return row


async def create_channel(
    uow: UnitOfWork, *, kind: str, fields: dict[str, Any], box: SecretBox, allow_private: bool
) -> tuple[AlertChannel, str | None]:
    """Add a channel; a webhook's secret is handed out this once.

    Raises:
        ChannelIncomplete, MailAddressInvalid, WebhookAddressRefused.
    """
    _check(kind, fields, allow_private=allow_private)
    channel = AlertChannel(operator_id=operator_of(uow), id=new_id(), kind=kind, **fields)
    secret = _new_secret(channel, box) if kind == "webhook" else None
    uow.session.add(channel)
    await uow.session.flush()
    await record_change(
        uow,
        action="alert_channel.created",
        subject_type="alert_channel",
        subject_id=channel.id,
        after={"kind": kind} | shown(channel),
    )
    return channel, secret


async def change_channel(
    uow: UnitOfWork,
    channel_id: UUID,
    *,
    changes: dict[str, Any],
    if_revision: int | None,
    allow_private: bool,
) -> AlertChannel:
    """Change what is given.

    Raises:
        AlertChannelNotFound, PreconditionFailed, ChannelIncomplete, MailAddressInvalid, WebhookAddressRefused.
    """
    channel = await get_channel(uow, channel_id, lock=True)
    check_revision(if_revision, channel.revision)
    before = shown(channel)
    _check(channel.kind, before | changes, allow_private=allow_private)
    for name, value in changes.items():
        setattr(channel, name, value)
    if shown(channel) != before:
        channel.revision += 1
        await uow.session.flush()
    await record_change(
        uow,
        action="alert_channel.updated",
        subject_type="alert_channel",
        subject_id=channel.id,
        before=before,
        after=shown(channel),
    )
    return channel


async def rotate_secret(
    uow: UnitOfWork, channel_id: UUID, *, box: SecretBox, if_revision: int | None
) -> tuple[AlertChannel, str]:
    """Give a webhook a new secret, told this once; the old one signs beside it for a day.

    Raises:
        AlertChannelNotFound, PreconditionFailed.
        ChannelIncomplete: it is no webhook.
    """
    channel = await get_channel(uow, channel_id, lock=True)
    check_revision(if_revision, channel.revision)
    if channel.kind != "webhook":
        raise ChannelIncomplete("only webhooks have a secret", kind=channel.kind)
    channel.old_secret, channel.old_secret_until = channel.secret, uow.clock.now() + OLD_SECRET_LIVES
    secret = _new_secret(channel, box)
    channel.revision += 1
    await uow.session.flush()
    await record_change(
        uow,
        action="alert_channel.secret_rotated",
        subject_type="alert_channel",
        subject_id=channel.id,
        before={"revision": channel.revision - 1},
        after={"revision": channel.revision, "old_one_until": channel.old_secret_until},
    )
    return channel, secret


async def delete_channel(uow: UnitOfWork, channel_id: UUID) -> None:
    """Delete a channel; rules that named it go on without it.

    Raises:
        AlertChannelNotFound.
    """
    channel = await get_channel(uow, channel_id, lock=True)
    rules = await uow.session.scalars(
        select(AlertRule)
        .where(AlertRule.operator_id == channel.operator_id, AlertRule.channel_ids.is_not(None))
        .with_for_update()
    )
    for rule in rules:
        if str(channel.id) in (rule.channel_ids or []):
            rule.channel_ids = [id_ for id_ in rule.channel_ids or [] if id_ != str(channel.id)]
            rule.revision += 1
    await uow.session.flush()
    await record_change(
        uow,
        action="alert_channel.deleted",
        subject_type="alert_channel",
        subject_id=channel.id,
        before={"kind": channel.kind} | shown(channel),
        after={"deleted": True},
    )
    await uow.session.execute(
        delete(AlertChannel).where(
            AlertChannel.operator_id == channel.operator_id, AlertChannel.id == channel.id
        )
    )


def open_secrets(channel: AlertChannel, box: SecretBox, *, now: datetime) -> Sequence[bytes]:
    """The secrets that sign now, the present one first.

    Raises:
        SecretUnreadable: the installation's key is another than the one that sealed it.
    """
    sealed = [channel.secret]
    if channel.old_secret_until is not None and now < channel.old_secret_until:
        sealed.append(channel.old_secret)
    return [box.open(value, context=_context(channel)) for value in sealed if value is not None]


def shown(channel: AlertChannel) -> dict[str, Any]:
    """The channel's fields for the audit trail."""
    return {name: getattr(channel, name) for name in FIELDS}


def _new_secret(channel: AlertChannel, box: SecretBox) -> str:
    secret = new_token("fcw", length=43)
    channel.secret = box.seal(secret.encode(), context=_context(channel))
    return secret


def _context(channel: AlertChannel) -> str:
    return f"alert_channel.secret:{channel.operator_id}:{channel.id}"


def _check(kind: str, fields: dict[str, Any], *, allow_private: bool) -> None:
    if kind == "email":
        if not fields.get("recipients") or fields.get("url"):
            raise ChannelIncomplete("an e-mail channel has recipients and no address", kind=kind)
        for address in fields["recipients"]:
            check_address(address)
    else:
        if not fields.get("url") or fields.get("recipients"):
            raise ChannelIncomplete("a webhook has an address and no recipients", kind=kind)
        check_url(fields["url"], allow_private=allow_private)
