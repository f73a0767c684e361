"""Price a session that is described in the request, by a stored or an inline tariff."""

from __future__ import annotations

from typing import Any, Final

from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import InvalidId, decode_id
from forecourt.pricing.errors import TariffRefused, TariffVersionNotFound
from forecourt.pricing.manage_tariffs import get_tariff, get_version, list_versions, refused
from forecourt.pricing.schemas import EXAMPLE
from forecourt.pricing.standing import standings
from forecourt.tariff import TariffError, preview_week
from forecourt.tariff import preview as preview_of
from forecourt.tariff.wire import loads

PREVIEW_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["session"],
                "properties": {
                    "tariff": {"type": "object"},
                    "ocpi_tariff": {"type": "object", "description": "OCPI 2.2.1 or 2.3.0 Tariff"},
                    "tariff_id": {"type": "string", "description": "A stored tariff"},
                    "version": {"type": "integer", "description": "Its version; the live one if left out"},
                    "session": {"type": "object"},
                },
            },
            "example": {
                "tariff": EXAMPLE,
                "session": {
                    "time_zone": "Europe/Berlin",
                    "start_date_time": "2026-06-15T10:00:00Z",
                    "end_date_time": "2026-06-15T11:00:00Z",
                    "charging_periods": [
                        {
                            "start_date_time": "2026-06-15T10:00:00Z",
                            "dimensions": [
                                {"type": "ENERGY", "volume": "20.0"},
                                {"type": "TIME", "volume": "1.0"},
                            ],
                        }
                    ],
                },
            },
        }
    },
}


WEEK_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["time_zone"],
                "properties": {
                    "tariff": {"type": "object"},
                    "ocpi_tariff": {"type": "object", "description": "OCPI 2.2.1 or 2.3.0 Tariff"},
                    "tariff_id": {"type": "string", "description": "A stored tariff"},
                    "version": {"type": "integer", "description": "Its version; the live one if left out"},
                    "time_zone": {"type": "string", "description": "Of the site, IANA"},
                    "week_of": {"type": "string", "format": "date", "description": "This week if left out"},
                    "power_kw": {"type": "string", "description": "What the car takes; 11 if left out"},
                    "connector_type": {"type": "string"},
                    "audiences": {"type": "array", "items": {"type": "string"}},
                    "holidays": {"type": "array", "items": {"type": "string", "format": "date"}},
                },
            },
            "example": {"tariff": EXAMPLE, "time_zone": "Europe/Berlin", "power_kw": "50"},
        }
    },
}


async def preview_price(body: bytes, *, uow: UnitOfWork) -> dict[str, Any]:
    """Answer in the shape of architecture section 6: exact and rounded costs, and the trace.

    Raises:
        TariffRefused: tariff or session cannot be read; `reason` is the code of why.
        TariffNotFound, TariffVersionNotFound.
    """
    try:
        return preview_of(await _request(body, uow))
    except TariffError as fault:
        raise refused(fault) from None


async def preview_prices_of_week(body: bytes, *, uow: UnitOfWork) -> dict[str, Any]:
    """A week of prices; raises as `preview_price`."""
    try:
        return preview_week(await _request(body, uow), today=uow.clock.now().date())
    except TariffError as fault:
        raise refused(fault) from None


async def _request(body: bytes, uow: UnitOfWork) -> Any:
    """The request with exact numbers, a stored tariff put in where it names one."""
    request = loads(body)
    if isinstance(request, dict) and request.get("tariff_id") is not None:
        if request.get("tariff") is not None or request.get("ocpi_tariff") is not None:
            raise TariffRefused("give one of tariff, ocpi_tariff and tariff_id", reason="PreviewInvalid")
        request["tariff"] = await _stored(str(request.pop("tariff_id")), request.pop("version", None), uow)
    return request


async def _stored(tariff: str, version: object, uow: UnitOfWork) -> dict[str, Any]:
    try:
        row = await get_tariff(uow, decode_id("trf", tariff))
    except InvalidId as fault:
        raise TariffRefused(fault.message, reason="InvalidId") from None
    if version is not None:
        return (await get_version(uow, row.id, int(str(version)))).document
    versions = await list_versions(uow, row.id)
    now = standings(versions, uow.clock.now())
    newest = versions[0] if versions else None
    live = next((found for found in versions if now[found.id].status == "live"), newest)
    if live is None:
        raise TariffVersionNotFound("the tariff has no version")
    return live.document
