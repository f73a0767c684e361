"""Jobs of the gateway, for workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from forecourt.gateway.leases import end_dead_links
from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs
from forecourt.stations.ports import StationHandler


def register(jobs: Jobs, database: Database, make_handlers: Callable[[], Sequence[StationHandler]]) -> None:
    """Register the gateway's jobs; ``make_handlers`` makes the ones that give events their effect."""

    @jobs.periodic("gateway.end_dead_links", "* * * * * */5")
    async def sweep(at: datetime) -> None:
        await end_dead_links(database, make_handlers())
