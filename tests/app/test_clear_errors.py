"""What is typed wrongly is answered by one clear line and a code that is not zero."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecourt.app.cli import main
from forecourt.app.ports import PortUnusable, check_ports
from forecourt.app.settings import Settings
from forecourt.kit.database import create_database
from tests.conftest import Cluster

NAME = f"clear_errors_{os.getpid()}"
"""Of the database: each worker of a parallel run has its own."""


@pytest.fixture(scope="module")
def database_url(cluster: Cluster) -> Iterator[str]:
    cluster.drop(NAME)
    create_database(cluster.url("postgres", "postgres"), NAME)
    yield cluster.url(NAME, "postgres")
    cluster.drop(NAME)


class Command:
    """The command line in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output, errors."""
        self._monkeypatch.setattr(sys, "argv", ["forecourt", *arguments])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        told = self._capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err


@pytest.fixture
def forecourt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, tmp_path: Path
) -> Command:
    monkeypatch.setenv("FORECOURT_DATABASE_URL", database_url)
    monkeypatch.setenv("FORECOURT_DATA_DIR", str(tmp_path / "data"))
    return Command(monkeypatch, capsys)


class TestClearErrors:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("init", "--operator", "Bad Slug!"), "SlugInvalid"),
            (("init", "--operator", "x1", "--currency", "euros"), "UnknownCurrency"),
            (("init", "--operator", "x1", "--time-zone", "Nowhere/Land"), "UnknownTimeZone"),
            (("init", "--operator", "x1", "--name", ""), "name"),
            (("user", "create", "nonsense", "--role", "owner"), "email"),
            (("user", "create", "a@b.example", "--role", "owner", "--password", "short"), "PasswordTooWeak"),
            (("apikey", "create", "--name", ""), "name"),
            (("apikey", "create", "--name", "k", "--operator", "nobody"), "nobody"),
            (("station", "add", ""), "identity"),
            (("station", "add", "A", "--location", "Nowhere"), "LocationNotFound"),
            (("token", "add", " "), "value"),
            (("token", "add", "x" * 400), "value"),
            (("backup", "/nowhere/at/all"), "/nowhere/at/all"),
            (("restore", "/nowhere/at/all"), "/nowhere/at/all"),
            (("demo", "--data-dir", __file__), "NotADemoFolder"),
        ],
    )
    def test_wrong_values_are_one_line(
        self, forecourt: Command, arguments: tuple[str, ...], told: str
    ) -> None:
        forecourt("init")
        code, out, errors = forecourt(*arguments)
        assert (code, out) == (1, "")
        assert told in errors
        assert errors.count("\n") == 1

    def test_a_folder_that_cannot_be_is_one_line(
        self, forecourt: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("FORECOURT_DATABASE_URL")
        code, _, errors = forecourt("migrate", "--data-dir", "/proc/forecourt")
        assert code == 1
        assert errors.count("\n") == 1

    def test_a_setting_that_cannot_be_is_named(
        self, forecourt: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORECOURT_HTTP_PORT", "99999")
        code, _, errors = forecourt("settings")
        assert code == 2
        assert "FORECOURT_HTTP_PORT" in errors

    def test_init_says_whether_it_has_changed_anything(self, forecourt: Command) -> None:
        assert "is made" in forecourt("init", "--operator", "acme")[1]
        again = forecourt("init", "--operator", "acme")[1]
        assert "there already" in again
        assert "--operator acme" in again

    def test_a_name_is_not_markup(self, forecourt: Command) -> None:
        forecourt("init")
        assert "Token [red]1 may charge." in forecourt("token", "add", "[red]1")[1]


class TestPorts:
    def test_taken_doubled_and_strange_ones_are_refused_with_their_flag(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(PortUnusable, match=f"127.0.0.1:{port}.*--http-port"):
                check_ports(Settings(data_dir=tmp_path, http_port=port, ocpp_port=0))
        with pytest.raises(PortUnusable, match="--http-port and --ocpp-port"):
            check_ports(Settings(data_dir=tmp_path, http_port=port, ocpp_port=port))
        with pytest.raises(PortUnusable, match=r"999\.1\.1\.1"):
            check_ports(Settings(data_dir=tmp_path, host="999.1.1.1", http_port=0, ocpp_port=0))
        check_ports(Settings(data_dir=tmp_path, http_port=0, ocpp_port=0))
