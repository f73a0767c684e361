"""The slow road: repair, normalise, validate."""

from collections.abc import Callable
from datetime import datetime

from forecourt.ocpp._errors import ErrorCode, UnreadableFrame
from forecourt.ocpp._frames import Frame
from forecourt.ocpp._versions import MessageId, Strictness, Version


def read(
    version: Version,
    data: bytes | str,
    *,
    pending: Callable[[MessageId], str | None] | None,
    strictness: Strictness,
    received_at: datetime | None,
) -> Frame:
    """Read a frame that the fast road could not."""
    raise UnreadableFrame("not readable", version=version, code=ErrorCode.RPC_FRAMEWORK_ERROR)
