"""Jobs of charging."""

from __future__ import annotations

from datetime import datetime

from forecourt.charging.settle import BATCH, close_silent, settle_due
from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs
from forecourt.pricing.price_book import PriceBook


def register(jobs: Jobs, database: Database) -> None:
    """Register charging's jobs."""
    prices = PriceBook()

    @jobs.periodic("charging.settle", "* * * * * */3")
    async def settle(at: datetime) -> None:
        while await settle_due(database, prices=prices) == BATCH:
            pass

    @jobs.periodic("charging.close_silent", "17 * * * *")
    async def close(at: datetime) -> None:
        await close_silent(database)
