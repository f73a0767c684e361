"""Scenarios: a YAML file that says which stations there are, who comes, and what goes wrong.

    id_tags: [CARD-1, CARD-2]            # or {prefix: CARD-, count: 50}
    speed: 60                            # simulated seconds per real second
    seed: 1
    duration: 2h
    stations:
      - identity: "AC-{n:03}"            # {n} counts from 1
        count: 10
        version: "1.6"                   # 1.6, 2.0.1 or 2.1
        connectors: 2
        kind: AC                         # or DC
        max_power_w: 22000
        password: secret                 # {identity} stands for the identity
    arrivals:
      replay: true                       # or the path of a replay file, beside this file
      begin: tue 08:00                   # moment of the recorded week at the start
      density: 1.5
      every: 10m                         # besides, one driver at random, on average
      energy_kwh: [5, 30]
      stay: [20m, 4h]
      strangers: 0.02                    # share of drivers whose token nobody knows
      visits:
        - {at: 30s, station: AC-001, connector: 1, id_tag: CARD-1, energy_kwh: 10, stay: 1h}
    faults:
      - {kind: disconnect, at: 10m, every: 1h, for: 5m, stations: "AC-*", share: 0.1}

Spans are seconds, or a number with s, m, h or d.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from forecourt.kit.errors import Invalid
from forecourt.simulator.faults import Fault, FaultKind
from forecourt.simulator.network import Drivers, PlannedVisit
from forecourt.simulator.replay import read_begin, read_replay
from forecourt.simulator.session import Visit
from forecourt.simulator.spec import StationSpec

SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


class BadScenario(Invalid):
    """The scenario says something that cannot be carried out."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A scenario, read and checked. ``duration_s`` None: until stopped."""

    stations: tuple[StationSpec, ...]
    drivers: Drivers
    faults: tuple[Fault, ...]
    speed: float = 1.0
    seed: int = 0
    duration_s: float | None = None


def read_scenario(path: Path | str) -> Scenario:
    """Read a scenario from a YAML file.

    Raises:
        BadScenario: it cannot be read, is no YAML, or says something that cannot be.
    """
    path = Path(path)
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise BadScenario(f"{path} is no YAML{where}: {error.problem}") from error
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise BadScenario(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    return scenario_from(data, beside=path.parent)


def scenario_from(data: Any, *, beside: Path | None = None) -> Scenario:
    """Make a scenario from what a YAML file says; paths in it are relative to ``beside``.

    Raises:
        BadScenario: something in it cannot be.
    """
    top = _mapping(data, "the scenario")
    _only(
        top,
        {"name", "id_tags", "speed", "seed", "duration", "stations", "arrivals", "faults"},
        "the scenario",
    )
    try:
        stations = tuple(spec for entry in top.get("stations") or [] for spec in _stations(entry))
        return Scenario(
            stations=stations,
            drivers=_drivers(_mapping(top.get("arrivals") or {}, "arrivals"), _tags(top), beside or Path()),
            faults=tuple(_fault(entry) for entry in top.get("faults") or []),
            speed=_speed(top.get("speed", 1.0)),
            seed=int(top.get("seed", 0)),
            duration_s=None if top.get("duration") is None else span_s(top["duration"]),
        )
    except KeyError as error:
        raise BadScenario(f"the scenario lacks, or does not know, {error}") from error
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadScenario(f"the scenario cannot be read: {error}") from error


def span_s(value: object) -> float:
    """Seconds from a number or a text such as ``90``, ``30s``, ``5m``, ``2h``, ``1d``.

    Raises:
        BadScenario: it is none.
    """
    match = SPAN.fullmatch(str(value).strip().lower())
    if match is None:
        raise BadScenario(f"{value!r} is no span of time; write for example 30s, 5m or 2h")
    return float(match[1]) * SECONDS[match[2]]


def _stations(entry: object) -> list[StationSpec]:
    given = dict(_mapping(entry, "a station"))
    count = int(given.pop("count", 1))
    pattern = str(given.pop("identity"))
    known = set(StationSpec.__dataclass_fields__) - {"identity"}
    _only(given, known, f"station {pattern}")
    if "version" in given:
        given["version"] = str(given["version"])
    found = []
    for number in range(1, count + 1):
        identity = pattern.format(n=number)
        values = dict(given)
        if values.get("password") is not None:
            values["password"] = str(values["password"]).replace("{identity}", identity)
        found.append(StationSpec(identity=identity, **values))
    if len({spec.identity for spec in found}) < len(found):
        raise BadScenario(f"identity {pattern!r} is not different for each of {count}; put {{n}} in it")
    return found


def _speed(value: Any) -> float:
    speed = float(value)
    if not 0 < speed <= 1_000_000:
        raise BadScenario(f"the speed is above 0, not {value!r}")
    return speed


def _pair(value: object, what: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadScenario(f"{what} is a list of two: from and to")
    return value[0], value[1]


def _tags(top: Mapping[str, Any]) -> list[str]:
    given = top.get("id_tags") or []
    if isinstance(given, Mapping):
        return [f"{given.get('prefix', 'CARD-')}{number}" for number in range(1, int(given["count"]) + 1)]
    return [str(tag) for tag in given]


def _drivers(given: Mapping[str, Any], tags: list[str], beside: Path) -> Drivers:
    allowed = {
        "replay",
        "begin",
        "time_zone",
        "density",
        "every",
        "energy_kwh",
        "stay",
        "strangers",
        "visits",
    }
    _only(given, allowed, "arrivals")
    replay = given.get("replay", False)
    energy = _pair(given.get("energy_kwh", [5, 30]), "energy_kwh")
    stay = _pair(given.get("stay", ["20m", "4h"]), "stay")
    return Drivers(
        id_tags=tags,
        replay=None if not replay else read_replay(None if replay is True else beside / str(replay)),
        density=float(given.get("density", 1.0)),
        begin_s=None if given.get("begin") is None else read_begin(str(given["begin"])),
        time_zone=str(given.get("time_zone", "UTC")),
        every_s=None if given.get("every") is None else span_s(given["every"]),
        energy_wh=(float(energy[0]) * 1000, float(energy[1]) * 1000),
        stay_s=(span_s(stay[0]), span_s(stay[1])),
        planned=tuple(_planned(visit) for visit in given.get("visits") or []),
        strangers=float(given.get("strangers", 0.0)),
    )


def _planned(entry: object) -> PlannedVisit:
    given = _mapping(entry, "a visit")
    _only(given, {"at", "station", "connector", "id_tag", "energy_kwh", "stay"}, "a visit")
    return PlannedVisit(
        at_s=span_s(given.get("at", 0)),
        station=str(given["station"]),
        connector=int(given.get("connector", 1)),
        visit=Visit(
            id_token=str(given["id_tag"]),
            energy_wh=float(given["energy_kwh"]) * 1000,
            stay_s=None if given.get("stay") is None else span_s(given["stay"]),
        ),
    )


def _fault(entry: object) -> Fault:
    given = _mapping(entry, "a fault")
    _only(given, {"kind", "at", "every", "for", "by", "count", "stations", "share", "connector"}, "a fault")
    by = str(given.get("by", "1h"))
    connector = given.get("connector")
    return Fault(
        kind=_fault_kind(given["kind"]),
        at_s=span_s(given.get("at", 0)),
        every_s=None if given.get("every") is None else span_s(given["every"]),
        for_s=span_s(given.get("for", "5m")),
        by_s=-span_s(by[1:]) if by.startswith("-") else span_s(by),
        count=int(given.get("count", 3)),
        stations=str(given.get("stations", "*")),
        share=float(given.get("share", 1.0)),
        connector=None if connector is None else int(connector),
    )


def _fault_kind(value: object) -> FaultKind:
    try:
        return FaultKind(str(value))
    except ValueError:
        raise BadScenario(f"there is no fault {value!r}; there are {', '.join(FaultKind)}") from None


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadScenario(f"{what} must be a mapping, not {type(value).__name__}")
    return value


def _only(given: Mapping[str, Any], allowed: set[str], what: str) -> None:
    unknown = set(given) - allowed
    if unknown:
        raise BadScenario(f"{what} has unknown keys: {', '.join(sorted(map(str, unknown)))}")
