"""Endpoints of operations, mounted by `api` under `/api/v1`."""

from fastapi import APIRouter

from forecourt.operations.endpoints import attention, channels, incidents, rules, system

router = APIRouter()
for part in (attention, incidents, rules, channels, system):
    router.include_router(part.router)
