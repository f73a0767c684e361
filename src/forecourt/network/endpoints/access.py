"""What every endpoint of the network depends on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from forecourt.identity.access import require
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import DEFAULT_LIMIT, Limit
from forecourt.network.errors import StationNotFound
from forecourt.network.models import Station
from forecourt.network.queries import find_station_by_identity, get_station

ReadStations = Annotated[UnitOfWork, Depends(require("stations:read"))]
WriteStations = Annotated[UnitOfWork, Depends(require("stations:write"))]
CommandStations = Annotated[UnitOfWork, Depends(require("stations:command"))]
ReadLocations = Annotated[UnitOfWork, Depends(require("locations:read"))]
WriteLocations = Annotated[UnitOfWork, Depends(require("locations:write"))]
ReadCommands = Annotated[UnitOfWork, Depends(require("commands:read"))]
ReadInbox = Annotated[UnitOfWork, Depends(require("inbox:read"))]
WriteInbox = Annotated[UnitOfWork, Depends(require("inbox:write"))]

Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
PageLimit = Annotated[Limit, Query()]
DEFAULT_PAGE = DEFAULT_LIMIT
Sort = Annotated[str, Query(description="A column's name; `-name` is descending.")]
Words = Annotated[str | None, Query(max_length=100, description="Part of a name, in any case of letters.")]
StationPath = Annotated[str, Path(description="The station's id (`sta_…`) or its OCPP identity.")]


async def station_of(uow: UnitOfWork, text: str, *, lock: bool = False) -> Station:
    """The station that a path names by id or identity.

    Raises:
        StationNotFound.
    """
    if text.lower().startswith("sta_"):
        return await get_station(uow, decode_id("sta", text), lock=lock)
    station = await find_station_by_identity(uow, text)
    if station is None:
        raise StationNotFound(f"there is no station {text!r}", identity=text)
    return await get_station(uow, station.id, lock=True) if lock else station


def pepper_of(request: Request) -> bytes:
    """The pepper of station passwords: the setting `station_pepper`, text or bytes."""
    pepper: Any = request.app.state.settings.station_pepper
    if hasattr(pepper, "get_secret_value"):
        pepper = pepper.get_secret_value()
    return pepper if isinstance(pepper, bytes) else str(pepper).encode()
