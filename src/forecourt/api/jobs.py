"""Jobs of the API: forget answers older than a day."""

from __future__ import annotations

from datetime import datetime

from forecourt.api.idempotency import forget_old_keys
from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs


def register(jobs: Jobs, database: Database) -> None:
    """Make the jobs known."""

    @jobs.periodic("api.forget_old_keys", "37 * * * *")
    async def forget_keys(at: datetime) -> None:
        await forget_old_keys(database)
