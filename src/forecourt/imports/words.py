"""Faults and reasons in words, for reports that are read outside the console (which has its own, in its languages)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = {
    "Missing": "is missing",
    "TooLong": "has more than {limit} characters",
    "NotPrintable": "has characters that cannot be printed",
    "NotANumber": "{value!r} is no number",
    "OutOfRange": "{value} is not between {low} and {high}",
    "NotADate": "{value!r} is no date such as 2026-12-31",
    "NotYesNo": "{value!r} is neither yes nor no",
    "NotOneOf": "{value!r} is none of {values}",
    "NotACountry": "{value!r} is no country code of two letters",
    "UnknownTimeZone": "{value!r} is no time zone such as Europe/Berlin",
    "NotOpeningHours": "{value!r} is not like Mo-Fr 08:00-20:00; Sa 09:00-14:00, or 24/7",
    "NoToken": "{value!r} has nothing but separators",
    "TwiceInFile": "the same as in line {line}",
    "HalfAPlace": "is missing while the other half of the place is there",
    "SeveralOfThatName": "{count} locations are called {value!r}",
    "LocationUnknown": "there is no location {value!r}",
    "LocationRetired": "the location {value!r} is retired",
    "GroupUnknown": "there is no token group {value!r}",
    "StationKnocks": "{value} waits in the inbox: adopt it there",
    "EndsBeforeItBegins": "ends before it begins",
    "Connected": "the station has connected",
    "Charged": "somebody charged",
    "HasStations": "stations stand there",
    "HasEvses": "there are EVSEs",
    "Asked": "somebody used the card",
    "ChangedSince": "it was changed since",
    "Gone": "it is gone already",
}


def words_of(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence of a code; the code itself if there is none."""
    try:
        return _WORDS.get(code, code).format(**(params or {}))
    except (KeyError, IndexError):
        return code


def remark_of(errors: list[dict[str, Any]] | None, kept_because: str | None) -> str:
    """All that is to say about a row, in one line."""
    parts = []
    for error in errors or ():
        sentence = words_of(error["code"], error.get("params"))
        parts.append(f"{error['field']}: {sentence}" if error.get("field") else sentence)
    if kept_because:
        parts.append(f"not taken back: {words_of(kept_because)}")
    return "; ".join(parts)
