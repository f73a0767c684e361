"""Group B: times of day, days, clock changes, and what meters and clocks do to them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from forecourt.tariff import Reading, StateChange, Tariff, timeline_from_readings

from .building import chain, element, energy, local, net, price, rated, stretch, tariff

MINUTE = price("charging_time", "0.05", unit="minute")
AT_FIVE = tariff(element(energy("0.30"), end_time="17:00"), energy("0.60"))
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
WEEKDAY = tariff(element(energy("0.50"), days=WEEK), energy("0.40"))
SUNDAY = tariff(element(energy("0.20"), days=("sunday",)), energy("0.50"))


def read(*points: tuple[str, str], clock_ahead: timedelta = timedelta(0)) -> list[Reading]:
    return [
        Reading(at=local(f"2026-05-04T{at}") + clock_ahead, register_wh=Decimal(kwh) * 1000)
        for at, kwh in points
    ]


def measured(readings: list[Reading], clock_ahead: timedelta = timedelta(0)) -> Decimal:
    start, end = local("2026-05-04T16:55"), local("2026-05-04T17:05")
    return net(
        rated(
            AT_FIVE,
            timeline_from_readings(readings, [], start=start, end=end, clock_ahead=clock_ahead).segments,
        )
    )


class TestReadingsAcrossABoundary:
    def test_b1_interpolates_linearly(self) -> None:
        assert measured(read(("16:55", "10"), ("17:05", "12"))) == Decimal("0.90")

    def test_b2_measured_beats_interpolated(self) -> None:
        assert measured(read(("16:55", "10"), ("17:00", "11.4"), ("17:05", "12"))) == Decimal("0.78")

    def test_b17_out_of_order_and_duplicates(self) -> None:
        first, middle, last = read(("16:55", "10"), ("17:00", "11.4"), ("17:05", "12"))
        assert measured([last, first, middle, last, middle]) == Decimal("0.78")

    def test_b18_station_clock_three_minutes_fast(self) -> None:
        ahead = timedelta(minutes=3)
        readings = read(("16:55", "10"), ("17:00", "11.4"), ("17:05", "12"), clock_ahead=ahead)
        raw = [reading.at for reading in readings]
        assert measured(readings, ahead) == Decimal("0.78")
        assert [reading.at for reading in readings] == raw

    def test_b19_register_reset(self) -> None:
        start, end = local("2026-05-04T16:00"), local("2026-05-04T16:40")
        readings = [
            Reading(at=start + timedelta(minutes=minutes), register_wh=Decimal(wh))
            for minutes, wh in ((0, 8000), (10, 10000), (20, 0), (40, 2000))
        ]
        timeline = timeline_from_readings(readings, [], start=start, end=end)
        assert timeline.needs_review
        assert [finding.kind for finding in timeline.findings] == ["register_reset"]
        assert sum(segment.energy_wh for segment in timeline.segments) == 4000
        assert all(segment.energy_wh >= 0 for segment in timeline.segments)
        assert net(rated(AT_FIVE, timeline.segments)) == Decimal("1.20")


class TestDays:
    def test_b3_friday_to_saturday(self) -> None:
        timeline = [stretch(local("2026-05-08T23:30"), 60, "charging", "10")]
        assert net(rated(WEEKDAY, timeline)) == Decimal("4.50")

    def test_b15_public_holiday_is_a_sunday(self) -> None:
        timeline = [stretch(local("2026-01-01T10:00"), 60, "charging", "10")]
        holiday = (date(2026, 1, 1),)
        assert net(rated(SUNDAY, timeline)) == Decimal("5.00")
        assert net(rated(SUNDAY, timeline, holidays=holiday)) == Decimal("2.00")
        of_the_tariff = tariff(*SUNDAY.elements, holidays=holiday)
        assert net(rated(of_the_tariff, timeline)) == Decimal("2.00")

    def test_dates_exclude_their_end(self) -> None:
        subject = tariff(
            element(energy("1"), start_date=date(2026, 5, 4), end_date=date(2026, 5, 5)), energy("2")
        )
        timeline = [stretch(local("2026-05-03T23:00"), 26 * 60, "charging", "26")]
        assert net(rated(subject, timeline)) == Decimal("2") + Decimal("24") + Decimal("2")


def free_from_two_to_three() -> Tariff:
    return tariff(
        element(price("charging_time", "0", unit="minute"), start_time="02:00", end_time="03:00"), MINUTE
    )


class TestClockChange:
    def test_b4_fall_back_has_an_hour_more(self) -> None:
        start, end = local("2026-10-25T01:30"), local("2026-10-25T03:30")
        timeline = chain(start, ((end - start).total_seconds() / 60, "charging"))
        result = rated(tariff(MINUTE), timeline)
        assert result.billed.time_s == 180 * 60
        assert net(result) == Decimal("9.00")

    def test_b5_spring_has_an_hour_less(self) -> None:
        start, end = local("2026-03-29T01:30"), local("2026-03-29T03:30")
        timeline = chain(start, ((end - start).total_seconds() / 60, "charging"))
        assert net(rated(tariff(MINUTE), timeline)) == Decimal("3.00")

    def test_b6_band_in_the_repeated_hour(self) -> None:
        timeline = chain(local("2026-10-25T01:30"), (180, "charging"))
        assert net(rated(free_from_two_to_three(), timeline)) == Decimal("3.00")

    def test_b7_band_in_the_missing_hour(self) -> None:
        timeline = chain(local("2026-03-29T01:30"), (60, "charging"))
        assert net(rated(free_from_two_to_three(), timeline)) == Decimal("3.00")

    @pytest.mark.parametrize(("start_time", "priced"), [("02:15", 150), ("02:45", 90), ("02:00", 180)])
    def test_window_that_starts_inside_the_repeated_hour(self, start_time: str, priced: int) -> None:
        """From 01:00 to 04:00 local (240 min): the clock goes back at 03:00, and the window closes again."""
        subject = tariff(element(price("charging_time", "1", unit="minute"), start_time=start_time))
        timeline = chain(local("2026-10-25T01:00"), (240, "charging"))
        assert net(rated(subject, timeline)) == priced

    def test_half_hour_change_and_southern_zone(self) -> None:
        """Lord Howe: 2026-04-05 02:00 goes back to 01:30."""
        zone = "Australia/Lord_Howe"
        start, end = local("2026-04-05T01:00", zone), local("2026-04-05T03:00", zone)
        assert end - start == timedelta(minutes=150)
        subject = tariff(
            element(price("charging_time", "1", unit="minute"), start_time="01:30", end_time="02:00")
        )
        assert net(rated(subject, chain(start, (150, "charging")), zone)) == 60


class TestLocalTime:
    def test_b13_site_time_not_tenant_time(self) -> None:
        subject = tariff(element(energy("0.60"), start_time="18:00"), energy("0.40"))
        timeline = [stretch(local("2026-05-04T17:30", "Europe/Lisbon"), 60, "charging", "10")]
        assert net(rated(subject, timeline, "Europe/Lisbon")) == Decimal("5.00")

    def test_b14_window_wraps_midnight(self) -> None:
        subject = tariff(element(energy("0.20"), start_time="22:00", end_time="06:00"), energy("0.40"))
        timeline = [stretch(local("2026-05-04T21:00"), 120, "charging", "8")]
        assert net(rated(subject, timeline)) == Decimal("2.40")

    def test_b16_two_midnights(self) -> None:
        subject = tariff(element(energy("0.10"), end_time="06:00"), energy("0.30"))
        timeline = [stretch(local("2026-05-04T12:00"), 38 * 60, "charging", "38")]
        result = rated(subject, timeline)
        assert net(result) == Decimal("9.80")
        assert len(result.trace) == 4

    @pytest.mark.parametrize(
        ("start_time", "end_time"),
        [("08:00", "08:00"), ("00:00", "24:00"), ("00:00", "00:00"), ("24:00", "00:00"), ("24:00", "24:00")],
    )
    def test_window_of_a_whole_day(self, start_time: str, end_time: str) -> None:
        subject = tariff(element(energy("1"), start_time=start_time, end_time=end_time))
        assert net(rated(subject, [stretch(local("2026-05-04T12:00"), 1440, "charging", "24")])) == 24

    def test_window_from_24_00_starts_at_midnight(self) -> None:
        subject = tariff(element(energy("1"), start_time="24:00", end_time="06:00"))
        assert net(rated(subject, [stretch(local("2026-05-04T12:00"), 1440, "charging", "24")])) == 6

    def test_boundaries_are_half_open(self) -> None:
        before = [stretch(local("2026-05-04T16:00"), 60, "charging", "1")]
        after = [stretch(local("2026-05-04T17:00"), 60, "charging", "1")]
        assert net(rated(AT_FIVE, before)) == Decimal("0.30")
        assert net(rated(AT_FIVE, after)) == Decimal("0.60")


class TestStates:
    def test_energy_goes_to_charging_time(self) -> None:
        start, end = local("2026-05-04T16:30"), local("2026-05-04T17:30")
        readings = [Reading(at=start, register_wh=0), Reading(at=end, register_wh=3000)]
        states = [StateChange(at=local("2026-05-04T17:00"), state="idle")]
        timeline = timeline_from_readings(readings, states, start=start, end=end)
        assert [(part.state, part.energy_wh) for part in timeline.segments] == [
            ("charging", 3000),
            ("idle", 0),
        ]
        assert net(rated(AT_FIVE, timeline.segments)) == Decimal("0.90")
