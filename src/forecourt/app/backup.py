"""Back up and restore the whole database with PostgreSQL's own tools, also while Forecourt serves."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from forecourt import migrations
from forecourt.app.database import NAME, OpenedDatabase
from forecourt.kit.database import conninfo, create_database
from forecourt.kit.errors import Conflict, ForecourtError
from forecourt.kit.postgres_files import ServerUser, binaries_for


class BackupFailed(ForecourtError):
    """pg_dump or pg_restore refused; its own words are in the message."""


class DatabaseNotEmpty(Conflict):
    """A restore would overwrite what is there."""


def _tool(name: str) -> str:
    """A client program of PostgreSQL 18 out of the wheel; it also serves 16."""
    return str(binaries_for(18, ServerUser.choose(Path("/"))) / "bin" / name)


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
    command = [_tool("pg_dump"), "--format=custom", "--enable-row-security", "--file", str(unfinished)]
    _run([*command, "--dbname", conninfo(opened.urls.owner)])
    unfinished.replace(file)
    return file.stat().st_size


def restore(opened: OpenedDatabase, file: Path, *, force: bool = False) -> None:
    """Replace the database by a backup, all or nothing: restored beside, then swapped by name.

    Raises:
        DatabaseNotEmpty: there are operators already, and `force` is false.
        BackupFailed: the file is no backup, or does not fit this version.
    """
    if not file.is_file():
        raise BackupFailed(f"there is no file {file}")
    with psycopg.connect(conninfo(opened.urls.owner)) as connection:
        row = connection.execute("SELECT count(*) FROM operator").fetchone()
    if row and row[0] and not force:
        raise DatabaseNotEmpty(f"the database has {row[0]} operator(s); pass --force to replace it")
    fresh = f"{NAME}_restored"
    with psycopg.connect(opened.admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
        create_database(opened.admin_url, fresh)
        target = conninfo(opened.urls.owner).replace(f"/{NAME}?", f"/{fresh}?")
        _run([_tool("pg_restore"), "--exit-on-error", "--single-transaction", "--dbname", target, str(file)])
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (NAME,))
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(NAME))
        )
    migrations.upgrade(opened.urls.owner)
