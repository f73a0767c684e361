"""Judge an operator's rules soon after something happened, instead of at the next round of the job."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

import structlog

from forecourt.kit.database import Database
from forecourt.kit.notify import Listener
from forecourt.kit.outbox import SEQUENCED_CHANNEL, last_position, read_events
from forecourt.operations.evaluate import evaluate_operator
from forecourt.operations.rule_kinds import RULE_KINDS
from forecourt.operations.tell import Links

_TYPES: Final = sorted(
    {name for kind in RULE_KINDS.values() for name in kind.hastened_by} | {"alert_rule.updated"}
)
_PAUSE_SECONDS: Final = 0.5
"""Between two rounds: a thousand stations that come back at once are a few rounds."""
_log = structlog.get_logger(__name__)


class RuleWatch:
    """Follows the stored events. What it misses the periodic job finds: nothing depends on it but the speed."""

    def __init__(self, database: Database, *, links: Links) -> None:
        """Describe it; `run` does the work."""
        self._database = database
        self._links = links
        self._position: int | None = None
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""

        async def on_events(payload: str | None) -> None:
            self._wake.set()

        async with Listener(self._database.urls.system, {SEQUENCED_CHANNEL: on_events}):
            while True:
                await self._wake.wait()
                self._wake.clear()
                try:
                    for operator_id in await self._touched():
                        await evaluate_operator(self._database, operator_id, links=self._links)
                except Exception:  # the job comes to the same rules within seconds, and fails visibly
                    _log.exception("alerts.watch_failed")
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _touched(self) -> list[UUID]:
        """The operators that something happened to since the last call."""
        async with self._database.transaction(role="system") as uow:
            newest = await last_position(uow.session)
            if self._position is None or self._position > newest:
                self._position = newest
                return []
            events = await read_events(uow.session, self._position, limit=1000, types=_TYPES)
        self._position = events[-1].position if len(events) == 1000 else newest
        return list(dict.fromkeys(event.operator_id for event in events))
