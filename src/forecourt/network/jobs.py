"""Jobs of the network."""

from __future__ import annotations

from datetime import datetime

from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs
from forecourt.network.ask_for_boots import ask_for_boots
from forecourt.network.time_out_commands import time_out_commands
from forecourt.stations.commands import Stations


def register(jobs: Jobs, database: Database, stations: Stations | None = None) -> None:
    """Register the network's jobs; those that speak to stations only with ``stations``."""

    @jobs.periodic("network.time_out_commands", "* * * * * */5")
    async def sweep(at: datetime) -> None:
        await time_out_commands(database, now=database.clock.now())

    if stations is None:
        return

    @jobs.periodic("network.ask_for_boots", "* * * * * */30")
    async def ask(at: datetime) -> None:
        await ask_for_boots(database, stations, now=database.clock.now())
