"""Charging's part of the API, mounted by `api` under `/api/v1`."""

from __future__ import annotations

from fastapi import APIRouter

from forecourt.charging.endpoints import evidence, records, sessions, tokens

router = APIRouter()
for _part in (sessions, evidence, tokens, records):
    router.include_router(_part.router)

__all__ = ["router"]
