"""The network's part of the API, mounted by `api` under `/api/v1`."""

from __future__ import annotations

from fastapi import APIRouter

from forecourt.network.endpoints import (
    commands,
    connectors,
    evses,
    history,
    inbox,
    locations,
    stations,
    summary,
)

router = APIRouter()
for _part in (summary, locations, stations, history, commands, evses, connectors, inbox):
    router.include_router(_part.router)

__all__ = ["router"]
