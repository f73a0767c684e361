"""What the versions of a tariff stand for at a moment: one that was scheduled is live once its time has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from forecourt.pricing.models import TariffVersionRow


@dataclass(frozen=True, slots=True)
class Standing:
    """Status and end of a version at a moment."""

    status: str
    retired_at: datetime | None


def standings(versions: Iterable[TariffVersionRow], now: datetime) -> dict[UUID, Standing]:
    """The standing of each version of one tariff, by id."""
    newest_first = sorted(versions, key=lambda version: version.number, reverse=True)
    found: dict[UUID, Standing] = {}
    since: datetime | None = None
    for version in newest_first:
        status, retired_at = version.status, version.retired_at
        if status == "scheduled" and version.published_at is not None and version.published_at <= now:
            status = "live"
        if status == "live" and since is not None:
            status, retired_at = "retired", since
        elif status == "live":
            since = version.published_at
        found[version.id] = Standing(status, retired_at)
    return found
