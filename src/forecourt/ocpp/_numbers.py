"""Numbers and units as stations write them."""

import re
from decimal import Decimal
from typing import Final

from forecourt.ocpp._payload import MAX_EXPONENT, MAX_NUMBER_LENGTH

_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,60}(?:[.,]\d{0,60})?|[.,]\d{1,60})(?:[eE][+-]?\d{1,2})?", re.ASCII)


def parse_decimal(text: str) -> Decimal | None:
    """Read a number the way stations write them: blanks around it, a decimal comma, a plus sign.

    `None` for anything else (`NaN`, an empty text, a signed data blob, thousands separators): a sample
    without a number is skipped, never guessed.
    """
    if len(text) > MAX_NUMBER_LENGTH:
        return None
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped) is None:
        return None
    number = Decimal(stripped.replace(",", "."))
    return number if not number or -MAX_EXPONENT < number.adjusted() < MAX_EXPONENT else None


_UNITS: Final = {
    "wh": "Wh", "kwh": "kWh", "varh": "varh", "kvarh": "kvarh", "w": "W", "kw": "kW", "va": "VA", "kva": "kVA",
    "var": "var", "kvar": "kvar", "a": "A", "v": "V", "k": "K", "hertz": "Hertz", "hz": "Hertz",
    "watt": "W", "watts": "W", "kilowatt": "kW", "watthour": "Wh", "watthours": "Wh", "kilowatthour": "kWh",
    "amp": "A", "amps": "A", "ampere": "A", "amperes": "A", "volt": "V", "volts": "V",
    "celsius": "Celsius", "celcius": "Celsius", "c": "Celsius", "°c": "Celsius", "degc": "Celsius",
    "fahrenheit": "Fahrenheit", "f": "Fahrenheit", "°f": "Fahrenheit", "kelvin": "K",
    "percent": "Percent", "%": "Percent", "percentage": "Percent",
}  # fmt: skip


def canonical_unit(text: str) -> str | None:
    """The specification's spelling of a unit (`Celcius`, `AMP`, `hz`, `%` are known), or `None`."""
    return _UNITS.get(text.strip().lower()) if len(text) <= 20 else None


def default_unit(measurand: str | None) -> str | None:
    """The unit of a sample that names none, or `None` if the measurand has no unit of its own.

    An absent measurand means `Energy.Active.Import.Register`, and energy without a unit is in Wh.
    """
    name = measurand or "Energy.Active.Import.Register"
    if name.startswith("Energy.Reactive"):
        return "varh"
    if name.startswith("Power.Reactive"):
        return "var"
    return _DEFAULT_UNITS.get(name.split(".", 1)[0]) if name != "Power.Factor" else None


_DEFAULT_UNITS: Final = {
    "Energy": "Wh", "Power": "W", "Current": "A", "Voltage": "V", "SoC": "Percent", "Temperature": "Celsius",
    "Frequency": "Hertz",
}  # fmt: skip
