"""Frames of ours as text, and what of a frame goes into the message log."""

from __future__ import annotations

import re
from itertools import count
from random import getrandbits
from time import time_ns
from typing import Any

import msgspec

from forecourt.ocpp import MessageId

_encoder = msgspec.json.Encoder(decimal_format="number")
_MILLIS = re.compile(r"(T\d\d:\d\d:\d\d)\.\d{3}Z\"")
_KIND = re.compile(r"\s*\[\s*([2-6])\s*,")


_process = getrandbits(32) << 30 | 0x8000_0000_0000_0000
_counter = count()


def log_id() -> str:
    """A UUIDv7 as hexadecimal text, cheaper than `kit.ids` makes one: two are needed for every message.

    Millisecond, then a counter, then 32 bits of this process, which keep several gateways apart.
    """
    number = next(_counter)
    return f"{time_ns() // 1_000_000:012x}7{number & 0xFFF:03x}{_process | (number >> 12 & 0x3FFF_FFFF):016x}"


def frame_kind(text: str) -> int:
    """The message type number that a frame begins with; 0 when it cannot be told."""
    if text[0] == "[" and text[2:3] == ",":
        digit = text[1]
        return int(digit) if digit in "23456" else 0
    found = _KIND.match(text)
    return int(found.group(1)) if found else 0


def result_frame(message_id: MessageId, payload: dict[str, Any]) -> str:
    """`[3, id, payload]`. The payload is of our own making, plain JSON values; tests hold it to the schema."""
    return _encoder.encode((3, message_id, payload)).decode()


def without_millis(frame: str) -> str:
    """The frame with time stamps in whole seconds, for firmwares that cannot parse fractions."""
    return _MILLIS.sub(r'\1Z"', frame)
