"""An external PostgreSQL with a login and a password, and the program's processes beside each other on it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from forecourt.kit.postgres import EmbeddedPostgres, Version
from tests.conftest import free_port
from tests.e2e.conftest import FORECOURT, TIMEOUT_S

LOGIN, PASSWORD = "charging", "p w:d/é%"
LOGIN_URL_PASSWORD = "p%20w%3Ad%2F%C3%A9%25"


class External:
    """A PostgreSQL server that listens on TCP and wants passwords, as somebody else would run it."""

    def __init__(self, version: Version = 18) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fc-external-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.server = EmbeddedPostgres(
            self.folder / "pg",
            version,
            settings={"listen_addresses": "127.0.0.1", "port": str(self.port), "max_connections": "200"},
        )

    def start(self) -> None:
        self.server.start()
        (self.server.cluster / "pg_hba.conf").write_text(
            "local all postgres trust\nhost all all all scram-sha-256\n"
        )
        self.run("SELECT pg_reload_conf()")

    def admin(self, database: str = "postgres") -> str:
        return self.server.url(database, "postgres")

    def run(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements as the superuser; the rows of the last one."""
        with psycopg.connect(self.admin(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def make_login(self, *, attributes: str = "CREATEROLE") -> str:
        """A login with a database of its own; its URL, as one would set it."""
        self.run(
            f"CREATE ROLE {LOGIN} LOGIN {attributes} PASSWORD '{PASSWORD}'",
            f"CREATE DATABASE energy OWNER {LOGIN}",
        )
        return f"postgresql://{LOGIN}:{LOGIN_URL_PASSWORD}@127.0.0.1:{self.port}/energy"

    def stop(self) -> None:
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def external(version: Version = 18) -> Iterator[External]:
    """One that is stopped and removed afterwards."""
    made = External(version)
    try:
        made.start()
        yield made
    finally:
        made.stop()


class Processes:
    """Processes of the program with one environment, each with a log of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.http_port = free_port()
        self.env = os.environ | {
            "FORECOURT_DATA_DIR": str(folder / "data"),
            "FORECOURT_HTTP_PORT": str(self.http_port),
            "FORECOURT_OCPP_HOST": "127.0.0.1",
            "FORECOURT_OCPP_TLS_PORT": "0",
            **settings,
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/api/v1"

    def cli(self, *arguments: str, check: bool = True, **settings: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*FORECOURT, *arguments],
            env=self.env | settings,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, name: str, command: str, **settings: str) -> None:
        """Start one without waiting; `wait` waits."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [*FORECOURT, command], env=self.env | settings, stdout=log, stderr=log
            )

    def wait(self, *names: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        for name in names:
            while "serve.ready" not in (text := (self.folder / f"{name}.log").read_text()):
                if self.running[name].poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"{name} is not ready:\n{text[-4000:]}")
                time.sleep(0.05)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(30)

    def stop(self) -> dict[str, int]:
        """Stop all as Ctrl-C does; exit code by name."""
        for process in self.running.values():
            process.send_signal(signal.SIGINT)
        codes = {name: process.wait(60) for name, process in self.running.items()}
        self.running.clear()
        return codes

    def client(self, role: str = "admin") -> httpx.Client:
        key = self.cli("apikey", "create", "--name", f"test-{role}", "--role", role).stdout.strip()
        return httpx.Client(base_url=self.api, headers={"Authorization": f"Bearer {key}"}, timeout=60)


@contextmanager
def processes(**settings: str) -> Iterator[Processes]:
    """Processes in a folder of their own, all ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fc-processes-"))
    folder.chmod(0o755)
    made = Processes(folder, **settings)
    try:
        yield made
    finally:
        for name in list(made.running):
            made.kill(name)
        shutil.rmtree(folder, ignore_errors=True)
