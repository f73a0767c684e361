"""Frames of ours: compact JSON, checked against the schema before it leaves."""

import copy
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from forecourt.ocpp._actions import ACTIONS
from forecourt.ocpp._codecs import convert, payload_decoder
from forecourt.ocpp._errors import MAX_DESCRIPTION, DecodeError, ErrorCode, InvalidOutbound
from forecourt.ocpp._payload import MAX_EXPONENT, Payload
from forecourt.ocpp._shape import Shape, needs_care
from forecourt.ocpp._time import FractionDigits, format_timestamp
from forecourt.ocpp._versions import MessageId, Version

UNREADABLE_ID: Final = "-1"
"""The message id of an answer to a frame whose own id cannot be read (OCPP 2.x)."""

_encoder = msgspec.json.Encoder(decimal_format="number")


def encode_call(
    message_id: MessageId, action: str, payload: Payload, *, fraction_digits: FractionDigits = 3
) -> str:
    """`[2, id, action, payload]`.

    Raises:
        InvalidOutbound: the payload breaks its schema.
    """
    return _frame([2, message_id, action, _body(payload, fraction_digits)])


def encode_result(message_id: MessageId, payload: Payload, *, fraction_digits: FractionDigits = 3) -> str:
    """`[3, id, payload]`.

    Raises:
        InvalidOutbound: the payload breaks its schema.
    """
    return _frame([3, message_id, _body(payload, fraction_digits)])


def encode_send(
    message_id: MessageId, action: str, payload: Payload, *, fraction_digits: FractionDigits = 3
) -> str:
    """`[6, id, action, payload]` (OCPP 2.1): never answered.

    Raises:
        InvalidOutbound: the payload breaks its schema.
    """
    return _frame([6, message_id, action, _body(payload, fraction_digits)])


def encode_error(
    version: Version,
    message_id: MessageId,
    code: ErrorCode,
    description: str = "",
    details: Mapping[str, Any] | None = None,
) -> str:
    """`[4, id, code, description, details]`, the code in the version's spelling."""
    return _frame([4, message_id, code.on_wire(version), description[:MAX_DESCRIPTION], dict(details or {})])


def encode_result_error(
    version: Version,
    message_id: MessageId,
    code: ErrorCode,
    description: str = "",
    details: Mapping[str, Any] | None = None,
) -> str:
    """`[5, id, code, description, details]` (OCPP 2.1): we cannot read the peer's answer."""
    return _frame([5, message_id, code.on_wire(version), description[:MAX_DESCRIPTION], dict(details or {})])


def encode_refusal(error: DecodeError) -> str | None:
    """The frame that answers an unreadable one, or `None` if the protocol wants silence.

    A call is answered by CALLERROR, a result by CALLRESULTERROR in 2.1 and by nothing before, a SEND or an
    error by nothing. A frame without readable id is answered with id "-1" in 2.x and by nothing in 1.6.
    Ask `error.money` first: such a call is parked and acknowledged instead.
    """
    kind = error.message_type
    if kind == 3:
        if error.version != Version.V21 or error.message_id is None:
            return None
        return encode_result_error(error.version, error.message_id, error.code, error.description)
    if kind in (4, 5, 6):
        return None
    if error.version == Version.V16 and (error.message_id is None or kind != 2):
        return None
    message_id = UNREADABLE_ID if error.message_id is None else error.message_id
    return encode_error(error.version, message_id, error.code, error.description)


def check_outbound(payload: Payload) -> None:
    """Check a message of ours against its schema without sending it.

    Raises:
        InvalidOutbound: it breaks it; the message says where.
    """
    _body(payload, 3)


def build_request(version: Version, action: str, values: Mapping[str, Any]) -> Payload:
    """The request of an action from plain values, e.g. from an operator's raw command.

    Raises:
        InvalidOutbound: the version has no such action, or the values break its schema.
    """
    kind = ACTIONS[version].get(action)
    if kind is None:
        raise InvalidOutbound(f"OCPP {version} has no action {action!r}")
    return _build(kind.request, values)


def build_response(version: Version, action: str, values: Mapping[str, Any]) -> Payload:
    """The response of an action from plain values.

    Raises:
        InvalidOutbound: the version has no such action or never answers it, or the values break its schema.
    """
    kind = ACTIONS[version].get(action)
    if kind is None or kind.response is None:
        raise InvalidOutbound(f"OCPP {version} has no answer to {action!r}")
    return _build(kind.response, values)


def _build(struct: type[Payload], values: Mapping[str, Any]) -> Payload:
    try:
        return convert(_exact(dict(values)), struct)
    except (msgspec.ValidationError, ValueError) as error:
        raise InvalidOutbound(f"{struct.__name__}: {error}") from error


def _exact(value: Any) -> Any:
    """Floats as decimals: the structs hold no floats."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    return [_exact(item) for item in value] if isinstance(value, list) else value


def _frame(parts: list[Any]) -> str:
    try:
        return _encoder.encode(parts).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidOutbound(f"cannot be written as JSON: {error}") from error


def _body(payload: Payload, fraction_digits: FractionDigits) -> msgspec.Raw:
    """The payload as checked JSON."""
    struct = type(payload)
    try:
        body = _encoder.encode(_prepare(payload, fraction_digits))
        payload_decoder(struct).decode(body)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidOutbound(f"{struct.__name__}: {error}") from error
    return msgspec.Raw(body)


def _prepare(payload: Payload, fraction_digits: FractionDigits) -> Payload:
    """The payload with time stamps and numbers replaced by what the wire should carry.

    msgspec writes what it finds, whatever the field's type says, so a shallow copy with texts in the place
    of datetimes does.
    """
    fields = needs_care(type(payload))
    if not fields:
        return payload
    prepared = copy.copy(payload)
    for name, shape in fields:
        value = getattr(payload, name)
        if value is not None:
            setattr(prepared, name, _prepare_value(value, shape, fraction_digits))
    return prepared


def _prepare_value(value: Any, shape: Shape, fraction_digits: FractionDigits) -> Any:
    if shape.kind == "struct" and isinstance(value, Payload):
        return _prepare(value, fraction_digits)
    if shape.kind == "list" and shape.item is not None and isinstance(value, list):
        return [_prepare_value(item, shape.item, fraction_digits) for item in value]
    if shape.kind == "timestamp" and isinstance(value, datetime):
        return format_timestamp(value, fraction_digits=fraction_digits)
    if shape.kind == "number" and isinstance(value, Decimal | float):
        return _number(value)
    return value


def _number(value: Decimal | float) -> msgspec.Raw:
    """A number without exponent: some parsers of stations know none."""
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not exact.is_finite() or (exact and not -MAX_EXPONENT < exact.adjusted() < MAX_EXPONENT):
        raise ValueError(f"{value} is not a number that a message can carry")
    return msgspec.Raw(format(exact, "f").encode())
