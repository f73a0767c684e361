"""The first stage of the slow road: from bytes to JSON values, mending known damage.

The repair reads tokens once from left to right, so its time is linear, and it only mends what stations are
known to break; anything else is left to fail.
"""

import re
from decimal import Decimal
from typing import Any, Final

import msgspec

from forecourt.ocpp._payload import decode_number
from forecourt.ocpp._quirks import Notes

MAX_REPAIR: Final = 256 * 1024
"""Longest text, in characters, that is repaired."""

MAX_WORD: Final = 100

_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|(\\u0000)|\\.",
    re.DOTALL,
)
_TOKEN: Final = re.compile(
    r'(?P<space>[\s\x00]++)|(?P<string>"(?:[^"\\]++|\\.)*+")|(?P<punct>[\[\]{},:])|(?P<word>[^\s\x00"\[\]{},:]++)',
    re.DOTALL,
)
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_ODD_NUMBER: Final = re.compile(r"([+-]?)0*+(\d*+)(?:\.(\d*+))?", re.ASCII)
_BAD_ESCAPE: Final = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|(.))', re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_WORDS: Final = {
    "true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null",
    "undefined": "null", "NaN": "null", "nan": "null", "-nan": "null", "Infinity": "null", "-Infinity": "null",
    "inf": "null", "-inf": "null", "TRUE": "true", "FALSE": "false", "NULL": "null",
}  # fmt: skip
_OPENS: Final = {"[": "]", "{": "}"}
_HEAD: Final = re.compile(
    r'[\s\x00\ufeff]{0,16}\[\s{0,8}"?(-?\d{1,4})"?\s{0,8}'
    r'(?:,\s{0,8}(?:"((?:[^"\\]|\\.){1,200})"|(-?\d{1,18}))\s{0,8}(?:,\s{0,8}"([A-Za-z0-9]{1,64})")?)?'
)


def text_of(data: bytes | str, notes: Notes) -> str | None:
    """The frame's text without bytes that cannot be text, or `None` if the station may not send such."""
    try:
        text = data.encode().decode() if isinstance(data, str) else str(data, "utf-8")
    except UnicodeError:
        if not notes.note("invalid_utf8", "$"):
            return None
        text = (
            data.encode(errors="replace").decode() if isinstance(data, str) else str(data, "utf-8", "replace")
        )
    stripped = text.strip("\ufeff\x00 \t\r\n")
    if len(stripped) != len(text) and stripped != text.strip() and not notes.note("stray_bytes", "$"):
        return None
    if "\\u" not in stripped:
        return stripped
    return _ESCAPE.sub(lambda match: _escape(match, notes), stripped)


def _escape(match: re.Match[str], notes: Notes) -> str:
    if match[1]:
        notes.note("lone_surrogate", "$", match[1])
        return "\\ufffd"
    if match[2]:
        notes.note("nul_character", "$")
        return ""
    return match[0]


def _number(text: str) -> Decimal:
    try:
        return decode_number(text)
    except ValueError:
        return Decimal("NaN")  # read later as a value that is not there


_decoder: Final = msgspec.json.Decoder(float_hook=_number)


def parse(text: str, notes: Notes) -> Any:
    """JSON values, decimals as `Decimal`; mended if need be.

    Raises:
        ValueError, RecursionError, msgspec.MsgspecError: it is not JSON and cannot be mended.
    """
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError:
        if not notes.allow("json_repaired"):
            raise
        mended, closed = repair(text, close=notes.allow("json_closed"))
        value = _decoder.decode(mended)
        notes.note("json_closed" if closed else "json_repaired", "$")
        return value


def recover_head(text: str) -> tuple[int | None, str | int | None, str | None]:
    """(frame type, message id, action) from a text that need not be JSON."""
    match = _HEAD.match(text)
    if match is None:
        return None, None, None
    message_id: str | int | None = int(match[3]) if match[3] else match[2]
    if match[2]:
        try:
            message_id = msgspec.json.decode(f'"{match[2]}"', type=str).replace("\0", "")
        except msgspec.DecodeError:
            message_id = None
    return int(match[1]), message_id or None, match[4]


def repair(text: str, *, close: bool) -> tuple[str, bool]:
    """(mended text, whether missing brackets were added at its end).

    Mends: a value missing after a colon, commas too many or too few, words that are not JSON, numbers like
    `+1`, `007`, `.5` and `5.`, a decimal comma in an object, raw control characters and bad escapes in
    texts, and anything after the end of the frame.

    Raises:
        ValueError: another kind of damage.
    """
    if len(text) > MAX_REPAIR:
        raise ValueError("too long to repair")
    out: list[str] = []
    stack: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"unterminated text at {position}")
        position = match.end()
        if match.lastgroup == "space":
            continue
        token = match[0]
        if match.lastgroup == "string":
            token = _string(token)
        elif match.lastgroup == "word":
            token = _word(token)
        _append(out, stack, token)
        if not stack:
            return "".join(out), False
    if not close or not out:
        raise ValueError("the frame ends early")
    while stack:
        _append(out, stack, stack[-1])
    return "".join(out), True


def _append(out: list[str], stack: list[str], piece: str) -> None:
    previous = out[-1] if out else ""
    if piece == "," and previous in ("[", "{", ","):
        return
    if piece in ("]", "}"):
        if not stack or stack[-1] != piece:
            raise ValueError("brackets do not match")
        if previous == ",":
            out.pop()
        elif previous == ":":
            out.append("null")
        stack.pop()
    elif piece in (",", ":"):
        if previous == ":":
            if piece == ":":
                return
            out.append("null")
    else:
        if previous == "," and _is_decimal_comma(out, stack, piece):
            out.pop()
            out[-1] += f".{piece}"
            return
        if previous and previous not in ("[", "{", ",", ":"):
            out.append(",")
        if piece in _OPENS:
            stack.append(_OPENS[piece])
    out.append(piece)


def _is_decimal_comma(out: list[str], stack: list[str], piece: str) -> bool:
    """Whether the comma just read belongs to a number: in an object a name would have to follow it."""
    return stack[-1] == "}" and piece.isdigit() and out[-3:-2] == [":"] and out[-2].lstrip("-").isdigit()


def _word(token: str) -> str:
    if (word := _WORDS.get(token)) is not None:
        return word
    if _JSON_NUMBER.fullmatch(token):
        return token
    match = _ODD_NUMBER.fullmatch(token) if len(token) < MAX_WORD else None
    if match is None or not (match[2] or match[3] or "0" in token):
        raise ValueError(f"not a JSON word: {token[:20]!r}")
    sign = "-" if match[1] == "-" else ""
    return f"{sign}{match[2] or '0'}" + (f".{match[3]}" if match[3] else "")


def _string(token: str) -> str:
    if "\\" in token:
        token = _BAD_ESCAPE.sub(lambda match: match[0] if match[1] else match[2], token)
    return _CONTROL.sub(" ", token)
