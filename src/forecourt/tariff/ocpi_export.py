"""Writing a tariff as an OCPI Tariff object: without loss where OCPI can say it, with a note where not."""

from decimal import Decimal
from typing import Any, Final, Literal

from .model import Condition, Element, PriceComponent, PriceLimit, Tariff
from .rounding import EXACT, HUNDRED, ONE

OcpiVersion = Literal["2.1.1", "2.2.1", "2.3.0"]

_TYPES: Final = {
    "energy": "ENERGY", "charging_time": "TIME", "idle_time": "PARKING_TIME", "flat": "FLAT",
}  # fmt: skip
_NOT_IN_OCPI: Final = (
    "connector_types", "audiences", "min_soc_percent", "max_soc_percent", "min_site_occupancy_percent",
    "max_site_occupancy_percent",
)  # fmt: skip
_NOT_IN_211: Final = ("min_current_a", "max_current_a", "reservation")
_NET_DECIMALS: Final = Decimal(1).scaleb(-6)


def tariff_to_ocpi(tariff: Tariff, version: OcpiVersion = "2.3.0") -> tuple[dict[str, Any], tuple[str, ...]]:
    """The tariff as OCPI's object (numbers are Decimals), and what OCPI could not say.

    An element whose condition OCPI cannot say is left out, because without it the price would apply
    always. Identifiers and `last_updated` are the sender's to add. The notes are sorted field names;
    `step_size` among them: OCPI bills at least whole watt-hours and seconds.
    """
    lossy: set[str] = set()
    elements = [
        element
        for element in (_element(item, tariff, version, lossy) for item in tariff.elements)
        if element is not None
    ]
    for name, default in (("idle", type(tariff.idle)()), ("free", type(tariff.free)())):
        if getattr(tariff, name) != default:
            lossy.add(name)
    for name in ("holidays", "waive_without_energy", "allow_negative"):
        if getattr(tariff, name):
            lossy.add(name)
    document: dict[str, Any] = {"currency": tariff.currency, "elements": elements}
    if tariff.id is not None:
        document["id"] = tariff.id
    for name, field in (("valid_from", "start_date_time"), ("valid_until", "end_date_time")):
        moment = getattr(tariff, name)
        if moment is not None and version != "2.1.1":
            document[field] = moment.isoformat().replace("+00:00", "Z")
    for name in ("min_price", "max_price"):
        limit = getattr(tariff, name)
        if limit is None:
            continue
        if version == "2.1.1":
            lossy.add(name)
        else:
            document[name] = _limit(limit, version, lossy, name)
    if version == "2.3.0":
        document["tax_included"] = "YES" if tariff.tax_included else "NO"
    return document, tuple(sorted(lossy))


def _limit(limit: PriceLimit, version: OcpiVersion, lossy: set[str], name: str) -> dict[str, Decimal]:
    before, after = (
        ("before_taxes", "after_taxes") if version == "2.3.0" else ("excl_vat", "incl_vat")
    )  # fmt: skip
    written: dict[str, Decimal] = {}
    if limit.before_taxes is not None:
        written[before] = limit.before_taxes
    else:
        lossy.add(name)  # OCPI requires the amount before taxes
    if limit.after_taxes is not None:
        written[after] = limit.after_taxes
    return written


def _element(
    element: Element, tariff: Tariff, version: OcpiVersion, lossy: set[str]
) -> dict[str, Any] | None:
    unsaid = [name for name in _NOT_IN_OCPI if getattr(element.when, name) not in (None, ())]
    if version == "2.1.1":
        unsaid += [name for name in _NOT_IN_211 if getattr(element.when, name) is not None]
    if unsaid:
        lossy.update(unsaid)
        return None
    components = []
    for price in element.prices:
        if price.dimension not in _TYPES:
            lossy.add(price.dimension)
            continue
        components.append(_component(price, tariff, version, lossy))
    if not components:
        return None
    written: dict[str, Any] = {"price_components": components}
    restrictions = _restrictions(element.when)
    if restrictions:
        written["restrictions"] = restrictions
    return written


def _component(
    price: PriceComponent, tariff: Tariff, version: OcpiVersion, lossy: set[str]
) -> dict[str, Any]:
    amount = EXACT.multiply(price.price, Decimal(60)) if price.priced_per == "minute" else price.price
    if tariff.tax_included and version != "2.3.0":  # their prices are always without tax
        lossy.add("tax_included")
        factor = EXACT.add(ONE, EXACT.divide(price.tax_percent or Decimal(0), HUNDRED))
        amount = EXACT.quantize(EXACT.divide(amount, factor), _NET_DECIMALS)
    if not price.step_size and price.dimension != "flat":
        lossy.add("step_size")
    written: dict[str, Any] = {
        "type": _TYPES[price.dimension],
        "price": amount,
        "step_size": max(price.step_size, 1),
    }
    if price.tax_percent is not None:
        if version == "2.1.1":
            lossy.add("tax_percent")
        else:
            written["vat"] = price.tax_percent
    return written


def _restrictions(when: Condition) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, field in (
        ("min_kwh", "min_kwh"), ("max_kwh", "max_kwh"), ("min_current_a", "min_current"),
        ("max_current_a", "max_current"), ("min_power_kw", "min_power"), ("max_power_kw", "max_power"),
        ("min_duration_s", "min_duration"), ("max_duration_s", "max_duration"),
    ):  # fmt: skip
        if (value := getattr(when, name)) is not None:
            written[field] = value
    if when.start_time is not None:
        written["start_time"] = "00:00" if when.start_time == "24:00" else when.start_time
    if when.end_time is not None:
        written["end_time"] = "00:00" if when.end_time == "24:00" else when.end_time
    if when.start_date is not None:
        written["start_date"] = when.start_date.isoformat()
    if when.end_date is not None:
        written["end_date"] = when.end_date.isoformat()
    if when.days:
        written["day_of_week"] = [day.upper() for day in when.days]
    if when.reservation is not None:
        written["reservation"] = when.reservation.upper()
    return written
