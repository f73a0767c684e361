"""Fixtures of the network's tests."""

from __future__ import annotations

import pytest

from forecourt.kit.database import Database
from tests.network.harness import Network, make_network


@pytest.fixture
async def network(database: Database) -> Network:
    """An operator of its own with one location."""
    return await make_network(database)
