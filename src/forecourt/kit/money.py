"""Amounts in minor units, and back.

The number of decimal places is ISO 4217's, not that of babel's CLDR data, which follows how people write
prices (no decimals for RSD or ALL) where payment services and invoices use two.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, is_currency

from forecourt.kit.errors import Invalid

_LARGEST_EXPONENT = 39
# The default context rounds to 28 digits, silently; unrounded amounts may have more.
_EXACT = Context(prec=1000)
_NO_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_FOUR_DECIMALS = frozenset({"CLF", "UYW"})


class UnknownCurrency(Invalid):
    """The code is not an ISO 4217 currency."""


@lru_cache(maxsize=256)
def currency_exponent(currency: str) -> int:
    """Decimal places of the currency's minor unit (ISO 4217), e.g. 2 for EUR, 0 for JPY, 3 for KWD.

    Raises:
        UnknownCurrency: no such three-letter code (upper case).
    """
    if not (len(currency) == 3 and currency.isascii() and currency.isupper() and is_currency(currency)):
        raise UnknownCurrency(f"{currency!r} is not an ISO 4217 currency code", currency=currency)
    if currency in _NO_DECIMALS:
        return 0
    if currency in _THREE_DECIMALS:
        return 3
    return 4 if currency in _FOUR_DECIMALS else 2


def to_minor(amount: Decimal, currency: str) -> int:
    """Round an amount in major units half up (away from zero) to whole minor units.

    Raises:
        UnknownCurrency: no such currency.
        Invalid: the amount is not finite, or 10^40 and more.
    """
    if not amount.is_finite() or amount.adjusted() > _LARGEST_EXPONENT:
        raise Invalid(f"{amount} is not an amount of money", amount=str(amount))
    scaled = amount.scaleb(currency_exponent(currency), _EXACT)
    return int(scaled.to_integral_value(ROUND_HALF_UP, _EXACT))


def from_minor(amount_minor: int, currency: str) -> Decimal:
    """The same amount in major units, exact, with the currency's decimal places: 1250 EUR → 12.50."""
    return Decimal(amount_minor).scaleb(-currency_exponent(currency), _EXACT)


def format_amount(amount_minor: int, currency: str, locale: str | Locale = "en") -> str:
    """Write an amount for people: ``format_amount(1250, "EUR", "de_DE") == "12,50 €"`` (no-break space)."""
    exponent = currency_exponent(currency)
    parsed = locale if isinstance(locale, Locale) else Locale.parse(locale.replace("-", "_"))
    pattern = parsed.currency_formats["standard"]
    digits = (exponent, exponent)
    if pattern.frac_prec != digits:
        # Ours, not CLDR's: an amount is shown as it is charged.
        pattern = type(pattern)(
            pattern.pattern, pattern.prefix, pattern.suffix, pattern.grouping, pattern.int_prec, digits,
            pattern.exp_prec, pattern.exp_plus, pattern.number_pattern,
        )  # fmt: skip
    return format_currency(
        from_minor(amount_minor, currency), currency, format=pattern, locale=parsed, currency_digits=False
    )
