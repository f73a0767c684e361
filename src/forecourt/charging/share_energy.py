"""Energy in whole nanowatt-hours: shared over stretches of time without losing any, and written plainly."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from forecourt.charging.register import ZERO

NANO: Final = 10**9
_ONE: Final = Decimal(1)
_MICROSECOND: Final = timedelta(microseconds=1)


def share_energy(stretches: list[tuple[datetime, datetime, str]], energy: Decimal) -> list[Decimal]:
    """Split energy over stretches in whole nanowatt-hours: by length over those that charge, else over all."""
    if not energy:
        return [ZERO] * len(stretches)
    takes = [state == "charging" and end > start for start, end, state in stretches]
    if not any(takes):
        takes = [end > start and state != "suspended_evse" for start, end, state in stretches]
    if not any(takes):
        return [*([ZERO] * (len(stretches) - 1)), energy]
    lengths = [
        (end - start) // _MICROSECOND if take else 0
        for (start, end, _), take in zip(stretches, takes, strict=True)
    ]
    total, left, whole = sum(lengths), int(energy * NANO), int(energy * NANO)
    shares = []
    for index, length in enumerate(lengths):
        share = whole * length // total
        if index == max(i for i, n in enumerate(lengths) if n):
            share = left
        left -= share
        shares.append(Decimal(share).scaleb(-9))
    return shares


def trimmed(value: Decimal) -> Decimal:
    """The same number without zeros at its end, never with an exponent."""
    if int(value.as_tuple().exponent) >= 0:
        return value
    value = value.normalize()
    return value if int(value.as_tuple().exponent) <= 0 else value.quantize(_ONE)
