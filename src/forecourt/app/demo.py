"""`forecourt demo`: a demo operator, a simulated network in the same process, and a live board.

With a speed other than 1 both sides run on one scaled clock, so that stored times stay consistent; where it
stood is kept in the data folder, so that a second start goes on from there and never back.
"""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvloop
from rich.console import Console

from forecourt.app.board import show_board
from forecourt.app.certificates import ensure_demo_certificates
from forecourt.app.database import open_database
from forecourt.app.demo_seed import OPERATOR, Seeded, seed_demo
from forecourt.app.ports import check_ports
from forecourt.app.runtime import Runtime
from forecourt.app.serve import addresses, run_until_stopped
from forecourt.app.settings import Settings
from forecourt.kit.clock import Clock, ScaledClock, SystemClock
from forecourt.kit.database import Database
from forecourt.kit.errors import Invalid
from forecourt.kit.log import configure_logging
from forecourt.kit.postgres import PostgresAlreadyRunning
from forecourt.simulator.run import SimulatedNetwork

_SAVE_CLOCK_S = 5.0
_MAINTAIN_S = 60.0
_MARKER = "forecourt-demo"


class NotADemoFolder(Invalid):
    """The demo uses and empties only folders that it has made itself."""


def run_demo(
    settings: Settings, console: Console, *, stations: int, speed: float, data_dir: Path | None, fresh: bool
) -> int:
    """Run until Ctrl-C; returns the exit code."""
    folder = data_dir or settings.data_dir.with_name(settings.data_dir.name + "-demo")
    settings = settings.model_copy(
        update={"data_dir": folder, "default_operator": OPERATOR, "database_url": None}
    )
    _prepare_folder(folder, fresh=fresh)
    log = (folder / "forecourt.log").open("a")
    configure_logging(level=settings.log_level, style="console", stream=log)
    with console.status("starting the database …", spinner="dots") as status:
        ensure_demo_certificates(settings.certificate_folder)
        check_ports(settings)
        opened = open_database(settings)
        clock = _clock(folder, speed)

        async def seed() -> Seeded:
            database = Database(opened.urls, clock=clock)
            try:
                return await seed_demo(
                    database, settings, stations=stations, progress=lambda text: status.update(f"{text} …")
                )
            finally:
                await database.close()

        try:
            seeded = uvloop.run(seed())
        except BaseException:
            opened.close()
            raise
        status.update("opening the ports …")

    async def body(runtime: Runtime, stop: asyncio.Event) -> None:
        header = _header(runtime, seeded, folder, stations, speed)
        interval_s = int(min(60, max(10, 10 * speed)))  # a board that moves, also at the clock's own pace
        network = SimulatedNetwork(
            [{**station, "meter_interval_s": interval_s} for station in seeded.stations],
            url=f"ws://127.0.0.1:{runtime.ports['ws']}/ocpp/{OPERATOR}",
            id_tags=seeded.id_tags,
            clock=clock,
            speed=speed,
            mishaps=True,
            strangers=0.02,
        )
        if not console.is_terminal:
            console.print(header, highlight=False, soft_wrap=True)
        keeper = asyncio.create_task(_keep_clock(folder, clock, runtime, speed))
        await network.start()
        try:
            await show_board(console, runtime.database, clock, seeded.operator_id, header, stop)
        finally:
            keeper.cancel()
            _save_clock(folder, clock)
            await network.stop(end_sessions=True)
            console.print("Stopping … the data is kept; --fresh forgets it.")

    return run_until_stopped(settings, opened, body, clock=clock)


def _prepare_folder(folder: Path, *, fresh: bool) -> None:
    """Make the folder, or take one that the demo has made before; nobody else's is touched or emptied.

    Raises:
        NotADemoFolder: something else lies in it.
        PostgresAlreadyRunning: `fresh`, and another process serves it.
    """
    marker = folder / _MARKER
    if folder.exists() and not folder.is_dir():
        raise NotADemoFolder(f"{folder} is not a folder: name another")
    if folder.exists() and not marker.exists() and any(folder.iterdir()):
        raise NotADemoFolder(f"{folder} holds something that the demo has not made: name another data folder")
    if fresh and folder.exists():
        lock = folder / "postgres" / ".lock"
        if lock.exists():
            with lock.open("a") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise PostgresAlreadyRunning(
                        f"another process serves {folder}: stop it before --fresh", data_dir=str(folder)
                    ) from None
        shutil.rmtree(folder)
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    marker.touch()


def _clock(folder: Path, speed: float) -> Clock:
    """The machine's clock, or a scaled one that goes on where the demo last stood."""
    file = folder / "demo-clock"
    last = datetime.fromisoformat(file.read_text().strip()) if file.exists() else datetime.now(UTC)
    now = datetime.now(UTC)
    if speed == 1.0 and last <= now:
        return SystemClock()
    return ScaledClock(speed, max(last, now))


def _save_clock(folder: Path, clock: Clock) -> None:
    unfinished = folder / "demo-clock.new"
    unfinished.write_text(clock.now().isoformat())
    unfinished.replace(folder / "demo-clock")


async def _keep_clock(folder: Path, clock: Clock, runtime: Runtime, speed: float) -> None:
    """Save where the clock stands; on a fast one the days' partitions are made as they come."""
    since = 0.0
    while True:
        _save_clock(folder, clock)
        await asyncio.sleep(_SAVE_CLOCK_S)
        since += _SAVE_CLOCK_S
        if speed > 1 and since >= _MAINTAIN_S:
            since = 0.0
            try:
                await runtime.maintain_partitions()
            except Exception:
                structlog.get_logger(__name__).exception("demo.partitions_failed")


def _header(runtime: Runtime, seeded: Seeded, folder: Path, stations: int, speed: float) -> str:
    pace = "" if speed == 1 else f", {speed:g} times faster than the clock"
    return "\n".join(
        (
            addresses(runtime),
            f"sign in        {seeded.email}   password {seeded.password}",
            f"API key        {seeded.api_key}",
            f"data           {folder} (log: forecourt.log)",
            f"simulated      {stations} stations{pace}; arrivals from ACN-Data (CC BY 4.0), power modelled",
            "stop           Ctrl-C",
        )
    )
