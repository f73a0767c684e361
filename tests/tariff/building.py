"""Short ways to write tariffs and timelines in tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from forecourt.tariff import (
    Condition,
    Element,
    Price,
    PriceComponent,
    RatingContext,
    Segment,
    SegmentState,
    Tariff,
    TariffVersion,
    rate,
)

LJUBLJANA = "Europe/Ljubljana"
MONDAY = datetime(2024, 6, 3, 8, 0, tzinfo=UTC)


def price(dimension: Any, amount: str, **more: Any) -> PriceComponent:
    tax = more.pop("tax", None)
    percent = None if tax is None else Decimal(tax)
    return PriceComponent(dimension=dimension, price=Decimal(amount), tax_percent=percent, **more)


def energy(amount: str, **more: Any) -> PriceComponent:
    return price("energy", amount, **more)


def element(*prices: PriceComponent, **when: Any) -> Element:
    return Element(prices=prices, when=Condition(**when))


def tariff(*elements: Element | PriceComponent, currency: str = "EUR", **more: Any) -> Tariff:
    whole = tuple(item if isinstance(item, Element) else element(item) for item in elements)
    return Tariff(currency=currency, elements=whole, **more)


def local(text: str, zone: str = LJUBLJANA, fold: int = 0) -> datetime:
    """A wall time such as 2026-01-01T12:00, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def stretch(
    start: datetime, minutes: float, state: SegmentState = "charging", kwh: str = "0", **more: Any
) -> Segment:
    return Segment(
        start=start,
        end=start + timedelta(minutes=minutes),
        state=state,
        energy_wh=Decimal(kwh) * 1000,
        **more,
    )


def chain(
    start: datetime, *parts: tuple[float, SegmentState, str] | tuple[float, SegmentState]
) -> list[Segment]:
    """Segments one after another: (minutes, state, kWh)."""
    segments = []
    for part in parts:
        segment = stretch(start, part[0], part[1], part[2] if len(part) == 3 else "0")
        segments.append(segment)
        start = segment.end
    return segments


def charged(kwh: str, minutes: float = 60, start: datetime = MONDAY) -> list[Segment]:
    return [stretch(start, minutes, "charging", kwh)]


def rated(subject: Tariff, timeline: Sequence[Segment], zone: str = LJUBLJANA, **context: Any) -> Price:
    return rate(TariffVersion(subject), timeline, RatingContext(time_zone=zone, **context))


def net(result: Price) -> Decimal:
    return result.rounded.total.before_taxes


def gross(result: Price) -> Decimal:
    return result.rounded.total.after_taxes


def both(result: Price) -> tuple[str, str]:
    return str(net(result)), str(gross(result))
