"""The guard over an energy register: quirks 66 and 71 to 73 of the field."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from forecourt.charging.register import Register

from .site import NOON

NONE: list[str] = []


def run(*points: tuple[float, float], power_w: int = 22_000) -> Register:
    """The guard after points of (minutes, Wh)."""
    register = Register(power_w, flags=[])
    for minute, wh in points:
        register.step(NOON + timedelta(minutes=minute), Decimal(str(wh)))
    return register


class TestRegister:
    def test_counts_what_the_connector_can_deliver(self) -> None:
        register = run((0, 1000), (10, 4000), (20, 7000))
        assert register.energy_wh == 6000
        assert register.closed() == (Decimal(0), NONE)

    def test_a_step_back_by_rounding_costs_nothing(self) -> None:
        register = run((0, 1000), (10, 4000), (11, 3995), (20, 7000))
        assert register.energy_wh == 6000
        assert register.flags == ["negative_step"]

    def test_a_reset_goes_on_from_the_new_base(self) -> None:
        register = run((0, 100000), (10, 103000), (11, 100), (20, 2000))
        assert register.energy_wh == 3000 + 2000
        assert register.flags == ["register_reset"]

    def test_kilowatt_hours_among_watt_hours_are_scaled(self) -> None:
        register = run((0, 100000), (10, 103), (20, 106))
        assert register.energy_wh == 6000
        assert register.flags == ["unit_repaired"]

    def test_one_wild_reading_is_dropped(self) -> None:
        register = run((0, 1000), (10, 4000), (11, 99999999), (20, 7000))
        assert register.energy_wh == 6000
        assert register.flags == ["spike_dropped"]

    def test_a_jump_that_stays_is_held(self) -> None:
        register = run((0, 1000), (10, 4000), (11, 904000), (20, 906000))
        assert register.energy_wh == 5000
        assert register.closed() == (Decimal(900000), ["jump_held"])

    def test_a_jump_at_the_very_end_is_held(self) -> None:
        register = run((0, 1000), (10, 4000), (11, 904000))
        assert register.energy_wh == 3000
        assert register.closed() == (Decimal(900000), ["jump_held"])

    def test_a_stop_below_the_last_reading_falls_back_to_it(self) -> None:
        register = run((0, 1000), (10, 4000), (11, 0))
        assert register.energy_wh == 3000
        assert register.closed() == (Decimal(0), ["register_fell"])

    def test_samples_of_the_session_between_lifetime_start_and_stop(self) -> None:
        register = run((0, 1000000), (5, 0), (10, 1500), (20, 4500), (21, 1004800))
        assert register.energy_wh == 4800
        assert register.held_wh == 0

    def test_a_start_of_zero_with_lifetime_samples_bills_no_lifetime(self) -> None:
        register = run((0, 0), (5, 1000000), (10, 1001500), (20, 1004500))
        assert register.energy_wh == 4500
        assert register.flags == ["register_base_missing"]

    @given(st.lists(st.integers(0, 2_000_000), min_size=2, max_size=30))
    def test_never_bills_more_than_the_connector_can_deliver(self, values: list[int]) -> None:
        register = run(*((index * 5, wh) for index, wh in enumerate(values)))
        minutes = (len(values) - 1) * 5 + len(values)
        assert 0 <= register.energy_wh <= Decimal(22_000) * 5 / 4 * minutes / 60

    @given(st.lists(st.integers(0, 2000), min_size=2, max_size=30))
    def test_an_honest_register_is_counted_to_the_last_watt_hour(self, steps: list[int]) -> None:
        points = [(index * 10, 5000 + sum(steps[: index + 1])) for index in range(len(steps))]
        register = run(*points)
        assert register.energy_wh == sum(steps[1:])
        assert register.flags == []
