"""Jobs of the network."""

from __future__ import annotations

from datetime import datetime

from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs
from forecourt.network.time_out_commands import time_out_commands


def register(jobs: Jobs, database: Database) -> None:
    """Register the network's jobs."""

    @jobs.periodic("network.time_out_commands", "* * * * * */5")
    async def sweep(at: datetime) -> None:
        await time_out_commands(database, now=database.clock.now())
