"""What time is it? Asked through a port, so that tests and simulations can answer."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """Stands still until somebody advances it."""

    def __init__(self, at: datetime) -> None:
        """Start at ``at``, which must be aware.

        Raises:
            ValueError: ``at`` is naive.
        """
        self._at = _aware(at)

    def now(self) -> datetime:
        """The moment that was set last."""
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Move on by ``by`` and tell the new time."""
        self._at += by
        return self._at

    def set(self, at: datetime) -> None:
        """Move to ``at``, forwards or backwards."""
        self._at = _aware(at)


class ScaledClock:
    """Runs ``speed`` times as fast as the machine's, starting from ``origin`` when it is made."""

    def __init__(self, speed: float, origin: datetime | None = None) -> None:
        """Start now.

        Args:
            speed: simulated seconds per real second, above zero.
            origin: simulated time at the start; the real time if left out.

        Raises:
            ValueError: ``speed`` is not above zero, or ``origin`` is naive.
        """
        if not speed > 0:
            raise ValueError(f"a clock cannot run at speed {speed}")
        self.speed = speed
        self.origin = _aware(origin) if origin is not None else datetime.now(UTC)
        self._started = time.monotonic()

    def now(self) -> datetime:
        """The simulated moment, aware, in UTC."""
        return self.origin + timedelta(seconds=(time.monotonic() - self._started) * self.speed)

    def real_seconds(self, simulated: timedelta) -> float:
        """How long to sleep, in real seconds, for ``simulated`` to pass."""
        return simulated.total_seconds() / self.speed


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC)
