"""Alembic's frame: configured in code, blind to partitions and to the job queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import MetaData

import forecourt
from forecourt import migrations
from forecourt.kit.database import DatabaseUrls, create_database
from forecourt.kit.ids import new_id
from forecourt.migrations import include_name, model_modules


class TestIncludeName:
    @pytest.mark.parametrize(
        ("name", "kind", "included"),
        [
            ("shelf", "table", True), ("sample_p20260615", "table", False), ("sample_default", "table", False),
            ("procrastinate_jobs", "table", False), ("sample_p2026", "table", True), ("jobs", "schema", False),
            (None, "schema", True), ("ix_shelf_name", "index", True),
        ],
    )  # fmt: skip
    def test_leaves_partitions_and_jobs_alone(self, name: str | None, kind: str, included: bool) -> None:
        assert include_name(name, kind, {}) is included


class TestModelModules:
    def test_finds_files_and_packages(self, tmp_path: Path) -> None:
        for path in ("a/models.py", "b/models/__init__.py", "b/models/x.py", "c/other.py"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()
        assert model_modules([str(tmp_path)]) == ["forecourt.a.models", "forecourt.b.models"]


class TestUpgrade:
    @pytest.fixture
    def urls(self, cluster: Any) -> DatabaseUrls:
        name = f"fc_{new_id().hex}"
        create_database(cluster.url("postgres", "postgres"), name)
        urls: DatabaseUrls = cluster.urls(name)
        return urls

    def test_reaches_the_head_twice_and_the_models_agree(
        self, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """With a revision of the test's own, in a copy of the frame."""
        source = Path(migrations.__file__).parent
        for name in ("env.py", "script.py.mako"):
            (tmp_path / name).write_text((source / name).read_text())
        (tmp_path / "versions").mkdir()
        monkeypatch.setattr(migrations, "__file__", str(tmp_path / "__init__.py"))

        from .models import KitBase

        monkeypatch.setattr(migrations, "load_metadata", lambda: KitBase.metadata)
        made = command.revision(
            migrations.config(urls.owner), "tables of the test", autogenerate=True, rev_id="0001"
        )
        text = Path(made.path).read_text()  # type: ignore[union-attr]
        assert "postgresql_partition_by='RANGE (at)'" in text
        Path(made.path).write_text(  # type: ignore[union-attr]
            text.replace("# ### end Alembic commands ###", """
    from forecourt.kit.jobs import install_jobs_schema
    install_jobs_schema(op.get_bind().connection.driver_connection)
    op.execute("CREATE TABLE sample_p20260615 PARTITION OF sample FOR VALUES FROM ('2026-06-15') TO ('2026-06-16')")
    op.execute("CREATE TABLE sample_default PARTITION OF sample DEFAULT")
""", 1)
        )  # fmt: skip
        for _ in range(2):
            migrations.upgrade(urls.owner)
        migrations.check(urls.owner)
        with psycopg.connect(urls.system) as connection:
            assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)

    def test_the_metadata_knows_the_outbox(self) -> None:
        try:
            metadata = migrations.load_metadata()
        except ImportError as error:  # a package half-way through a change says so in its own tests
            pytest.skip(str(error))
        assert isinstance(metadata, MetaData)
        assert "outbox_event" in metadata.tables
        assert list(forecourt.__path__)
