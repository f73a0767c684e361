"""What a simulated station is, and what a network of them counts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from forecourt.kit.errors import Invalid

KINDS_OF_CURRENT = ("AC", "DC")


class BadStation(Invalid):
    """A simulated station that cannot be."""


@dataclass(frozen=True, kw_only=True)
class StationSpec:
    """What a station is, and how it signs on.

    Raises:
        BadStation: a field holds what cannot be.
    """

    identity: str
    version: str = "1.6"
    password: str | None = None
    connectors: int = 1
    kind: str = "AC"
    max_power_w: float = 22_000.0
    vendor: str = "Forecourt"
    model: str = "Simulated"
    serial_number: str = ""
    firmware_version: str = "1.0.0"
    meter_interval_s: int = 60
    """Time between meter values of a session, until a command changes it."""
    boots_on_reconnect: bool = False
    status_by_event: bool = False
    """2.x: report the status by NotifyEvent instead of StatusNotification."""
    starts_at_plug: bool = False
    """2.x: a transaction begins when the plug goes in (TxStartPoint EVConnected), before anyone signs on."""

    def __post_init__(self) -> None:
        whole = (("connectors", self.connectors), ("meter_interval_s", self.meter_interval_s))
        for name, number in whole:
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise BadStation(
                    f"station {self.identity!r}: {name} is a whole number from 1, not {number!r}"
                )
        power = self.max_power_w
        if isinstance(power, bool) or not isinstance(power, int | float) or not 0 < power < math.inf:
            raise BadStation(f"station {self.identity!r}: max_power_w is watts above 0, not {power!r}")
        if self.kind not in KINDS_OF_CURRENT:
            raise BadStation(f"station {self.identity!r}: kind is AC or DC, not {self.kind!r}")
        if not self.identity.strip():
            raise BadStation("a station has an identity")


@dataclass
class Totals:
    """What happened so far in a network."""

    sessions_started: int = 0
    sessions_ended: int = 0
    authorisations_refused: int = 0
    energy_wh: float = 0.0
    boots: int = 0
    connects: int = 0
    failed_connects: int = 0
    messages_dropped: int = 0
    crashes: int = 0
    commands: dict[str, int] = field(default_factory=dict)
