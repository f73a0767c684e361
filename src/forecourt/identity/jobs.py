"""Jobs of identity: forget what no longer counts."""

from __future__ import annotations

from datetime import datetime

from forecourt.identity.throttle import forget_old_attempts
from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs


def register(jobs: Jobs, database: Database) -> None:
    """Make the jobs known."""

    @jobs.periodic("identity.forget_old_attempts", "7 * * * *")
    async def forget_attempts(at: datetime) -> None:
        await forget_old_attempts(database, now=database.clock.now())
