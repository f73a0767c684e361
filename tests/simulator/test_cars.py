"""The car model: energy is integrated exactly, and power falls off when the battery is nearly full."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.simulator.cars import MODELS, Car, arriving

SALOON = next(model for model in MODELS if model.name == "saloon")
models = st.sampled_from([model for model in MODELS if model.dc_power_w > 0])


class TestCharge:
    @given(
        model=models,
        soc=st.floats(0, 0.99),
        limit=st.floats(1_000, 300_000),
        seconds=st.floats(1, 20_000),
        steps=st.integers(2, 40),
        dc=st.booleans(),
    )
    def test_the_energy_does_not_depend_on_the_steps(
        self, model: object, soc: float, limit: float, seconds: float, steps: int, dc: bool
    ) -> None:
        whole = Car(model, soc=soc, wanted_wh=1e9)  # type: ignore[arg-type]
        parts = Car(model, soc=soc, wanted_wh=1e9)  # type: ignore[arg-type]
        energy = whole.charge(seconds, limit, dc=dc)
        pieces = sum(parts.charge(seconds / steps, limit, dc=dc) for _ in range(steps))
        assert pieces == pytest.approx(energy, rel=1e-6, abs=1e-3)
        assert parts.soc == pytest.approx(whole.soc, abs=1e-6)

    @given(model=models, soc=st.floats(0, 0.9), wanted=st.floats(10, 50_000))
    def test_a_car_takes_what_it_wants_and_no_more(self, model: object, soc: float, wanted: float) -> None:
        car = Car(model, soc=soc, wanted_wh=wanted)  # type: ignore[arg-type]
        fits = car.left_wh
        assert car.charge(1e7, 50_000, dc=True) == pytest.approx(fits)
        assert car.full
        assert car.power_w(50_000, dc=True) == 0

    def test_power_is_flat_and_then_falls(self) -> None:
        car = Car(SALOON, soc=0.5, wanted_wh=1e6)
        assert car.power_w(50_000, dc=True) == 50_000
        assert car.charge(3600 / 2, 20_000, dc=True) == pytest.approx(10_000)
        nearly = Car(SALOON, soc=0.97, wanted_wh=1e6)
        assert nearly.power_w(150_000, dc=True) < 50_000

    def test_nothing_flows_without_a_limit(self) -> None:
        car = Car(SALOON, soc=0.5, wanted_wh=1e6)
        assert car.charge(3600, 0, dc=False) == 0


class TestArriving:
    @given(seed=st.integers(), wanted=st.floats(200, 90_000), dc=st.booleans())
    def test_the_car_has_room_for_what_it_wants(self, seed: int, wanted: float, dc: bool) -> None:
        car = arriving(random.Random(seed), wanted_wh=wanted, dc=dc)
        assert car.left_wh == pytest.approx(wanted, rel=0.02)
        assert car.accepts_w(dc=dc) > 0
