"""What a person changes about itself: name, language, time zone, and how it likes the console."""

from __future__ import annotations

import json
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from forecourt.identity.access import actor_of
from forecourt.identity.audit import record_change
from forecourt.identity.change_operator import check_time_zone
from forecourt.identity.errors import PreferencesTooLarge
from forecourt.identity.models import AppUser, UserPreference
from forecourt.identity.second_factor import own_user
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import new_id

MAX_PREFERENCES_BYTES = 32_768
Unset = Literal["unset"]


async def change_profile(
    uow: UnitOfWork, *, name: str | None, language: str | Unset | None, time_zone: str | Unset | None
) -> AppUser:
    """Change what is given; None for language or time zone means the browser's.

    Raises:
        UnknownTimeZone: no such zone.
    """
    user = await own_user(uow)
    before = _facts(user)
    if name is not None:
        user.name = name.strip()
    if language != "unset":
        user.language = language
    if time_zone != "unset":
        if time_zone is not None:
            check_time_zone(time_zone)
        user.time_zone = time_zone
    await uow.session.flush()
    await record_change(
        uow,
        action="user.updated",
        subject_type="user",
        subject_id=user.id,
        before=before,
        after=_facts(user),
    )
    uow.record("user.updated", subject_id=user.id, subject_revision=user.revision, data={})
    return user


async def read_preferences(uow: UnitOfWork) -> dict[str, Any]:
    """The caller's preferences."""
    content = await uow.session.scalar(
        select(UserPreference.content).where(UserPreference.user_id == actor_of(uow).id)
    )
    return content or {}


async def change_preferences(uow: UnitOfWork, changes: dict[str, Any]) -> dict[str, Any]:
    """Merge by key; None removes a key. Two tabs that change different keys do not undo each other.

    Raises:
        PreferencesTooLarge: more than 32 kB in all.
    """
    actor = actor_of(uow)
    await uow.session.execute(
        insert(UserPreference)
        .values(operator_id=actor.operator_id, id=new_id(), user_id=actor.id, content={})
        .on_conflict_do_nothing(index_elements=["operator_id", "user_id"])
    )
    row = (
        await uow.session.scalars(
            select(UserPreference).where(UserPreference.user_id == actor.id).with_for_update()
        )
    ).one()
    merged = {key: value for key, value in (row.content | changes).items() if value is not None}
    size = len(json.dumps(merged).encode())
    if size > MAX_PREFERENCES_BYTES:
        raise PreferencesTooLarge(f"preferences have at most {MAX_PREFERENCES_BYTES} bytes, these {size}")
    row.content = merged
    return merged


def _facts(user: AppUser) -> dict[str, object]:
    return {"name": user.name, "language": user.language, "time_zone": user.time_zone}
