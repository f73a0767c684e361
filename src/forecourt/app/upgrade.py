"""`forecourt upgrade`: carry the embedded database to the current major version of PostgreSQL.

The old cluster is dumped by its own server, kept beside as `cluster.<version>`, and a new one is filled from
the dump. Nothing of the old cluster is removed: it can be deleted by hand once the new one has proved itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from forecourt.app.backup import back_up, restore
from forecourt.app.database import NAME, OpenedDatabase, embedded_folder, open_database
from forecourt.app.settings import Settings
from forecourt.kit.database import DatabaseUrls
from forecourt.kit.errors import Invalid
from forecourt.kit.postgres import EmbeddedPostgres, Version

CURRENT: Version = 18


class NothingToUpgrade(Invalid):
    """There is no embedded cluster, or it is of the current version already."""


def upgrade_cluster(settings: Settings) -> Path:
    """Upgrade and return the folder of the old cluster, kept.

    Raises:
        NothingToUpgrade: no cluster, or a current one.
        PostgresAlreadyRunning: stop Forecourt first.
    """
    folder = embedded_folder(settings)
    marker = folder / "cluster" / "PG_VERSION"
    found = marker.read_text().strip() if marker.exists() else ""
    if settings.database_url or not found or found == str(CURRENT):
        raise NothingToUpgrade(
            f"the embedded database in {folder} is {found or 'not there'}: nothing to upgrade"
        )
    dump = settings.data_dir / f"upgrade-from-{found}.dump"
    with EmbeddedPostgres(folder, cast(Version, int(found))) as old:
        urls = DatabaseUrls.by_role(old.url, NAME)
        back_up(OpenedDatabase(urls=urls, admin_url=old.url("postgres", "postgres"), embedded=old), dump)
    kept = folder / f"cluster.{found}"
    (folder / "cluster").rename(kept)
    try:
        opened = open_database(settings)
        try:
            restore(opened, dump)
        finally:
            opened.close()
    except BaseException:
        new = folder / "cluster"
        if new.exists():
            new.rename(folder / f"cluster.{CURRENT}.failed")
        kept.rename(new)
        raise
    return kept
