"""Several journals beside each other: while one batch waits for the database, the next one is worked on.

Each writer has a connection and a team of handlers of its own and serves its share of the stations, so that a
station's messages keep their order and no two writers touch the same station's rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import monotonic
from uuid import UUID

from forecourt.gateway.journal import Item, Journal, OnParked, Written
from forecourt.kit.database import Database
from forecourt.kit.group_commit import Done, GroupCommit
from forecourt.stations.ports import StationHandler


class Writers:
    """What is to be written goes to the writer of its station."""

    def __init__(
        self,
        database: Database,
        teams: Sequence[Sequence[StationHandler]],
        *,
        now: Callable[[], datetime],
        on_parked: OnParked | None,
        node: str,
        on_unavailable: Callable[[float], Awaitable[None]],
        on_available: Callable[[], Awaitable[None]],
        unavailable_after_seconds: float,
    ) -> None:
        """Describe them, one for each team; see `Journal` and `GroupCommit` for the rest."""
        self._on_available = on_available
        self.journals = [Journal(database, team, now=now, on_parked=on_parked, node=node) for team in teams]
        self._commits: list[GroupCommit[Item, Written]] = [
            GroupCommit(
                journal.write,
                on_unavailable=on_unavailable,
                on_available=self._back,
                unavailable_after_seconds=unavailable_after_seconds,
            )
            for journal in self.journals
        ]

    def index(self, station_id: UUID) -> int:
        """Which writer, and which team, serves the station."""
        return station_id.int % len(self._commits)

    def post(self, item: Item, done: Done[Written]) -> None:
        """Queue an item; `done` is told once it is on disk.

        Raises:
            WriterClosed: `close` was called.
        """
        self._commits[item.link.writer].post(item, done)

    @property
    def depth(self) -> int:
        """Items that wait for their turn."""
        return sum(commit.depth for commit in self._commits)

    @property
    def batches(self) -> int:
        """Transactions so far."""
        return sum(commit.batches for commit in self._commits)

    @property
    def items(self) -> int:
        """Items written so far."""
        return sum(commit.items for commit in self._commits)

    @property
    def down_since(self) -> float | None:
        """Since when (`time.monotonic()`) some writer cannot write; `None` while all can."""
        return min(
            (commit.down_since for commit in self._commits if commit.down_since is not None), default=None
        )

    @property
    def waiting_s(self) -> float:
        """How long the oldest batch has been with the database, in seconds."""
        now = monotonic()
        return max(
            (now - journal.began_at for journal in self.journals if journal.began_at is not None), default=0.0
        )

    def abandon(self, after_s: float) -> None:
        """Cut the connections that have not answered for so long."""
        now = monotonic()
        for journal in self.journals:
            if journal.began_at is not None and now - journal.began_at > after_s:
                journal.abandon()

    def start(self) -> None:
        """Start writing in the background."""
        for commit in self._commits:
            commit.start()

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 - how long to drain
        """Write what is queued, then end; what cannot be written in `timeout` seconds is given up unanswered."""
        for commit in self._commits:
            await commit.close(timeout=timeout)
        for journal in self.journals:
            await journal.close()

    async def _back(self) -> None:
        if self.down_since is None:
            await self._on_available()
