"""What a session's price rests on: its curve and its signed meter values."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select

from forecourt.charging.curve import curve_of
from forecourt.charging.endpoints.access import ReadSessions
from forecourt.charging.fold import best_source
from forecourt.charging.models import SignedValueRow
from forecourt.charging.open_session import fresh_course
from forecourt.charging.queries import facts_of, get_session
from forecourt.charging.schemas import CurveOut, CurvePointOut, GapOut, SignedValueOut
from forecourt.identity.access import operator_of

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.get("/{session}/curve")
async def curve(
    session: str,
    uow: ReadSessions,
    points: Annotated[int, Query(ge=8, le=5000, description="About so many points.")] = 600,
) -> CurveOut:
    """Power, energy and price over time, with the spans that lack readings. The same facts give the same points."""
    row = await get_session(uow, session)
    memory, facts = await facts_of(uow, row.id)
    found = curve_of(fresh_course(memory, source=best_source(facts)), facts, points)
    return CurveOut(
        session_id=session,
        revision=row.revision,
        currency=row.currency,
        readings=found.readings,
        every_s=found.every_s,
        power_source=found.power_source,
        points=[
            CurvePointOut(
                at=one.at,
                power_w=one.power_w,
                energy_wh=one.energy_wh,
                cost=one.cost,
                soc_percent=one.soc_percent,
            )
            for one in found.points
        ],
        gaps=[GapOut(start=start, end=end) for start, end in found.gaps],
    )


@router.get("/{session}/signed-values")
async def signed_values(session: str, uow: ReadSessions) -> list[SignedValueOut]:
    """Signed meter values, verbatim, in the order of time. Partners see none: they may name the driver."""
    row = await get_session(uow, session)
    if uow.partner_id is not None:
        return []
    found = await uow.session.scalars(
        select(SignedValueRow)
        .where(SignedValueRow.operator_id == operator_of(uow), SignedValueRow.session_id == row.id)
        .order_by(SignedValueRow.measured_at, SignedValueRow.id)
    )
    return [SignedValueOut.of(one) for one in found]
