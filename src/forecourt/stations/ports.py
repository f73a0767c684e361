"""The port behind the gateway: who gives messages their effect, one batch and one transaction at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from forecourt.stations.answers import Answer
from forecourt.stations.events import Event, Inbound

# The database connection of the batch's transaction: a `psycopg.AsyncConnection` (this package imports no driver).
Transaction: TypeAlias = Any


class StationHandler(Protocol):
    """Gives events their effect. One implementation per domain package, composed by `app`.

    Order per batch: `prepare` (per message, before the transaction, may be slow), then inside the
    transaction `load`, `apply` for each message in order, `flush`; then `committed` after the commit or
    `rolled_back`, after which nothing of the batch may be remembered.
    """

    async def prepare(self, message: Inbound) -> None:
        """Ask the friends (token resolver, guarantor, start limiter); keep the advice in the message."""

    async def load(self, tx: Transaction, messages: Sequence[Inbound]) -> None:
        """Bring the state of all stations of the batch into memory, in bulk."""

    def apply(self, message: Inbound, event: Event) -> Answer | None:
        """Apply one event to the state in memory and collect the rows to write. Never waits.

        Returns the answer if this handler is the one that answers this kind of event, else `None`.
        """

    async def flush(self, tx: Transaction) -> None:
        """Write everything collected, in bulk."""

    async def committed(self) -> None:
        """The batch is on disk: publish live values, forget what was collected."""

    def rolled_back(self, station_ids: Collection[UUID]) -> None:
        """The batch is not on disk: forget the memory of these stations (it is loaded again)."""
