"""``forecourt simulate``: stations that behave like real ones, against any OCPP server."""

from __future__ import annotations

import contextlib
import ssl as tls
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvloop

from forecourt.kit.errors import ForecourtError, Invalid
from forecourt.simulator.network import Counters
from forecourt.simulator.run import simulate
from forecourt.simulator.scenario import read_scenario, span_s

app = typer.Typer(no_args_is_help=True)


@app.command("simulate")
def simulate_command(
    url: Annotated[
        str, typer.Option(help="Address of the OCPP server; each station's identity is appended.")
    ] = "ws://localhost:9000/ocpp",
    stations: Annotated[int, typer.Option(min=1, help="How many stations to make up.")] = 10,
    versions: Annotated[
        str, typer.Option(help="OCPP versions that they speak in turn, separated by commas.")
    ] = "1.6,2.0.1,2.1",
    scenario: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A YAML file with stations, drivers, faults."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Recorded sessions to replay; default: those we ship."
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="Simulated seconds per real second; above 1 stations' clocks run ahead of the server's.",
        ),
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(help="Basic auth password of all stations; {identity} stands for the identity."),
    ] = None,
    prefix: Annotated[str, typer.Option(help="Identities are PREFIX-0001, PREFIX-0002 …")] = "SIM",
    connectors: Annotated[int | None, typer.Option(min=1, help="Connectors of each; default: mixed.")] = None,
    id_tag: Annotated[
        list[str] | None, typer.Option("--id-tag", help="A token that drivers hold; repeat for more.")
    ] = None,
    density: Annotated[
        float, typer.Option(min=0, help="More (above 1) or fewer drivers than recorded.")
    ] = 1.0,
    begin: Annotated[
        str, typer.Option(help="Moment of the recorded week to start at, or 'now' to go by the clock.")
    ] = "tue 07:30",
    time_zone: Annotated[str, typer.Option(help="Whose clock tells the drivers when to come.")] = "UTC",
    duration: Annotated[
        str | None, typer.Option(help="Stop after this simulated time, e.g. 2h; default: at Ctrl-C.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Repeats the same drivers and stations.")] = None,
    mishaps: Annotated[
        bool,
        typer.Option("--mishaps", help="Let a few things go wrong: lost connections, trips, stuck plugs."),
    ] = False,
    ca: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Certificate authority to trust for wss.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Trust any certificate (wss).")] = False,
) -> None:
    """Drive an OCPP server, ours or another, with simulated stations and drivers.

    Drivers come, charge and leave as they did in recorded sessions (ACN-Data, CC BY 4.0); what a car draws
    from one minute to the next is modelled.
    """
    try:
        _check_url(url)
        work = simulate(
            url,
            stations=stations,
            versions=[version.strip() for version in versions.split(",") if version.strip()],
            scenario=read_scenario(scenario) if scenario else None,
            replay=replay,
            speed=speed,
            password=password,
            id_tags=id_tag or [],
            connectors=connectors,
            prefix=prefix,
            density=density,
            begin=begin,
            time_zone=time_zone,
            duration_s=span_s(duration) if duration else None,
            seed=seed,
            mishaps=mishaps,
            ssl=_trust(url, ca, insecure=insecure),
            progress=lambda counters: typer.echo(progress_line(counters)),
        )
        with contextlib.suppress(KeyboardInterrupt):
            typer.echo(progress_line(uvloop.run(work)))
    except ForecourtError as error:
        typer.echo(f"{error.code}: {error}", err=True)
        raise typer.Exit(2) from error


def progress_line(counters: Counters) -> str:
    """One line that says how the network is doing."""
    line = (
        f"{counters.online}/{counters.stations} stations online, "
        f"{counters.charging}/{counters.connectors} sessions, {counters.power_w / 1000:.1f} kW, "
        f"{counters.energy_wh / 1000:.1f} kWh, {counters.sessions_ended} ended, "
        f"{counters.frames_sent} frames sent, {counters.frames_received} received"
    )
    troubles = {
        "waiting": counters.messages_waiting,
        "refused": counters.calls_refused,
        "failed connects": counters.failed_connects,
        "dropped": counters.messages_dropped,
        "crashes": counters.crashes,
    }
    told = ", ".join(f"{count} {name}" for name, count in troubles.items() if count)
    return f"{line} ({told})" if told else line


class BadAddress(Invalid):
    """Not the address of an OCPP server, or of its certificate authority."""


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"ws", "wss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadAddress(
            f"{url!r} is no address of an OCPP server; write for example ws://localhost:9000/ocpp"
        )


def _trust(url: str, ca: Path | None, *, insecure: bool) -> tls.SSLContext | None:
    if not url.startswith("wss:"):
        return None
    try:
        context = tls.create_default_context(cafile=str(ca) if ca else None)
    except (tls.SSLError, OSError) as error:
        raise BadAddress(f"{ca} holds no certificate: {error.strerror or error}") from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = tls.CERT_NONE
    return context
