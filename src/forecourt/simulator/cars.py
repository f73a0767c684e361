"""Cars: a battery, what it accepts, and how that falls off when it is nearly full.

This is a model, not a recording. Power is constant at the smaller of the car's and the station's limit until
the car's acceptance curve falls below it: above 80 % state of charge the accepted power falls linearly to 8 %
of the maximum at 100 %. With power linear in the state of charge the energy over time is an exponential, so
it is integrated exactly, whatever the step.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

TAPER_FROM = 0.80
TAPER_FLOOR = 0.08


@dataclass(frozen=True, kw_only=True)
class CarModel:
    """What a kind of car can take."""

    name: str
    battery_wh: float
    ac_power_w: float
    ac_phases: int
    dc_power_w: float
    dc_voltage_v: float = 400.0


MODELS: tuple[CarModel, ...] = (
    CarModel(name="city", battery_wh=24_000, ac_power_w=7_360, ac_phases=1, dc_power_w=46_000),
    CarModel(name="compact", battery_wh=52_000, ac_power_w=22_000, ac_phases=3, dc_power_w=46_000),
    CarModel(name="hatchback", battery_wh=58_000, ac_power_w=11_040, ac_phases=3, dc_power_w=120_000),
    CarModel(name="crossover", battery_wh=64_000, ac_power_w=7_360, ac_phases=1, dc_power_w=77_000),
    CarModel(name="saloon", battery_wh=75_000, ac_power_w=11_040, ac_phases=3, dc_power_w=190_000),
    CarModel(
        name="fast",
        battery_wh=77_400,
        ac_power_w=11_040,
        ac_phases=3,
        dc_power_w=235_000,
        dc_voltage_v=800.0,
    ),
    CarModel(name="large", battery_wh=95_000, ac_power_w=11_040, ac_phases=3, dc_power_w=150_000),
    CarModel(name="plug-in hybrid", battery_wh=12_000, ac_power_w=3_680, ac_phases=1, dc_power_w=0),
)


class Car:
    """One car at one connector; takes ``wanted_wh`` and then stops by itself."""

    def __init__(self, model: CarModel, *, soc: float, wanted_wh: float) -> None:
        """Arrive with a state of charge.

        Args:
            model: its kind.
            soc: state of charge, 0 to 1.
            wanted_wh: energy after which the car stops charging; never more than fits.
        """
        self.model = model
        self.soc = soc
        self.left_wh = max(0.0, min(wanted_wh, (1.0 - soc) * model.battery_wh))

    @property
    def full(self) -> bool:
        """It takes no more."""
        return self.left_wh <= 1e-6

    def _max_w(self, dc: bool) -> float:
        return self.model.dc_power_w if dc else self.model.ac_power_w

    def accepts_w(self, *, dc: bool) -> float:
        """Power it would take at its present state of charge, in watts."""
        if self.full:
            return 0.0
        top = self._max_w(dc)
        if self.soc <= TAPER_FROM:
            return top
        return top * max(TAPER_FLOOR, 1 - (1 - TAPER_FLOOR) * (self.soc - TAPER_FROM) / (1 - TAPER_FROM))

    def power_w(self, limit_w: float, *, dc: bool) -> float:
        """Power it takes from a connector that offers ``limit_w``."""
        return min(limit_w, self.accepts_w(dc=dc)) if limit_w > 0 else 0.0

    def charge(self, seconds: float, limit_w: float, *, dc: bool) -> float:
        """Charge for ``seconds`` at a constant limit; returns the energy taken in Wh, exactly integrated."""
        left_s = seconds
        taken = 0.0
        while left_s > 1e-9 and not self.full and limit_w > 0:
            used_s, energy = self._stretch(left_s, limit_w, dc)
            left_s -= used_s
            taken += energy
            self.left_wh = max(0.0, self.left_wh - energy)
            self.soc = min(1.0, self.soc + energy / self.model.battery_wh)
            if used_s <= 0:
                break
        return taken

    def _stretch(self, seconds: float, limit_w: float, dc: bool) -> tuple[float, float]:
        """One piece of the curve: constant power, or the taper. Returns (seconds used, Wh)."""
        top = self._max_w(dc)
        battery = self.model.battery_wh
        if top <= 0:
            return seconds, 0.0
        slope = top * (1 - TAPER_FLOOR) / (1 - TAPER_FROM)
        flat_w = min(limit_w, top)
        bend = TAPER_FROM + (top - flat_w) / slope
        if self.soc < min(bend, 1.0) - 1e-12:
            to_bend_wh = (min(bend, 1.0) - self.soc) * battery
            energy = min(self.left_wh, to_bend_wh, flat_w * seconds / 3600)
            return energy * 3600 / flat_w, energy
        power = self.power_w(limit_w, dc=dc)
        rate = slope / battery / 3600
        wanted = self.left_wh
        possible = power * (1 - math.exp(-rate * seconds)) / rate / 3600
        if possible <= wanted:
            return seconds, possible
        return -math.log(1 - wanted * 3600 * rate / power) / rate, wanted


def arriving(rng: random.Random, *, wanted_wh: float, dc: bool) -> Car:
    """A plausible car that wants ``wanted_wh``: big enough, and with a state of charge that leaves room."""
    fitting = [
        model for model in MODELS if model.battery_wh * 0.92 >= wanted_wh and (not dc or model.dc_power_w > 0)
    ]
    model = rng.choice(fitting) if fitting else MODELS[-2]
    wanted = min(wanted_wh, model.battery_wh * 0.95)
    highest = 1.0 - wanted / model.battery_wh
    aim = rng.uniform(0.78, 1.0)
    soc = min(highest, max(0.03, aim - wanted / model.battery_wh))
    return Car(model, soc=soc, wanted_wh=wanted)
