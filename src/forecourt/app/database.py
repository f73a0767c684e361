"""The database of this installation: start the embedded server or reach an external one, and migrate it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from forecourt import migrations
from forecourt.app.settings import Settings
from forecourt.kit.database import DatabaseUrls, create_database
from forecourt.kit.errors import Unavailable
from forecourt.kit.postgres import EmbeddedPostgres, PostgresAlreadyRunning
from forecourt.kit.tenancy import OWNER_ROLE, ROLES

NAME = "forecourt"


class NoDatabase(Unavailable):
    """There is no database to work with; the message says what to do."""


@dataclass
class OpenedDatabase:
    """URLs by role, the superuser's URL, and the embedded server if this process runs it."""

    urls: DatabaseUrls
    admin_url: str
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
    """
    embedded: EmbeddedPostgres | None = None
    if settings.database_url:
        admin_url = settings.database_url
        try:
            with psycopg.connect(admin_url, connect_timeout=10):
                pass
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
            raise NoDatabase(f"the database of FORECOURT_DATABASE_URL cannot be reached: {reason}") from error
        except psycopg.ProgrammingError as error:
            reason = " ".join(str(error).split())
            raise NoDatabase(f"FORECOURT_DATABASE_URL is no PostgreSQL URL: {reason}") from error
        _prepare_external(admin_url)
        urls = DatabaseUrls.from_login(admin_url)
    else:
        embedded = EmbeddedPostgres(embedded_folder(settings))
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

        admin_url = url("postgres", "postgres")
        urls = DatabaseUrls.by_role(url, NAME)
    try:
        if not settings.database_url:
            create_database(admin_url, NAME)
        if migrate:
            migrations.upgrade(urls.owner)
    except BaseException:
        if embedded is not None:
            embedded.stop()
        raise
    return OpenedDatabase(urls=urls, admin_url=admin_url, embedded=embedded)


_READY = """
    SELECT (SELECT count(*) FROM pg_roles WHERE rolname = ANY(%(roles)s) AND pg_has_role(oid, 'MEMBER')) = 3
        AND coalesce((SELECT has_schema_privilege(oid, 'public', 'CREATE') AND has_database_privilege(oid,
            current_database(), 'CREATE') FROM pg_roles WHERE rolname = %(owner)s), false)
        AND 'jobs' = ANY(string_to_array(replace(current_setting('search_path'), ' ', ''), ','))
        AND current_setting('TimeZone') = 'UTC'
"""


def _prepare_external(url: str) -> None:
    """Make the three roles of an external database and let them in, unless that has been done.

    Raises:
        NoDatabase: the login may not; the message says what its administrator must do.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(_READY, {"roles": list(ROLES), "owner": OWNER_ROLE}).fetchone()
        if row is not None and row[0]:
            return
        name = connection.info.dbname
        try:
            create_database(url, name)
            owner = sql.Identifier(OWNER_ROLE)
            for statement in (
                "GRANT CREATE ON DATABASE {name} TO {owner}",
                "GRANT ALL ON SCHEMA public TO {owner}",
            ):
                connection.execute(sql.SQL(statement).format(name=sql.Identifier(name), owner=owner))
        except psycopg.errors.InsufficientPrivilege as error:
            raise NoDatabase(
                f"the login of FORECOURT_DATABASE_URL may not prepare the database ({error.diag.message_primary}):"
                " let it own the database and give it CREATEROLE, or run `forecourt init` once as a superuser"
            ) from error


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
