"""Published tariff versions in memory, and which of them applies where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from forecourt.tariff import TariffVersion, tariff_from_dict


@dataclass(frozen=True, slots=True)
class PricedBy:
    """A published version, ready for rating. `prices_idle`: some price of it is for idling."""

    id: UUID
    tariff_id: UUID
    version: TariffVersion
    currency: str
    prices_idle: bool


Place = tuple[UUID, UUID | None, UUID | None]
"""Operator, location, EVSE."""

_RESOLVE = """
WITH place AS (
    SELECT * FROM unnest(%(operators)s::uuid[], %(locations)s::uuid[], %(evses)s::uuid[], %(ats)s::timestamptz[])
        WITH ORDINALITY AS p (operator_id, location_id, evse_id, at, number)
)
SELECT DISTINCT ON (p.number) p.number, v.id
FROM place p
JOIN tariff_assignment a ON a.operator_id = p.operator_id
    AND (a.evse_id = p.evse_id OR (a.evse_id IS NULL AND (a.location_id = p.location_id OR a.location_id IS NULL)))
    AND a.valid_from <= p.at AND (a.valid_to IS NULL OR a.valid_to > p.at)
JOIN tariff_version v ON v.operator_id = a.operator_id AND v.tariff_id = a.tariff_id
    AND v.published_at <= p.at AND (v.retired_at IS NULL OR v.retired_at > p.at)
ORDER BY p.number, a.evse_id IS NULL, a.location_id IS NULL, v.number DESC
"""


class PriceBook:
    """Versions by id, kept for ever because they never change; assignments are asked for each time."""

    def __init__(self) -> None:
        """Start with an empty memory."""
        self._versions: dict[UUID, PricedBy] = {}

    async def resolve(
        self, tx: Any, operator_id: UUID, location_id: UUID | None, evse_id: UUID | None, at: datetime
    ) -> PricedBy | None:
        """The version that prices a session starting there and then: EVSE before location before operator.

        Args:
            tx: a psycopg connection inside a transaction that may see the operator's rows.
            operator_id: whose tariffs.
            location_id: of the EVSE, if it has one.
            evse_id: where the car stands.
            at: authorisation of the session.
        """
        wanted = ((operator_id, location_id, evse_id), at)
        return (await self.resolve_many(tx, [wanted])).get(wanted)

    async def resolve_many(
        self, tx: Any, places: Iterable[tuple[Place, datetime]]
    ) -> dict[tuple[Place, datetime], PricedBy]:
        """`resolve` for many places and times, in two queries at most. Those without a tariff are left out."""
        wanted = list(dict.fromkeys(places))
        if not wanted:
            return {}
        cursor = await tx.execute(
            _RESOLVE,
            {
                "operators": [place[0] for place, _ in wanted],
                "locations": [place[1] for place, _ in wanted],
                "evses": [place[2] for place, _ in wanted],
                "ats": [at for _, at in wanted],
            },
        )
        chosen = {wanted[number - 1]: version_id for number, version_id in await cursor.fetchall()}
        versions = await self.versions(tx, chosen.values())
        return {key: versions[version_id] for key, version_id in chosen.items()}

    async def versions(self, tx: Any, ids: Iterable[UUID]) -> dict[UUID, PricedBy]:
        """Published versions by id; those that are not in memory are read in one query."""
        wanted = set(ids)
        missing = [version_id for version_id in wanted if version_id not in self._versions]
        if missing:
            cursor = await tx.execute(
                "SELECT id, tariff_id, document FROM tariff_version WHERE id = ANY(%s) AND status <> 'draft'",
                (missing,),
            )
            for version_id, tariff_id, document in await cursor.fetchall():
                self._versions[version_id] = priced_by(version_id, tariff_id, document)
        return {
            version_id: self._versions[version_id] for version_id in wanted if version_id in self._versions
        }


def priced_by(version_id: UUID, tariff_id: UUID, document: object) -> PricedBy:
    """Make a stored document ready for rating."""
    version = TariffVersion(tariff_from_dict(document))
    idle = any(
        price.dimension == "idle_time" for element in version.tariff.elements for price in element.prices
    )
    return PricedBy(version_id, tariff_id, version, version.tariff.currency, idle)
