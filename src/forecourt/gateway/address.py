"""Whose socket is this? From the request target and the Host header to operator and identity.

`/ocpp/OPERATOR/STATION`, `/ocpp/STATION` for the default operator, and what chargers make of it (spec/ocpp.md
quirks 4 to 8): a whole URL as the target, doubled and trailing slashes, an extra prefix, no slash before the
identity, another platform's path that an alias maps to us. The identity is percent-decoded once, after the split.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

MAX_IDENTITY = 255
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Alias:
    """A foreign address that is ours: every station below `host` and `prefix` belongs to `operator`.

    Empty `host`: any host. Empty `prefix`: any path of that host.
    """

    operator: str
    host: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """One reading of a request target; `operator` is a slug, `None` the default operator."""

    operator: str | None
    identity: str


def _segments(target: str) -> list[str] | None:
    """The decoded path segments, without empty ones; `None` when the encoding is invalid."""
    path = target.split("?", 1)[0].split("#", 1)[0]
    scheme = path.find("://")
    if scheme != -1 and path[:scheme].lstrip("/").lower() in ("ws", "wss", "http", "https"):
        path = "/" + path[scheme + 3 :].partition("/")[2]
    else:
        # "/ws:/host:9000/CP1": a proxy that merges slashes
        merged = re.match(r"^/*(?:wss?|https?):/+[^/]+/", path, re.IGNORECASE)
        if merged is not None:
            path = "/" + path[merged.end() :]
    if _BAD_ESCAPE.search(path):
        return None
    try:
        # The target came as latin-1, so raw UTF-8 bytes in it survive this.
        return [unquote_to_bytes(part.encode("latin-1")).decode() for part in path.split("/") if part]
    except UnicodeError:
        return None


def read_address(target: str, host: str = "", aliases: Sequence[Alias] = ()) -> list[Address]:
    """All readings of a target, the most literal first; empty when nothing can be read.

    The caller takes the first one that it knows. An identity that is empty, too long or has control
    characters is no reading.
    """
    segments = _segments(target)
    if not segments:
        return []
    readings: list[Address] = []
    name = host.rsplit(":", 1)[0].lower() if not host.endswith("]") else host.lower()
    for alias in aliases:
        prefix = [part for part in alias.prefix.split("/") if part]
        if alias.host and alias.host.lower() != name:
            continue
        if [part.lower() for part in segments[: len(prefix)]] == [part.lower() for part in prefix]:
            rest = segments[len(prefix) :]
            if rest and (alias.host or prefix):
                readings.append(Address(alias.operator, rest[-1]))
    if segments[0].lower() == "ocpp":
        rest = segments[1:]
        if len(rest) == 1:
            readings.append(Address(None, rest[0]))
        elif len(rest) >= 2:
            readings.append(Address(rest[0].lower(), rest[-1]))
            if len(rest) >= 3:
                readings.append(Address(rest[-2].lower(), rest[-1]))
    else:
        if len(segments) >= 2:
            readings.append(Address(segments[-2].lower(), segments[-1]))
        readings.append(Address(None, segments[-1]))
        if len(segments) == 1 and segments[0].lower().startswith("ocpp") and len(segments[0]) > 4:
            readings.append(Address(None, segments[0][4:]))
    unique: dict[Address, None] = {}
    for reading in readings:
        if 0 < len(reading.identity) <= MAX_IDENTITY and reading.identity.isprintable():
            unique.setdefault(reading)
    return list(unique)
