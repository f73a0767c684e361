"""LISTEN and NOTIFY, and what happens when the connection breaks."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.notify import Listener, notify


class Heard:
    """Collects what a handler is called with."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()

    async def __call__(self, payload: str | None) -> None:
        await self.queue.put(payload)

    async def next(self) -> str | None:
        return await asyncio.wait_for(self.queue.get(), 5)


class TestListener:
    async def test_hears_what_was_committed_and_nothing_else(self, database: Database) -> None:
        channel, heard = f"test_{new_id().hex}", Heard()
        async with Listener(database.urls.app, {channel: heard}, poll_seconds=60):
            assert await heard.next() is None  # look at once: something may have happened before

            async def send(payload: str, *, fail: bool) -> None:
                async with database.transaction() as uow:
                    await notify(await uow.connection(), channel, payload)
                    if fail:
                        raise RuntimeError

            await asyncio.gather(send("lost", fail=True), return_exceptions=True)
            await send("kept", fail=False)
            assert await heard.next() == "kept"
            assert heard.queue.empty()

    async def test_polls(self, database: Database) -> None:
        heard = Heard()
        async with Listener(database.urls.app, {f"test_{new_id().hex}": heard}, poll_seconds=0.05):
            assert [await heard.next() for _ in range(4)] == [None] * 4

    async def test_reconnects_and_polls_at_once(self, empty_database: Database) -> None:
        heard = Heard()
        async with Listener(empty_database.urls.app, {"news": heard}, poll_seconds=60):
            assert await heard.next() is None
            async with empty_database.transaction() as uow:
                await uow.session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                    )
                )
            assert await heard.next() is None
            async with empty_database.transaction() as uow:
                await notify(await uow.connection(), "news", "again")
            assert await heard.next() == "again"

    async def test_a_failing_handler_is_called_again(self, database: Database) -> None:
        calls: asyncio.Queue[str | None] = asyncio.Queue()

        async def fail(payload: str | None) -> None:
            await calls.put(payload)
            raise RuntimeError("no")

        async with Listener(database.urls.app, {f"test_{new_id().hex}": fail}, poll_seconds=0.05):
            for _ in range(3):
                await asyncio.wait_for(calls.get(), 5)
