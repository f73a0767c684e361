"""What can go wrong, and the protocol's own error codes.

OcppError
├── DecodeError            an inbound frame that cannot be read, with all that its answer needs
│   ├── UnreadableFrame        not JSON, or not one of the frame shapes
│   ├── UnsupportedMessageType a frame type that this version does not have
│   ├── UnknownAction          an action that this version does not have
│   └── InvalidPayload         a known action whose payload breaks its schema
└── EncodeError            an outbound message of ours that we must not send
    └── InvalidOutbound        it breaks its schema
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from forecourt.ocpp._versions import MessageId, Version

if TYPE_CHECKING:
    from forecourt.ocpp._frames import QuirkEvent

MAX_DESCRIPTION = 255


class ErrorCode(StrEnum):
    """Error codes in the spelling of OCPP 2.x; `on_wire` gives the spelling of a version."""

    FORMAT_VIOLATION = "FormatViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    PROTOCOL_ERROR = "ProtocolError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    SECURITY_ERROR = "SecurityError"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"

    def on_wire(self, version: Version) -> str:
        """The spelling that a peer of this version knows."""
        return _WIRE_16.get(self, self.value) if version == Version.V16 else self.value

    @classmethod
    def read(cls, text: object) -> "tuple[ErrorCode, bool]":
        """(the nearest code, whether the text was one of the tables' spellings) for any inbound code."""
        if isinstance(text, str):
            if (exact := _SPELLINGS.get(text)) is not None:
                return exact, True
            if (folded := _FOLDED.get(_fold(text))) is not None:
                return folded, False
        return cls.GENERIC_ERROR, False


# The table of 1.6 has two codes in a spelling of its own and lacks two others.
_WIRE_16 = {
    ErrorCode.FORMAT_VIOLATION: "FormationViolation",
    ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION: "OccurenceConstraintViolation",
    ErrorCode.RPC_FRAMEWORK_ERROR: "FormationViolation",
    ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED: "ProtocolError",
}


def _fold(text: str) -> str:
    return "".join(ch for ch in text[:80] if ch.isalnum()).lower()


_SPELLINGS = {code.value: code for code in ErrorCode} | {
    "FormationViolation": ErrorCode.FORMAT_VIOLATION,
    "OccurenceConstraintViolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
}
_FOLDED = {_fold(text): code for text, code in _SPELLINGS.items()} | {
    "formatviolated": ErrorCode.FORMAT_VIOLATION,
    "formattionviolation": ErrorCode.FORMAT_VIOLATION,
    "occuranceconstraintviolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "occurranceconstraintviolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "occurenceconstrainviolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "propertyconstrainviolation": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "typeconstrainviolation": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "notimplement": ErrorCode.NOT_IMPLEMENTED,
    "notsupport": ErrorCode.NOT_SUPPORTED,
    "unsupported": ErrorCode.NOT_SUPPORTED,
    "rpcerror": ErrorCode.RPC_FRAMEWORK_ERROR,
    "securityviolation": ErrorCode.SECURITY_ERROR,
    "internal": ErrorCode.INTERNAL_ERROR,
    "generic": ErrorCode.GENERIC_ERROR,
    "protocolviolation": ErrorCode.PROTOCOL_ERROR,
}


class OcppError(Exception):
    """Root of this package's errors."""


class DecodeError(OcppError):
    """An inbound frame that cannot be read.

    Attributes:
        version: the version of the connection.
        code: the error code to answer with.
        description: at most 255 characters, fit to be sent to the station: it names fields, not values.
        details: always `{}`; what the station sent is not repeated to it.
        message_id: the frame's id, or `None` if even that cannot be read.
        message_type: 2 to 6, or what stood there, or `None`.
        action: the action of a call, or of the pending call for a result, or `None`.
        path: where in the payload, as a JSONPath.
        money: it is a call that money hangs on: park it and acknowledge it, do not refuse it.
        quirks: what had been tolerated until then.
    """

    def __init__(
        self,
        description: str,
        *,
        version: Version,
        code: ErrorCode,
        message_id: MessageId | None = None,
        message_type: int | None = None,
        action: str | None = None,
        path: str = "$",
        money: bool = False,
        quirks: "tuple[QuirkEvent, ...]" = (),
    ) -> None:
        self.version = version
        self.code = code
        self.description = description[:MAX_DESCRIPTION]
        self.details: dict[str, Any] = {}
        self.message_id = message_id
        self.message_type = message_type
        self.action = action
        self.path = path
        self.money = money
        self.quirks = quirks
        super().__init__(self.description)


class UnreadableFrame(DecodeError):
    """Not JSON, or not one of the frame shapes."""


class UnsupportedMessageType(DecodeError):
    """A frame type that this version does not have."""


class UnknownAction(DecodeError):
    """An action that this version does not have."""


class InvalidPayload(DecodeError):
    """A known action whose payload breaks its schema beyond what the station's strictness tolerates."""


class EncodeError(OcppError):
    """An outbound message of ours that we must not send."""


class InvalidOutbound(EncodeError):
    """An outbound message of ours breaks its schema. The message says which field and why."""
