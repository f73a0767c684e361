"""Which tariff prices a session at a place and a time, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text

from forecourt.identity.access import operator_of
from forecourt.kit.database import UnitOfWork

Scope = Literal["evse", "location", "operator"]
Reason = Literal["applies", "less_specific", "no_live_version"]

# Ordered as `price_book` resolves: EVSE before location before operator, then the newest version.
_CANDIDATES: Final = text("""
SELECT DISTINCT ON (a.evse_id IS NULL, a.location_id IS NULL, a.id)
    a.id AS assignment_id, a.tariff_id, t.name AS tariff_name, a.valid_from, a.valid_to,
    CASE WHEN a.evse_id IS NOT NULL THEN 'evse' WHEN a.location_id IS NOT NULL THEN 'location' ELSE 'operator' END
        AS scope,
    v.id AS version_id, v.number, v.content_hash
FROM tariff_assignment a
JOIN tariff t ON t.operator_id = a.operator_id AND t.id = a.tariff_id
LEFT JOIN tariff_version v ON v.operator_id = a.operator_id AND v.tariff_id = a.tariff_id
    AND v.published_at <= :at AND (v.retired_at IS NULL OR v.retired_at > :at)
WHERE a.operator_id = :operator AND a.valid_from <= :at AND (a.valid_to IS NULL OR a.valid_to > :at)
    AND (a.evse_id = :evse OR (a.evse_id IS NULL AND (a.location_id = :location OR a.location_id IS NULL)))
ORDER BY a.evse_id IS NULL, a.location_id IS NULL, a.id, v.number DESC
""")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An assignment that reaches the place, and what became of it."""

    assignment_id: UUID
    tariff_id: UUID
    tariff_name: str
    scope: Scope
    valid_from: datetime
    valid_to: datetime | None
    version_id: UUID | None
    number: int | None
    content_hash: str | None
    reason: Reason


async def explain_tariff(
    uow: UnitOfWork, *, location_id: UUID | None, evse_id: UUID | None, at: datetime
) -> list[Candidate]:
    """All assignments that reach a place at a time, the most specific first; at most one `applies`."""
    rows = await uow.session.execute(
        _CANDIDATES, {"operator": operator_of(uow), "location": location_id, "evse": evse_id, "at": at}
    )
    found: list[Candidate] = []
    decided = False
    for row in rows:
        reason: Reason = "less_specific" if decided else "applies"
        if row.version_id is None:
            reason = "no_live_version"
        decided = decided or reason == "applies"
        found.append(
            Candidate(
                assignment_id=row.assignment_id,
                tariff_id=row.tariff_id,
                tariff_name=row.tariff_name,
                scope=row.scope,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                version_id=row.version_id,
                number=row.number,
                content_hash=row.content_hash,
                reason=reason,
            )
        )
    return found
