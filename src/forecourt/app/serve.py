"""`forecourt serve`: one process until Ctrl-C, SIGTERM, or until a part of it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

import structlog
import uvloop
from rich.console import Console

from forecourt.app.database import OpenedDatabase, open_database
from forecourt.app.ports import check_ports
from forecourt.app.runtime import Runtime
from forecourt.app.settings import Settings
from forecourt.kit.clock import Clock
from forecourt.kit.log import configure_logging

_log = structlog.get_logger(__name__)
Body = Callable[[Runtime, asyncio.Event], Awaitable[None]]


def run_serve(settings: Settings, console: Console) -> int:
    """Serve until told to stop; returns the exit code."""
    configure_logging(level=settings.log_level, style="json" if settings.log_format == "json" else "console")
    settings.data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    check_ports(settings)
    opened = open_database(settings)

    async def body(runtime: Runtime, stop: asyncio.Event) -> None:
        console.print(addresses(runtime), highlight=False, soft_wrap=True)
        await stop.wait()

    return run_until_stopped(settings, opened, body)


def addresses(runtime: Runtime) -> str:
    """Where to find what, for people."""
    settings, ports = runtime.settings, runtime.gateway.ports
    host = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0"} else settings.host  # noqa: S104
    lines = [
        f"console        http://{host}:{settings.http_port}/console",
        f"API and docs   http://{host}:{settings.http_port}/api/v1/docs",
        *(
            f"OCPP {scheme:<9} {scheme}://{host}:{port}/ocpp/OPERATOR/STATION"
            for scheme, port in ports.items()
        ),
    ]
    return "\n".join(lines)


def run_until_stopped(
    settings: Settings, opened: OpenedDatabase, body: Body, *, clock: Clock | None = None
) -> int:
    """Run a `Runtime` and `body` beside it; PostgreSQL is stopped last."""
    try:
        return uvloop.run(_run(settings, opened, body, clock))
    finally:
        opened.close()


async def _run(settings: Settings, opened: OpenedDatabase, body: Body, clock: Clock | None) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runtime = Runtime(settings, opened.urls, clock=clock)
    await runtime.start()
    _log.info("serve.ready", http_port=settings.http_port, **runtime.gateway.ports)
    task = asyncio.ensure_future(body(runtime, stop))
    failed = False
    try:
        done, _ = await asyncio.wait([task, *runtime.watched()], return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            if ended is not task or ended.exception() is not None:
                failed = True
                _log.error("serve.part_ended", part=ended.get_name(), exc_info=ended.exception())
    finally:
        stop.set()
        await asyncio.wait([task], timeout=10)
        _log.info("serve.stopping")
        await runtime.stop()
    return 1 if failed else 0
