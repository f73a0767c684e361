"""Run a simulated network: against any server (``simulate``), or for the demo (``SimulatedNetwork``)."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from forecourt.kit.clock import Clock
from forecourt.simulator.faults import Fault, FaultKind
from forecourt.simulator.network import Counters, Drivers, Network, with_password
from forecourt.simulator.replay import Replay, read_begin, read_replay
from forecourt.simulator.scenario import Scenario
from forecourt.simulator.spec import StationSpec

DEFAULT_TAGS = tuple(f"SIM-{number:04}" for number in range(1, 201))
MODELS = (("AC", 22_000.0, 2), ("AC", 11_000.0, 1), ("AC", 22_000.0, 2), ("DC", 150_000.0, 2))
"""Kinds of station that a network made up by ``station_specs`` repeats: kind, power in W, connectors."""


def station_specs(
    count: int,
    versions: Sequence[str] = ("1.6", "2.0.1", "2.1"),
    *,
    prefix: str = "SIM",
    connectors: int | None = None,
    password: str | None = None,
) -> list[StationSpec]:
    """Make up ``count`` stations, the versions in turn, three AC to one DC, with some of the ways 2.x leaves open."""
    specs = []
    for number in range(count):
        kind, power_w, plugs = MODELS[number // len(versions) % len(MODELS)]
        specs.append(
            StationSpec(
                identity=f"{prefix}-{number + 1:04}",
                version=versions[number % len(versions)],
                connectors=connectors or plugs,
                kind=kind,
                max_power_w=power_w,
                model=f"Simulated {kind}",
                serial_number=f"{prefix}{number + 1:06}",
                starts_at_plug=number % 5 == 4,
                status_by_event=versions[number % len(versions)] == "2.1" and number % 4 == 3,
            )
        )
    return with_password(specs, password)


def SimulatedNetwork(
    stations: Sequence[StationSpec | Mapping[str, Any]],
    *,
    url: str,
    id_tags: Sequence[str],
    speed: float = 1.0,
    clock: Clock | None = None,
    seed: int = 0,
    replay: Replay | None = None,
    density: float = 2.0,
    begin: str = "tue 07:30",
    time_zone: str = "UTC",
    strangers: float = 0.0,
    mishaps: bool = False,
    ssl: tls.SSLContext | None = None,
) -> Network:
    """A network for the demo: given stations and tokens, drivers from the recorded sessions.

    Args:
        stations: mappings with identity, version, password, connectors, kind (AC or DC), max_power_w.
        url: address of the server, to which each identity is appended.
        id_tags: tokens that the drivers hold.
        speed: simulated seconds per real second; the clock's when there is one.
        clock: the clock of the whole demo.
        seed: makes the drivers repeatable.
        replay: recorded sessions; None: those that are shipped.
        density: how many times as many drivers as were recorded.
        begin: moment of the recorded week at time zero, e.g. ``tue 07:30``; ``now``: as the clock says.
        time_zone: of the clock's wall time, where ``begin`` is ``now``.
        strangers: share of drivers whose token nobody knows.
        mishaps: let a few stations lose their connection, trip or stick now and then.
        ssl: for ``wss``.
    """
    drivers = Drivers(
        id_tags=list(id_tags),
        replay=replay if replay is not None else read_replay(),
        density=density,
        begin_s=moment(begin),
        time_zone=time_zone,
        strangers=strangers,
    )
    return Network(
        stations,
        url=url,
        drivers=drivers,
        faults=MISHAPS if mishaps else (),
        clock=clock,
        speed=speed,
        seed=seed,
        ssl=ssl,
    )


MISHAPS = (
    Fault(kind=FaultKind.DISCONNECT, at_s=600, every_s=900, for_s=240, share=0.02),
    Fault(kind=FaultKind.GROUND_FAULT, at_s=1_200, every_s=3_600, for_s=1_500, share=0.01),
    Fault(kind=FaultKind.STUCK_CONNECTOR, at_s=1_800, every_s=5_400, for_s=1_200, share=0.01),
)
"""What goes wrong in an ordinary network, by the simulated clock."""


async def simulate(
    url: str,
    *,
    stations: int | Sequence[StationSpec | Mapping[str, Any]] = 10,
    versions: Sequence[str] = ("1.6", "2.0.1", "2.1"),
    scenario: Scenario | None = None,
    replay: Path | str | None = None,
    speed: float | None = None,
    password: str | None = None,
    id_tags: Sequence[str] = (),
    connectors: int | None = None,
    prefix: str = "SIM",
    density: float = 1.0,
    begin: str = "tue 07:30",
    time_zone: str = "UTC",
    duration_s: float | None = None,
    seed: int | None = None,
    mishaps: bool = False,
    clock: Clock | None = None,
    ssl: tls.SSLContext | None = None,
    progress: Callable[[Counters], None] | None = None,
    progress_every_s: float = 2.0,
) -> Counters:
    """Drive the server at ``url`` until cancelled, or for ``duration_s`` simulated seconds.

    Args:
        url: e.g. ``ws://localhost:9000/ocpp``; each identity is appended.
        stations: how many to make up, or which; a scenario's stations come first.
        versions: the made-up stations speak these in turn.
        scenario: stations, drivers and faults from a file; what is given besides wins.
        replay: a replay file; None: the sessions that are shipped (without a scenario).
        speed: simulated seconds per real second.
        password: for all stations; ``{identity}`` in it stands for the identity.
        id_tags: tokens that the drivers hold.
        connectors, prefix: of the made-up stations.
        density, begin, time_zone: as for ``SimulatedNetwork``; a scenario's own come first.
        seed: makes everything repeatable.
        mishaps: let a few things go wrong now and then.
        clock: instead of one made from ``speed``.
        ssl: for ``wss``.
        progress: called every ``progress_every_s`` real seconds.

    Returns:
        The counters at the end.

    Raises:
        UnknownVersion, BadReplay, BadScenario: what was asked for cannot be.
    """
    if scenario is not None and scenario.stations:
        specs: Sequence[StationSpec | Mapping[str, Any]] = with_password(scenario.stations, password)
    elif isinstance(stations, int):
        specs = station_specs(stations, versions, prefix=prefix, connectors=connectors, password=password)
    else:
        specs = stations
    network = Network(
        specs,
        url=url,
        drivers=_drivers(scenario, replay, id_tags, density=density, begin=begin, time_zone=time_zone),
        faults=(*(scenario.faults if scenario else ()), *(MISHAPS if mishaps else ())),
        clock=clock,
        speed=speed or (scenario.speed if scenario else 1.0),
        seed=seed if seed is not None else (scenario.seed if scenario else 0),
        ssl=ssl,
    )
    if duration_s is None and scenario is not None:
        duration_s = scenario.duration_s
    teller = asyncio.create_task(_tell(network, progress, progress_every_s)) if progress else None
    try:
        return await network.run(duration_s)
    finally:
        if teller is not None:
            teller.cancel()


def _drivers(
    scenario: Scenario | None,
    replay: Path | str | None,
    id_tags: Sequence[str],
    *,
    density: float,
    begin: str,
    time_zone: str,
) -> Drivers:
    if scenario is None:
        return Drivers(
            id_tags=list(id_tags) or list(DEFAULT_TAGS),
            replay=read_replay(replay),
            density=density,
            begin_s=moment(begin),
            time_zone=time_zone,
        )
    drivers = scenario.drivers
    if replay is not None:
        drivers = replace(drivers, replay=read_replay(replay))
    if id_tags or not drivers.id_tags:
        drivers = replace(drivers, id_tags=list(id_tags) or list(DEFAULT_TAGS))
    return drivers


def moment(begin: str) -> float | None:
    """Seconds into the recorded week; None for ``now``."""
    return None if begin == "now" else read_begin(begin)


async def _tell(network: Network, progress: Callable[[Counters], None], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        progress(network.counters)
