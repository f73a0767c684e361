"""What needs attention."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from forecourt.operations.attention import attention
from forecourt.operations.attention_schemas import AttentionOut
from forecourt.operations.endpoints.access import SignedIn

router = APIRouter(tags=["incidents"])


@router.get("/attention")
async def read_attention(
    uow: SignedIn, limit: Annotated[int, Query(ge=1, le=500, description="At most so many items.")] = 50
) -> AttentionOut:
    """What is wrong now, the worst first, as far as the caller may see it: faults, offline stations, cars that get
    no energy, held sessions, orphans, findings, and stations that knock. What an incident is open about names it."""
    return await attention(uow, limit=limit)
