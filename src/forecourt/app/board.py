"""The live board in the terminal: what the network does right now, read from the database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from sqlalchemy import text

from forecourt.kit.clock import Clock
from forecourt.kit.database import Database
from forecourt.kit.money import format_amount, to_minor

_REFRESH_S = 2.0


@dataclass(frozen=True)
class SessionLine:
    station: str
    location: str
    state: str
    minutes: int
    energy_wh: Decimal
    power_w: Decimal
    cost: Decimal
    currency: str


@dataclass(frozen=True)
class Figures:
    """One look at the network. Energy in Wh and cost in major units since local midnight of the operator."""

    at: datetime
    stations: int
    online: int
    sessions_open: int
    sessions_today: int
    power_w: Decimal
    energy_wh: Decimal
    cost: Decimal
    currency: str
    faulted: int
    newest: tuple[SessionLine, ...]


async def read_figures(database: Database, clock: Clock, operator_id: UUID) -> Figures:
    """Read the figures in one transaction of the operator."""
    now = clock.now()
    since = now - timedelta(hours=24)
    async with database.transaction(operator_id) as uow:
        stations = (
            await uow.session.execute(
                text(
                    "SELECT count(*), count(*) FILTER (WHERE link = 'online') FROM station"
                    " WHERE registration = 'adopted'"
                )
            )
        ).one()
        faulted = await uow.session.scalar(text("SELECT count(*) FROM connector WHERE status = 'faulted'"))
        totals = (
            await uow.session.execute(
                text(
                    "SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*),"
                    " coalesce(sum(power_w) FILTER (WHERE ended_at IS NULL), 0),"
                    " coalesce(sum(energy_wh), 0), coalesce(sum(cost_after_taxes), 0), max(currency)"
                    " FROM session WHERE opened_at >= :since OR ended_at IS NULL"
                ),
                {"since": since},
            )
        ).one()
        rows = await uow.session.execute(
            text(
                "SELECT station.identity, coalesce(location.name, ''), session.state, session.opened_at,"
                " session.energy_wh, coalesce(session.power_w, 0), coalesce(session.cost_after_taxes, 0),"
                " coalesce(session.currency, 'EUR')"
                " FROM session JOIN station ON station.operator_id = session.operator_id AND station.id = session.station_id"
                " LEFT JOIN location ON location.operator_id = session.operator_id AND location.id = session.location_id"
                " WHERE session.ended_at IS NULL ORDER BY session.opened_at DESC LIMIT 12"
            )
        )
        newest = tuple(
            SessionLine(
                row[0],
                row[1],
                row[2],
                int((now - row[3]).total_seconds() // 60),
                row[4],
                row[5],
                row[6],
                row[7],
            )
            for row in rows
        )
    return Figures(
        at=now,
        stations=stations[0],
        online=stations[1],
        sessions_open=totals[0],
        sessions_today=totals[1],
        power_w=totals[2],
        energy_wh=totals[3],
        cost=totals[4],
        currency=totals[5] or "EUR",
        faulted=faulted or 0,
        newest=newest,
    )


def _money(amount: Decimal, currency: str) -> str:
    return format_amount(to_minor(amount, currency), currency)


def draw(figures: Figures, header: str) -> Group:
    """The board as a rich renderable."""
    tiles = Table.grid(expand=True, padding=(0, 2))
    titles = (
        "stations online",
        "sessions now",
        "power now",
        "energy, 24 h",
        "revenue, 24 h",
        "connectors faulted",
    )
    values = (
        f"{figures.online} / {figures.stations}",
        f"{figures.sessions_open} ({figures.sessions_today} in 24 h)",
        f"{figures.power_w / 1000:,.1f} kW",
        f"{figures.energy_wh / 1000:,.1f} kWh",
        _money(figures.cost, figures.currency),
        str(figures.faulted),
    )
    for _ in titles:
        tiles.add_column(justify="left")
    tiles.add_row(*(f"[dim]{title}[/dim]" for title in titles))
    tiles.add_row(*(f"[bold]{value}[/bold]" for value in values))
    sessions = Table(expand=True, box=None, padding=(0, 1))
    for title, justify in (("station", "left"), ("location", "left"), ("state", "left"), ("min", "right"),
                           ("kWh", "right"), ("kW", "right"), ("price", "right")):  # fmt: skip
        sessions.add_column(title, justify=justify, header_style="dim", no_wrap=True)  # type: ignore[arg-type]
    for line in figures.newest:
        sessions.add_row(
            line.station, line.location, line.state, str(line.minutes), f"{line.energy_wh / 1000:.2f}",
            f"{line.power_w / 1000:.1f}", _money(line.cost, line.currency),
        )  # fmt: skip
    if not figures.newest:
        sessions.add_row("[dim]no session at the moment[/dim]", "", "", "", "", "", "")
    return Group(
        Panel(header, title=f"Forecourt · {figures.at:%Y-%m-%d %H:%M:%S} UTC", title_align="left"),
        tiles,
        Panel(sessions, title="newest sessions", title_align="left"),
    )


async def show_board(
    console: Console, database: Database, clock: Clock, operator_id: UUID, header: str, stop: asyncio.Event
) -> None:
    """Show the board until `stop`: live in a terminal, a line every ten seconds when the output is a file."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=2, transient=False) as live:
            while not stop.is_set():
                live.update(draw(await read_figures(database, clock, operator_id), header))
                await _sleep(stop, _REFRESH_S)
        return
    while not stop.is_set():
        figures = await read_figures(database, clock, operator_id)
        console.print(
            f"{figures.at:%H:%M:%S}  online {figures.online}/{figures.stations}  sessions {figures.sessions_open}"
            f"  power {figures.power_w / 1000:.1f} kW  energy {figures.energy_wh / 1000:.1f} kWh"
            f"  revenue {_money(figures.cost, figures.currency)}",
            highlight=False,
            soft_wrap=True,
        )
        await _sleep(stop, 10.0)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
