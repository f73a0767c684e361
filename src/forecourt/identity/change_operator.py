"""Change the operator's own data and settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from forecourt.identity.audit import record_change
from forecourt.identity.edits import check_revision
from forecourt.identity.models import Operator
from forecourt.identity.queries import get_operator
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid


class UnknownTimeZone(Invalid):
    """Not a name of the IANA time zone database."""


async def change_operator(
    uow: UnitOfWork,
    *,
    name: str | None = None,
    time_zone: str | None = None,
    settings: dict[str, Any] | None = None,
    if_revision: int | None = None,
) -> Operator:
    """Change what is given; settings are merged by key, None removes a key.

    Raises:
        PreconditionFailed: it is not at ``if_revision``.
        UnknownTimeZone: no such zone.
    """
    operator = await get_operator(uow, lock=True)
    check_revision(if_revision, operator.revision)
    before = {"name": operator.name, "time_zone": operator.time_zone, "settings": operator.settings}
    if name is not None:
        operator.name = name.strip()
    if time_zone is not None:
        check_time_zone(time_zone)
        operator.time_zone = time_zone
    if settings is not None:
        merged = operator.settings | settings
        operator.settings = {key: value for key, value in merged.items() if value is not None}
    await uow.session.flush()
    after = {"name": operator.name, "time_zone": operator.time_zone, "settings": operator.settings}
    await record_change(
        uow,
        action="operator.changed",
        subject_type="operator",
        subject_id=operator.id,
        before=before,
        after=after,
    )
    return operator


def check_time_zone(name: str) -> None:
    """Refuse what is no IANA time zone.

    Raises:
        UnknownTimeZone: no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(f"{name!r} is not a time zone", time_zone=name) from error
