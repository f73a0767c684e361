"""The real program in a process of its own, on free ports and a data folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

FORECOURT = [sys.executable, "-m", "forecourt"]
TIMEOUT_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """`forecourt serve` (or `demo`) and what a test needs to reach it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.http_port, self.ocpp_port = free_port(), free_port()
        self.env = os.environ | {
            "FORECOURT_DATA_DIR": str(self.data_dir),
            "FORECOURT_HTTP_PORT": str(self.http_port),
            "FORECOURT_OCPP_HOST": "127.0.0.1",
            "FORECOURT_OCPP_PORT": str(self.ocpp_port),
            "FORECOURT_OCPP_TLS_PORT": "0",
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "program.log"

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/api/v1"

    @property
    def ocpp(self) -> str:
        return f"ws://127.0.0.1:{self.ocpp_port}/ocpp"

    def cli(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            [*FORECOURT, *arguments], env=self.env, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout.strip()

    def start(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*FORECOURT, *(arguments or ("serve",))], env=self.env, stdout=log, stderr=log
            )
        self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the program ended:\n{self.log.read_text()[-4000:]}")
            try:
                if httpx.get(f"http://127.0.0.1:{self.http_port}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"the program is not ready:\n{self.log.read_text()[-4000:]}")

    def postgres_pid(self) -> int:
        return int((self.data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()[0])

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        """Stop as Ctrl-C does and return the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(30)
        return self.process.returncode

    def key(self, role: str = "admin") -> str:
        return self.cli("apikey", "create", "--name", f"test-{role}", "--role", role)

    def client(self, role: str = "admin") -> httpx.Client:
        return httpx.Client(
            base_url=self.api, headers={"Authorization": f"Bearer {self.key(role)}"}, timeout=60
        )

    def children(self) -> list[psutil.Process]:
        """Every process that works in the data folder, e.g. PostgreSQL's."""
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(str(self.data_dir) in part for part in process.info["cmdline"] or ())
        ]


@contextmanager
def short_lived_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fc-e2e-"))
    folder.chmod(0o755)  # as root PostgreSQL runs as another user, who must be able to go there
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installation(**env: str) -> Iterator[Program]:
    """A fresh installation with the default operator, not yet serving; `env` is its environment."""
    with short_lived_folder() as folder:
        made = Program(folder)
        made.env |= env
        made.cli("init")
        try:
            yield made
        finally:
            if made.process is not None:
                made.stop()
                for child in made.children():
                    child.kill()


@pytest.fixture
def program() -> Iterator[Program]:
    """A fresh installation with the default operator, not yet serving."""
    with installation() as made:
        yield made


@pytest.fixture
def served(program: Program) -> Program:
    """The same, serving."""
    program.start()
    return program
