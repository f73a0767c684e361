"""The last stage of the slow road: the schema's constraints, and the error code for what breaks them."""

import re
from typing import Any, Final

import msgspec

from forecourt.ocpp._codecs import convert
from forecourt.ocpp._errors import ErrorCode
from forecourt.ocpp._payload import Payload

_AT: Final = re.compile(r" - at `(\$.{0,300}?)`\Z", re.DOTALL)
_RULES: Final = (
    (re.compile(r"Object missing required field `([^`]{1,100})`"), ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION),
    (re.compile(r"Object contains unknown field"), ErrorCode.FORMAT_VIOLATION),
    (re.compile(r"Expected `array` of length"), ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION),
    (re.compile(r"Expected `\w+` of length"), ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
    (re.compile(r"Expected `\w+` (?:<|>|that's a multiple)"), ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
    (re.compile(r"Invalid enum value"), ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
    (re.compile(r"(?:Integer value|Number) out of range"), ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
    (re.compile(r"Invalid RFC3339|Expected `datetime`"), ErrorCode.TYPE_CONSTRAINT_VIOLATION),
    (re.compile(r"Expected "), ErrorCode.TYPE_CONSTRAINT_VIOLATION),
)


class Violation(Exception):
    """A broken constraint: its error code, where, and a sentence that repeats no value."""

    def __init__(self, code: ErrorCode, path: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.path = path
        self.description = description


def validate(value: Any, struct: type[Payload]) -> Payload:
    """The payload, every constraint checked.

    Raises:
        Violation: one is broken.
    """
    try:
        return convert(value, struct)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        raise violation_of(str(error)) from error


def violation_of(message: str) -> Violation:
    """The violation for a message of msgspec."""
    path = "$"
    if match := _AT.search(message):
        path, message = match[1], message[: match.start()]
    code = next((code for pattern, code in _RULES if pattern.match(message)), ErrorCode.FORMAT_VIOLATION)
    if message.startswith("Invalid enum value"):
        message = "Invalid enum value"
    elif message.startswith("Object contains unknown field"):
        message = "Object contains unknown field"
    return Violation(code, path, f"{message} at {path}"[:255])
