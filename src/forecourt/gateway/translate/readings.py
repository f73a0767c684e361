"""Sampled values of any version → wide neutral readings. The hot path: a table look-up per sample.

OCPP 1.6 section 7.33 and 7.43 (defaults: periodic context, import register, outlet, Wh); OCPP 2.x part 2
`SampledValueType` (value × 10^multiplier). Quirks: spec/ocpp.md section 4, numbers 64 to 76.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from forecourt.stations.readings import MeterReading, SignedValue

DEFAULT_CONTEXT = "Sample.Periodic"
DEFAULT_MEASURAND = "Energy.Active.Import.Register"

_MAX_DIGITS = 64
_MAX_EXPONENT = 15
_KILO = Decimal(1000)
_KELVIN = Decimal("273.15")

_ENERGY = {
    "Energy.Active.Import.Register": "import_wh",
    "Energy.Active.Export.Register": "export_wh",
    "Energy.Active.Import.Interval": "import_interval_wh",
    "Energy.Active.Export.Interval": "export_interval_wh",
}
_PER_PHASE = {
    "Power.Active.Import": "power_{}_w",
    "Current.Import": "current_{}_a",
    "Voltage": "voltage_{}_v",
}
_TOTAL = {
    **_ENERGY,
    "Power.Active.Import": "power_w",
    "Current.Import": "current_a",
    "Voltage": "voltage_v",
    "SoC": "soc_percent",
    "Temperature": "temperature_c",
    "Power.Offered": "power_offered_w",
    "Current.Offered": "current_offered_a",
}
_PHASES = {"L1": "l1", "L2": "l2", "L3": "l3", "L1-N": "l1", "L2-N": "l2", "L3-N": "l3"}
_ANYWHERE = frozenset({"SoC", "Power.Offered", "Current.Offered"})
_KILO_UNITS = frozenset({"kWh", "kW", "kvar", "kVA", "kvarh", "kVAh"})
_PLAIN_UNITS = frozenset(
    {None, "", "Wh", "W", "A", "V", "Percent", "%", "Celsius", "Celcius", "C", "Amp", "Volt"}
)

_PHASE_REGISTER = object()


def _resolve(measurand: str, phase: str | None, location: str | None) -> tuple[str | object | None, str]:
    """(column, or the marker of a register per phase, or `None`; name among the other values)."""
    name = measurand
    if phase:
        name += f"/{phase}"
    if location and location != "Outlet":
        name += f"@{location}"
    elsewhere = location not in (None, "Outlet") and measurand not in _ANYWHERE
    if elsewhere and not (measurand == "Temperature" and location == "Body"):
        return None, name
    if not phase or (phase == "N" and measurand == "Temperature"):
        return _TOTAL.get(measurand), name
    short = _PHASES.get(phase)
    if short is None:
        return None, name
    if measurand in _ENERGY:
        return _PHASE_REGISTER, name
    pattern = _PER_PHASE.get(measurand)
    return (pattern.format(short) if pattern else None), name


_resolved: dict[tuple[str | None, str | None, str | None], tuple[str | object | None, str]] = {}
_MAX_RESOLVED = 4096


def _column(
    measurand: str | None, phase: str | None, location: str | None
) -> tuple[str | object | None, str]:
    key = (measurand, phase, location)
    found = _resolved.get(key)
    if found is None:
        found = _resolve(measurand or DEFAULT_MEASURAND, phase, location)
        if len(_resolved) < _MAX_RESOLVED:  # vendors invent measurands; memory does not follow them
            _resolved[key] = found
    return found


def read_stamp(stamp: datetime | None) -> tuple[datetime | None, str | None]:
    """(the moment in UTC, the text it stands for); both `None` when there is none."""
    if stamp is None:
        return None, None
    raw = stamp.isoformat()
    return (stamp if stamp.tzinfo is UTC else stamp.astimezone(UTC)), raw


def read_decimal(text: str) -> Decimal | None:
    """The number that a station wrote as text, or `None` if it is none (quirk 65)."""
    if len(text) > _MAX_DIGITS:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        try:
            number = Decimal(text.strip().replace(",", "."))
        except InvalidOperation:
            return None
    if not number.is_finite() or number.adjusted() > _MAX_EXPONENT or "_" in text:
        return None
    return number


def _in_base_unit(number: Decimal, unit: str | None) -> Decimal:
    if unit in _PLAIN_UNITS:
        return number
    if unit in _KILO_UNITS:
        return number * _KILO
    if unit in ("K", "Kelvin"):
        return number - _KELVIN
    if unit == "Fahrenheit":
        return (number - 32) * 5 / 9
    if unit in ("MWh", "MW"):
        return number * 1_000_000
    return number


_Key: TypeAlias = tuple[str | None, str | None, str | None, str | None]
_fast: dict[_Key, tuple[str, Decimal | None]] = {}
"""(measurand, phase, location, unit) → column and factor, for samples that need no second thought."""


def _learn(key: _Key) -> None:
    """Remember a plain sample's way, if it is one."""
    column, _ = _column(*key[:3])
    unit = key[3]
    if isinstance(column, str) and len(_fast) < _MAX_RESOLVED:
        if unit in _PLAIN_UNITS:
            _fast[key] = (column, None)
        elif unit in _KILO_UNITS:
            _fast[key] = (column, _KILO)


class _Builder:
    """The readings of one time stamp, one per context."""

    __slots__ = ("first", "more", "other", "phases", "raw", "signed", "stamp")

    def __init__(self, stamp: datetime | None, raw: str | None) -> None:
        self.stamp, self.raw = stamp, raw
        self.first: MeterReading | None = None
        self.more: dict[str, MeterReading] = {}
        self.phases: dict[tuple[str, str], list[tuple[str, Decimal]]] = {}

    def reading(self, context: str) -> MeterReading:
        first = self.first
        if first is None:
            self.first = first = MeterReading(self.stamp, self.raw, context)
            return first
        if first.context == context:
            return first
        found = self.more.get(context)
        if found is None:
            self.more[context] = found = MeterReading(self.stamp, self.raw, context)
        return found

    def put(
        self,
        reading: MeterReading,
        measurand: str | None,
        phase: str | None,
        location: str | None,
        number: Decimal,
        unit: str | None,
    ) -> None:
        _learn((measurand, phase, location, unit))
        column, name = _column(measurand, phase, location)
        if column is None:
            _other(reading)[name] = f"{number} {unit}" if unit else str(number)
            return
        if unit not in _PLAIN_UNITS:
            number = _in_base_unit(number, unit)
        if column is _PHASE_REGISTER:
            self.phases.setdefault((reading.context, measurand or DEFAULT_MEASURAND), []).append(
                (name, number)
            )
            return
        assert isinstance(column, str)
        setattr(reading, column, number)

    def finish(self) -> list[MeterReading]:
        if self.first is None:
            return []
        readings = [self.first, *self.more.values()]
        for (context, measurand), parts in self.phases.items():
            reading = self.reading(context)
            other = _other(reading)
            for name, number in parts:
                other[name] = str(number)
            column = _ENERGY[measurand]
            if getattr(reading, column) is None:
                setattr(reading, column, sum((number for _, number in parts), Decimal(0)))
        for reading in readings:
            if reading.power_w is None and reading.power_l1_w is not None:
                reading.power_w = reading.power_l1_w + (reading.power_l2_w or 0) + (reading.power_l3_w or 0)
        return readings


def _other(reading: MeterReading) -> dict[str, str]:
    if not reading.other:
        reading.other = {}
    return reading.other  # type: ignore[return-value]


def readings_16(values: Iterable[Any]) -> tuple[MeterReading, ...]:
    """`meterValue` or `transactionData` of OCPP 1.6. A sample that is no number is kept among `other`."""
    result: list[MeterReading] = []
    for value in values:
        builder = _Builder(*read_stamp(value.timestamp))
        for sample in value.sampledValue:
            context = sample.context or DEFAULT_CONTEXT
            reading = builder.first
            if reading is None or reading.context != context:
                reading = builder.reading(context)
            text = sample.value
            if sample.format == "SignedData":
                reading.signed += (SignedValue(text, sample.context, sample.measurand),)
                continue
            number = read_decimal(text)
            if number is None:
                _other(reading)[_column(sample.measurand, sample.phase, sample.location)[1]] = text[:500]
                continue
            fast = _fast.get((sample.measurand, sample.phase, sample.location, sample.unit))
            if fast is not None:
                setattr(reading, fast[0], number if fast[1] is None else number * fast[1])
                continue
            builder.put(reading, sample.measurand, sample.phase, sample.location, number, sample.unit)
        result += builder.finish()
    return tuple(result)


def readings_2x(values: Iterable[Any]) -> tuple[MeterReading, ...]:
    """`meterValue` of OCPP 2.0.1 and 2.1."""
    result: list[MeterReading] = []
    for value in values:
        builder = _Builder(*read_stamp(value.timestamp))
        for sample in value.sampledValue:
            reading = builder.reading(sample.context or DEFAULT_CONTEXT)
            signed = sample.signedMeterValue
            if signed is not None:
                reading.signed += (
                    SignedValue(
                        signed.signedMeterData,
                        sample.context,
                        sample.measurand,
                        signed.signingMethod,
                        signed.encodingMethod,
                        signed.publicKey,
                    ),
                )
            number = sample.value
            if type(number) is not Decimal:
                number = Decimal(str(number))
            measure, unit = sample.unitOfMeasure, None
            if measure is not None:
                unit = measure.unit
                if measure.multiplier and -30 <= measure.multiplier <= 30:
                    number = number.scaleb(measure.multiplier)
            fast = _fast.get((sample.measurand, sample.phase, sample.location, unit))
            if fast is not None:
                setattr(reading, fast[0], number if fast[1] is None else number * fast[1])
                continue
            builder.put(reading, sample.measurand, sample.phase, sample.location, number, unit)
        result += builder.finish()
    return tuple(result)
