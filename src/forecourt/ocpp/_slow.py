"""The slow road: repair, normalise, validate."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from forecourt.ocpp._actions import ACTIONS, MONEY_ACTIONS, ActionType
from forecourt.ocpp._codecs import MAX_ID_LENGTH
from forecourt.ocpp._errors import (
    DecodeError,
    ErrorCode,
    InvalidPayload,
    UnknownAction,
    UnreadableFrame,
    UnsupportedMessageType,
)
from forecourt.ocpp._frames import Call, CallError, CallResult, CallResultError, Frame, Send
from forecourt.ocpp._normalise import Normaliser
from forecourt.ocpp._payload import Payload
from forecourt.ocpp._quirks import Notes
from forecourt.ocpp._repair import parse, recover_head, text_of
from forecourt.ocpp._validate import Violation, validate
from forecourt.ocpp._versions import MessageId, Strictness, Version

MAX_TEXT: Final = 8 * 1024 * 1024
"""Longest frame, in bytes, that is read here; the socket's own limit is lower."""


def read(
    version: Version,
    data: bytes | str,
    *,
    pending: Callable[[MessageId], str | None] | None,
    strictness: Strictness,
    received_at: datetime | None,
) -> Frame:
    """Read a frame that the fast road could not; arguments and errors as for `decode`."""
    reader = _Reader(version, pending, Notes(strictness), received_at)
    try:
        return reader.read(data)
    except (Violation, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise reader.error(
            UnreadableFrame, "The frame cannot be read", ErrorCode.RPC_FRAMEWORK_ERROR
        ) from error


class _Reader:
    """Reads one frame, and remembers how far it came."""

    def __init__(
        self,
        version: Version,
        pending: Callable[[MessageId], str | None] | None,
        notes: Notes,
        received_at: datetime | None,
    ) -> None:
        self.version = Version(version)
        self.pending = pending
        self.notes = notes
        self.received_at = received_at
        self.message_type: int | None = None
        self.message_id: MessageId | None = None
        self.action: str | None = None

    def error(
        self, kind: type[DecodeError], description: str, code: ErrorCode, path: str = "$"
    ) -> DecodeError:
        """A decode error with all that is known of the frame."""
        return kind(
            description,
            version=self.version,
            code=code,
            message_id=self.message_id,
            message_type=self.message_type,
            action=self.action,
            path=path,
            money=self.message_type == 2 and self.action in MONEY_ACTIONS,
            quirks=tuple(self.notes.events),
        )

    def read(self, data: bytes | str) -> Frame:
        if len(data) > MAX_TEXT:
            self._recover(data)
            raise self.error(UnreadableFrame, "The frame is too long", ErrorCode.RPC_FRAMEWORK_ERROR)
        text = text_of(data, self.notes)
        if text is None:
            self._recover(data)
            raise self.error(UnreadableFrame, "The frame is not UTF-8 text", ErrorCode.RPC_FRAMEWORK_ERROR)
        try:
            elements = parse(text, self.notes)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._recover(text)
            raise self.error(
                UnreadableFrame, "The frame is not JSON", ErrorCode.RPC_FRAMEWORK_ERROR
            ) from error
        if not isinstance(elements, list) or not elements:
            raise self.error(UnreadableFrame, "The frame is not a list", ErrorCode.RPC_FRAMEWORK_ERROR)
        self._read_type(elements[0])
        self._read_id(elements)
        if self.message_type in (4, 5) and self._known_type():
            return self._read_error(elements)
        if self.message_type in (2, 3, 6) and self._known_type():
            if self.message_id is None:
                raise self.error(
                    UnreadableFrame, "The message id is not a text", ErrorCode.RPC_FRAMEWORK_ERROR
                )
            return self._read_result(elements) if self.message_type == 3 else self._read_call(elements)
        raise self.error(
            UnsupportedMessageType,
            f"OCPP {self.version} has no message type {self.message_type}",
            ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED,
        )

    def _recover(self, data: bytes | str) -> None:
        head = data[:600]
        text = (
            head.encode(errors="replace").decode()
            if isinstance(head, str)
            else head.decode("utf-8", "replace")
        )
        self.message_type, self.message_id, action = recover_head(text)
        if self.message_type in (2, 6) and action is not None:
            self.action = self._spelling(action)

    def _known_type(self) -> bool:
        return self.message_type in (2, 3, 4) or self.version == Version.V21

    def _read_type(self, value: Any) -> None:
        if isinstance(value, str) and value.strip().isdecimal() and len(value) < 8:
            if self.notes.note("message_type_text", "$[0]", value):
                value = int(value)
        elif isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
            value = int(value)
        if type(value) is not int:
            raise self.error(
                UnreadableFrame, "The message type is not a number", ErrorCode.RPC_FRAMEWORK_ERROR
            )
        self.message_type = value

    def _read_id(self, elements: list[Any]) -> None:
        value = elements[1] if len(elements) > 1 else None
        reply = self.message_type in (3, 4, 5)
        if type(value) is int and (reply or self.notes.note("integer_message_id", "$[1]", value)):
            self.message_id = self._pending_id(value) if reply else value
        elif isinstance(value, str) and value:
            if len(value) > MAX_ID_LENGTH and not self.notes.note("long_message_id", "$[1]", value):
                self.message_id = value
                raise self.error(UnreadableFrame, "The message id is too long", ErrorCode.RPC_FRAMEWORK_ERROR)
            self.message_id = value

    def _pending_id(self, value: int) -> MessageId:
        """Our ids are texts: a station that answers with a number means the text of it."""
        self.notes.note("integer_message_id", "$[1]", value)
        text = str(value)
        return text if self.pending is not None and self.pending(text) is not None else value

    def _spelling(self, action: str) -> str:
        """The action as the version spells it, where only the case differs."""
        table = ACTIONS[self.version]
        if action in table or len(action) > 64:
            return action
        folded = action.strip().replace("_", "").replace(" ", "").lower()
        return next((name for name in table if name.lower() == folded), action)

    def _read_call(self, elements: list[Any]) -> Frame:
        action = elements[2] if len(elements) > 2 else None
        if not isinstance(action, str) or self.message_id is None:
            raise self.error(UnreadableFrame, "The action is not a text", ErrorCode.RPC_FRAMEWORK_ERROR)
        self.action = action
        kind = self._kind(action)
        payload = self._payload(elements, 3, kind.request)
        quirks = tuple(self.notes.events)
        if self.message_type == 6:
            return Send(self.message_id, kind.action, payload, quirks)
        return Call(self.message_id, kind.action, payload, quirks)

    def _kind(self, action: str) -> ActionType:
        spelling = self._spelling(action)
        kind = ACTIONS[self.version].get(spelling)
        if kind is None or (spelling != action and not self.notes.note("action_spelling", "$[2]", action)):
            raise self.error(
                UnknownAction, f"OCPP {self.version} has no such action", ErrorCode.NOT_IMPLEMENTED, "$[2]"
            )
        self.action = spelling
        if kind.is_send != (self.message_type == 6):
            raise self.error(
                UnsupportedMessageType,
                f"{spelling} does not travel in message type {self.message_type}",
                ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED,
            )
        return kind

    def _read_result(self, elements: list[Any]) -> CallResult:
        message_id = self.message_id
        if message_id is None:
            raise self.error(UnreadableFrame, "The message id is not a text", ErrorCode.RPC_FRAMEWORK_ERROR)
        action = self.pending(message_id) if self.pending is not None else None
        kind = ACTIONS[self.version].get(action) if action is not None else None
        if kind is None or kind.response is None:
            return CallResult(message_id, None, None, tuple(self.notes.events))
        self.action = kind.action
        payload = self._payload(elements, 2, kind.response)
        return CallResult(message_id, kind.action, payload, tuple(self.notes.events))

    def _payload(self, elements: list[Any], position: int, struct: type[Payload]) -> Payload:
        place = f"$[{position}]"
        value: Any = elements[position] if len(elements) > position else None
        if value is None:
            absent = len(elements) <= position
            if not self.notes.note("payload_missing" if absent else "payload_null", place):
                code = ErrorCode.RPC_FRAMEWORK_ERROR if absent else ErrorCode.FORMAT_VIOLATION
                raise self.error(UnreadableFrame, "The payload is missing", code, place)
            value = {}
        elif value == [] and self.notes.note("payload_empty_list", place):
            value = {}
        if len(elements) > position + 1 and not self.notes.note("extra_elements", place):
            raise self.error(
                UnreadableFrame, "The frame has too many elements", ErrorCode.RPC_FRAMEWORK_ERROR
            )
        if not isinstance(value, dict):
            raise self.error(
                InvalidPayload, "The payload is not an object", ErrorCode.FORMAT_VIOLATION, place
            )
        normaliser = Normaliser(self.notes, received_at=self.received_at)
        try:
            payload = validate(normaliser.normalise(value, struct), struct)
        except Violation as violation:
            raise self.error(
                InvalidPayload, violation.description, violation.code, violation.path
            ) from violation
        normaliser.restore(payload)
        return payload

    def _read_error(self, elements: list[Any]) -> CallError | CallResultError:
        if self.message_id is None:
            raise self.error(UnreadableFrame, "The message id is not a text", ErrorCode.RPC_FRAMEWORK_ERROR)
        raw_code, description, details = [*elements[2:5], None, None, None][:3]
        if not isinstance(description, str) or not isinstance(details, dict) or len(elements) != 5:
            self.notes.note("error_incomplete", "$", elements[2:])
        code, known = ErrorCode.read(raw_code)
        if not known:
            self.notes.note("error_code", "$[2]", raw_code)
        frame = CallError if self.message_type == 4 else CallResultError
        return frame(
            self.message_id,
            code,
            _text(raw_code),
            _text(description),
            details if isinstance(details, dict) else {},
            tuple(self.notes.events),
        )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, dict | list) else str(value)
