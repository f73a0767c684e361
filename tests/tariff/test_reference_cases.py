"""Group A: the reference cases of OCPI 2.3.0 mod_tariffs, as net / gross amounts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from forecourt.tariff import PriceLimit, Tariff

from .building import MONDAY, both, chain, charged, element, energy, local, net, price, rated, stretch, tariff

A1 = energy("0.25", tax="10")
START = price("flat", "0.50", tax="20")
CEILING = PriceLimit(before_taxes=Decimal(10), after_taxes=Decimal(11))
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
AMSTERDAM = "Europe/Amsterdam"


def complex_tariff() -> Tariff:
    return tariff(
        price("flat", "2.5", tax="15"),
        element(price("charging_time", "1", tax="20", step_size=900), max_current_a=Decimal(32)),
        element(
            price("charging_time", "2", tax="20", step_size=600), min_current_a=Decimal(32), days=WEEKDAYS
        ),
        element(
            price("charging_time", "1.25", tax="20", step_size=600),
            min_current_a=Decimal(32),
            days=("saturday", "sunday"),
        ),
        element(
            price("idle_time", "5", tax="10", step_size=300),
            start_time="09:00",
            end_time="18:00",
            days=WEEKDAYS,
        ),
        element(
            price("idle_time", "6", tax="10", step_size=300),
            start_time="10:00",
            end_time="17:00",
            days=("saturday",),
        ),
    )


def reservation(*prices: Any, kind: str = "reservation") -> Any:
    return element(*prices, reservation=kind)


class TestEnergyAndFlat:
    def test_a1_energy(self) -> None:
        assert both(rated(tariff(A1), charged("20"))) == ("5.00", "5.50")

    def test_a2_start_fee(self) -> None:
        assert both(rated(tariff(START, A1), charged("20"))) == ("5.50", "6.10")

    def test_a3_minimum_price(self) -> None:
        floor = PriceLimit(before_taxes=Decimal("0.5"), after_taxes=Decimal("0.55"))
        subject = tariff(A1, min_price=floor)
        assert both(rated(subject, charged("1.5"))) == ("0.50", "0.55")
        assert rated(subject, charged("1.5")).limit == "min"
        assert both(rated(subject, charged("20"))) == ("5.00", "5.50")

    def test_a4_parking_in_steps(self) -> None:
        subject = tariff(START, A1, price("idle_time", "2", tax="20", step_size=900))
        timeline = chain(MONDAY, (60, "charging", "20"), (40, "idle"))
        assert both(rated(subject, timeline)) == ("7.00", "7.90")

    def test_a5_maximum_price(self) -> None:
        subject = tariff(START, A1, max_price=CEILING)
        assert both(rated(subject, charged("50"))) == ("10.00", "11.00")
        assert both(rated(subject, charged("30"))) == ("8.00", "8.85")


class TestTime:
    def test_a6_time(self) -> None:
        assert both(rated(tariff(price("charging_time", "2", tax="10")), charged("0", 150))) == (
            "5.00",
            "5.50",
        )

    def test_a7_time_and_parking(self) -> None:
        subject = tariff(
            price("charging_time", "3", tax="10"), price("idle_time", "5", tax="20", step_size=300)
        )
        assert both(rated(subject, chain(MONDAY, (150, "charging"), (42, "idle")))) == ("11.25", "12.75")

    def test_a8_complex_monday(self) -> None:
        start = local("2024-06-03T09:30", AMSTERDAM)
        timeline = [
            stretch(start, 165, max_current_a=16),
            stretch(start + timedelta(minutes=165), 42, "idle"),
        ]
        assert both(rated(complex_tariff(), timeline, AMSTERDAM)) == ("9.00", "10.30")

    def test_a9_complex_saturday(self) -> None:
        """OCPI prints 12.28 / 13.861, which prices the time at 1.20; at 1.25 it is 12.375 / 13.975."""
        start = local("2024-06-08T13:30", AMSTERDAM)
        timeline = [
            stretch(start, 114, min_current_a=43, max_current_a=60),
            stretch(start + timedelta(minutes=114), 71, "idle"),
        ]
        result = rated(complex_tariff(), timeline, AMSTERDAM)
        assert result.exact.total.before_taxes == Decimal("12.375")
        assert result.exact.total.after_taxes == Decimal("13.975")
        assert both(result) == ("12.38", "13.98")

    def test_a21_grace_by_duration(self) -> None:
        subject = tariff(
            element(price("idle_time", "0", tax="0"), min_duration_s=0, max_duration_s=1800),
            element(price("idle_time", "3", tax="0"), min_duration_s=1800),
            A1,
        )
        timeline = chain(MONDAY, (30, "idle"), (15, "idle"), (30, "charging", "10"))
        assert both(rated(subject, timeline)) == ("3.25", "3.50")

    def test_a22_north_america(self) -> None:
        excluded = tariff(price("charging_time", "2.00"), currency="USD")
        included = tariff(price("charging_time", "2.10"), currency="USD", tax_included=True)
        assert both(rated(excluded, charged("0", 150)))[0] == "5.00"
        result = rated(included, charged("0", 150))
        assert both(result)[1] == "5.25"
        assert result.notes == ("tax_unknown",)

    def test_a23_odd_tax_rate(self) -> None:
        result = rated(tariff(price("charging_time", "1.90", tax="5.2")), charged("0", 150))
        assert result.exact.total.after_taxes == Decimal("4.997")
        assert both(result) == ("4.75", "5.00")


class TestReservation:
    def test_a10_time(self) -> None:
        subject = tariff(reservation(price("charging_time", "5", tax="20")), START, A1)
        timeline = chain(MONDAY, (15, "reserved"), (60, "charging", "20"))
        assert both(rated(subject, timeline)) == ("6.75", "7.60")

    def test_a11_fee_and_time_in_steps(self) -> None:
        subject = tariff(
            reservation(price("flat", "2", tax="20"), price("charging_time", "5", tax="20", step_size=300)),
            element(START, A1),
        )
        timeline = chain(MONDAY, (13, "reserved"), (60, "charging", "20"))
        assert both(rated(subject, timeline)) == ("8.75", "10.00")

    def test_a12_fee_when_it_expires(self) -> None:
        subject = tariff(
            reservation(price("flat", "4", tax="20"), kind="reservation_expires"),
            reservation(price("charging_time", "2", tax="20", step_size=600)),
            element(START, A1),
        )
        used = chain(MONDAY, (22, "reserved"), (60, "charging", "20"))
        assert both(rated(subject, used, reservation_outcome="used")) == ("6.50", "7.30")
        expired = chain(MONDAY, (60, "reserved"))
        assert both(rated(subject, expired, reservation_outcome="expired")) == ("6.00", "7.20")

    def test_a13_other_time_price_when_it_expires(self) -> None:
        subject = tariff(
            reservation(price("charging_time", "6", tax="20", step_size=600), kind="reservation_expires"),
            reservation(price("charging_time", "3", tax="20", step_size=600)),
            element(START, A1),
        )
        used = chain(MONDAY, (22, "reserved"), (60, "charging", "20"))
        assert both(rated(subject, used, reservation_outcome="used")) == ("7.00", "7.90")
        expired = chain(MONDAY, (90, "reserved"))
        assert both(rated(subject, expired, reservation_outcome="expired")) == ("9.00", "10.80")


def stepped_tariff() -> Tariff:
    parking = price("idle_time", "1", step_size=900)
    return tariff(
        element(price("charging_time", "1.2", step_size=1800), parking, start_time="00:00", end_time="17:00"),
        element(price("charging_time", "2.4", step_size=900), parking, start_time="17:00", end_time="20:00"),
        element(price("charging_time", "2.4", step_size=900), start_time="20:00", end_time="00:00"),
    )


class TestSteps:
    def test_a14_only_the_last_time_price_rounds(self) -> None:
        timeline = chain(local("2024-06-03T16:55"), (10, "charging"), (2, "idle"))
        assert net(rated(stepped_tariff(), timeline)) == Decimal("0.55")

    def test_a15_by_the_step_of_the_last_element(self) -> None:
        timeline = chain(local("2024-06-03T16:35"), (35, "charging"))
        assert net(rated(stepped_tariff(), timeline)) == Decimal("1.30")

    def test_a16_time_without_a_price_does_not_round(self) -> None:
        timeline = chain(local("2024-06-03T19:40"), (12, "charging"), (20, "idle"))
        assert net(rated(stepped_tariff(), timeline)) == Decimal("0.73")

    def test_a17_energy_over_the_session(self) -> None:
        subject = tariff(
            element(energy("0.20", step_size=500), end_time="17:00"),
            element(energy("0.27", step_size=500), start_time="17:00"),
        )
        timeline = chain(local("2024-06-03T16:30"), (30, "charging", "4.3"), (10, "charging", "1.1"))
        result = rated(subject, timeline)
        assert result.billed.energy_wh == 5500
        assert result.exact.total.before_taxes == Decimal("1.184")
        assert net(result) == Decimal("1.18")

    def test_a18_time_over_the_session(self) -> None:
        subject = tariff(
            element(price("charging_time", "5", step_size=600), end_time="17:00"),
            element(price("charging_time", "7", step_size=600), start_time="17:00"),
        )
        result = rated(subject, chain(local("2024-06-03T16:54"), (28, "charging")))
        assert result.billed.time_s == 1800
        assert net(result) == Decimal("3.30")

    def test_a19_parking_is_last(self) -> None:
        subject = tariff(price("charging_time", "1", step_size=600), price("idle_time", "2", step_size=600))
        assert net(rated(subject, chain(MONDAY, (21, "charging"), (16, "idle")))) == Decimal("1.02")

    def test_a20_small_energy(self) -> None:
        for step, amount in ((1, "0.029"), (25, "0.03125"), (500, "0.125")):
            result = rated(tariff(energy("0.25", step_size=step)), charged("0.1152"))
            assert result.exact.total.before_taxes == Decimal(amount)
