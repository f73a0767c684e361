"""One driver's visit at a connector: plug in, sign on, charge, unplug."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from forecourt.simulator.cars import Car, arriving
from forecourt.simulator.connector import Connector, RemoteStart, State, Transaction
from forecourt.simulator.station import Station

LONGEST_WAIT_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a driver wants.

    Attributes:
        id_token: the token held to the reader.
        energy_wh: energy after which the car stops by itself.
        stay_s: simulated seconds until the driver leaves; None: when the car has had enough.
        car: a given car instead of a plausible one.
        hurry: no fumbling before signing on (a session that was already running).
        on_leave: called when the driver is gone.
    """

    id_token: str
    energy_wh: float
    stay_s: float | None = None
    token_type: str = "ISO14443"  # noqa: S105
    car: Car | None = None
    hurry: bool = False
    on_leave: Callable[[], object] | None = None


def start_visit(
    station: Station, connector: Connector, visit: Visit, *, remote: RemoteStart | None = None
) -> bool:
    """Let a driver come to a connector; False when it is not free."""
    if not connector.free:
        return False
    connector.busy = True
    station.spawn(_visit(station, connector, visit, remote))
    return True


def remote_start(station: Station, connector: Connector, remote: RemoteStart) -> bool:
    """Start at the server's wish: for the driver who is plugged in, or one who is about to."""
    if connector.state is State.PREPARING and not connector.signed_on and connector.remote is None:
        connector.remote = remote
        connector.remote_ready.set()
        return True
    wanted = station.rng.uniform(6_000, 30_000)
    return start_visit(station, connector, Visit(id_token=remote.id_token, energy_wh=wanted), remote=remote)


async def _visit(station: Station, connector: Connector, visit: Visit, remote: RemoteStart | None) -> None:
    connector.leave.clear()
    connector.remote = None
    connector.remote_ready.clear()
    if remote is not None:
        await station.pace.sleep(station.rng.uniform(1, 8))
    connector.car = visit.car or arriving(station.rng, wanted_wh=visit.energy_wh, dc=connector.dc)
    reason = "Local"
    try:
        station.set_state(connector, State.PREPARING)
        tx = _begin(station, connector, None) if station.starts_at_plug else None
        start = await _sign_on(station, connector, visit, remote)
        if tx is not None and (start is None or tx.stop_reason is not None):
            tx.stop("EVDisconnected")
            _end(station, connector, tx)
        elif start is not None and connector.state is not State.FAULTED:
            if tx is None:
                tx = _begin(station, connector, start)
            else:
                _sign(tx, start)
                station.tx_authorised(connector, tx)
            reason = await _charge(station, connector, visit, tx)
            await _say_goodbye(station, connector, reason)
    finally:
        connector.meter.power_w = 0.0
        connector.car = None
        connector.busy = False
        connector.reservation = None
        if visit.on_leave is not None:
            visit.on_leave()
        if connector.state is not State.FAULTED:
            station.set_state(connector, State.AVAILABLE)


async def _sign_on(
    station: Station, connector: Connector, visit: Visit, remote: RemoteStart | None
) -> RemoteStart | None:
    """Hold the token to the reader; a remote start may come first, or after a refusal."""
    if remote is None and not visit.hurry:
        await station.pace.wait(connector.remote_ready, station.rng.uniform(2, 15))
        remote = connector.remote
    if remote is None:
        if await station.authorise(visit.id_token, visit.token_type):
            return RemoteStart(id_token=visit.id_token, token_type=visit.token_type)
        await station.pace.wait(connector.remote_ready, 60)
        remote = connector.remote
    if remote is not None and remote.authorise:
        allowed = await station.authorise(remote.id_token, remote.token_type)
        return remote if allowed else None
    return remote


def _begin(station: Station, connector: Connector, start: RemoteStart | None) -> Transaction:
    tx = Transaction(
        key=str(uuid.uuid4()), started_at=station.now(), meter_start_wh=connector.meter.reading_wh
    )
    if start is not None:
        _sign(tx, start)
    connector.transaction = tx
    station.totals.sessions_started += 1
    station.tx_started(connector, tx)
    return tx


def _sign(tx: Transaction, start: RemoteStart) -> None:
    tx.id_token = start.id_token
    tx.token_type = start.token_type
    tx.remote_start_id = start.remote_start_id


def _end(station: Station, connector: Connector, tx: Transaction) -> None:
    connector.set_limit(0.0)
    tx.ended = True
    station.tx_ended(connector, tx, connector.samples())
    station.totals.sessions_ended += 1
    connector.transaction = None
    station.profiles.end_transaction(connector.number)


async def _charge(station: Station, connector: Connector, visit: Visit, tx: Transaction) -> str:
    """Let energy flow until something ends it; returns the reason, in the words of 1.6."""
    pace = station.pace
    last = pace.now()
    leaves_at = None if visit.stay_s is None else last + timedelta(seconds=visit.stay_s)
    meter_at = last + timedelta(seconds=station.meter_interval_s or LONGEST_WAIT_S)
    while True:
        now = pace.now()
        station.totals.energy_wh += connector.flow((now - last).total_seconds())
        last = now
        connector.set_limit(station.limit_w(connector))
        full = connector.car is None or connector.car.full
        if tx.stop_reason is None and (
            (leaves_at is not None and now >= leaves_at)
            or (leaves_at is None and full)
            or connector.leave.is_set()
        ):
            tx.stop("EVDisconnected" if connector.leave.is_set() else "Local", tx.id_token)
        if tx.stop_reason is not None:
            break
        _show_state(station, connector, tx, full=full)
        if now >= meter_at:
            if station.meter_interval_s:
                station.tx_meter(connector, tx, connector.samples())
            meter_at = max(meter_at, now - timedelta(seconds=1)) + timedelta(
                seconds=station.meter_interval_s or LONGEST_WAIT_S
            )
        wait = min(meter_at, leaves_at or meter_at) - now
        within = station.profiles.next_change_s(station.now(), tx.started_at, wait.total_seconds())
        await pace.wait(tx.wake, max(0.02, within + 0.001))
    _end(station, connector, tx)
    return tx.stop_reason


def _show_state(station: Station, connector: Connector, tx: Transaction, *, full: bool) -> None:
    if connector.state is State.FAULTED:
        return
    if full:
        state = State.SUSPENDED_EV
    elif connector.current_limit_w <= 0:
        state = State.SUSPENDED_EVSE
    else:
        state = State.CHARGING
    if connector.state is not state or tx.charging_state != state:
        station.set_state(connector, state)
        tx.charging_state = str(state)
        station.tx_state(connector, tx)


async def _say_goodbye(station: Station, connector: Connector, reason: str) -> None:
    """Between the end of the transaction and the plug coming out; a stuck plug does not."""
    if connector.state is State.FAULTED:
        return
    station.set_state(connector, State.FINISHING)
    if reason != "EVDisconnected":
        calm = 8 if reason == "Local" else 45
        await station.pace.wait(connector.leave, station.rng.uniform(calm / 4, calm))
    while connector.stuck:
        await station.pace.sleep(20)
