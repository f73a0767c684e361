"""End sessions: one's own, or all of a user."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from forecourt.identity.access import actor_of
from forecourt.identity.audit import record_change
from forecourt.identity.models import WebSession
from forecourt.kit.database import UnitOfWork


async def sign_out(uow: UnitOfWork) -> None:
    """End the session of the caller; for an API key there is nothing to end."""
    actor = actor_of(uow)
    if actor.session_id is None:
        return
    await uow.session.execute(
        update(WebSession).where(WebSession.id == actor.session_id).values(ended_at=uow.clock.now())
    )
    await record_change(uow, action="user.signed_out", subject_type="user", subject_id=actor.id)


async def end_sessions(uow: UnitOfWork, *, user_id: UUID, except_session_id: UUID | None = None) -> None:
    """End every open session of a user, but for one."""
    query = update(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    if except_session_id is not None:
        query = query.where(WebSession.id != except_session_id)
    await uow.session.execute(query.values(ended_at=uow.clock.now()))
