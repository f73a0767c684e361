"""`make bench`: our gateway against its peers, in one run, alternating, medians.

(a) the whole program with PostgreSQL: codec, session state, plausibility, running price, message log, commit;
(b) the usual Python stack: PyPI `ocpp`, `websockets`, one SQLAlchemy commit per message, empty handlers;
(c) a bare socket that answers the same bytes.

The stored counts are verified afterwards. CPU is that of the server's process (and apart from it that of
PostgreSQL's processes) over the seconds of load.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import psutil
import psycopg

from forecourt.app.database import OpenedDatabase, open_database
from forecourt.app.demo_seed import ensure_demo_tariff
from forecourt.app.settings import Settings
from forecourt.identity.actor import system_actor
from forecourt.identity.bootstrap import ensure_operator
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, create_database
from forecourt.network.add_station import AddStation, add_station
from forecourt.network.models import Location

PASSWORD = "bench-password-0001"
DAYS_AGO = 20
"""The sessions of the load began so many days ago, so that their time can pass quickly."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Contender:
    name: str
    process: subprocess.Popen[str]
    load: subprocess.Popen[str]
    answered: int = 0
    rounds: list[dict[str, Any]] = field(default_factory=list)

    def cpu_s(self) -> float:
        process = psutil.Process(self.process.pid)
        family = [process, *(p for p in process.children(recursive=True) if "postgres" not in p.name())]
        return sum(sum(p.cpu_times()[:2]) for p in family)


def read_ready(stream: IO[str] | None, who: str) -> None:
    assert stream is not None
    line = stream.readline().strip()
    if line != "ready":
        raise SystemExit(f"{who} did not start: {line!r}")


def start_load(url: str, stations: list[dict[str, Any]], days_ago: int) -> subprocess.Popen[str]:
    load = subprocess.Popen(
        [sys.executable, "-m", "bench.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert load.stdin is not None
    load.stdin.write(json.dumps({"url": url, "stations": stations, "days_ago": days_ago}) + "\n")
    load.stdin.flush()
    read_ready(load.stdout, "the load")
    return load


async def seed(opened: OpenedDatabase, settings: Settings, count: int, tariff: bool) -> list[dict[str, Any]]:
    """An operator with `count` free-vending stations and, if there is one, a tariff for all of them."""
    database = Database(opened.urls)
    operator_id = await ensure_operator(database, slug="default", name="Bench")
    stations = []
    async with database.transaction(operator_id, actor=system_actor(operator_id, "bench")) as uow:
        location = Location(operator_id=operator_id, name="Bench", country="DE", time_zone="Europe/Berlin")
        uow.session.add(location)
        await uow.session.flush()
        for number in range(count):
            identity = f"BENCH{number:05d}"
            await add_station(
                AddStation(identity=identity, location_id=location.id, password=PASSWORD, free_vend=True),
                uow=uow,
                pepper=settings.station_pepper,
            )
            stations.append(
                {
                    "identity": identity,
                    "password": PASSWORD,
                    "token": f"TAG{number}",
                    "version": "1.6" if number % 2 else "2.0.1",
                }
            )
    await database.close()
    if tariff:
        await publish_tariff(opened, operator_id)
    return stations


async def publish_tariff(opened: OpenedDatabase, operator_id: UUID) -> None:
    """A tariff that was in force when the sessions of the load began, so that each has a running price."""
    database = Database(opened.urls, clock=ManualClock(datetime.now(UTC) - timedelta(days=2 * DAYS_AGO)))
    await ensure_demo_tariff(database, operator_id)
    await database.close()


def postgres_cpu_s(pid: int) -> float:
    server = psutil.Process(pid)
    total = 0.0
    for process in [server, *server.children(recursive=True)]:
        try:
            total += sum(process.cpu_times())  # with the children that have ended
        except psutil.NoSuchProcess:
            continue
    return total


def one_round(contender: Contender, seconds: float, postgres_pid: int | None) -> None:
    assert contender.load.stdin is not None
    assert contender.load.stdout is not None
    before, before_pg = contender.cpu_s(), postgres_cpu_s(postgres_pid) if postgres_pid else 0.0
    contender.load.stdin.write(f"{seconds}\n")
    contender.load.stdin.flush()
    result = json.loads(contender.load.stdout.readline())
    messages = result["messages"]
    contender.answered += messages
    result["rate"] = messages / result["seconds"]
    result["cpu_us"] = (contender.cpu_s() - before) / messages * 1e6
    result["postgres_us"] = (
        (postgres_cpu_s(postgres_pid) - before_pg) / messages * 1e6 if postgres_pid else 0.0
    )
    if result["errors"]:
        raise SystemExit(f"{contender.name}: {result['errors']} messages were refused")
    contender.rounds.append(result)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="load per round and contender")
    parser.add_argument("--stations", type=int, default=200)
    parser.add_argument("--without-tariff", action="store_true", help="leave the running price out")
    parser.add_argument("--profile", type=Path, help="write a cProfile of our server here (slows it down)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fc-bench-"))
    folder.chmod(0o755)
    processes: list[subprocess.Popen[str]] = []
    opened: OpenedDatabase | None = None
    try:
        settings = Settings(data_dir=folder / "data", ocpp_host="127.0.0.1", http_port=free_port(), ocpp_port=free_port(), ocpp_tls_port=0)  # fmt: skip
        opened = open_database(settings)
        assert opened.embedded is not None
        assert opened.embedded.pid is not None
        stations = asyncio.run(seed(opened, settings, options.stations, not options.without_tariff))
        ours, usual, echo = start_contenders(options, settings, opened, stations, processes)
        for _ in range(options.rounds):
            for contender in (ours, usual, echo):
                one_round(contender, options.seconds, opened.embedded.pid if contender is not echo else None)
        verify(opened, ours, usual, priced=not options.without_tariff)
        report(options, ours, usual, echo)
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        if opened is not None:
            opened.close()
        shutil.rmtree(folder, ignore_errors=True)


def start_contenders(
    options: argparse.Namespace,
    settings: Settings,
    opened: OpenedDatabase,
    stations: list[dict[str, Any]],
    processes: list[subprocess.Popen[str]],
) -> tuple[Contender, Contender, Contender]:
    def start(*command: str, **more: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, **more)
        processes.append(process)
        read_ready(process.stdout, command[1])
        return process

    def contender(name: str, process: subprocess.Popen[str], url: str, days_ago: int) -> Contender:
        load = start_load(url, stations, days_ago)
        processes.append(load)
        return Contender(name, process, load)

    create_database(opened.admin_url, "bench_usual")
    usual_url = opened.urls.owner.replace("/forecourt?", "/bench_usual?").replace(
        "postgresql://", "postgresql+psycopg://"
    )
    usual_port, echo_port = free_port(), free_port()
    environment = os.environ | {
        "FORECOURT_DATA_DIR": str(settings.data_dir),
        "FORECOURT_OCPP_HOST": "127.0.0.1",
        "FORECOURT_HTTP_PORT": str(settings.http_port),
        "FORECOURT_OCPP_PORT": str(settings.ocpp_port),
        "FORECOURT_LOG_LEVEL": "WARNING",
        "BENCH_PROFILE": str(options.profile or ""),
    }
    ours = contender(
        "forecourt",
        start("-m", "bench.ours", env=environment),
        f"ws://127.0.0.1:{settings.ocpp_port}/ocpp",
        DAYS_AGO,
    )
    usual = contender("usual stack", start("-m", "bench.usual_stack", str(usual_port), usual_url), f"ws://127.0.0.1:{usual_port}/ocpp", DAYS_AGO)  # fmt: skip
    echo = contender(
        "bare echo", start("-m", "bench.echo", str(echo_port)), f"ws://127.0.0.1:{echo_port}/ocpp", DAYS_AGO
    )
    return ours, usual, echo


def verify(opened: OpenedDatabase, ours: Contender, usual: Contender, *, priced: bool) -> None:
    """Every answered message must be on disk: in the log, and as a reading of its own."""
    with psycopg.connect(opened.urls.system) as connection:
        logged = connection.execute(
            "SELECT count(*) FROM message_log WHERE direction = 'in' AND action IN ('MeterValues', 'TransactionEvent')"
        ).fetchone()
        readings = connection.execute("SELECT count(*) FROM meter_reading").fetchone()
        energy = connection.execute("SELECT sum(energy_wh), sum(cost_after_taxes) FROM session").fetchone()
    with psycopg.connect(opened.urls.owner.replace("/forecourt?", "/bench_usual?")) as connection:
        stored = connection.execute(
            "SELECT count(*) FROM bench_message WHERE action IN ('MeterValues', 'TransactionEvent')"
        ).fetchone()
    assert logged
    assert readings
    assert stored
    print(
        f"stored by forecourt: {logged[0]} messages in the log, {readings[0]} readings; answered {ours.answered}"
    )
    print(f"energy and running price of the open sessions: {energy}")
    print(f"stored by the usual stack: {stored[0]}; answered {usual.answered}")
    if logged[0] < ours.answered or readings[0] < ours.answered or stored[0] < usual.answered:
        raise SystemExit("something that was answered is not stored")
    if priced and not (energy and energy[1]):
        raise SystemExit("the sessions have no running price")


def report(options: argparse.Namespace, *contenders: Contender) -> None:
    def median(contender: Contender, key: str) -> float:
        return statistics.median(result[key] for result in contender.rounds)

    print(f"\n{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()};"
          f" {options.stations} stations, {options.rounds} rounds of {options.seconds:g} s, medians")  # fmt: skip
    print(f"{'':14}{'messages/s':>12}{'CPU µs/msg':>12}{'PostgreSQL':>12}{'p50 ms':>9}{'p99 ms':>9}")
    for contender in contenders:
        print(
            f"{contender.name:14}{median(contender, 'rate'):12,.0f}{median(contender, 'cpu_us'):12.1f}"
            f"{median(contender, 'postgres_us'):12.1f}{median(contender, 'p50_ms'):9.1f}{median(contender, 'p99_ms'):9.1f}"
        )
    ours, usual, echo = contenders
    print(
        f"\nforecourt : usual stack = {median(ours, 'rate') / median(usual, 'rate'):.1f} : 1 in messages a second,"
        f" {median(usual, 'cpu_us') / median(ours, 'cpu_us'):.1f} times less CPU a message;"
        f" bare echo : forecourt = {median(echo, 'rate') / median(ours, 'rate'):.1f} : 1"
    )


if __name__ == "__main__":
    main()
