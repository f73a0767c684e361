"""ConcurrentTx: a token that charges elsewhere, where the operator lets it charge at one place at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from forecourt.charging.advice import Verdict
from forecourt.charging.memory import Batch, OpenSession
from forecourt.kit.ids import encode_id

_OPEN: Final = """
SELECT token_id, id, station_id, evse_no, started_at FROM session
WHERE operator_id = ANY(%s) AND token_id = ANY(%s) AND ended_at IS NULL AND stopped_at IS NULL
    AND transaction IS NOT NULL AND token_status = 'accepted'
"""

_MASK: Final = (1 << 63) - 1
"""The random half of a UUIDv7 is the number of the token's lock."""

Use = tuple[UUID, int | None, datetime | None]
"""Station, EVSE number, start."""


class TokensInUse:
    """The open transactions of the tokens of a batch; what the batch itself begins and ends counts, too."""

    def __init__(self) -> None:
        """Nothing is in use."""
        self._known: dict[UUID, dict[UUID, Use]] = {}

    async def load(
        self, tx: psycopg.AsyncConnection[Any], operators: Collection[UUID], tokens: Collection[UUID]
    ) -> None:
        """Read what is open with these tokens; until the commit no other writer begins anything with them."""
        self._known = {}
        if not tokens:
            return
        await tx.execute(
            "SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) AS k",
            (sorted(token.int & _MASK for token in tokens),),
        )
        cursor = await tx.execute(_OPEN, (list(operators), list(tokens)))
        for token_id, session_id, *use in await cursor.fetchall():
            self._known.setdefault(token_id, {})[session_id] = (use[0], use[1], use[2])

    def judge(self, verdict: Verdict, session: OpenSession, at: datetime, batch: Batch) -> Verdict:
        """The verdict on the token of a transaction that begins at a time, refused if it charges elsewhere then.

        A transaction at the same EVSE does not count: the new one shows that it is over.
        """
        token_id = verdict.resolution.token_id
        if verdict.answer.status != "accepted" or not verdict.resolution.one_at_a_time or token_id is None:
            return verdict
        uses = dict(self._known.get(token_id, {}))
        for other in batch.sessions.values():
            uses.pop(other.id, None)
            if (
                other.token_id == token_id
                and other.token_status == "accepted"  # noqa: S105
                and other.transaction is not None
                and other.stop_reason is None
                and not other.is_over
            ):
                uses[other.id] = (other.station_id, other.evse_no, other.started_at)
        uses.pop(session.id, None)
        for session_id, (station_id, evse_no, began) in uses.items():
            if (station_id, evse_no) != (session.station_id, session.evse_no) and (
                began is None or began <= at
            ):
                return dataclasses.replace(
                    verdict,
                    answer=dataclasses.replace(verdict.answer, status="concurrent_tx"),
                    reason_code="TokenInUse",
                    reason_params={"session_id": encode_id("ses", session_id)},
                )
        return verdict
