"""The prices of a tariff as a driver is to see them: with tax, in the order that the law gives.

The order is that of Article 5 of Regulation (EU) 2023/1804 (AFIR): per kWh, per minute, per session, then
whatever else there is. Conditions are kept, so that whoever shows a price can say when it applies.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec

from .model import Condition, PriceComponent, Tariff, Unit, tariff_to_dict
from .rounding import EXACT, HUNDRED, ONE, plain, round_half_up

_ORDER: Final = ("energy", "charging_time", "idle_time", "occupancy_time", "flat")
_RESERVATION: Final = len(_ORDER)
_NEVER_OF_RESERVATIONS: Final = ("energy", "idle_time")
_PLACES: Final = 6
SIXTY: Final = Decimal(60)


class PostedPrice(msgspec.Struct, frozen=True, kw_only=True):
    """One price of a tariff. `price` is per `unit`, with tax; `per_minute` the same of a time price."""

    element: int
    dimension: str
    unit: Unit
    price: Decimal
    per_minute: Decimal | None
    tax_percent: Decimal | None
    when: Condition


def posted_prices(tariff: Tariff) -> tuple[PostedPrice, ...]:
    """All prices that can apply, in the order per kWh, per minute, per session, other (reservations)."""
    found = []
    for position, element in enumerate(tariff.elements):
        reserved = element.when.reservation is not None
        for component in element.prices:
            if reserved and component.dimension in _NEVER_OF_RESERVATIONS:
                continue
            rank = _RESERVATION if reserved else _ORDER.index(component.dimension)
            found.append((rank, position, _posted(tariff, position, component, element.when)))
    return tuple(posted for _, _, posted in sorted(found, key=lambda one: one[:2]))


def _posted(tariff: Tariff, position: int, component: PriceComponent, when: Condition) -> PostedPrice:
    price = with_tax(component.price, component.tax_percent, included=tariff.tax_included)
    unit = component.priced_per
    per_minute = None
    if unit == "minute":
        per_minute = price
    elif unit == "hour":
        per_minute = round_half_up(EXACT.divide(price, SIXTY), _PLACES)
    return PostedPrice(
        element=position, dimension=component.dimension, unit=unit, price=price, per_minute=per_minute,
        tax_percent=component.tax_percent, when=when,
    )  # fmt: skip


def with_tax(price: Decimal, percent: Decimal | None, *, included: bool) -> Decimal:
    """A unit price with tax, to six decimals where tax is added."""
    if included or not percent:
        return price
    return round_half_up(EXACT.multiply(price, EXACT.add(ONE, EXACT.divide(percent, HUNDRED))), _PLACES)


def posted_to_dict(tariff: Tariff) -> list[dict[str, Any]]:
    """`posted_prices` as JSON-like objects: decimals as text, conditions as in the tariff's own document."""
    elements = tariff_to_dict(tariff)["elements"]
    return [
        {
            "element": posted.element,
            "dimension": posted.dimension,
            "unit": posted.unit,
            "price": plain(posted.price),
            "per_minute": None if posted.per_minute is None else plain(posted.per_minute),
            "tax_percent": None if posted.tax_percent is None else plain(posted.tax_percent),
            "when": elements[posted.element].get("when", {}),
        }
        for posted in posted_prices(tariff)
    ]
