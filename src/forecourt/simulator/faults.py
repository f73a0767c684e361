"""Faults on demand: what goes wrong with real stations, at a moment that you choose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from forecourt.simulator.connector import Connector, State
from forecourt.simulator.station import Station


class FaultKind(StrEnum):
    """What can go wrong."""

    DISCONNECT = "disconnect"
    """The network goes away for ``for_s``; sessions go on, messages are kept and replayed in order."""
    STUCK_CONNECTOR = "stuck_connector"
    """The plug does not come out for ``for_s``; unlocking fails."""
    WRONG_CLOCK = "wrong_clock"
    """The station's clock is off by ``by_s`` for ``for_s``."""
    DUPLICATE_MESSAGES = "duplicate_messages"
    """The next ``count`` messages are sent twice."""
    GROUND_FAULT = "ground_fault"
    """The connector trips: the transaction ends, the connector is faulted for ``for_s``."""
    REBOOT = "reboot"
    """The station starts again by itself."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault, when it happens and to whom.

    Attributes:
        at_s: simulated seconds after the start.
        every_s: again and again after that; None: once.
        for_s: how long it lasts.
        stations: a pattern of identities, such as ``CP-0*``.
        share: of the stations that match, how many it hits each time, 0 to 1.
        connector: which connector; None: any.
    """

    kind: FaultKind
    at_s: float = 0.0
    every_s: float | None = None
    for_s: float = 300.0
    by_s: float = 3600.0
    count: int = 3
    stations: str = "*"
    share: float = 1.0
    connector: int | None = None


def apply_fault(station: Station, fault: Fault) -> None:
    """Let ``fault`` happen to ``station`` now."""
    if fault.kind is FaultKind.DISCONNECT:
        station.disconnect(fault.for_s)
    elif fault.kind is FaultKind.WRONG_CLOCK:
        station.spawn(_wrong_clock(station, fault))
    elif fault.kind is FaultKind.DUPLICATE_MESSAGES:
        station.duplicate(fault.count)
    elif fault.kind is FaultKind.REBOOT:
        station.reboot("Watchdog", hard=True)
    else:
        connector = (
            station.rng.choice(station.connectors)
            if fault.connector is None
            else station.connector(fault.connector)
        )
        if connector is None:
            return
        if fault.kind is FaultKind.STUCK_CONNECTOR:
            station.spawn(_stuck(station, connector, fault.for_s))
        elif fault.kind is FaultKind.GROUND_FAULT:
            station.spawn(_ground_fault(station, connector, fault.for_s))


async def _wrong_clock(station: Station, fault: Fault) -> None:
    station.skew = timedelta(seconds=fault.by_s)
    await station.pace.sleep(fault.for_s)
    station.skew = timedelta()


async def _stuck(station: Station, connector: Connector, for_s: float) -> None:
    connector.stuck = True
    await station.pace.sleep(for_s)
    connector.stuck = False


async def _ground_fault(station: Station, connector: Connector, for_s: float) -> None:
    station.set_state(connector, State.FAULTED, error_code="GroundFailure")
    if connector.transaction is not None:
        connector.transaction.stop("GroundFault")
    await station.pace.sleep(for_s)
    if connector.state is State.FAULTED:
        station.set_state(connector, State.FINISHING if connector.busy else State.AVAILABLE)
