"""The embedded database moves from PostgreSQL 16 to 18, or stays as it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from forecourt import migrations
from forecourt.app.database import NAME, UPGRADED, NeedsUpgrade, cluster_version, database_for_command
from forecourt.app.settings import Settings
from forecourt.app.upgrade import NotEnoughDisk, NothingToUpgrade, check_room, upgrade_cluster
from forecourt.kit.database import create_database
from forecourt.kit.postgres import EmbeddedPostgres, PostgresAlreadyRunning

ROWS = 20_000


@pytest.fixture(scope="module")
def made_by_16() -> Iterator[Path]:
    """A data folder as a version of the program on PostgreSQL 16 left it, with data in it."""
    folder = Path(tempfile.mkdtemp(prefix="fc-upgrade-"))
    folder.chmod(0o755)
    with EmbeddedPostgres(folder / "postgres", 16) as server:
        create_database(server.url("postgres", "postgres"), NAME)
        migrations.upgrade(server.url(NAME, "fc_owner"))
        with psycopg.connect(server.url(NAME, "fc_owner")) as connection:
            connection.execute(
                "INSERT INTO operator (id, slug, name, currency, time_zone, settings, revision)"
                " VALUES (gen_random_uuid(), 'old', 'Old', 'EUR', 'UTC', '{}', 1)"
            )
            connection.execute(
                "INSERT INTO outbox_event (operator_id, id, type, subject_id, at, data)"
                " SELECT (SELECT id FROM operator), gen_random_uuid(), 'x.y', gen_random_uuid(), now(),"
                " jsonb_build_object('n', n) FROM generate_series(1, %s) n",
                (ROWS,),
            )
            connection.execute("SELECT setval('transaction_no', 4711)")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings(made_by_16: Path) -> Iterator[Settings]:
    """A copy of it."""
    folder = Path(tempfile.mkdtemp(prefix="fc-upgrade-"))
    folder.chmod(0o755)
    subprocess.run(["cp", "-a", str(made_by_16 / "postgres"), str(folder)], check=True)
    yield Settings(data_dir=folder)
    shutil.rmtree(folder, ignore_errors=True)


def facts(url: str) -> tuple[object, ...]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT slug FROM operator), (SELECT count(*) FROM outbox_event),"
            " (SELECT sum((data->>'n')::int) FROM outbox_event), nextval('transaction_no'),"
            " current_setting('server_version_num')::int / 10000"
        ).fetchone()
    assert row is not None
    return row


DATA = ("old", ROWS, ROWS * (ROWS + 1) // 2, 4712)


def opened_by_the_program(settings: Settings) -> tuple[object, ...]:
    with database_for_command(settings) as opened:
        return facts(opened.urls.owner)


class TestUpgrade:
    def test_the_same_data_on_18_and_the_old_cluster_is_kept(self, settings: Settings) -> None:
        with pytest.raises(NeedsUpgrade, match="forecourt upgrade"), database_for_command(settings):
            pass
        kept = upgrade_cluster(settings)
        assert opened_by_the_program(settings) == (*DATA, 18)
        assert (kept / "PG_VERSION").read_text().strip() == "16"
        left = {path.name for path in (settings.data_dir / "postgres").iterdir() if path.is_dir()}
        assert left <= {"cluster", "cluster.16", "run"}
        with pytest.raises(NothingToUpgrade):
            upgrade_cluster(settings)

    def test_it_is_refused_while_somebody_serves_the_folder(self, settings: Settings) -> None:
        with EmbeddedPostgres(settings.data_dir / "postgres", 16), pytest.raises(PostgresAlreadyRunning):
            upgrade_cluster(settings)
        assert cluster_version(settings.data_dir / "postgres") == 16

    def test_killed_half_way_it_leaves_the_old_cluster_and_can_be_run_again(self, settings: Settings) -> None:
        folder = settings.data_dir / "postgres"
        process = subprocess.Popen(
            [sys.executable, "-m", "forecourt", "upgrade"],
            env=os.environ | {"FORECOURT_DATA_DIR": str(settings.data_dir)},
        )
        deadline = time.monotonic() + 60
        while not list(folder.glob("upgrade-*/cluster/postmaster.pid")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        with EmbeddedPostgres(folder, 16) as old:
            assert facts(old.url(NAME, "fc_owner")) == (*DATA, 16)
        upgrade_cluster(settings)
        slug, count, total, _, version = opened_by_the_program(settings)
        assert (slug, count, total, version) == (*DATA[:3], 18)
        assert not list(folder.glob("upgrade-*"))

    def test_cut_between_its_last_two_steps_it_is_finished_by_the_next_start(
        self, settings: Settings
    ) -> None:
        upgrade_cluster(settings)
        folder = settings.data_dir / "postgres"
        (folder / "cluster").rename(folder / UPGRADED)
        assert opened_by_the_program(settings) == (*DATA, 18)

    def test_without_room_for_a_second_cluster_it_says_so(self, settings: Settings) -> None:
        cluster = settings.data_dir / "postgres" / "cluster"
        check_room(cluster, 10_000_000_000)
        with pytest.raises(NotEnoughDisk, match="MB are free"):
            check_room(cluster, 400_000_000)
