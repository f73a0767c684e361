"""Groups D and E: tax, rounding, limits and allowances."""

from decimal import Decimal
from typing import Any

import pytest

from forecourt.tariff import Allowance, Price, PriceLimit

from .building import MONDAY, both, chain, charged, element, energy, gross, net, price, rated, stretch, tariff


def cap(amount: str) -> PriceLimit:
    return PriceLimit(before_taxes=Decimal(amount))


class TestTax:
    def test_d1_gross_is_the_truth(self) -> None:
        result = rated(tariff(energy("0.59", tax="22"), tax_included=True), charged("17.31"))
        assert both(result) == ("8.37", "10.21")
        assert result.rounded.total.tax == Decimal("1.84")
        assert result.rounded.energy.after_taxes == Decimal("10.21")

    def test_tax_groups_add_up_to_the_total(self) -> None:
        subject = tariff(
            price("flat", "2.50", tax="15"), energy("0.30", tax="22"), price("charging_time", "1", tax="9.5")
        )
        result = rated(subject, charged("7.77", 37))
        for side in ("before_taxes", "after_taxes"):
            assert sum(getattr(group.rounded, side) for group in result.taxes) == getattr(
                result.rounded.total, side
            )
        assert [group.percent for group in result.taxes] == [15, 22, Decimal("9.5")]

    def test_d5_tax_on_rounded_components(self) -> None:
        subject = tariff(energy("1", tax="22"), price("flat", "5", tax="9.5"))
        assert gross(rated(subject, charged("10"))) == Decimal("17.68")

    def test_d10_us_tax(self) -> None:
        assert gross(rated(tariff(energy("1", tax="6.25"), currency="USD"), charged("10"))) == Decimal(
            "10.63"
        )


class TestRounding:
    def test_d2_half_up_once(self) -> None:
        assert net(rated(tariff(energy("0.333")), charged("7.777"))) == Decimal("2.59")

    @pytest.mark.parametrize(
        ("currency", "unit_price", "kwh", "amount"),
        [("JPY", "37.5", "12.345", "463"), ("KWD", "0.085", "23.417", "1.990")],
    )
    def test_d3_by_the_currency(self, currency: str, unit_price: str, kwh: str, amount: str) -> None:
        result = rated(tariff(energy(unit_price), currency=currency), charged(kwh))
        assert both(result)[0] == amount

    def test_d4_next_to_nothing(self) -> None:
        assert net(rated(tariff(energy("0.59")), charged("0.004"))) == 0

    def test_thirds_that_make_half_a_cent_round_up(self) -> None:
        subject = tariff(
            element(price("charging_time", "0.3"), max_duration_s=20),
            element(price("charging_time", "0.3"), min_duration_s=20),
        )
        assert net(rated(subject, [stretch(MONDAY, 1)])) == Decimal("0.01")


class TestLimits:
    def test_e1_cap(self) -> None:
        result = rated(tariff(energy("0.59"), max_price=cap("25")), charged("60"))
        assert net(result) == Decimal("25.00")
        assert result.limit == "max"
        assert result.exact.energy.before_taxes == Decimal("35.4")

    def test_e3_minimum_needs_something_to_pay_for(self) -> None:
        subject = tariff(energy("0.59"), min_price=cap("1"))
        assert net(rated(subject, charged("0.5"))) == Decimal("1.00")
        assert net(rated(subject, charged("0"))) == 0

    def test_failed_start_waives_flat_and_minimum(self) -> None:
        subject = tariff(energy("0.59"), price("flat", "1"), min_price=cap("3"), waive_without_energy=True)
        failed = rated(subject, charged("0"))
        assert net(failed) == 0
        assert failed.notes == ("failed_start",)
        assert net(rated(subject, charged("0.001"))) == 3

    def test_limit_on_one_side_scales_the_other(self) -> None:
        subject = tariff(energy("1", tax="20"), max_price=PriceLimit(after_taxes=Decimal(12)))
        assert both(rated(subject, charged("50"))) == ("10.00", "12.00")

    def test_rounded_components_never_cross_a_limit(self) -> None:
        """8.335 + 8.335 + 8.325 is 24.995, but 8.34 + 8.34 + 8.33 would be 25.01."""
        parts = (energy("1.667"), price("charging_time", "8.335"), price("flat", "8.325"))
        result = rated(tariff(*parts, max_price=cap("25")), charged("5"))
        assert result.exact.total.before_taxes == Decimal("24.995")
        assert both(result) == ("25.00", "25.00")
        assert result.limit == "max"
        assert both(rated(tariff(*parts), charged("5")))[0] == "25.01"
        small = (energy("0.004", tax="22"), price("flat", "0.004", tax="22"))
        result = rated(tariff(*small, min_price=cap("0.006")), charged("1"))
        assert both(result) == ("0.01", "0.01")

    def test_negative_total_is_never_paid_out_unless_allowed(self) -> None:
        assert net(rated(tariff(energy("-0.05")), charged("10"))) == 0
        assert net(rated(tariff(energy("-0.05"), allow_negative=True), charged("10"))) == Decimal("-0.50")

    def test_rounding_alone_never_makes_a_total_negative(self) -> None:
        """-0.005 + 0.002 + 0.0031 is 0.0001, but -0.01 + 0.00 + 0.00 would be paid out."""
        subject = tariff(energy("-0.005"), price("flat", "0.002"), price("charging_time", "0.0031"))
        result = rated(subject, charged("1"))
        assert result.exact.total.before_taxes == Decimal("0.0001")
        assert both(result) == ("0.00", "0.00")


class TestAllowances:
    def test_e4_free_energy_of_a_contract(self) -> None:
        free = Allowance(energy_wh=Decimal(4000))
        result = rated(tariff(energy("0.50")), charged("7"), free=free)
        assert net(result) == Decimal("1.50")
        assert [(row.reason, int(row.quantity)) for row in result.trace] == [("free", 4), ("priced", 3)]

    def test_e5_free_minutes(self) -> None:
        subject = tariff(price("charging_time", "0.05", unit="minute"), free=Allowance(charging_s=30 * 60))
        assert net(rated(subject, charged("0", 45))) == Decimal("0.75")
        assert net(rated(subject, [stretch(MONDAY.replace(minute=5 * i), 5) for i in range(9)])) == Decimal(
            "0.75"
        )


class TestPowerBands:
    def e6(self) -> Any:
        return tariff(element(energy("0.55"), max_power_kw=Decimal(100)), energy("0.70"))

    def test_e6_measured_power(self) -> None:
        timeline = [
            stretch(MONDAY, 10, "charging", "10", power_w=90_000),
            stretch(MONDAY.replace(minute=10), 10, "charging", "20", power_w=150_000),
        ]
        assert net(rated(self.e6(), timeline)) == Decimal("19.50")

    def test_power_not_measured_is_energy_over_time(self) -> None:
        timeline = chain(MONDAY, (10, "charging", "10"), (8, "charging", "20"))
        result: Price = rated(self.e6(), timeline)
        assert net(result) == Decimal("19.50")


class TestElements:
    def test_energy_threshold_inside_a_segment(self) -> None:
        subject = tariff(
            element(energy("0.3"), price("charging_time", "6"), max_kwh=Decimal(20)),
            element(energy("0.2"), min_kwh=Decimal(20)),
        )
        result = rated(subject, charged("30", 90))
        assert net(result) == Decimal("14.00")
        assert result.billed.time_s == 3600

    def test_flat_waits_for_its_condition_and_comes_once(self) -> None:
        subject = tariff(element(price("flat", "1"), min_kwh=Decimal(5)))
        assert net(rated(subject, charged("4"))) == 0
        assert net(rated(subject, chain(MONDAY, (60, "charging", "6"), (60, "charging", "6")))) == 1

    def test_connector_and_audience(self) -> None:
        subject = tariff(
            element(energy("0.1"), audiences=("staff",)),
            element(energy("0.9"), connector_types=("CCS",)),
            energy("0.5"),
        )
        assert net(rated(subject, charged("10"))) == 5
        assert net(rated(subject, charged("10"), connector_type="CCS")) == 9
        assert net(rated(subject, charged("10"), connector_type="CCS", audiences=("staff",))) == 1
