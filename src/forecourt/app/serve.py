"""`forecourt serve`, `gateway`, `api` and `worker`: one process until Ctrl-C, SIGTERM, or until a part of it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Collection

import structlog
import uvloop
from rich.console import Console

from forecourt.app.database import OpenedDatabase, open_database
from forecourt.app.ports import check_ports
from forecourt.app.runtime import ALL_PARTS, Part, Runtime
from forecourt.app.settings import Settings
from forecourt.kit.clock import Clock
from forecourt.kit.errors import Invalid
from forecourt.kit.log import configure_logging

_log = structlog.get_logger(__name__)
Body = Callable[[Runtime, asyncio.Event], Awaitable[None]]


class SharedServicesMissing(Invalid):
    """A process that works beside others needs what they share."""


def run_serve(settings: Settings, console: Console, parts: Collection[Part] = ALL_PARTS) -> int:
    """Run these parts until told to stop; returns the exit code.

    Raises:
        SharedServicesMissing: one part alone, and no database or bus that it could share with the others.
    """
    if set(parts) != set(ALL_PARTS):
        _check_shared(settings, parts)
    configure_logging(level=settings.log_level, style="json" if settings.log_format == "json" else "console")
    settings.data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    check_ports(settings, parts)
    opened = open_database(settings)

    async def body(runtime: Runtime, stop: asyncio.Event) -> None:
        console.print(addresses(runtime), highlight=False, soft_wrap=True)
        await stop.wait()

    return run_until_stopped(settings, opened, body, parts=parts)


def _check_shared(settings: Settings, parts: Collection[Part]) -> None:
    missing = {
        "FORECOURT_DATABASE_URL (PostgreSQL)": settings.database_url,
        "FORECOURT_NATS_URL (NATS)": settings.nats_url,
    }
    names = [name for name, value in missing.items() if not value]
    if names:
        raise SharedServicesMissing(
            f"`forecourt {', '.join(sorted(parts))}` works beside other processes: set {' and '.join(names)}, "
            "the same for all of them; `forecourt serve` needs neither"
        )
    if not settings.has_pepper:
        raise SharedServicesMissing(
            "all gateways and APIs must share one pepper of charger passwords: set FORECOURT_PEPPER, the same for "
            f"all of them, or run `forecourt init` first and share the folder {settings.data_dir / 'secrets'}"
        )
    if {"api", "worker"} & set(parts) and not settings.has_secret_key:
        raise SharedServicesMissing(
            "all APIs and workers must seal secrets with one key: set FORECOURT_SECRET_KEY (64 hex digits), the same for "
            f"all of them, or run `forecourt init` first and share the folder {settings.data_dir / 'secrets'}"
        )


def addresses(runtime: Runtime) -> str:
    """Where to find what, for people."""
    settings, ports = runtime.settings, runtime.ports
    host = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0"} else settings.host  # noqa: S104
    lines = [
        f"OCPP {scheme:<9} {scheme}://{host}:{port}/ocpp/OPERATOR/STATION" for scheme, port in ports.items()
    ]
    if "api" in runtime.parts:
        http = f"http://{host}:{settings.http_port}"
        lines = [f"console        {http}/console", f"API and docs   {http}/api/v1/docs", *lines]
    elif settings.health_port:
        lines.append(f"health         http://{host}:{settings.health_port}/readyz")
    return "\n".join(lines or ["running jobs"])


def run_until_stopped(
    settings: Settings,
    opened: OpenedDatabase,
    body: Body,
    *,
    parts: Collection[Part] = ALL_PARTS,
    clock: Clock | None = None,
) -> int:
    """Run a `Runtime` and `body` beside it; PostgreSQL is stopped last."""
    try:
        return uvloop.run(_run(settings, opened, body, parts, clock))
    finally:
        opened.close()


async def _run(
    settings: Settings, opened: OpenedDatabase, body: Body, parts: Collection[Part], clock: Clock | None
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runtime = Runtime(settings, opened.urls, parts=parts, clock=clock)
    await runtime.start()
    _log.info("serve.ready", parts=sorted(runtime.parts), http_port=settings.http_port, **runtime.ports)
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
