"""Decimal arithmetic that does not depend on the ambient context, and rounding to a currency.

Rounding is half-up to the currency's minor unit as CLDR states it (EUR 2, JPY 0, KWD 3).
"""

from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from functools import lru_cache
from typing import Final

from babel.numbers import get_currency_precision

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)

# Forty digits: amounts of thirds of an hour keep more than twenty correct decimals.
EXACT: Final = Context(
    prec=40,
    rounding=ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
_HALF_UP: Final = Context(
    prec=40,
    rounding=ROUND_HALF_UP,
    Emin=-999999,
    Emax=999999,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
# An amount is first settled to this grain, so that 1/3 + 2/3 of a cent is a cent, then rounded.
_GRAIN: Final = Decimal(1).scaleb(-18)


@lru_cache(maxsize=256)
def currency_exponent(currency: str) -> int:
    """Number of decimals of the currency's minor unit (CLDR): EUR 2, JPY 0, KWD 3."""
    return int(get_currency_precision(currency))


@lru_cache(maxsize=16)
def _unit(exponent: int) -> Decimal:
    return Decimal(1).scaleb(-exponent)


def round_half_up(amount: Decimal, exponent: int) -> Decimal:
    """`amount` rounded half-up (away from zero on a tie) to `exponent` decimals."""
    return _HALF_UP.quantize(_HALF_UP.quantize(amount, _GRAIN), _unit(exponent))


def plain(amount: Decimal, places: int = 12) -> str:
    """`amount` as a string without exponent or trailing zeros, at most `places` decimals."""
    text = format(_HALF_UP.quantize(amount, _unit(places)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def canonical(number: Decimal) -> str:
    """The one spelling of a number: equal numbers give equal strings, no digit is lost."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
