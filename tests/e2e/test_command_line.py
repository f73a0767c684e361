"""The command line beside a running server: backup and restore, doctor, settings, clear errors."""

from __future__ import annotations

import subprocess

import httpx
import pytest

from tests.e2e.conftest import FORECOURT, Program

pytestmark = pytest.mark.e2e


def identities(client: httpx.Client) -> set[str]:
    response = client.get("/stations")
    assert response.status_code == 200, response.text
    return {station["identity"] for station in response.json()["items"]}


class TestBackup:
    def test_round_trip_while_serving(self, served: Program) -> None:
        file = served.folder / "backup.dump"
        served.cli("station", "add", "BEFORE")
        client = served.client()
        served.cli("backup", str(file))
        served.cli("station", "add", "AFTER")
        assert identities(client) == {"BEFORE", "AFTER"}
        refused = served.cli("restore", str(file), check=False)
        assert "restored" not in refused
        assert identities(client) == {"BEFORE", "AFTER"}, "a restore without --force changed something"
        served.cli("restore", "--force", str(file))
        served.wait_ready()
        assert identities(client) == {"BEFORE"}

    def test_what_is_no_backup_is_refused_and_changes_nothing(self, program: Program) -> None:
        program.cli("station", "add", "KEPT")
        file = program.folder / "nonsense"
        file.write_text("this is no backup")
        program.cli("restore", "--force", str(file), check=False)
        program.start()
        assert identities(program.client()) == {"KEPT"}


class TestDoctor:
    def test_it_looks_at_ports_database_clock_and_disk(self, program: Program) -> None:
        told = program.cli("doctor")
        for subject in ("HTTP port", "database", "durability", "clock", "disk", "certificates"):
            assert subject in told


class TestClearErrors:
    def test_a_second_server_in_one_folder_is_refused(self, served: Program) -> None:
        other_ports = {"FORECOURT_HTTP_PORT": "0", "FORECOURT_OCPP_PORT": "0"}
        done = subprocess.run(
            [*FORECOURT, "serve"], env=served.env | other_ports, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 1
        assert "PostgresAlreadyRunning" in done.stderr
        assert "Traceback" not in done.stderr

    def test_an_unknown_operator_is_named(self, program: Program) -> None:
        done = subprocess.run(
            [*FORECOURT, "token", "add", "X", "--operator", "nobody"],
            env=program.env,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert "nobody" in done.stderr
        assert "Traceback" not in done.stderr
