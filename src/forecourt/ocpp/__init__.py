"""The wire protocol of charging stations: OCPP-J 1.6, 2.0.1 and 2.1.

Owns the frames, the messages as typed structs (`v16`, `v201`, `v21`, generated from the official schemas),
decoding with tolerance for what real stations send, encoding with checks on what we send, the error codes
of each version and the redaction of secrets. It never opens a socket, knows a station or reads a clock.
No tables, no events.

    frame = decode(Version.V16, text, pending=calls.get)
    match frame:
        case Call(message_id, action, payload, quirks): ...

Errors:

    OcppError
    ├── DecodeError
    │   ├── UnreadableFrame
    │   ├── UnsupportedMessageType
    │   ├── UnknownAction
    │   └── InvalidPayload
    └── EncodeError
        └── InvalidOutbound
"""

from forecourt.ocpp import v16, v21, v201
from forecourt.ocpp._actions import ACTIONS, MONEY_ACTIONS, ActionType, refusal
from forecourt.ocpp._decode import decode
from forecourt.ocpp._encode import (
    UNREADABLE_ID,
    build_request,
    build_response,
    check_outbound,
    encode_call,
    encode_error,
    encode_refusal,
    encode_result,
    encode_result_error,
    encode_send,
)
from forecourt.ocpp._errors import (
    DecodeError,
    EncodeError,
    ErrorCode,
    InvalidOutbound,
    InvalidPayload,
    OcppError,
    UnknownAction,
    UnreadableFrame,
    UnsupportedMessageType,
)
from forecourt.ocpp._frames import Call, CallError, CallResult, CallResultError, Frame, QuirkEvent, Send
from forecourt.ocpp._numbers import canonical_unit, default_unit, parse_decimal
from forecourt.ocpp._payload import CustomData, Payload
from forecourt.ocpp._quirks import QUIRKS, Quirk
from forecourt.ocpp._redact import redact
from forecourt.ocpp._time import FractionDigits, format_timestamp, parse_timestamp
from forecourt.ocpp._versions import MessageId, Strictness, Version

__all__ = [
    "ACTIONS",
    "MONEY_ACTIONS",
    "QUIRKS",
    "UNREADABLE_ID",
    "ActionType",
    "Call",
    "CallError",
    "CallResult",
    "CallResultError",
    "CustomData",
    "DecodeError",
    "EncodeError",
    "ErrorCode",
    "FractionDigits",
    "Frame",
    "InvalidOutbound",
    "InvalidPayload",
    "MessageId",
    "OcppError",
    "Payload",
    "Quirk",
    "QuirkEvent",
    "Send",
    "Strictness",
    "UnknownAction",
    "UnreadableFrame",
    "UnsupportedMessageType",
    "Version",
    "build_request",
    "build_response",
    "canonical_unit",
    "check_outbound",
    "decode",
    "default_unit",
    "encode_call",
    "encode_error",
    "encode_refusal",
    "encode_result",
    "encode_result_error",
    "encode_send",
    "format_timestamp",
    "parse_decimal",
    "parse_timestamp",
    "redact",
    "refusal",
    "v16",
    "v21",
    "v201",
]
