"""Derive the small replay file of the simulator from ACN-Data session files.

    python tools/make_replay.py FILE... [--output PATH] [--sessions 2000]

Takes whole weeks, the same number from each site's files, until about that many sessions are found, so that
the pattern of a week and the pile-up in the morning stay as recorded. Times become local wall-clock times;
identities of drivers, stations and sessions are left out.

Input columns: arrival, departure, requested_energy (kWh), delivered_energy (kWh), station_id, ...
Source: Lee, Li, Low: "ACN-Data: Analysis and Applications of an Open EV Charging Dataset", e-Energy 2019,
CC BY 4.0.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "src/forecourt/simulator/data/acn_sessions.csv"
ATTRIBUTION = (
    '# Derived from ACN-Data: Z. J. Lee, T. Li, S. H. Low, "ACN-Data: Analysis and Applications of an Open EV '
    'Charging Dataset", e-Energy 2019. CC BY 4.0. Changed: a selection of weeks, columns and precision; see README.md.'
)
COLUMNS = ("arrival_local", "departure_local", "energy_kwh", "requested_kwh", "site")


@dataclass(frozen=True)
class Session:
    """One recorded session; times are local and naive."""

    arrival: datetime
    departure: datetime
    energy_kwh: float
    requested_kwh: float
    site: str

    @property
    def week(self) -> tuple[int, int]:
        """ISO year and week of the arrival."""
        year, week, _ = self.arrival.isocalendar()
        return year, week


def read(path: Path) -> Iterator[Session]:
    """Sessions of one file, implausible ones left out; the site is the first part of the file's name."""
    site = path.name.split("-")[0]
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in csv.DictReader(lines):
            session = Session(
                arrival=datetime.fromisoformat(row["arrival"]).replace(tzinfo=None),
                departure=datetime.fromisoformat(row["departure"]).replace(tzinfo=None),
                energy_kwh=float(row["delivered_energy (kWh)"]),
                requested_kwh=float(row["requested_energy (kWh)"] or 0),
                site=site,
            )
            stay = session.departure - session.arrival
            if timedelta(minutes=5) < stay < timedelta(hours=36) and 0.2 < session.energy_kwh < 90:
                yield session


def choose(sessions: list[Session], wanted: int) -> list[Session]:
    """Whole weeks, an equal share of ``wanted`` from each site; the fullest weeks come first."""
    sites = sorted({session.site for session in sessions})
    chosen: list[Session] = []
    for site in sites:
        weeks: dict[tuple[int, int], list[Session]] = defaultdict(list)
        for session in sessions:
            if session.site == site:
                weeks[session.week].append(session)
        room = wanted / len(sites)
        for _, week in sorted(weeks.items(), key=lambda item: (-len(item[1]), item[0])):
            if room < len(week) / 2:
                break
            chosen += week
            room -= len(week)
    return sorted(chosen, key=lambda session: (session.arrival, session.site))


def write(sessions: list[Session]) -> str:
    """The replay file as text."""
    out = io.StringIO()
    out.write(ATTRIBUTION + "\n")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for session in sessions:
        rows.writerow(
            [
                session.arrival.strftime("%Y-%m-%dT%H:%M:%S"),
                session.departure.strftime("%Y-%m-%dT%H:%M:%S"),
                f"{session.energy_kwh:.3f}",
                f"{session.requested_kwh:.2f}",
                session.site,
            ]
        )
    return out.getvalue()


def main() -> None:
    """Read the files named on the command line and write the replay file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--sessions", type=int, default=2000)
    arguments = parser.parse_args()
    found = [session for path in arguments.files for session in read(path)]
    chosen = choose(found, arguments.sessions)
    text = write(chosen)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text)
    print(f"{len(chosen)} of {len(found)} sessions, {len(text) / 1000:.0f} kB, in {arguments.output}")


if __name__ == "__main__":
    main()
