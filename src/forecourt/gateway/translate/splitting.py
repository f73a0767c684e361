"""Requests that a station could not take in one message are several, and their answers are one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from forecourt.gateway.translate.dialect import Wire
from forecourt.stations.commands import Limits

_AROUND = 128
"""Bytes of a frame beside its items, rounded up: type, id, action, brackets."""


def split(items: Sequence[Any], limits: Limits) -> list[list[Any]]:
    """The items in their order, in as few parts as the limits allow. One that is too large goes alone."""
    parts: list[list[Any]] = []
    size = 0
    for item in items:
        length = len(msgspec.json.encode(item)) + 1
        full = limits.items is not None and parts and len(parts[-1]) >= limits.items
        large = limits.octets is not None and size + length + _AROUND > limits.octets
        if not parts or full or large:
            parts.append([])
            size = 0
        parts[-1].append(item)
        size += length
    return parts


def joined(before: Wire, reply: Wire) -> Wire:
    """Two answers as one: lists one after the other, of anything else the later one."""
    both = {**before, **reply}
    for name, value in before.items():
        later = reply.get(name)
        if isinstance(value, list) and isinstance(later, list):
            both[name] = [*value, *later]
    return both
