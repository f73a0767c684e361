"""Reading OCPI Tariff objects of 2.1.1, 2.2.1 and 2.3.0 (mod_tariffs) as our own model.

The versions differ in how they write price limits (`excl_vat`/`incl_vat`, `before_taxes`/`after_taxes`) and
tax (none in 2.1.1, `vat` per component, `tax_included` since 2.3.0); everything else is the same language.
Prices exclude tax unless `tax_included` is YES. What would change a price and is not understood is refused.
"""

from typing import Any, Final, Literal

from .errors import OcpiTariffInvalid, TariffInvalid, shown
from .model import (
    MAX_COMPONENTS,
    MAX_ELEMENTS,
    WEEKDAYS,
    Condition,
    Dimension,
    Element,
    PriceComponent,
    PriceLimit,
    Tariff,
)  # fmt: skip
from .wire import Fields

_DIMENSIONS: Final[dict[str, Dimension]] = {
    "ENERGY": "energy",
    "TIME": "charging_time",
    "PARKING_TIME": "idle_time",
    "FLAT": "flat",
}
_RESERVATIONS: Final[dict[str, Literal["reservation", "reservation_expires"]]] = {
    "RESERVATION": "reservation",
    "RESERVATION_EXPIRES": "reservation_expires",
}
_RESTRICTIONS: Final = frozenset(
    (
        "start_time", "end_time", "start_date", "end_date", "min_kwh", "max_kwh", "min_current", "max_current",
        "min_power", "max_power", "min_duration", "max_duration", "day_of_week", "reservation",
    )
)  # fmt: skip


def tariff_from_ocpi(document: object) -> Tariff:
    """Read an OCPI Tariff object (JSON-like objects; numbers may be Decimal, int, float or numeric text).

    Raises:
        OcpiTariffInvalid: a field is missing, malformed, beyond bounds, or not understood and would change
            the price; the message starts with its path.
    """
    fields = Fields(document, "tariff", OcpiTariffInvalid)
    elements = fields.items("elements", most=MAX_ELEMENTS)
    if not elements:
        fields.fail("elements", "at least one is needed")
    included = fields.text("tax_included")
    if included not in (None, "YES", "NO", "N/A"):
        fields.fail("tax_included", f"{shown(included)} is not YES, NO or N/A")
    read = tuple(_element(item, f"tariff.elements[{i}]") for i, item in enumerate(elements))
    name = fields.text("id", longest=255)
    try:
        return Tariff(
            currency=_currency(fields),
            elements=read,
            tax_included=included == "YES",
            min_price=_limit(fields, "min_price"),
            max_price=_limit(fields, "max_price"),
            id=name or None,
            valid_from=fields.moment("start_date_time"),
            valid_until=fields.moment("end_date_time"),
        )
    except OcpiTariffInvalid:
        raise
    except TariffInvalid as fault:
        raise OcpiTariffInvalid(f"tariff: {fault}") from None


def _currency(fields: Fields) -> str:
    currency = fields.required("currency", longest=3)
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        fields.fail("currency", f"{shown(currency)} is no ISO 4217 code")
    return currency


def _limit(fields: Fields, name: str) -> PriceLimit | None:
    value = fields.raw(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        return PriceLimit(before_taxes=fields.number(name))
    limit = Fields(value, f"{fields.path}.{name}", OcpiTariffInvalid)
    before = limit.number("before_taxes")
    after = limit.number("after_taxes")
    before = limit.number("excl_vat") if before is None else before
    after = limit.number("incl_vat") if after is None else after
    if before is None and after is None:
        fields.fail(name, "has neither before_taxes nor after_taxes")
    return PriceLimit(before_taxes=before, after_taxes=after)


def _element(value: object, path: str) -> Element:
    fields = Fields(value, path, OcpiTariffInvalid)
    components = fields.items("price_components", most=MAX_COMPONENTS)
    if not components:
        fields.fail("price_components", "at least one is needed")
    try:
        return Element(
            prices=tuple(
                _component(item, f"{path}.price_components[{i}]") for i, item in enumerate(components)
            ),
            when=_condition(fields.raw("restrictions"), f"{path}.restrictions"),
        )
    except OcpiTariffInvalid:
        raise
    except TariffInvalid as fault:
        raise OcpiTariffInvalid(f"{path}: {fault}") from None


def _component(value: object, path: str) -> PriceComponent:
    fields = Fields(value, path, OcpiTariffInvalid)
    kind = fields.required("type")
    if kind not in _DIMENSIONS:
        fields.fail("type", f"{shown(kind)} is not one of {', '.join(_DIMENSIONS)}")
    price = fields.number("price", low=-(10**9))
    if price is None:
        fields.fail("price", "is missing")
    step = fields.whole("step_size")
    return PriceComponent(
        dimension=_DIMENSIONS[kind],
        price=price,
        tax_percent=fields.number("vat", high=100),
        step_size=0 if kind == "FLAT" else 1 if step is None else step,
    )


def _condition(value: object, path: str) -> Condition:
    if value is None:
        return Condition()
    fields = Fields(value, path, OcpiTariffInvalid)
    for name in fields.names():
        if name not in _RESTRICTIONS:
            fields.fail(name[:60], "is not a restriction known here, and ignoring it would change the price")
    reservation = fields.text("reservation")
    if reservation is not None and reservation not in _RESERVATIONS:
        fields.fail("reservation", f"{shown(reservation)} is not one of {', '.join(_RESERVATIONS)}")
    try:
        return Condition(
            start_time=_wall_time(fields, "start_time"),
            end_time=_wall_time(fields, "end_time"),
            days=_days(fields),
            start_date=fields.day("start_date"),
            end_date=fields.day("end_date"),
            min_kwh=fields.number("min_kwh"),
            max_kwh=fields.number("max_kwh"),
            min_current_a=fields.number("min_current"),
            max_current_a=fields.number("max_current"),
            min_power_kw=fields.number("min_power"),
            max_power_kw=fields.number("max_power"),
            min_duration_s=fields.whole("min_duration"),
            max_duration_s=fields.whole("max_duration"),
            reservation=None if reservation is None else _RESERVATIONS[reservation],
        )
    except OcpiTariffInvalid:
        raise
    except TariffInvalid as fault:
        raise OcpiTariffInvalid(f"{path}: {fault}") from None


def _wall_time(fields: Fields, name: str) -> str | None:
    text = fields.text(name, longest=8)
    if text is None:
        return None
    hours, _, rest = text.partition(":")
    if len(text) in (5, 8) and text.isascii() and len(hours) == 2 and rest[:2].isdigit() and hours.isdigit():
        seconds_fine = len(text) == 5 or text[5:] == ":00"
        if seconds_fine and ((int(hours) < 24 and int(rest[:2]) < 60) or text[:5] == "24:00"):
            return text[:5]
    fields.fail(name, f"{shown(text)} is no time of day such as 17:00")


def _days(fields: Fields) -> tuple[Any, ...]:
    days = []
    for day in fields.items("day_of_week", most=7):
        lower = day.lower() if isinstance(day, str) else None
        if lower not in WEEKDAYS:
            fields.fail("day_of_week", f"{shown(day)} is no weekday such as MONDAY")
        days.append(lower)
    return tuple(days)
