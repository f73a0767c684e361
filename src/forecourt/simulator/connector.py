"""A connector of a simulated station, and the transaction that may run on it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from forecourt.simulator.cars import Car
from forecourt.simulator.meter import Meter, Sample


class State(StrEnum):
    """What a connector is doing, in the words of OCPP 1.6."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


@dataclass(kw_only=True)
class Transaction:
    """A transaction as the station sees it.

    Attributes:
        key: the station's own id (2.x: the transaction id).
        id_token: who charges; empty while nobody has signed on.
        server_id: the id the server gave (1.6), once known.
        seq_no: of the next TransactionEvent.
    """

    key: str
    started_at: datetime
    meter_start_wh: int
    id_token: str = ""
    token_type: str = "Central"  # noqa: S105
    remote_start_id: int | None = None
    server_id: int | None = None
    seq_no: int = 0
    charging_state: str = "EVConnected"
    stop_reason: str | None = None
    stop_token: str | None = None
    authorised: bool = True
    ended: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self, reason: str, id_token: str | None = None) -> None:
        """Ask the session to end; the first reason counts."""
        if self.stop_reason is None:
            self.stop_reason = reason
            self.stop_token = id_token
        self.wake.set()


@dataclass(frozen=True, kw_only=True)
class RemoteStart:
    """A start that is signed on for: by the driver's token, or by the server's wish."""

    id_token: str
    token_type: str = "Central"  # noqa: S105
    remote_start_id: int | None = None
    authorise: bool = False


@dataclass(kw_only=True)
class Reservation:
    """Keeps a connector for one token until it expires."""

    reservation_id: int
    id_token: str
    expires_at: datetime


class Connector:
    """One connector with its own meter; in 2.x the only connector of its EVSE."""

    def __init__(
        self, number: int, *, dc: bool, max_power_w: float, rng: random.Random, register_wh: float
    ) -> None:
        self.number = number
        self.dc = dc
        self.max_power_w = max_power_w
        self.meter = Meter(rng, register_wh=register_wh)
        self.state = State.AVAILABLE
        self.operative = True
        self.error_code = "NoError"
        self.reported: str | None = None
        """The status that was told to the server last, where that is coarser than ``state`` (2.x)."""
        self.stuck = False
        self.car: Car | None = None
        self.transaction: Transaction | None = None
        self.reservation: Reservation | None = None
        self.busy = False
        """A driver is at it, from the plug going in to the plug coming out."""
        self.leave = asyncio.Event()
        """Set when the driver unplugs early."""
        self.remote: RemoteStart | None = None
        """A start by the server that waits for the driver who is plugged in."""
        self.remote_ready = asyncio.Event()
        self.current_limit_w = max_power_w

    @property
    def phases(self) -> int:
        """Phases the present car uses."""
        return 3 if self.car is None or self.dc else self.car.model.ac_phases

    @property
    def signed_on(self) -> bool:
        """A transaction runs, and somebody has signed on for it."""
        return self.transaction is not None and self.transaction.id_token != ""

    @property
    def free(self) -> bool:
        """A driver may plug in."""
        return not self.busy and self.operative and self.state in (State.AVAILABLE, State.RESERVED)

    def samples(self) -> list[Sample]:
        """What the meter reports now."""
        car = self.car
        if car is None:
            return [Sample("Energy.Active.Import.Register", self.meter.reading_wh, "Wh")]
        return self.meter.samples(car, power_w=self.meter.power_w, dc=self.dc, phases=self.phases)

    def flow(self, seconds: float) -> float:
        """Let ``seconds`` pass at the present limit; returns the energy that flowed in Wh."""
        if self.car is None or seconds <= 0:
            return 0.0
        energy = self.car.charge(seconds, self.current_limit_w, dc=self.dc)
        self.meter.add(energy)
        return energy

    def set_limit(self, limit_w: float) -> None:
        """Offer at most ``limit_w`` watts from now on."""
        self.current_limit_w = max(0.0, min(limit_w, self.max_power_w))
        self.meter.power_w = self.car.power_w(self.current_limit_w, dc=self.dc) if self.car else 0.0
