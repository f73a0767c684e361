"""A PostgreSQL of the operator's own: prepared at first use by a login that is no superuser, backed up, restored."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from forecourt.app.backup import BackupFailed, back_up, restore
from forecourt.app.database import NoDatabase, database_for_command
from forecourt.app.runtime import Runtime
from forecourt.app.settings import Settings
from forecourt.kit.postgres import EmbeddedPostgres, UnsafeDatabase
from forecourt.kit.prepare_database import DatabaseNotPrepared

LOGIN = "grid_company"


@pytest.fixture(scope="module", params=[16, 18])
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """A server that has never seen Forecourt: no roles, one empty database of the login's own."""
    folder = Path(tempfile.mkdtemp(prefix="fc-external-"))
    folder.chmod(0o755)
    running = EmbeddedPostgres(folder / "postgres", request.param)
    running.start()
    with psycopg.connect(running.url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {LOGIN} LOGIN CREATEROLE CREATEDB NOSUPERUSER")
        admin.execute("CREATE ROLE guest LOGIN")
        admin.execute(f"CREATE DATABASE network OWNER {LOGIN}")
        admin.execute("CREATE DATABASE guests")
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def settings_of(server: EmbeddedPostgres, database: str, login: str) -> Settings:
    return Settings(database_url=server.url(database, login))


def names(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT slug FROM operator ORDER BY slug")]


def add_operator(url: str, slug: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO operator (id, slug, name, currency, time_zone, settings, revision)"
            " VALUES (gen_random_uuid(), %s, 'x', 'EUR', 'UTC', '{}', 1)",
            (slug,),
        )


class TestExternalDatabase:
    def test_a_login_without_rights_is_told_what_is_missing(self, server: EmbeddedPostgres) -> None:
        with (
            pytest.raises(DatabaseNotPrepared, match="CREATEROLE"),
            database_for_command(settings_of(server, "guests", "guest")),
        ):
            pass

    def test_one_that_cannot_be_reached_is_one_line(self) -> None:
        for url in ("postgresql://nobody@127.0.0.1:1/x", "nonsense"):
            with pytest.raises(NoDatabase) as refused, database_for_command(Settings(database_url=url)):
                pass
            assert "\n" not in refused.value.message

    def test_backup_and_restore_under_its_own_name(self, server: EmbeddedPostgres, tmp_path: Path) -> None:
        settings = settings_of(server, "network", LOGIN)
        file = tmp_path / "backup"
        with database_for_command(settings) as opened:
            add_operator(opened.urls.owner, "before")
            back_up(opened, file)
            add_operator(opened.urls.owner, "later")
            restore(opened, file, force=True)
            assert names(opened.urls.owner) == ["before"]
        with database_for_command(settings) as again:
            assert names(again.urls.owner) == ["before"]
            nonsense = tmp_path / "nonsense"
            nonsense.write_text("no backup")
            with pytest.raises(BackupFailed):
                restore(again, nonsense, force=True)
            assert names(again.urls.owner) == ["before"]
        with psycopg.connect(server.url("postgres", "postgres")) as admin:
            left = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'network%'").fetchall()
        assert left == [("network",)]


class TestDurability:
    @pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
    async def test_a_server_that_may_forget_is_refused(self, server: EmbeddedPostgres, setting: str) -> None:
        settings = settings_of(server, "network", LOGIN).model_copy(
            update={"http_port": 0, "ocpp_port": 0, "ocpp_host": "127.0.0.1", "pepper": "x"}
        )
        with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as admin:
            admin.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            admin.execute("SELECT pg_reload_conf()")
            try:
                with database_for_command(settings) as opened, pytest.raises(UnsafeDatabase, match=setting):
                    await Runtime(settings, opened.urls).start()
            finally:
                admin.execute(f"ALTER SYSTEM RESET {setting}".encode())
                admin.execute("SELECT pg_reload_conf()")
