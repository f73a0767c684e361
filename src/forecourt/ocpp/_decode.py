"""The fast road: a frame as it should be goes straight to its struct.

Everything else, including a frame that merely looks suspicious, takes the slow road (`_slow`).
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from forecourt.ocpp import _slow
from forecourt.ocpp._codecs import CALL, REQUESTS, RESPONSES, RESULT, SENDS
from forecourt.ocpp._frames import Call, CallResult, Frame, Send
from forecourt.ocpp._versions import MessageId, Strictness, Version

# A struct reads null for an absent optional field, which the schemas forbid; and no database takes NUL.
_NULL = b"null"
_NUL = b"\\u0000"
_FAILURES = (msgspec.MsgspecError, KeyError, ValueError, RecursionError)


def decode(
    version: Version,
    data: bytes | str,
    *,
    pending: Callable[[MessageId], str | None] | None = None,
    strictness: Strictness = Strictness.STANDARD,
    received_at: datetime | None = None,
) -> Frame:
    """Read one WebSocket message.

    Args:
        version: the version of the connection.
        data: the text of the message, as text or as UTF-8.
        pending: the action of our call with this id, or `None` if we made no such call; the `get` of a
            `dict[MessageId, str]` serves. Without it every CALLRESULT comes back without payload.
        strictness: how much the station may deviate.
        received_at: aware; stands in for time stamps that the station leaves out. Without it a missing
            required time stamp is an error.

    Returns:
        The frame; its `quirks` say what was tolerated.

    Raises:
        DecodeError: it cannot be read; the error carries what the answer needs (`encode_refusal`).
    """
    try:
        raw = data.encode() if isinstance(data, str) else data
        if _NULL not in raw and _NUL not in raw:
            start = raw[:3]
            if start == b"[2,":
                _, message_id, action, body = CALL.decode(raw)
                return Call(message_id, action, REQUESTS[version][action].decode(body))
            if start == b"[3," and pending is not None:
                _, message_id, body = RESULT.decode(raw)
                if (expected := pending(message_id)) is not None:
                    return CallResult(message_id, expected, RESPONSES[version][expected].decode(body))
            if start == b"[6,":
                _, message_id, action, body = CALL.decode(raw)
                return Send(message_id, action, SENDS[version][action].decode(body))
    except _FAILURES:
        pass
    return _slow.read(version, data, pending=pending, strictness=strictness, received_at=received_at)
