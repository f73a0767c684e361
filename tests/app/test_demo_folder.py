"""`--fresh` removes what the demo has made, and nothing else."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from forecourt.app.demo import NotADemoFolder, _prepare_folder
from forecourt.kit.postgres import PostgresAlreadyRunning


class TestPrepareFolder:
    @pytest.mark.parametrize("fresh", [False, True])
    def test_a_folder_with_something_else_in_it_is_refused_and_kept(
        self, tmp_path: Path, fresh: bool
    ) -> None:
        (tmp_path / "thesis.txt").write_text("years of work")
        with pytest.raises(NotADemoFolder):
            _prepare_folder(tmp_path, fresh=fresh)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]

    def test_fresh_empties_what_the_demo_made(self, tmp_path: Path) -> None:
        folder = tmp_path / "demo"
        _prepare_folder(folder, fresh=False)
        (folder / "old").touch()
        _prepare_folder(folder, fresh=False)
        assert (folder / "old").exists()
        _prepare_folder(folder, fresh=True)
        assert not (folder / "old").exists()

    def test_fresh_spares_a_folder_that_is_being_served(self, tmp_path: Path) -> None:
        folder = tmp_path / "demo"
        _prepare_folder(folder, fresh=False)
        (folder / "postgres").mkdir()
        with (folder / "postgres" / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(PostgresAlreadyRunning):
                _prepare_folder(folder, fresh=True)
        assert (folder / "postgres").exists()
