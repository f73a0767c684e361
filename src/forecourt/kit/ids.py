"""Row ids (UUIDv7) and the text that the outside sees of them (TypeID form).

UUIDv7: RFC 9562 section 5.7. Text: https://github.com/jetify-com/typeid/tree/main/spec without its
length-prefixed parts: a prefix, an underscore, and the 128 bits in 26 characters of lower-case Crockford
base32. A three-letter prefix gives 30 characters.
"""

from __future__ import annotations

import os
import threading
import time
from random import getrandbits
from uuid import UUID

from forecourt.kit.errors import Invalid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_VALUES = {c: i for i, c in enumerate(_ALPHABET)}
_TEXT_LENGTH = 26

_TAIL_BITS = 74
_lock = threading.Lock()
_last_ms = 0
_tail = 0


class InvalidId(Invalid):
    """The text is not an id of the expected kind."""


def new_id() -> UUID:
    """Make a UUIDv7 that is greater than every one this process made before.

    Within a millisecond, and when the wall clock steps back, the random tail counts up by a random step
    (RFC 9562 section 6.2, method 2).
    """
    global _last_ms, _tail
    with _lock:
        ms = time.time_ns() // 1_000_000
        if ms > _last_ms:
            _last_ms = ms
            # The top bit stays clear, so that counting up has room.
            _tail = int.from_bytes(os.urandom(10), "big") >> 7
        else:
            _tail += getrandbits(32) + 1
            if _tail >> _TAIL_BITS:
                _last_ms += 1
                _tail = int.from_bytes(os.urandom(10), "big") >> 7
        ms, tail = _last_ms, _tail
    high = (ms << 16) | 0x7000 | (tail >> 62)
    low = 0x8000_0000_0000_0000 | (tail & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=(high << 64) | low)


def encode_id(prefix: str, value: UUID) -> str:
    """Write an id as text, e.g. ``encode_id("ses", id) == "ses_01jz8q..."``."""
    number = value.int
    text = "".join([_PAIRS[(number >> shift) & 0x3FF] for shift in range(120, -1, -10)])
    return f"{prefix}_{text}"


def decode_id(prefix: str, text: str) -> UUID:
    """Read an id that ``encode_id`` wrote. Letters may be of either case.

    Raises:
        InvalidId: another prefix, another length, or a character outside the alphabet.
    """
    head, _, body = text.strip().lower().rpartition("_")
    if head != prefix or len(body) != _TEXT_LENGTH or body[0] > "7":
        raise InvalidId(f"{text!r} is not an id that starts with '{prefix}_'", prefix=prefix, value=text)
    number = 0
    try:
        for character in body:
            number = (number << 5) | _VALUES[character]
    except KeyError:
        raise InvalidId(
            f"{text!r} is not an id: {character!r} cannot occur in one", prefix=prefix, value=text
        ) from None
    return UUID(int=number)
