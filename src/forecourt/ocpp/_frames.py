"""The five kinds of frame, and the quirks that were tolerated while one was read."""

from typing import Any, TypeAlias

import msgspec

from forecourt.ocpp._errors import ErrorCode
from forecourt.ocpp._payload import Payload
from forecourt.ocpp._versions import MessageId


class QuirkEvent(msgspec.Struct, frozen=True):
    """One deviation that was tolerated.

    `code` is stable and listed in `QUIRKS`; `quirk` is its number in the field list of deviations, where
    it has one; `path` is a JSONPath into the frame's payload (`$` for the frame itself); `raw` is what
    the station sent, shortened only if it is very long.
    """

    code: str
    quirk: int | None
    path: str
    raw: Any = None


class Call(msgspec.Struct, frozen=True):
    """`[2, id, action, payload]`: a request that wants an answer."""

    message_id: MessageId
    action: str
    payload: Payload
    quirks: tuple[QuirkEvent, ...] = ()


class CallResult(msgspec.Struct, frozen=True):
    """`[3, id, payload]`: the answer to one of our calls.

    `action` and `payload` are `None` if no call with this id was pending: log it and drop it.
    """

    message_id: MessageId
    action: str | None
    payload: Payload | None
    quirks: tuple[QuirkEvent, ...] = ()


class CallError(msgspec.Struct, frozen=True):
    """`[4, id, code, description, details]`: the peer refuses one of our calls.

    `code` is the nearest code of the tables, `raw_code` what the peer wrote.
    """

    message_id: MessageId
    code: ErrorCode
    raw_code: str
    description: str = ""
    details: dict[str, Any] = msgspec.field(default_factory=dict)
    quirks: tuple[QuirkEvent, ...] = ()


class CallResultError(msgspec.Struct, frozen=True):
    """`[5, id, code, description, details]`: the peer could not read our answer (OCPP 2.1)."""

    message_id: MessageId
    code: ErrorCode
    raw_code: str
    description: str = ""
    details: dict[str, Any] = msgspec.field(default_factory=dict)
    quirks: tuple[QuirkEvent, ...] = ()


class Send(msgspec.Struct, frozen=True):
    """`[6, id, action, payload]`: a message that is never answered (OCPP 2.1)."""

    message_id: MessageId
    action: str
    payload: Payload
    quirks: tuple[QuirkEvent, ...] = ()


Frame: TypeAlias = Call | CallResult | CallError | CallResultError | Send
