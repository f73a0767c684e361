"""Commands that run until they are stopped: all parts in one process, one part beside others, or the demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecourt.app.command_options import (
    DataDirOption,
    HealthPortOption,
    HostOption,
    HttpPortOption,
    OcppPortOption,
    OcppTlsPortOption,
    console,
    load_settings,
)

if TYPE_CHECKING:
    from forecourt.app.runtime import Part


def serve(
    host: HostOption = None,
    http_port: HttpPortOption = None,
    ocpp_port: OcppPortOption = None,
    ocpp_tls_port: OcppTlsPortOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Serve: gateway, API and worker in one process."""
    from forecourt.app.serve import run_serve

    settings = load_settings(
        host=host, http_port=http_port, ocpp_port=ocpp_port, ocpp_tls_port=ocpp_tls_port, data_dir=data_dir
    )
    raise typer.Exit(run_serve(settings, console))


def gateway(
    ocpp_port: OcppPortOption = None,
    ocpp_tls_port: OcppTlsPortOption = None,
    health_port: HealthPortOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Hold the sockets of stations, beside other processes. Needs FORECOURT_DATABASE_URL and FORECOURT_NATS_URL."""
    _run_part(
        "gateway",
        ocpp_port=ocpp_port,
        ocpp_tls_port=ocpp_tls_port,
        health_port=health_port,
        data_dir=data_dir,
    )


def api(
    host: HostOption = None,
    http_port: HttpPortOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Answer people and machines, beside other processes. Needs FORECOURT_DATABASE_URL and FORECOURT_NATS_URL."""
    _run_part("api", host=host, http_port=http_port, data_dir=data_dir)


def worker(
    health_port: HealthPortOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Run jobs and number events, beside other processes. Needs FORECOURT_DATABASE_URL and FORECOURT_NATS_URL."""
    _run_part("worker", health_port=health_port, data_dir=data_dir)


def _run_part(part: Part, **changes: Any) -> None:
    from forecourt.app.serve import run_serve

    raise typer.Exit(run_serve(load_settings(**changes), console, [part]))


def demo(
    stations: Annotated[int, typer.Option(min=1, max=5000, help="How many simulated stations.")] = 60,
    speed: Annotated[
        float, typer.Option(min=0.1, max=1000, help="How many times faster than the clock.")
    ] = 1.0,
    http_port: HttpPortOption = None,
    ocpp_port: OcppPortOption = None,
    ocpp_tls_port: OcppTlsPortOption = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Data folder of the demo.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what the demo has stored so far.")] = False,
) -> None:
    """Run a demo operator with a simulated network of chargers and a live board."""
    from forecourt.app.demo import run_demo

    settings = load_settings(http_port=http_port, ocpp_port=ocpp_port, ocpp_tls_port=ocpp_tls_port)
    raise typer.Exit(
        run_demo(settings, console, stations=stations, speed=speed, data_dir=data_dir, fresh=fresh)
    )


PROCESSES = (serve, gateway, api, worker, demo)
