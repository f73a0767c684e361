"""How far a station's clock is off, judged from the stamps on its live messages."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_WINDOW = 12
_AGREE_S = 5.0
_AGREEING = 3
_APART = timedelta(seconds=30)
_NONSENSE_BEFORE_YEAR = 2020
_FUTURE = timedelta(seconds=60)


@dataclass(slots=True)
class SkewEstimator:
    """The station's clock minus ours, in seconds.

    A message that waited in an offline queue has a stamp that is too early, never too late: the largest
    difference of late is the best guess. A clock that is ahead is believed at once; one that is behind only
    when several messages agree that came some time apart, because a burst from a queue looks the same.
    """

    skew_s: float = 0.0
    _samples: deque[tuple[float, datetime]] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def observe(self, stamped_at: datetime | None, received_at: datetime) -> None:
        """Take note of one stamp."""
        if stamped_at is None or stamped_at.year < _NONSENSE_BEFORE_YEAR:
            return
        self._samples.append(((stamped_at - received_at).total_seconds(), received_at))
        largest = max(sample for sample, _ in self._samples)
        agreeing = [at for sample, at in self._samples if largest - sample <= _AGREE_S]
        if abs(largest) <= _AGREE_S:
            self.skew_s = 0.0
        elif largest > 0 or (len(agreeing) >= _AGREEING and max(agreeing) - min(agreeing) >= _APART):
            self.skew_s = largest

    def has_seen(self, skew_s: float) -> bool:
        """Whether a stamp of late agreed with this skew (seconds)."""
        return any(abs(sample - skew_s) <= _AGREE_S for sample, _ in self._samples)

    def forget_samples(self) -> None:
        """The station booted and was told the time: what it stamped before says nothing any more."""
        self._samples.clear()

    def correct(self, stamped_at: datetime | None, received_at: datetime) -> datetime:
        """When it happened by our clock: never in the future, the time of receipt if the stamp is no help."""
        if stamped_at is None or stamped_at.year < _NONSENSE_BEFORE_YEAR:
            return received_at
        corrected = stamped_at - timedelta(seconds=self.skew_s)
        if corrected > received_at + _FUTURE:
            return received_at
        return min(corrected, received_at)
