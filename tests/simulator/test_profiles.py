"""Charging profiles: which limit applies when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from forecourt.simulator.profiles import ProfileStore, read_v2x, read_v16

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def profile(number: int, purpose: str, limit: float, **changes: Any) -> dict[str, Any]:
    """A 1.6 profile with one period."""
    schedule = {
        "chargingRateUnit": changes.pop("unit", "W"),
        "chargingSchedulePeriod": changes.pop("periods", [{"startPeriod": 0, "limit": limit}]),
    }
    for key in ("startSchedule", "duration"):
        if key in changes:
            schedule[key] = changes.pop(key)
    return {
        "chargingProfileId": number,
        "stackLevel": changes.pop("level", 0),
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": changes.pop("kind", "Absolute"),
        "chargingSchedule": schedule,
        **changes,
    }


class TestLimit:
    def test_without_profiles_there_is_none(self) -> None:
        assert ProfileStore().limit_w(1, NOON) is None

    def test_the_lowest_purpose_and_the_highest_level_win(self) -> None:
        store = ProfileStore()
        store.add(read_v16(0, profile(1, "ChargePointMaxProfile", 9_000), NOON))
        store.add(read_v16(1, profile(2, "TxDefaultProfile", 4_000, level=1), NOON))
        store.add(read_v16(1, profile(3, "TxDefaultProfile", 7_000, level=2), NOON))
        assert store.limit_w(1, NOON, NOON) == 7_000
        assert store.limit_w(2, NOON, NOON) == 9_000
        store.add(read_v16(1, profile(4, "TxProfile", 8_000), NOON))
        assert store.limit_w(1, NOON, NOON) == 8_000
        store.end_transaction(1)
        assert store.limit_w(1, NOON, NOON) == 7_000

    def test_amperes_count_for_their_phases(self) -> None:
        store = ProfileStore()
        periods = [{"startPeriod": 0, "limit": 16, "numberPhases": 1}]
        store.add(read_v16(0, profile(1, "TxDefaultProfile", 0, unit="A", periods=periods), NOON))
        assert store.limit_w(1, NOON) == 16 * 230

    def test_a_recurring_profile_comes_back_each_day(self) -> None:
        store = ProfileStore()
        given = profile(
            1,
            "TxDefaultProfile",
            0,
            kind="Recurring",
            recurrencyKind="Daily",
            startSchedule="2026-01-01T18:00:00Z",
            duration=3600,
            periods=[{"startPeriod": 0, "limit": 2_000}, {"startPeriod": 1800, "limit": 3_000}],
        )
        store.add(read_v16(0, given, NOON))
        assert store.limit_w(1, NOON) is None
        assert store.limit_w(1, NOON + timedelta(hours=6)) == 2_000
        assert store.limit_w(1, NOON + timedelta(hours=6, minutes=40)) == 3_000
        assert store.limit_w(1, NOON + timedelta(hours=30)) == 2_000

    def test_it_is_valid_only_from_and_until(self) -> None:
        store = ProfileStore()
        given = profile(
            1, "TxDefaultProfile", 5, validFrom="2026-03-02T13:00:00Z", validTo="2026-03-02T14:00:00Z"
        )
        store.add(read_v16(0, given, NOON))
        assert [store.limit_w(1, NOON + timedelta(minutes=60 * h + 30)) for h in range(3)] == [None, 5, None]


class TestComposite:
    def test_periods_follow_one_another(self) -> None:
        store = ProfileStore()
        given = {
            "id": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": [
                {
                    "id": 1,
                    "chargingRateUnit": "W",
                    "chargingSchedulePeriod": [
                        {"startPeriod": 0, "limit": 3_000},
                        {"startPeriod": 600, "limit": 6_000},
                        {"startPeriod": 1200, "limit": 50_000},
                    ],
                }
            ],
        }
        store.add(read_v2x(1, given, NOON))
        periods = store.composite(1, NOON + timedelta(seconds=300), 3600, NOON, 11_000)
        assert periods == [(0, 3_000), (300, 6_000), (900, 11_000)]
