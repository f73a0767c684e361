"""Jobs of identity: mail links for new passwords, forget what no longer counts."""

from __future__ import annotations

from datetime import datetime

from forecourt.identity import reset_password
from forecourt.identity.challenges import forget_old_challenges
from forecourt.identity.throttle import forget_old_attempts
from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs


def register(jobs: Jobs, database: Database) -> None:
    """Make the jobs known."""

    @jobs.task(reset_password.TASK, retry=3)
    async def send_password_resets(email: str, base_url: str, address: str | None) -> None:
        await reset_password.send_resets(database, email=email, base_url=base_url, address=address)

    @jobs.periodic("identity.forget_old_attempts", "7 * * * *")
    async def forget_attempts(at: datetime) -> None:
        await forget_old_attempts(database, now=database.clock.now())
        await forget_old_challenges(database, now=database.clock.now())
