"""Fixtures of operations' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls
from tests.operations.floor import Floor


@pytest.fixture
async def floor(database_urls: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Floor]:
    database = Database(database_urls, clock=clock, pool_size=5)
    yield await Floor.build(database, clock)
    await database.close()
