"""Many simulated stations in one process, their drivers, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import logging
import random
import ssl as tls
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from forecourt.kit.clock import Clock
from forecourt.kit.errors import Invalid
from forecourt.simulator.connector import Connector
from forecourt.simulator.faults import Fault, apply_fault
from forecourt.simulator.link import Traffic
from forecourt.simulator.pace import Pace
from forecourt.simulator.replay import Replay, seconds_into_week
from forecourt.simulator.session import Visit, start_visit
from forecourt.simulator.spec import StationSpec, Totals
from forecourt.simulator.station import Station
from forecourt.simulator.v2x import Station21, Station201
from forecourt.simulator.v16 import Station16

log = logging.getLogger("forecourt.simulator")

Place = tuple[Station, Connector]

DC_TURNOVER = 6.0
"""At a DC charger a driver leaves when the car has had enough; so many more come than were recorded (AC)."""

KINDS: dict[str, type[Station]] = {"1.6": Station16, "2.0.1": Station201, "2.1": Station21}


class UnknownVersion(Invalid):
    """No simulated station speaks that version."""


@dataclass(frozen=True, kw_only=True)
class Counters:
    """A network at one moment. Energies in Wh, powers in W; frames are WebSocket messages."""

    stations: int = 0
    online: int = 0
    connectors: int = 0
    occupied: int = 0
    charging: int = 0
    power_w: float = 0.0
    energy_wh: float = 0.0
    sessions_started: int = 0
    sessions_ended: int = 0
    turned_away: int = 0
    authorisations_refused: int = 0
    frames_sent: int = 0
    frames_received: int = 0
    calls_refused: int = 0
    call_timeouts: int = 0
    connects: int = 0
    failed_connects: int = 0
    messages_waiting: int = 0
    messages_dropped: int = 0
    commands: int = 0
    crashes: int = 0


@dataclass(frozen=True, kw_only=True)
class PlannedVisit:
    """A driver whom a scenario sends to a connector at a moment."""

    at_s: float
    station: str
    connector: int
    visit: Visit


class BadDrivers(Invalid):
    """Drivers that cannot come."""


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """Who comes.

    Attributes:
        id_tags: tokens they hold.
        replay: recorded sessions to repeat; None: nobody comes by recording.
        density: more (above 1) or fewer drivers than recorded.
        begin_s: moment of the recorded week at time zero; None: that of the clock in ``time_zone``.
        every_s: besides, on average one driver in so many seconds, at random.
        energy_wh, stay_s: what these want, from and to.
        planned: besides, exactly these.
        strangers: share of drivers who hold a token that is not in ``id_tags``.

    Raises:
        BadDrivers: no such time zone, or a number that cannot be.
    """

    id_tags: Sequence[str] = ()
    replay: Replay | None = None
    density: float = 1.0
    begin_s: float | None = None
    time_zone: str = "UTC"
    every_s: float | None = None
    energy_wh: tuple[float, float] = (5_000.0, 30_000.0)
    stay_s: tuple[float, float] = (1_200.0, 14_400.0)
    planned: Sequence[PlannedVisit] = field(default_factory=tuple)
    strangers: float = 0.0

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise BadDrivers(f"{self.time_zone!r} is not a time zone", time_zone=self.time_zone) from error
        if not self.density >= 0 or (self.every_s is not None and not self.every_s > 0):
            raise BadDrivers("the density is 0 or more, and every is more than 0")


def read_spec(station: StationSpec | Mapping[str, Any]) -> StationSpec:
    """A specification from a mapping; keys that it does not know are ignored."""
    if isinstance(station, StationSpec):
        return station
    known = {item.name for item in fields(StationSpec)}
    return StationSpec(**{key: value for key, value in station.items() if key in known})


class Network:
    """Simulated stations that share a clock, drivers and counters.

    Args:
        stations: what they are: ``StationSpec`` or mappings with its fields.
        url: address of the server, to which each identity is appended.
        drivers: who comes.
        faults: what goes wrong, and when.
        clock: tells simulated time; a ``ScaledClock`` also tells the speed.
        speed: simulated seconds per real second, when there is no ``clock``.
        seed: makes everything repeatable, apart from the server.
        connects_per_s: stations that connect in one real second at the start.
        ssl: for ``wss``.
        backoff_s: real seconds of the first wait after a failed connection.

    Raises:
        UnknownVersion: a station is to speak a version that there is not.
        BadDrivers: a visit is planned to a connector that there is not.
    """

    def __init__(
        self,
        stations: Sequence[StationSpec | Mapping[str, Any]],
        *,
        url: str,
        drivers: Drivers | None = None,
        faults: Sequence[Fault] = (),
        clock: Clock | None = None,
        speed: float = 1.0,
        seed: int = 0,
        connects_per_s: float = 100.0,
        ssl: tls.SSLContext | None = None,
        backoff_s: float = 1.0,
    ) -> None:
        self.pace = Pace(clock, speed)
        self.drivers = drivers if drivers is not None else Drivers()
        self.faults = list(faults)
        self.totals = Totals()
        self.traffic = Traffic()
        self.turned_away = 0
        self._rng = random.Random(seed)  # noqa: S311
        self._connects_per_s = connects_per_s
        self._tags_in_use: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = asyncio.Event()
        self.stations: dict[str, Station] = {}
        for given in stations:
            spec = read_spec(given)
            if spec.version not in KINDS:
                raise UnknownVersion(f"no station speaks {spec.version!r}; there are {', '.join(KINDS)}")
            self.stations[spec.identity] = KINDS[spec.version](
                spec,
                url,
                pace=self.pace,
                seed=str(seed),
                traffic=self.traffic,
                totals=self.totals,
                ssl=ssl,
                backoff_s=backoff_s,
            )
        self._places = [
            (station, connector) for station in self.stations.values() for connector in station.connectors
        ]
        for planned in self.drivers.planned:
            self._place_of(planned)
        self._by_kind = {dc: [place for place in self._places if place[1].dc is dc] for dc in (False, True)}

    async def start(self) -> None:
        """Switch everything on; returns when it is under way."""
        for index, station in enumerate(self.stations.values()):
            self._tasks.append(asyncio.create_task(self._live(station, index / self._connects_per_s)))
        self._tasks.append(asyncio.create_task(self._guarded(self._replay(dc=False))))
        self._tasks.append(asyncio.create_task(self._guarded(self._replay(dc=True))))
        self._tasks.append(asyncio.create_task(self._guarded(self._random())))
        self._tasks += [asyncio.create_task(self._guarded(self._plan(p))) for p in self.drivers.planned]
        self._tasks += [asyncio.create_task(self._guarded(self._fail(fault))) for fault in self.faults]

    async def run(self, duration_s: float | None = None) -> Counters:
        """Run until ``stop``, or for ``duration_s`` simulated seconds; returns the counters at the end."""
        await self.start()
        try:
            if duration_s is None:
                await self._stopped.wait()
            else:
                await self.pace.wait(self._stopped, duration_s)
            return self.counters
        finally:
            await self.stop()

    async def stop(self, *, end_sessions: bool = False) -> None:
        """Switch everything off; with ``end_sessions`` running sessions end and are reported first."""
        self._stopped.set()
        drivers = self._tasks[len(self.stations) :]
        for task in drivers:
            task.cancel()
        await asyncio.gather(
            *(station.stop(end_sessions=end_sessions) for station in self.stations.values()),
            return_exceptions=True,
        )
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    @property
    def counters(self) -> Counters:
        """The network as it is now."""
        totals, traffic = self.totals, self.traffic
        return Counters(
            stations=len(self.stations),
            online=sum(station.online for station in self.stations.values()),
            connectors=len(self._places),
            occupied=sum(connector.busy for _, connector in self._places),
            charging=sum(connector.transaction is not None for _, connector in self._places),
            power_w=sum(connector.meter.power_w for _, connector in self._places),
            energy_wh=totals.energy_wh,
            sessions_started=totals.sessions_started,
            sessions_ended=totals.sessions_ended,
            turned_away=self.turned_away,
            authorisations_refused=totals.authorisations_refused,
            frames_sent=traffic.sent,
            frames_received=traffic.received,
            calls_refused=traffic.refused,
            call_timeouts=traffic.timeouts,
            connects=totals.connects,
            failed_connects=totals.failed_connects,
            messages_waiting=sum(station.outbox.kept for station in self.stations.values()),
            messages_dropped=totals.messages_dropped,
            commands=sum(totals.commands.values()),
            crashes=totals.crashes,
        )

    def arrive(
        self, energy_wh: float, stay_s: float | None, *, hurry: bool = False, dc: bool | None = None
    ) -> bool:
        """Let a driver come to a free connector; False (and counted) when all are taken.

        At a DC charger the driver leaves when the car has had enough, whatever ``stay_s`` says.
        """
        place = self._free_place(self._places if dc is None else self._by_kind[dc])
        if place is None:
            self.turned_away += 1
            return False
        station, connector = place
        tag = self._tag()
        visit = Visit(
            id_token=tag,
            energy_wh=energy_wh,
            stay_s=None if connector.dc else stay_s,
            hurry=hurry,
            on_leave=lambda: self._tags_in_use.discard(tag),
        )
        self._tags_in_use.add(tag)
        return start_visit(station, connector, visit)

    def _free_place(self, places: list[Place]) -> Place | None:
        for _ in range(24 if places else 0):
            station, connector = self._rng.choice(places)
            if connector.free and connector.reservation is None:
                return station, connector
        if len(places) > 500:
            return None
        free = [(s, c) for s, c in places if c.free and c.reservation is None]
        return self._rng.choice(free) if free else None

    def _tag(self) -> str:
        tags = self.drivers.id_tags
        if not tags or self._rng.random() < self.drivers.strangers:
            return f"STRANGER{self._rng.randrange(10_000):04}"
        for _ in range(20):
            tag = self._rng.choice(tags)
            if tag not in self._tags_in_use:
                return tag
        return next((tag for tag in tags if tag not in self._tags_in_use), tag)

    async def _live(self, station: Station, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        while not self._stopped.is_set():
            try:
                await station.run()
                return
            except Exception:
                self.totals.crashes += 1
                log.exception("simulated station %s crashed; it starts again", station.spec.identity)
                await asyncio.sleep(5)

    async def _guarded(self, work: Any) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await work
            except Exception:
                self.totals.crashes += 1
                log.exception("a part of the simulation crashed")

    async def _replay(self, *, dc: bool) -> None:
        replay, size = self.drivers.replay, len(self._by_kind[dc])
        if replay is None or not size:
            return
        zero = self.pace.now()
        begin = self.drivers.begin_s
        if begin is None:
            begin = seconds_into_week(zero.astimezone(ZoneInfo(self.drivers.time_zone)))
        density = self.drivers.density * (DC_TURNOVER if dc else 1.0)
        await self._until_online()
        warm = replay.already_there(size, begin_s=begin, rng=self._rng, density=density)
        for there in warm[: size * 2 // 3] if dc else warm:
            self.arrive(there.energy_wh, there.stay_s, hurry=True, dc=dc)
            await asyncio.sleep(min(0.02, 5 / len(warm)))
        for coming in replay.arrivals(size, begin_s=begin, rng=self._rng, density=density):
            await self._sleep_until(zero, coming.after_s)
            self.arrive(coming.energy_wh, coming.stay_s, dc=dc)

    async def _until_online(self) -> None:
        """Give the stations up to ten real seconds to come online."""
        for _ in range(100):
            if all(station.online for station in self.stations.values()):
                return
            await asyncio.sleep(0.1)

    async def _random(self) -> None:
        drivers = self.drivers
        if drivers.every_s is None or not self._places:
            return
        await self._until_online()
        while True:
            await self.pace.sleep(self._rng.expovariate(1 / drivers.every_s))
            self.arrive(self._rng.uniform(*drivers.energy_wh), self._rng.uniform(*drivers.stay_s))

    async def _plan(self, planned: PlannedVisit) -> None:
        await self.pace.sleep(planned.at_s)
        if not start_visit(*self._place_of(planned), planned.visit):
            self.turned_away += 1

    def _place_of(self, planned: PlannedVisit) -> tuple[Station, Connector]:
        station = self.stations.get(planned.station)
        connector = station.connector(planned.connector) if station else None
        if station is None or connector is None:
            raise BadDrivers(f"there is no connector {planned.connector} at station {planned.station!r}")
        return station, connector

    async def _fail(self, fault: Fault) -> None:
        await self.pace.sleep(fault.at_s)
        while True:
            for station in self._hit(fault):
                apply_fault(station, fault)
            if fault.every_s is None:
                return
            await self.pace.sleep(fault.every_s)

    def _hit(self, fault: Fault) -> Iterator[Station]:
        for identity, station in self.stations.items():
            if fnmatch.fnmatchcase(identity, fault.stations) and self._rng.random() < fault.share:
                yield station

    async def _sleep_until(self, zero: datetime, after_s: float) -> None:
        wait = (zero + timedelta(seconds=after_s) - self.pace.now()).total_seconds()
        if wait > 0:
            await self.pace.sleep(wait)


def with_password(specs: Sequence[StationSpec], password: str | None) -> list[StationSpec]:
    """The same stations with a password; ``{identity}`` in it stands for the station's identity."""
    if password is None:
        return list(specs)
    return [replace(spec, password=password.replace("{identity}", spec.identity)) for spec in specs]
