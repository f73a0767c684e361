"""Back up and restore the whole database with PostgreSQL's own tools, also while Forecourt serves."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from forecourt import migrations
from forecourt.app.database import OpenedDatabase
from forecourt.kit.database import conninfo, create_database, with_database
from forecourt.kit.errors import Conflict, ForecourtError
from forecourt.kit.postgres_files import ServerUser, binaries_for


class BackupFailed(ForecourtError):
    """pg_dump or pg_restore refused; its own words are in the message."""


class DatabaseNotEmpty(Conflict):
    """A restore would overwrite what is there."""


def _tool(name: str, url: str) -> str:
    """A client program of PostgreSQL out of the wheel, of the version that fits the server at `url`.

    pg_restore of 18 sends settings that 16 does not know, and that of 16 cannot read a dump of 18.
    """
    with psycopg.connect(conninfo(url)) as connection:
        version = 16 if connection.info.server_version < 170_000 else 18
    return str(binaries_for(version, ServerUser.choose(Path("/"))) / "bin" / name)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise BackupFailed(
            f"{Path(command[0]).name} failed ({done.returncode}): {done.stderr.strip()[-2000:]}"
        )


def back_up(opened: OpenedDatabase, file: Path) -> int:
    """Write a consistent dump (PostgreSQL custom format) and return its size in bytes.

    It is written beside and renamed, so that `file` is never half a backup.
    """
    unfinished = file.with_name(file.name + ".unfinished")
    owner = conninfo(opened.urls.owner)
    command = [_tool("pg_dump", owner), "--format=custom", "--enable-row-security", "--file", str(unfinished)]
    _run([*command, "--dbname", owner])
    unfinished.replace(file)
    return file.stat().st_size


def restore(opened: OpenedDatabase, file: Path, *, force: bool = False) -> None:
    """Replace the database by a backup, all or nothing: restored beside, then swapped by name.

    Raises:
        DatabaseNotEmpty: there are operators already, and `force` is false.
        BackupFailed: the file is no backup, or does not fit this version.
        psycopg.errors.InsufficientPrivilege: the login of an external server may not make databases.
    """
    if not file.is_file():
        raise BackupFailed(f"there is no file {file}")
    with psycopg.connect(conninfo(opened.urls.owner)) as connection:
        row = connection.execute("SELECT count(*) FROM operator").fetchone()
    if row and row[0] and not force:
        raise DatabaseNotEmpty(f"the database has {row[0]} operator(s); pass --force to replace it")
    try:
        _replace(opened, file)
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupFailed(
            f"the login may not replace the database ({error.diag.message_primary}): it needs CREATEDB and must own it"
        ) from error
    migrations.upgrade(opened.urls.owner)


def _replace(opened: OpenedDatabase, file: Path) -> None:
    name, fresh = opened.name, f"{opened.name}_restored"
    with psycopg.connect(opened.admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
        create_database(opened.admin_url, fresh)
        command = [
            _tool("pg_restore", opened.admin_url),
            "--exit-on-error",
            "--single-transaction",
            "--dbname",
        ]
        try:
            _run([*command, with_database(opened.urls.owner, fresh), str(file)])
        except BackupFailed:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(fresh)))
            raise
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(name))
        )
