"""Simulated time for a process full of stations: which time it is, and how long to really sleep."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from forecourt.kit.clock import Clock, ScaledClock


class Pace:
    """A clock together with the speed it runs at.

    Args:
        clock: tells the simulated time; a ``ScaledClock`` also tells its speed.
        speed: simulated seconds per real second; taken from the clock when it has one.
    """

    def __init__(self, clock: Clock | None = None, speed: float = 1.0) -> None:
        self.clock: Clock = clock if clock is not None else ScaledClock(speed)
        self.speed: float = float(getattr(self.clock, "speed", speed))

    def now(self) -> datetime:
        """The simulated moment, aware, in UTC."""
        return self.clock.now()

    def real(self, seconds: float) -> float:
        """Real seconds in which ``seconds`` of simulated time pass."""
        return max(0.0, seconds) / self.speed

    async def sleep(self, seconds: float) -> None:
        """Sleep for ``seconds`` of simulated time."""
        await asyncio.sleep(self.real(seconds))

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for ``event`` for at most ``seconds`` of simulated time; clears it. True if it was set."""
        try:
            async with asyncio.timeout(self.real(seconds)):
                await event.wait()
        except TimeoutError:
            return False
        event.clear()
        return True


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as stations send it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse(text: str) -> datetime:
    """Read an RFC 3339 timestamp; one without a zone is taken as UTC.

    Raises:
        ValueError: it is no timestamp.
    """
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def after(seconds: float) -> timedelta:
    """Shorthand for a span of simulated seconds."""
    return timedelta(seconds=seconds)
