"""`forecourt upgrade`: carry the embedded database to the current major version of PostgreSQL.

A new cluster is made beside the old one and filled from it; only when it is complete the two change places. Until
then nothing of the old one is touched, afterwards it is kept as `cluster.<version>`: it can be deleted by hand
once the new one has proved itself.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import cast

from forecourt import migrations
from forecourt.app.backup import BackupFailed
from forecourt.app.database import CURRENT, NAME, UPGRADED, cluster_version, embedded_folder, finish_upgrade
from forecourt.app.settings import Settings
from forecourt.kit.database import create_database
from forecourt.kit.errors import Invalid, Unavailable
from forecourt.kit.postgres import EmbeddedPostgres, Version
from forecourt.kit.postgres_files import ServerUser, binaries_for
from forecourt.kit.tenancy import OWNER_ROLE

_UNFINISHED = "upgrade-"
_SPARE_BYTES = 500_000_000  # an empty cluster with its write-ahead log


class NothingToUpgrade(Invalid):
    """There is no embedded cluster, or it is of the current version already."""


class NotEnoughDisk(Unavailable):
    """The new cluster would not fit beside the old one."""


def upgrade_cluster(settings: Settings) -> Path:
    """Upgrade and return the folder of the old cluster, kept.

    Raises:
        NothingToUpgrade: no cluster, or a current one.
        NotEnoughDisk: there is no room for a second cluster.
        PostgresAlreadyRunning: stop Forecourt first.
        BackupFailed: the data could not be copied; the old cluster is as it was.
    """
    folder = embedded_folder(settings)
    finish_upgrade(folder)
    found = cluster_version(folder)
    if settings.database_url or found in (None, CURRENT):
        raise NothingToUpgrade(
            f"the embedded database in {folder} is {found or 'not there'}: nothing to upgrade"
        )
    with EmbeddedPostgres(folder, cast(Version, found)) as old:
        for leftover in (*folder.glob(f"{_UNFINISHED}*"), folder / UPGRADED):
            shutil.rmtree(leftover, ignore_errors=True)
        check_room(folder / "cluster", shutil.disk_usage(folder).free)
        beside = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        try:
            _fill(old, beside)
            (beside / "cluster").rename(folder / UPGRADED)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    kept = folder / f"cluster.{found}"
    (folder / "cluster").rename(kept)
    finish_upgrade(folder)
    return kept


def check_room(cluster: Path, free_bytes: int) -> None:
    """Whether a copy of the cluster's data fits into so many bytes.

    Raises:
        NotEnoughDisk: it does not.
    """
    data = sum(file.stat().st_size for file in (cluster / "base").rglob("*") if file.is_file())
    needed = data + _SPARE_BYTES
    if free_bytes < needed:
        raise NotEnoughDisk(
            f"the upgrade needs about {needed / 1e6:.0f} MB beside {cluster}, and {free_bytes / 1e6:.0f} MB are free"
        )


def _fill(old: EmbeddedPostgres, folder: Path) -> None:
    """Make a cluster of the current version in `folder` with all that is in `old`, and stop it in good order."""
    programs = binaries_for(CURRENT, ServerUser.choose(old.cluster)) / "bin"
    with EmbeddedPostgres(folder, CURRENT) as new:
        create_database(new.url("postgres", "postgres"), NAME)
        _pipe(
            [programs / "pg_dump", "--format=custom", "--enable-row-security", "--dbname", old.url(NAME, OWNER_ROLE)],
            [programs / "pg_restore", "--exit-on-error", "--single-transaction", "--dbname", new.url(NAME, OWNER_ROLE)],
        )  # fmt: skip
        migrations.upgrade(new.url(NAME, OWNER_ROLE))


def _pipe(source: list[str | Path], sink: list[str | Path]) -> None:
    """Run `source | sink`; what either says on failure is in the error."""
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(source, stdout=subprocess.PIPE, stderr=said) as dump,
        subprocess.Popen(sink, stdin=dump.stdout, stdout=said, stderr=said) as load,
    ):
        assert dump.stdout is not None
        dump.stdout.close()  # so that the dump hears of it when the other ends early
        codes = (dump.wait(), load.wait())
        if any(codes):
            said.seek(0)
            raise BackupFailed(
                f"the data could not be copied: {said.read().decode(errors='replace')[-2000:]}"
            )
