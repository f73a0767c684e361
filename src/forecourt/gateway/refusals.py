"""Messages that have no effect: what is logged, what the station is told, what is kept for somebody to look at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from forecourt.gateway.journal import Item, LogRow, ParkedMessage
from forecourt.gateway.wire import frame_kind, result_frame
from forecourt.kit.ids import encode_id
from forecourt.kit.outbox import outbox_row
from forecourt.ocpp import MONEY_ACTIONS, Call, DecodeError, ErrorCode, Payload, encode_error, encode_refusal
from forecourt.stations.answers import Answer
from forecourt.stations.events import Inbound

if TYPE_CHECKING:
    from forecourt.gateway.connection import Link


def repeated(link: Link, call: Call, text: str, now: datetime, reply: str) -> Item:
    """The same message on the same socket: the same answer."""
    link.gateway.stats.duplicates += 1
    row = link.log_row(now, "in", 2, call.message_id, call.action, text, error="duplicate")
    return _answered(link, row, now, 3, reply, text)


def _answered(link: Link, row: LogRow, now: datetime, kind: int, reply: str, text: str) -> Item:
    item = Item(link, "log", log=row, reply=reply, text=text)
    item.logged_reply = link.logged_reply(now, kind, row[7], reply)
    return item


def _reported(link: Link, item: Item, row: LogRow, code: str, *, parked: bool) -> Item:
    """Make it a business fact, too (`message.rejected`), at most once a minute for the same mistake."""
    action, message_id = row[7], row[6]
    if link.may_report(action, code):
        item.outbox = outbox_row(
            link.entry.operator_id,
            "message.rejected",
            subject_id=link.entry.station_id,
            subject_revision=None,
            at=row[2],
            data={
                "station_id": encode_id("sta", link.entry.station_id),
                "identity": link.entry.identity,
                "action": action,
                "message_id": message_id,
                "code": code[:200],
                "parked": parked,
                "log_id": encode_id("msg", UUID(row[1])),
            },
        )
    return item


def refuse(link: Link, call: Call, text: str, now: datetime, code: ErrorCode, why: str) -> Item:
    """A CALLERROR for a call that can be read."""
    link.gateway.stats.refused += 1
    reply = encode_error(link.version, call.message_id, code, why)
    row = link.log_row(now, "in", 2, call.message_id, call.action, text, error=code.value)
    return _reported(link, _answered(link, row, now, 4, reply, text), row, code.value, parked=False)


def undecodable(link: Link, error: DecodeError, text: str, now: datetime) -> Item:
    """A frame that cannot be read: parked if money hangs on it, else refused as the protocol wants."""
    if error.money and error.message_id is not None:
        return park(link, error.action or "", error.message_id, text, now, f"{error.code.value} {error.path}")
    link.gateway.stats.refused += 1
    reply = encode_refusal(error)
    kind = error.message_type if error.message_type in (2, 3, 4, 5, 6) else 0
    row = link.log_row(
        now, "in", kind, error.message_id, error.action, text, error=error.code.value, quirks=error.quirks
    )
    if reply is None:
        item = Item(link, "log", log=row, text=text)
    else:
        item = _answered(link, row, now, frame_kind(reply), reply, text)
    return _reported(link, item, row, error.code.value, parked=False)


def unreadable(link: Link, why: str, data: bytes, size: int | None, now: datetime) -> LogRow:
    """The row of a frame that is no message: its beginning as text, what is not text replaced, and its size."""
    link.gateway.stats.refused += 1
    shown = data.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if size is None:
        shown += "… (not read to its end)"
    elif size > len(data):
        shown += f"… ({size} bytes, cut)"
    return link.log_row(now, "in", 0, None, None, shown, error=f"unreadable: {why}")


def park(link: Link, action: str, message_id: str | int, text: str, now: datetime, error: str) -> Item:
    """Acknowledge what money hangs on although it cannot be taken; the row and the hook say why."""
    link.gateway.stats.parked += 1
    route = link.dialect.route(action)

    def answer(given: Answer | None, at: datetime) -> str:
        return result_frame(message_id, route.answer(given, None, at))

    row = link.log_row(now, "in", 2, message_id, action, text, error=f"parked: {error}"[:500])
    parked = ParkedMessage(
        link.entry.operator_id, link.entry.station_id, now, link.version.subprotocol, action, str(message_id),
        row[8], error[:500], UUID(row[1]),
    )  # fmt: skip
    item = Item(link, "log", None, answer, log=row, parked=parked, text=text)
    return _reported(link, item, row, error, parked=True)


def unwritable(link: Link, text: str, inbound: Inbound, cause: BaseException, now: datetime) -> Item:
    """A message that the database refuses, alone as in a batch: parked, or refused."""
    message_id = _wire_id(text, inbound.message_id)
    if inbound.action in MONEY_ACTIONS:
        return park(link, inbound.action, message_id, text, now, type(cause).__name__)
    reply = encode_error(link.version, message_id, ErrorCode.INTERNAL_ERROR, "it could not be stored")
    row = link.log_row(now, "in", 2, message_id, inbound.action, text, error=type(cause).__name__)
    item = _answered(link, row, now, 4, reply, text)
    return _reported(link, item, row, type(cause).__name__, parked=False)


def faulty(link: Link, text: str, now: datetime) -> Item:
    """A message that a fault of ours kept from being read: money is parked, other calls are refused."""
    try:
        kind, message_id, action = msgspec.json.decode(text)[:3]
    except (msgspec.MsgspecError, ValueError, TypeError):
        kind = message_id = action = None
    if kind == 2 and isinstance(message_id, str | int) and isinstance(action, str):
        if action in MONEY_ACTIONS:
            return park(link, action, message_id, text, now, "fault")
        return refuse(link, Call(message_id, action, Payload()), text, now, ErrorCode.INTERNAL_ERROR, "")
    return Item(link, "log", log=link.log_row(now, "in", 0, None, None, text, error="fault"), text=text)


def _wire_id(text: str, message_id: str) -> str | int:
    """The id as the station wrote it: an integer goes back as an integer."""
    try:
        found = msgspec.json.decode(text)[1]
    except (msgspec.MsgspecError, IndexError, TypeError, KeyError):
        return message_id
    return found if isinstance(found, str | int) else message_id
