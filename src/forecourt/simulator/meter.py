"""The meter behind a connector: an energy register that only rises, and instantaneous readings with noise."""

from __future__ import annotations

import random
from dataclasses import dataclass

from forecourt.simulator.cars import Car

DEFAULT_MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "SoC",
)


@dataclass(frozen=True)
class Sample:
    """One sampled value, before a version of OCPP dresses it."""

    measurand: str
    value: float
    unit: str
    phase: str | None = None
    location: str = "Outlet"


class Meter:
    """Integrates energy exactly; readings of power, current and voltage carry a little noise.

    Args:
        rng: source of the noise.
        register_wh: where the register stands at the start.
        noise: relative standard deviation of the instantaneous readings.
    """

    def __init__(self, rng: random.Random, *, register_wh: float = 0.0, noise: float = 0.004) -> None:
        self._rng = rng
        self.register_wh = register_wh
        self.noise = noise
        self.gain = 1 + rng.gauss(0, noise / 4) if noise else 1.0
        self.power_w = 0.0

    @property
    def reading_wh(self) -> int:
        """The register as displayed: whole watt hours, never falling."""
        return int(self.register_wh + 1e-6)

    def add(self, energy_wh: float) -> None:
        """Count energy that flowed; the meter's own error is a constant gain."""
        self.register_wh += max(0.0, energy_wh * self.gain)

    def samples(self, car: Car, *, power_w: float, dc: bool, phases: int) -> list[Sample]:
        """Everything this meter can report now, register first."""
        power = max(0.0, power_w * self._noisy())
        found = [
            Sample("Energy.Active.Import.Register", self.reading_wh, "Wh"),
            Sample("Power.Active.Import", round(power, 1), "W"),
        ]
        if dc:
            volt = car.model.dc_voltage_v * (0.88 + 0.12 * car.soc)
            found.append(Sample("Current.Import", round(power / volt, 2), "A"))
            found.append(Sample("Voltage", round(volt, 1), "V"))
            found.append(Sample("SoC", round(car.soc * 100), "Percent", location="EV"))
            return found
        each_w = power / max(1, phases)
        volts = [230.0 * self._noisy() for _ in range(3)]
        found += [
            Sample("Current.Import", round(each_w / volts[i], 2) if i < phases else 0.0, "A", f"L{i + 1}")
            for i in range(3)
        ]
        found += [Sample("Voltage", round(volts[i], 1), "V", f"L{i + 1}-N") for i in range(3)]
        return found

    def _noisy(self) -> float:
        return 1 + self._rng.gauss(0, self.noise) if self.noise else 1.0


def chosen(samples: list[Sample], wanted: str) -> list[Sample]:
    """Those of ``samples`` that a comma-separated list of measurands asks for; the register if none fits."""
    names = {part.strip().split(".L")[0] for part in wanted.split(",")}
    return [sample for sample in samples if sample.measurand in names] or samples[:1]
