"""Pricing without a station: what `POST /api/v1/tariffs/preview` answers."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from .compiled import TariffVersion
from .errors import PreviewInvalid
from .model import Tariff, tariff_from_dict
from .ocpi import tariff_from_ocpi
from .ocpi_session import session_from_ocpi
from .price import Amounts, Price, TraceRow, rate
from .rounding import plain
from .totals import Amount
from .wire import loads

_COMPONENTS = ("energy", "time", "parking", "occupancy", "fixed", "reservation")


def preview(request: Mapping[str, Any] | bytes | str) -> dict[str, Any]:
    """Price a session that is described in the request.

    `request` is `{tariff | ocpi_tariff, session}`, as JSON text or as JSON-like objects (prefer the text:
    its numbers are read exactly). The answer has the shape of `price_to_dict`.

    Raises:
        PreviewInvalid: not JSON, or not of this shape.
        TariffInvalid, ContextInvalid, TimelineInvalid: the part at fault, with the path of the field.
    """
    document = loads(request) if isinstance(request, bytes | str) else request
    if not isinstance(document, Mapping):
        raise PreviewInvalid("an object with tariff or ocpi_tariff, and session, is needed")
    ours, theirs = document.get("tariff"), document.get("ocpi_tariff")
    if (ours is None) == (theirs is None):
        raise PreviewInvalid("give either tariff or ocpi_tariff")
    if document.get("session") is None:
        raise PreviewInvalid("session is missing")
    tariff: Tariff = tariff_from_dict(ours) if theirs is None else tariff_from_ocpi(theirs)
    context, timeline = session_from_ocpi(document["session"])
    return price_to_dict(rate(TariffVersion(tariff), timeline, context))


def price_to_dict(price: Price) -> dict[str, Any]:
    """A price as JSON-like objects: decimals as strings, times as RFC 3339 in UTC.

    `exact` has up to twelve decimals, `rounded` the currency's own; costs are named as in an OCPI CDR.
    """
    return {
        "currency": price.currency,
        "tax_included": price.tax_included,
        "tariff_hash": price.content_hash,
        "exact": _costs(price.exact, exact=True),
        "rounded": _costs(price.rounded, exact=False),
        "billed": {
            "energy_wh": plain(price.billed.energy_wh),
            "time_s": plain(price.billed.time_s),
            "parking_s": plain(price.billed.parking_s),
            "occupancy_s": plain(price.billed.occupancy_s),
            "reservation_s": plain(price.billed.reservation_s),
        },
        "price_limit_applied": price.limit,
        "taxes": [
            {
                "percent": None if group.percent is None else plain(group.percent),
                "tax_code": group.tax_code,
                "exact": _amount(group.exact, exact=True),
                "rounded": _amount(group.rounded, exact=False),
            }
            for group in price.taxes
        ],
        "notes": list(price.notes),
        "trace": [_row(row) for row in price.trace],
    }


def _costs(amounts: Amounts, *, exact: bool) -> dict[str, dict[str, str]]:
    costs = {"total_cost": _amount(amounts.total, exact=exact)}
    for component in _COMPONENTS:
        costs[f"total_{component}_cost"] = _amount(getattr(amounts, component), exact=exact)
    return costs


def _amount(amount: Amount, *, exact: bool) -> dict[str, str]:
    return {
        "before_taxes": _money(amount.before_taxes, exact=exact),
        "after_taxes": _money(amount.after_taxes, exact=exact),
    }


def _money(value: Decimal, *, exact: bool) -> str:
    return plain(value) if exact else format(value, "f")


def _row(row: TraceRow) -> dict[str, Any]:
    return {
        "from": _moment(row.start),
        "to": _moment(row.end),
        "element": row.element,
        "component": row.component,
        "dimension": row.dimension,
        "reason": row.reason,
        "quantity": plain(row.quantity),
        "unit": row.unit,
        "unit_price": plain(row.unit_price),
        "amount": plain(row.amount),
        "tax": plain(row.tax),
        "tax_percent": None if row.tax_percent is None else plain(row.tax_percent),
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
