"""What a process needs that works beside others."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from forecourt.app.cli import app
from forecourt.app.serve import SharedServicesMissing
from forecourt.app.settings import Settings

URLS = {
    "FORECOURT_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "FORECOURT_NATS_URL": "nats://127.0.0.1:1",
}


@pytest.mark.parametrize("part", ["gateway", "api", "worker"])
class TestMissing:
    def _refusal(self, part: str, folder: Path, *without: str) -> str:
        env: dict[str, str | None] = {**URLS, **dict.fromkeys(without), "FORECOURT_DATA_DIR": str(folder)}
        result = CliRunner().invoke(app, [part], env=env)
        assert isinstance(result.exception, SharedServicesMissing)
        assert not any(folder.iterdir())
        return result.exception.message

    def test_the_database_and_the_bus_are_asked_for(self, part: str, tmp_path: Path) -> None:
        told = self._refusal(part, tmp_path, *URLS)
        assert all(name in told for name in (part, *URLS))

    def test_only_what_is_missing(self, part: str, tmp_path: Path) -> None:
        told = self._refusal(part, tmp_path, "FORECOURT_NATS_URL")
        assert "FORECOURT_NATS_URL" in told
        assert "FORECOURT_DATABASE_URL" not in told

    def test_no_pepper_is_made_up_that_others_do_not_have(self, part: str, tmp_path: Path) -> None:
        assert "FORECOURT_PEPPER" in self._refusal(part, tmp_path)


class TestNodeName:
    def test_two_on_one_host_differ(self) -> None:
        assert Settings(ocpp_port=9000).node_name != Settings(ocpp_port=9001).node_name
        assert Settings(node="east-1").node_name == "east-1"
