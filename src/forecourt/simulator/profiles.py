"""Charging profiles in one form for all versions, and the limit that they make together.

OCPP 1.6 section 3.13 and OCPP 2.0.1 part 2 K: within a purpose the highest stack level that says something
wins; a transaction's profile replaces the default; the lowest of the purposes applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forecourt.simulator.pace import parse

TX = "TxProfile"
TX_DEFAULT = "TxDefaultProfile"
DAY_S = 86_400
VOLTS = 230.0


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One installed charging profile with one schedule."""

    profile_id: int
    connector: int
    stack_level: int
    purpose: str
    kind: str
    recurrency: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    start: datetime | None
    duration_s: float | None
    unit: str
    periods: tuple[tuple[float, float, int], ...]
    transaction_id: str | None
    installed_at: datetime
    raw: dict[str, Any]

    def limit_w(self, at: datetime, tx_start: datetime | None) -> float | None:
        """Its limit at ``at`` in watts, or None when it says nothing then."""
        if (self.valid_from and at < self.valid_from) or (self.valid_to and at >= self.valid_to):
            return None
        offset = self._offset_s(at, tx_start)
        if offset is None or offset < 0 or (self.duration_s is not None and offset >= self.duration_s):
            return None
        limit = None
        for begin, value, phases in self.periods:
            if begin <= offset:
                limit = value if self.unit == "W" else value * VOLTS * phases
        return limit

    def _offset_s(self, at: datetime, tx_start: datetime | None) -> float | None:
        if self.kind == "Relative":
            return (at - tx_start).total_seconds() if tx_start else None
        start = self.start or tx_start or self.installed_at
        offset = (at - start).total_seconds()
        if self.kind == "Recurring" and offset >= 0:
            offset %= DAY_S * (7 if self.recurrency == "Weekly" else 1)
        return offset


def read_v16(connector: int, profile: dict[str, Any], now: datetime) -> Profile:
    """From ``csChargingProfiles`` of SetChargingProfile or RemoteStartTransaction (1.6)."""
    return _read(
        connector,
        profile,
        profile["chargingProfileId"],
        profile["chargingSchedule"],
        profile.get("transactionId"),
        now,
    )


def read_v2x(evse: int, profile: dict[str, Any], now: datetime) -> Profile:
    """From ``chargingProfile`` of SetChargingProfile or RequestStartTransaction (2.0.1, 2.1)."""
    return _read(
        evse, profile, profile["id"], profile["chargingSchedule"][0], profile.get("transactionId"), now
    )


def _read(
    connector: int, profile: dict[str, Any], number: int, schedule: dict[str, Any], tx: object, now: datetime
) -> Profile:
    def moment(source: dict[str, Any], key: str) -> datetime | None:
        return parse(source[key]) if source.get(key) else None

    return Profile(
        profile_id=number,
        connector=connector,
        stack_level=profile["stackLevel"],
        purpose=profile["chargingProfilePurpose"],
        kind=profile["chargingProfileKind"],
        recurrency=profile.get("recurrencyKind"),
        valid_from=moment(profile, "validFrom"),
        valid_to=moment(profile, "validTo"),
        start=moment(schedule, "startSchedule"),
        duration_s=schedule.get("duration"),
        unit=schedule["chargingRateUnit"],
        periods=tuple(
            (
                float(period["startPeriod"]),
                float(period.get("limit", 1e9)),
                int(period.get("numberPhases") or 3),
            )
            for period in schedule["chargingSchedulePeriod"]
        ),
        transaction_id=None if tx is None else str(tx),
        installed_at=now,
        raw=profile,
    )


class ProfileStore:
    """The charging profiles of one station."""

    def __init__(self) -> None:
        self._profiles: list[Profile] = []

    def __len__(self) -> int:
        return len(self._profiles)

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._profiles)

    def add(self, profile: Profile) -> None:
        """Install it; replaces one with the same id, or the same purpose, level and connector."""
        self._profiles = [
            old
            for old in self._profiles
            if old.profile_id != profile.profile_id
            and (old.purpose, old.stack_level, old.connector)
            != (profile.purpose, profile.stack_level, profile.connector)
        ]
        self._profiles.append(profile)

    def clear(
        self,
        *,
        profile_id: int | None = None,
        connector: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> int:
        """Remove those that match everything given; returns how many."""

        def matches(profile: Profile) -> bool:
            if profile_id is not None:
                return profile.profile_id == profile_id
            return (
                (connector is None or profile.connector == connector)
                and (purpose is None or profile.purpose == purpose)
                and (stack_level is None or profile.stack_level == stack_level)
            )

        before = len(self._profiles)
        self._profiles = [profile for profile in self._profiles if not matches(profile)]
        return before - len(self._profiles)

    def end_transaction(self, connector: int) -> None:
        """A transaction's own profiles die with it."""
        self.clear(connector=connector, purpose=TX)

    def limit_w(self, connector: int, at: datetime, tx_start: datetime | None = None) -> float | None:
        """The limit for a connector at ``at``, in watts; None when no profile limits it."""
        best: dict[str, tuple[int, float]] = {}
        for profile in self._profiles:
            if profile.connector not in (0, connector) or (profile.purpose == TX and tx_start is None):
                continue
            limit = profile.limit_w(at, tx_start)
            if limit is None:
                continue
            level = profile.stack_level * 2 + (profile.connector != 0)
            if profile.purpose not in best or best[profile.purpose][0] < level:
                best[profile.purpose] = (level, limit)
        if TX in best:
            best.pop(TX_DEFAULT, None)
        return min((limit for _, limit in best.values()), default=None)

    def next_change_s(self, at: datetime, tx_start: datetime | None, within_s: float) -> float:
        """Seconds until a limit may change next, at most ``within_s``."""
        nearest = within_s
        for profile in self._profiles:
            edges = [edge for edge in (profile.valid_from, profile.valid_to) if edge]
            offset = profile._offset_s(at, tx_start)
            if offset is not None:
                begins = [begin for begin, _, _ in profile.periods]
                if profile.duration_s is not None:
                    begins.append(profile.duration_s)
                edges += [at + timedelta(seconds=begin - offset) for begin in begins]
            for edge in edges:
                wait = (edge - at).total_seconds()
                if 0.001 < wait < nearest:
                    nearest = wait
        return nearest

    def composite(
        self, connector: int, at: datetime, duration_s: int, tx_start: datetime | None, most_w: float
    ) -> list[tuple[int, float]]:
        """The schedule they make together: (start second, limit in watts), from ``at`` on."""
        periods: list[tuple[int, float]] = []
        offset = 0.0
        while offset < duration_s and len(periods) < 100:
            now = at + timedelta(seconds=offset)
            limit = self.limit_w(connector, now, tx_start)
            value = most_w if limit is None else min(most_w, limit)
            if not periods or periods[-1][1] != value:
                periods.append((int(offset + 0.5), value))
            offset += max(1.0, self.next_change_s(now, tx_start, duration_s - offset + 1))
        return periods
