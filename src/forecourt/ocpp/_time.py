"""Time stamps as stations write them, and as we write them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal, TypeAlias

FractionDigits: TypeAlias = Literal[0, 3]
"""Digits of a second in our time stamps: 3, or 0 for firmware that cannot parse a fraction."""

_MAX_LENGTH: Final = 64
_ISO: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[Tt ,_]\s{0,3}(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,:](\d{1,30})?)?)?)?"
    r"\s{0,3}(?:([Zz])|(?:UTC|GMT)?([+\-\u2212])(\d{2}):?(\d{2})?|UTC|GMT)?",
    re.ASCII,
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})[Tt ]?(\d{2})(\d{2})(\d{2})?()([Zz])?()()()", re.ASCII)
_EPOCH: Final = re.compile(r"(\d{9,10})(\d{3})?(?:\.\d{1,9})?", re.ASCII)


def parse_timestamp(text: str) -> datetime:
    """Read a time stamp the way stations write them; the result is aware and in UTC.

    Beyond RFC 3339: fractions of any length (cut to microseconds), a decimal comma, no fraction, no
    seconds, no time of day, a blank for the `T`, slashes, one-digit months, offsets without colon or
    minutes, `24:00`, a leap second, the compact form, and seconds or milliseconds since 1970. Without an
    offset it is taken as UTC.

    Raises:
        ValueError: no time stamp, or outside the years 1 to 9999.
    """
    stripped = text.strip().strip('"') if len(text) <= _MAX_LENGTH else ""
    if match := _EPOCH.fullmatch(stripped):
        return _EPOCH_START + timedelta(seconds=int(match[1]), milliseconds=int(match[2] or 0))
    match = _ISO.fullmatch(stripped) or _COMPACT.fullmatch(stripped)
    if match is None:
        raise ValueError(f"not a time stamp: {text[:40]!r}")
    year, month, day, hour, minute, second, fraction, _zulu, sign, offset_hours, offset_minutes = (
        match.groups()
    )
    extra = timedelta()
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    if clock == (24, 0, 0):
        clock, extra = (0, 0, 0), timedelta(days=1)
    elif clock[2] == 60:
        clock, extra = (clock[0], clock[1], 59), timedelta(seconds=1)
    zone: timezone = UTC
    if sign:
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes or 0))
        zone = timezone(-offset if sign in "-\u2212" else offset)
    try:
        micros = int((fraction or "0")[:6].ljust(6, "0"))
        moment = datetime(int(year), int(month), int(day), clock[0], clock[1], clock[2], micros, tzinfo=zone)
        return (moment + extra).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"time stamp out of range: {text[:40]!r}") from error


_EPOCH_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


def format_timestamp(moment: datetime, *, fraction_digits: FractionDigits = 3) -> str:
    """RFC 3339 in UTC with `Z`; a fraction is cut to milliseconds, or left out with 0 digits.

    Raises:
        ValueError: the datetime is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}; a time stamp needs its offset")
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    timespec = "milliseconds" if fraction_digits and utc.microsecond else "seconds"
    return utc.isoformat(timespec=timespec) + "Z"
