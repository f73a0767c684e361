"""An existing database of an external server, made ready: roles, what they may do, and the sessions' settings."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from forecourt.kit.database import conninfo, setting_statements
from forecourt.kit.errors import Unavailable
from forecourt.kit.tenancy import APP_ROLE, OWNER_ROLE, ROLE_ATTRIBUTES, ROLES, SYSTEM_ROLE

OLDEST_VERSION = 16
"""Of PostgreSQL."""


class DatabaseTooOld(Unavailable):
    """The server is older than PostgreSQL 16."""


class DatabaseNotPrepared(Unavailable):
    """Something is missing that the login may not make; the message says which statements to run."""


def prepare_database(login_url: str) -> None:
    """Make an existing database ready for migrations: roles, membership, grants, settings. Does nothing if it is.

    Args:
        login_url: libpq URI of the login that the program uses, to the database.

    Raises:
        DatabaseTooOld: it is not supported.
        DatabaseNotPrepared: the login may not do what is missing.
    """
    with psycopg.connect(conninfo(login_url), autocommit=True, connect_timeout=10) as connection:
        if connection.info.server_version < OLDEST_VERSION * 10_000:
            raise DatabaseTooOld(
                f"PostgreSQL {OLDEST_VERSION} or later is needed, this is {connection.info.server_version // 10_000}"
            )
        todo = list(_missing(connection))
        for statement in todo:
            try:
                connection.execute(statement)
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                continue  # another process was quicker
            except psycopg.errors.InsufficientPrivilege as error:
                by_hand = "; ".join(part.as_string(connection) for part in todo)
                raise DatabaseNotPrepared(
                    f"the login {connection.info.user!r} may not prepare the database"
                    f" ({error.diag.message_primary}): let it own the database and give it CREATEROLE, or have"
                    f" these run once by somebody who may: {by_hand}"
                ) from error


def _missing(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[sql.SQL | sql.Composed]:
    """The statements whose effect is not there yet."""
    login, name = sql.Identifier(connection.info.user), connection.info.dbname
    database = sql.Identifier(name)

    def holds(question: str, *parameters: object) -> bool:
        row = connection.execute(question.encode(), parameters).fetchone()
        return bool(row and row[0])

    there = {role for role in ROLES if holds("SELECT count(*) FROM pg_roles WHERE rolname = %s", role)}
    for role in ROLES:
        if role not in there:
            yield sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), sql.SQL(ROLE_ATTRIBUTES))

    def may(role: str, question: str, *parameters: object) -> bool:
        return role in there and holds(question, role, *parameters)

    for role in ROLES:
        if not (may(role, "SELECT pg_has_role(%s, 'SET')") and may(role, "SELECT pg_has_role(%s, 'USAGE')")):
            yield sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), login)
    for role, privilege in ((OWNER_ROLE, "CREATE"), (APP_ROLE, "TEMPORARY"), (SYSTEM_ROLE, "TEMPORARY")):
        if not may(role, "SELECT has_database_privilege(%s, %s, %s)", name, privilege):
            yield sql.SQL("GRANT CONNECT, {} ON DATABASE {} TO {}").format(
                sql.SQL(privilege),
                database,
                sql.Identifier(role),
            )
    if not may(OWNER_ROLE, "SELECT has_schema_privilege(%s, 'public', 'CREATE')"):
        yield sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(sql.Identifier(OWNER_ROLE))
    if not holds(
        "SELECT current_setting('search_path') = 'public, jobs' AND current_setting('timezone') = 'UTC'"
    ):
        yield from setting_statements(name)
