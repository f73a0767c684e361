"""The database of this installation: start the embedded server or reach an external one, and migrate it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import make_url

from forecourt import migrations
from forecourt.app.settings import Settings
from forecourt.kit.database import DatabaseUrls, create_database, with_database
from forecourt.kit.errors import Unavailable
from forecourt.kit.postgres import EmbeddedPostgres, PostgresAlreadyRunning, Version
from forecourt.kit.prepare_database import prepare_database

NAME = "forecourt"
"""Of the embedded database."""
CURRENT: Version = 18
"""The major version of PostgreSQL that the embedded database runs on."""
UPGRADED = "cluster.upgraded"
"""Where `forecourt upgrade` keeps a complete new cluster for the moment before it takes its place."""


class NoDatabase(Unavailable):
    """There is no database to work with; the message says what to do."""


class NeedsUpgrade(Unavailable):
    """The embedded cluster is of another major version."""


@dataclass
class OpenedDatabase:
    """How to reach the database, and the embedded server if this process runs it."""

    urls: DatabaseUrls
    admin_url: str
    """Of the database `postgres`, for a login that may make databases."""
    embedded: EmbeddedPostgres | None

    @property
    def name(self) -> str:
        """Of the database."""
        return make_url(self.urls.owner).database or NAME

    def close(self) -> None:
        if self.embedded is not None:
            self.embedded.stop()


def embedded_folder(settings: Settings) -> Path:
    return settings.data_dir / "postgres"


def open_database(settings: Settings, *, join: bool = False, migrate: bool = True) -> OpenedDatabase:
    """Start or reach the database, make what is missing of it and bring it to the current revision.

    Args:
        settings: `database_url` decides between external and embedded.
        join: a command that works beside a running server: use the embedded server that is already up.
        migrate: bring the schema up to date.

    Raises:
        PostgresAlreadyRunning: another process serves the data folder, and `join` is false.
        NoDatabase: the external server cannot be reached.
        DatabaseNotPrepared: its login may not make what is missing of the roles and grants.
        NeedsUpgrade: the embedded cluster was made by an older PostgreSQL.
    """
    if settings.database_url:
        return _open_external(settings.database_url, migrate=migrate)
    folder = embedded_folder(settings)
    finish_upgrade(folder)
    found = cluster_version(folder)
    if found not in (None, CURRENT):
        raise NeedsUpgrade(
            f"the database in {folder} is of PostgreSQL {found}: run `forecourt upgrade` first"
        )
    embedded: EmbeddedPostgres | None = EmbeddedPostgres(folder, CURRENT)
    assert embedded is not None
    try:
        embedded.start()
        socket_dir = embedded.socket_dir
    except PostgresAlreadyRunning:
        if not join:
            raise
        socket_dir = _running_socket_dir(embedded)
        embedded = None

    def url(database: str, role: str) -> str:
        return f"postgresql://{quote(role)}@/{quote(database)}?host={quote(str(socket_dir), safe='')}"

    opened = OpenedDatabase(
        urls=DatabaseUrls.by_role(url, NAME),
        admin_url=url("postgres", "postgres"),
        embedded=embedded,
    )
    try:
        create_database(opened.admin_url, NAME)
        if migrate:
            migrations.upgrade(opened.urls.owner)
    except BaseException:
        opened.close()
        raise
    return opened


def _open_external(url: str, *, migrate: bool) -> OpenedDatabase:
    try:
        prepare_database(url)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise NoDatabase(f"the database of FORECOURT_DATABASE_URL cannot be reached: {reason}") from error
    except psycopg.ProgrammingError as error:
        reason = " ".join(str(error).split())
        raise NoDatabase(f"FORECOURT_DATABASE_URL is no PostgreSQL URL: {reason}") from error
    urls = DatabaseUrls.from_login(url)
    if migrate:
        migrations.upgrade(urls.owner)
    return OpenedDatabase(urls=urls, admin_url=with_database(url, "postgres"), embedded=None)


def cluster_version(folder: Path) -> int | None:
    """The major version of PostgreSQL that made the embedded cluster; None if there is none yet."""
    marker = folder / "cluster" / "PG_VERSION"
    return int(marker.read_text()) if marker.exists() else None


def finish_upgrade(folder: Path) -> None:
    """Put an upgraded cluster in its place, if an upgrade was cut off between its last two steps."""
    if not (folder / "cluster").exists() and (folder / UPGRADED).exists():
        (folder / UPGRADED).rename(folder / "cluster")


def _running_socket_dir(server: EmbeddedPostgres) -> Path:
    """The socket folder of a server that another process runs: the fifth line of its pid file."""
    try:
        return Path((server.cluster / "postmaster.pid").read_text().splitlines()[4])
    except (OSError, IndexError) as error:
        raise NoDatabase(f"the server in {server.data_dir} is starting or stopping; try again") from error


@contextmanager
def database_for_command(settings: Settings) -> Iterator[OpenedDatabase]:
    """For a command of the CLI: join a running server, or run one for as long as the command takes."""
    opened = open_database(settings, join=True)
    try:
        yield opened
    finally:
        opened.close()
