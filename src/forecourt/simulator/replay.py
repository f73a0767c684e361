"""Replay of recorded charging sessions: drivers arrive, take energy and leave as they once did.

The recording is a handful of whole weeks at one or two garages. A network of another size gets every recorded
driver more or less often, so that as many come per connector as were recorded at the busiest hour.
"""

from __future__ import annotations

import csv
import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

from forecourt.kit.errors import Invalid

WEEK_S = 7 * 86_400.0
TYPICAL_W = 6_600.0
"""Power at which a car that is already there at time zero is taken to have charged so far."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class BadReplay(Invalid):
    """The file is no recording of charging sessions."""


@dataclass(frozen=True)
class Recorded:
    """One recorded session, placed in a timeline of whole weeks."""

    at_s: float
    stay_s: float
    energy_wh: float
    site: str


@dataclass(frozen=True)
class Arrival:
    """A driver who arrives ``after_s`` simulated seconds after time zero; below zero: already there."""

    after_s: float
    stay_s: float
    energy_wh: float


class Replay:
    """A recording, and what it says about when drivers come.

    Args:
        sessions: (arrival, departure, energy in kWh, site) with local, naive times.

    Raises:
        BadReplay: there are none.
    """

    def __init__(self, sessions: Iterable[tuple[datetime, datetime, float, str]]) -> None:
        by_site: dict[str, list[tuple[datetime, datetime, float]]] = {}
        for arrival, departure, energy_kwh, site in sessions:
            by_site.setdefault(site, []).append((arrival, departure, energy_kwh))
        if not by_site:
            raise BadReplay("the recording has no sessions")
        self.sites = {site: _timeline(site, rows) for site, rows in sorted(by_site.items())}
        self._lengths = {site: _length(rows) for site, rows in self.sites.items()}
        self._peaks = {site: _peak(rows) for site, rows in self.sites.items()}

    @property
    def peak(self) -> int:
        """Most cars that were there at once, at all sites together."""
        return sum(self._peaks.values())

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.sites.values())

    def already_there(
        self, connectors: int, *, begin_s: float, rng: random.Random, density: float = 1.0
    ) -> list[Arrival]:
        """Drivers who came before time zero, are still there and still charge.

        Args:
            connectors: how many the network has.
            begin_s: time zero, in seconds since Monday 00:00 local time.
            rng: decides who is repeated.
            density: more (above 1) or fewer drivers than recorded.
        """
        found = []
        for row, times in self._window(begin_s - 2 * 86_400, begin_s, connectors, rng, density):
            elapsed = begin_s - times
            left_wh = row.energy_wh - TYPICAL_W * elapsed / 3600
            if 0 < elapsed < row.stay_s and left_wh > 300:
                found.append(Arrival(-elapsed, row.stay_s - elapsed, left_wh))
        return found

    def arrivals(
        self, connectors: int, *, begin_s: float, rng: random.Random, density: float = 1.0
    ) -> Iterator[Arrival]:
        """Drivers who come after time zero, in order and without end (see ``already_there``)."""
        hour = 0
        while True:
            start = begin_s + hour * 3600.0
            found = [
                Arrival(at - begin_s, row.stay_s, row.energy_wh)
                for row, at in self._window(start, start + 3600.0, connectors, rng, density)
            ]
            yield from sorted(found, key=lambda arrival: arrival.after_s)
            hour += 1

    def _window(
        self, start: float, end: float, connectors: int, rng: random.Random, density: float
    ) -> Iterator[tuple[Recorded, float]]:
        """Each session that begins between, repeated as the network's size asks, with its jittered time."""
        copies = density * connectors / self.peak
        for site, rows in self.sites.items():
            length = self._lengths[site]
            at = start
            while at < end:
                base = at // length * length
                stop = min(end, base + length)
                first = bisect_left(rows, at - base, key=lambda row: row.at_s)
                for row in rows[first:]:
                    if base + row.at_s >= stop:
                        break
                    for _ in range(int(copies) + (rng.random() < copies % 1)):
                        jitter = rng.uniform(-600, 600) if copies > 1 else 0.0
                        yield row, min(stop, max(at, base + row.at_s + jitter))
                at = stop


def read_replay(path: Path | str | None = None) -> Replay:
    """Read a replay file (columns arrival_local, departure_local, energy_kwh, ...); None: the one shipped.

    Raises:
        BadReplay: the file or a row of it cannot be read, or there is none.
    """
    if path is None:
        text = (files("forecourt.simulator") / "data" / "acn_sessions.csv").read_text()
    else:
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadReplay(f"{path} cannot be read: {error}", path=str(path)) from error
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = []
    for number, row in enumerate(csv.DictReader(lines), start=1):
        try:
            arrival = datetime.fromisoformat(row["arrival_local"]).replace(tzinfo=None)
            departure = datetime.fromisoformat(row["departure_local"]).replace(tzinfo=None)
            rows.append((arrival, departure, float(row["energy_kwh"]), row.get("site") or ""))
        except KeyError as error:
            raise BadReplay(f"the replay file has no column {error}") from error
        except (ValueError, TypeError) as error:
            raise BadReplay(f"row {number} of the replay file cannot be read: {error}", row=number) from error
    return Replay(rows)


def seconds_into_week(at: datetime) -> float:
    """Seconds since Monday 00:00, by the wall clock of ``at``."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at.weekday() * 86_400.0 + (at - midnight).total_seconds()


def read_begin(text: str) -> float:
    """Read a moment of the week such as ``tue 09:30`` or ``09:30`` (then a Tuesday).

    Raises:
        BadReplay: it is none.
    """
    day, _, clock = text.strip().lower().rpartition(" ")
    try:
        hours, minutes = (int(part) for part in clock.split(":"))
        return DAYS.index(day[:3] or "tue") * 86_400.0 + hours * 3600.0 + minutes * 60.0
    except ValueError as error:
        raise BadReplay(f"{text!r} is no moment of the week; write for example 'tue 09:30'") from error


def _monday(at: datetime) -> datetime:
    return datetime(at.year, at.month, at.day) - timedelta(days=at.weekday())  # noqa: DTZ001


def _timeline(site: str, rows: list[tuple[datetime, datetime, float]]) -> list[Recorded]:
    """Put the recorded weeks one behind the other, weeks without sessions left out."""
    mondays = sorted({_monday(arrival) for arrival, _, _ in rows})
    place = {monday: index * WEEK_S for index, monday in enumerate(mondays)}
    return sorted(
        (
            Recorded(
                at_s=place[_monday(arrival)] + (arrival - _monday(arrival)).total_seconds(),
                stay_s=max(60.0, (departure - arrival).total_seconds()),
                energy_wh=energy_kwh * 1000,
                site=site,
            )
            for arrival, departure, energy_kwh in rows
        ),
        key=lambda row: row.at_s,
    )


def _length(rows: list[Recorded]) -> float:
    return (max(row.at_s for row in rows) // WEEK_S + 1) * WEEK_S


def _peak(rows: list[Recorded]) -> int:
    changes = sorted([(row.at_s, 1) for row in rows] + [(row.at_s + row.stay_s, -1) for row in rows])
    now = most = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return max(1, most)
