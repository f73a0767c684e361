"""The course of a session in few words: compact timeline, OCPI charging periods, stretches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from forecourt.charging.share_energy import NANO
from forecourt.tariff import Segment

_QUARTER: Final = timedelta(minutes=15)


def joined(segments: Sequence[Segment]) -> list[tuple[datetime, datetime, str, Decimal]]:
    """Neighbours of one state as one stretch: start, end, state, Wh."""
    stretches: list[tuple[datetime, datetime, str, Decimal]] = []
    for segment in segments:
        energy = Decimal(segment.energy_wh)
        if stretches and stretches[-1][2] == segment.state:
            start, _, state, before = stretches[-1]
            stretches[-1] = (start, segment.end, state, before + energy)
        else:
            stretches.append((segment.start, segment.end, segment.state, energy))
    return stretches


def compact_timeline(segments: Sequence[Segment]) -> dict[str, Any]:
    """The segments with equal neighbours joined, at most one per state and quarter of an hour (UTC).

    `{"segments": [[from, to, state, Wh], …], "quarters": [[from, Wh], …]}`; the sums are exact.
    """
    pieces: list[list[Any]] = []
    quarters: dict[datetime, int] = {}
    for segment in segments:
        for start, end, energy in _quarters(segment):
            quarter = _floor(start)
            quarters[quarter] = quarters.get(quarter, 0) + energy
            last = pieces[-1] if pieces else None
            if last and last[2] == segment.state and last[1] == start and _floor(last[0]) == quarter:
                last[1], last[3] = end, last[3] + energy
            else:
                pieces.append([start, end, segment.state, energy])
    return {
        "segments": [[iso(a), iso(b), state, _wh(energy)] for a, b, state, energy in pieces],
        "quarters": [[iso(at), _wh(energy)] for at, energy in quarters.items()],
    }


def _quarters(segment: Segment) -> list[tuple[datetime, datetime, int]]:
    """Cut a segment at quarters of an hour; its energy (nWh) flows evenly."""
    whole = int(Decimal(segment.energy_wh) * NANO)
    if segment.start == segment.end:
        return [(segment.start, segment.end, whole)]
    length = (segment.end - segment.start) // timedelta(microseconds=1)
    pieces, start, spent = [], segment.start, 0
    while start < segment.end:
        end = min(_floor(start) + _QUARTER, segment.end)
        until = whole * ((end - segment.start) // timedelta(microseconds=1)) // length
        pieces.append((start, end, until - spent))
        start, spent = end, until
    return pieces


def _floor(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def charging_periods(segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """OCPI charging periods: one for each stretch of charging or of parking (2.2.1 mod_cdrs, ChargingPeriod)."""
    runs: list[list[Any]] = []
    for segment in segments:
        kind = "TIME" if segment.state in ("charging", "preparing", "suspended_evse") else "PARKING_TIME"
        if runs and runs[-1][0] == kind:
            runs[-1][2] = segment.end
            runs[-1][3] += segment.energy_wh
        else:
            runs.append([kind, segment.start, segment.end, Decimal(segment.energy_wh)])
    return [
        {
            "start_date_time": iso(start),
            "dimensions": [
                {"type": kind, "volume": _plain(Decimal((end - start) // timedelta(seconds=1)) / 3600)},
                *([{"type": "ENERGY", "volume": _plain(energy / 1000)}] if energy else []),
            ],
        }
        for kind, start, end, energy in runs
    ]


def _plain(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.000001")).normalize(), "f")


def _wh(nano: int) -> str:
    return format(Decimal(nano).scaleb(-9).normalize(), "f")


def iso(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
