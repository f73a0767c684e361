"""Fixtures of the network's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from forecourt.kit.database import Database
from forecourt.network.endpoints import router
from tests.api.harness import client_of, make_api, make_key
from tests.network.harness import PEPPER, Network, make_network


@pytest.fixture
async def network(database: Database) -> Network:
    """An operator of its own with one location."""
    return await make_network(database)


@pytest.fixture
async def app(network: Network) -> Any:
    """The network's API."""
    settings = SimpleNamespace(
        cookie_secure=False,
        station_pepper=PEPPER.decode(),
        public_url="",
        ocpp_port=9000,
        ocpp_tls_port=9443,
        certificate_files=lambda: ["chain.pem"],
    )
    return make_api(network.database, routers=[router], stations=network.stations, settings=settings)


@pytest.fixture
async def client(app: Any, network: Network) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator of the operator."""
    async with client_of(app, await make_key(network.database, network.operator_id)) as client:
        yield client
