"""An embedded PostgreSQL: the binaries out of a wheel, started, watched and stopped by us.

The wheel's own Python API is never called: it opens parent folders to everyone, believes stale pid files
and leaves servers behind. This launcher instead holds a lock on the data folder, lets the kernel stop the
server when its starter dies (PR_SET_PDEATHSIG, Linux), never changes a parent folder's mode, and as root
runs the server as another user.

Only a Unix socket in a private folder is opened. Whoever may open that folder is the database's superuser.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import quote

import psycopg

from forecourt.kit.errors import Unavailable
from forecourt.kit.postgres_files import ServerUser, binaries_for, private_folder

Version = Literal[16, 18]

_START_SECONDS = 300.0  # crash recovery may take minutes; giving up sooner would make it start over
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.02
_SOCKET_PATH_LIMIT = 90
_LOG_LIMIT_BYTES = 20_000_000

_SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_NO_DURABILITY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


class PostgresAlreadyRunning(Unavailable):
    """Another process serves this data folder."""


class PostgresFailed(Unavailable):
    """The embedded server did not start; the end of its log is in the message."""


class UnsafeDatabase(Unavailable):
    """The database is set up so that it may lose what it has acknowledged."""


def default_data_dir() -> Path:
    """Where the program keeps its data: /var/lib/forecourt for root, else the XDG data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/forecourt")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "forecourt"


class EmbeddedPostgres:
    """One PostgreSQL server in one folder. Start it from the main thread; ``with`` stops it.

    The folder holds ``cluster`` (the data), ``postgres.log``, ``.lock`` and, unless its path is too long for
    a Unix socket, ``run``.
    """

    def __init__(
        self,
        data_dir: Path,
        version: Version = 18,
        *,
        settings: Mapping[str, str] | None = None,
        unsafe_no_fsync: bool = False,
    ) -> None:
        """Describe the server; nothing is touched before ``start``.

        Args:
            data_dir: its folder, made if missing (mode 0700).
            version: PostgreSQL major version, 16 or 18.
            settings: server settings on top of ours.
            unsafe_no_fsync: give up durability for speed. For test clusters only; ``check_durability``
                refuses such a server.
        """
        self.data_dir = Path(data_dir).absolute()
        self.version: Version = version
        self.cluster = self.data_dir / "cluster"
        self.log_path = self.data_dir / "postgres.log"
        self._settings = {**_SETTINGS, **(_NO_DURABILITY if unsafe_no_fsync else {}), **(settings or {})}
        self._port = f"&port={settings['port']}" if settings and "port" in settings else ""
        self._unsafe_no_fsync = unsafe_no_fsync
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._socket_dir: Path | None = None
        self._temporary_socket_dir: Path | None = None

    @property
    def socket_dir(self) -> Path:
        """Folder of the Unix socket. Known once started."""
        if self._socket_dir is None:
            raise PostgresFailed("the embedded PostgreSQL is not started")
        return self._socket_dir

    @property
    def pid(self) -> int | None:
        """Process id of the server, None when it is not running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def url(self, database: str, role: str) -> str:
        """A libpq connection URI, e.g. for ``Database`` or ``psycopg.connect``."""
        return (
            f"postgresql://{quote(role)}@/{quote(database)}?host={quote(str(self.socket_dir), safe='')}"
            + self._port
        )

    def start(self) -> None:
        """Start the server and wait until it answers: about a second the first time, 0.1 s later.

        Raises:
            PostgresAlreadyRunning: another process holds the folder.
            PostgresFailed: it cannot be started; says why.
        """
        if self._process is not None:
            return
        if threading.current_thread() is not threading.main_thread():
            # The kernel signals the server when the thread that started it ends.
            raise PostgresFailed("start the embedded PostgreSQL from the main thread")
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self, *, immediately: bool = False) -> None:
        """Stop the server and let go of the folder.

        Args:
            immediately: without a checkpoint, so that the next start has to recover. The usual, fast, way
                rolls open transactions back and leaves the files in order.
        """
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
                try:
                    self._process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.send_signal(signal.SIGQUIT)
                    self._process.wait(_STOP_SECONDS)
            self._process = None
        if self._temporary_socket_dir is not None:
            shutil.rmtree(self._temporary_socket_dir, ignore_errors=True)
            self._temporary_socket_dir = None
        self._socket_dir = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> EmbeddedPostgres:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _start(self) -> None:
        user = ServerUser.choose(self.cluster)
        private_folder(self.data_dir, user)
        self._lock = self._take_lock()
        binaries = binaries_for(self.version, user)
        self._initialise(binaries, user)
        self._socket_dir = self._make_socket_dir(user)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            mark = self._launch(binaries, user)
            while self._process is not None and self._process.poll() is None:
                if self._answers():
                    return
                if time.monotonic() > deadline:
                    raise PostgresFailed(
                        f"PostgreSQL did not answer in {_START_SECONDS:.0f} s:\n{self._tail(mark)}"
                    )
                time.sleep(_POLL_SECONDS)
            tail = self._tail(mark)
            # A predecessor whose starter was killed may still be shutting down.
            still_stopping = "lock file" in tail or "pre-existing shared memory" in tail
            if not still_stopping or time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL stopped at once, its log ends:\n{tail}")
            time.sleep(0.1)

    def _take_lock(self) -> IO[str]:
        # Held for the life of the server; a new descriptor is not inherited by it.
        lock = (self.data_dir / ".lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise PostgresAlreadyRunning(
                f"another process already serves the data folder {self.data_dir}", data_dir=str(self.data_dir)
            ) from None
        return lock

    def _initialise(self, binaries: Path, user: ServerUser) -> None:
        marker = self.cluster / "PG_VERSION"
        if marker.exists():
            found = marker.read_text().strip()
            if found != str(self.version):
                raise PostgresFailed(
                    f"{self.cluster} was made by PostgreSQL {found}, this is {self.version}: dump it with {found} "
                    "and restore it into a new data folder"
                )
            return
        fresh = self.data_dir / "cluster.new"  # renamed when complete: a killed initdb leaves no half cluster
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            str(binaries / "bin" / "initdb"), "-D", str(fresh), "-U", "postgres", "-E", "UTF8",
            "--locale=C.UTF-8", "--auth=trust",
        ]  # fmt: skip
        if self._unsafe_no_fsync:
            command.append("--no-sync")
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", **user.popen_arguments()
        )
        if done.returncode != 0:
            raise PostgresFailed(f"initdb failed ({done.returncode}):\n{(done.stdout + done.stderr)[-2000:]}")
        fresh.rename(self.cluster)

    def _make_socket_dir(self, user: ServerUser) -> Path:
        run = self.data_dir / "run"
        if len(os.fsencode(run)) <= _SOCKET_PATH_LIMIT - len("/.s.PGSQL.5432"):
            private_folder(run, user)
            return run
        short = Path(tempfile.mkdtemp(prefix="fc-pg-"))
        private_folder(short, user)
        self._temporary_socket_dir = short
        return short

    def _launch(self, binaries: Path, user: ServerUser) -> int:
        arguments = [str(binaries / "bin" / "postgres"), "-D", str(self.cluster)]
        for name, value in {**self._settings, "unix_socket_directories": f'"{self.socket_dir}"'}.items():
            arguments += ["-c", f"{name}={value}"]
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_LIMIT_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        starter = os.getpid()
        with self.log_path.open("ab") as log:
            mark = log.tell()
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, we stop the server when we are done
                preexec_fn=lambda: die_with_parent(starter, signal.SIGINT),
                **user.popen_arguments(),
            )
        return mark

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            with psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
            return row is not None and Path(row[0]).resolve() == self.cluster.resolve()
        return False

    def _tail(self, mark: int) -> str:
        with self.log_path.open("rb") as log:
            log.seek(mark)
            return log.read()[-3000:].decode(errors="replace").strip()


def die_with_parent(parent: int, number: signal.Signals) -> None:
    """In a child before exec: have the kernel send the signal when the parent dies (Linux; else nothing)."""
    if sys.platform != "linux":
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


async def check_durability(connection: psycopg.AsyncConnection[Any]) -> None:
    """Refuse a database that may lose what it has acknowledged.

    Raises:
        UnsafeDatabase: ``fsync``, ``full_page_writes`` or ``synchronous_commit`` is off for this connection.
    """
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        cursor = await connection.execute("SELECT current_setting(%s)", (setting,))
        row = await cursor.fetchone()
        if row is None or row[0] == "off":
            raise UnsafeDatabase(
                f"the database has {setting} = off and could lose acknowledged data", setting=setting
            )
