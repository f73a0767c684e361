"""Group C: idling and occupancy, at 0.10 a minute."""

from decimal import Decimal
from typing import Any

import pytest

from forecourt.tariff import IdleRule, PauseWindow, StateChange, Tariff, timeline_from_readings

from .building import MONDAY, chain, element, energy, local, net, price, rated, stretch, tariff

IDLE = price("idle_time", "0.10", unit="minute")
OCCUPANCY = price("occupancy_time", "0.10", unit="minute")


def idling(**rule: Any) -> Tariff:
    return tariff(IDLE, idle=IdleRule(**rule))


class TestIdle:
    def test_c1_grace_and_pause_at_night(self) -> None:
        subject = idling(grace_s=600, pauses=(PauseWindow(start_time="23:00", end_time="07:00"),))
        timeline = chain(local("2026-05-04T22:30"), (9 * 60 + 15, "idle"))
        result = rated(subject, timeline)
        assert result.billed.parking_s == 65 * 60
        assert net(result) == Decimal("6.50")
        assert [row.reason for row in result.trace] == ["grace", "priced", "pause", "priced"]

    @pytest.mark.parametrize(
        ("seconds", "exact", "started"), [(599, "0", "0.00"), (600, "0", "0.00"), (601, "0.0017", "0.10")]
    )
    def test_c2_around_the_end_of_grace(self, seconds: int, exact: str, started: str) -> None:
        timeline = [stretch(MONDAY, seconds / 60, "idle")]
        result = rated(idling(grace_s=600), timeline)
        assert round(result.exact.total.before_taxes, 4) == Decimal(exact)
        assert net(result) == 0
        by_minute = rated(idling(grace_s=600, started_minute=True), timeline)
        assert net(by_minute) == Decimal(started)

    def test_c3_cap(self) -> None:
        result = rated(idling(cap=Decimal(12)), chain(MONDAY, (180, "idle")))
        assert net(result) == Decimal("12.00")
        assert result.exact.parking.before_taxes == 12
        assert sum(row.amount for row in result.trace) == 12

    def test_c4_grace_once_or_per_spell(self) -> None:
        timeline = chain(MONDAY, (15, "idle"), (5, "charging"), (15, "idle"))
        assert net(rated(idling(grace_s=600), timeline)) == Decimal("2.00")
        assert net(rated(idling(grace_s=600, grace="per_spell"), timeline)) == Decimal("1.00")

    def test_c5_our_load_management_is_not_idling(self) -> None:
        assert net(rated(idling(), chain(MONDAY, (20, "suspended_evse")))) == 0

    def test_c6_no_evidence_no_fee(self) -> None:
        end = local("2024-06-03T12:00")
        timeline = timeline_from_readings(
            [],
            [StateChange(at=local("2024-06-03T11:00"), state="charging")],
            start=MONDAY,
            end=end,
            evidence_until=local("2024-06-03T11:30"),
        )
        result = rated(tariff(IDLE, OCCUPANCY), timeline.segments)
        assert result.exact.parking.before_taxes == 0
        assert result.billed.occupancy_s == 90 * 60
        assert result.notes == ("unproven_time", "tax_unknown")

    def test_c7_only_while_the_site_is_busy(self) -> None:
        subject = tariff(
            element(price("idle_time", "0.50", unit="minute"), min_site_occupancy_percent=Decimal(50))
        )
        timeline = [
            stretch(MONDAY, 12, "idle", site_occupancy_percent=50),
            stretch(MONDAY.replace(minute=12), 8, "idle", site_occupancy_percent=49),
        ]
        assert net(rated(subject, timeline)) == Decimal("6.00")

    def test_c9_no_price_for_idling(self) -> None:
        assert net(rated(tariff(energy("0.5")), chain(MONDAY, (60, "idle")))) == 0

    def test_c10_car_that_never_charged(self) -> None:
        timeline = chain(MONDAY, (40, "preparing"))
        assert net(rated(tariff(IDLE), timeline)) == 0
        assert net(rated(tariff(OCCUPANCY), timeline)) == Decimal("4.00")

    def test_finishing_counts_as_idle(self) -> None:
        timeline = chain(MONDAY, (30, "charging", "5"), (10, "finishing"))
        assert net(rated(idling(), timeline)) == Decimal("1.00")

    def test_state_before_soc_is_measured_counts_as_zero(self) -> None:
        subject = tariff(
            element(price("occupancy_time", "1", unit="minute"), min_soc_percent=Decimal(90)),
        )
        timeline = [stretch(MONDAY, 5), stretch(MONDAY.replace(minute=5), 3, soc_percent=91)]
        assert net(rated(subject, timeline)) == 3
