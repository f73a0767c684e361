"""Counters of one gateway since its start; `metrics` shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Stats:
    """Counters since the start."""

    frames_in: int = 0
    frames_out: int = 0
    connections: int = 0
    takeovers: int = 0
    refused_upgrades: int = 0
    refused: int = 0
    parked: int = 0
    poisoned: int = 0
    duplicates: int = 0
    stale: int = 0
    command_timeouts: int = 0
