"""A database with the kit's test tables."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import create_engine

from forecourt.kit.database import Database, DatabaseUrls
from forecourt.kit.partitions import default_partition_statements
from forecourt.kit.tenancy import tenancy_statements

from .models import KitBase


@pytest.fixture(scope="session")
def kit_urls(cluster: Any) -> DatabaseUrls:
    """URLs of this worker's database, with the tables of ``models``."""
    name = f"fc_kit_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    cluster.clone(name)
    urls: DatabaseUrls = cluster.urls(name)
    engine = create_engine(urls.owner.replace("postgresql:", "postgresql+psycopg:"))
    for _ in range(2):  # all of it may be run again
        with engine.begin() as connection:
            KitBase.metadata.create_all(connection)
            for statement in [
                *default_partition_statements(KitBase.metadata),
                *tenancy_statements(KitBase.metadata),
            ]:
                connection.exec_driver_sql(statement)
    engine.dispose()
    return urls


@pytest.fixture
async def kit_database(kit_urls: DatabaseUrls) -> AsyncIterator[Database]:
    """The database with the test tables; shared, so work under ``operator_id``."""
    database = Database(kit_urls, pool_size=5)
    yield database
    await database.close()
