"""The generated modules are what the generator writes, and complete."""

import subprocess
import sys
from pathlib import Path

import pytest

from forecourt.ocpp import ACTIONS, MONEY_ACTIONS, ErrorCode, Version, refusal

GENERATOR = Path(__file__).parents[2] / "tools" / "generate_ocpp.py"


class TestGenerator:
    def test_the_committed_modules_are_up_to_date(self) -> None:
        done = subprocess.run([sys.executable, str(GENERATOR), "--check"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr + "run: python tools/generate_ocpp.py"


class TestActions:
    @pytest.mark.parametrize(("version", "count"), [(Version.V16, 39), (Version.V201, 64), (Version.V21, 91)])
    def test_every_version_has_all_its_actions(self, version: Version, count: int) -> None:
        assert len(ACTIONS[version]) == count

    @pytest.mark.parametrize(("version", "count"), [(Version.V16, 14), (Version.V201, 25), (Version.V21, 37)])
    def test_the_station_may_send_its_share(self, version: Version, count: int) -> None:
        assert sum(kind.from_station for kind in ACTIONS[version].values()) == count

    def test_only_data_transfer_goes_both_ways(self) -> None:
        both = {
            a
            for table in ACTIONS.values()
            for a, kind in table.items()
            if kind.from_station and kind.from_csms
        }
        assert both == {"DataTransfer"}

    def test_only_the_event_stream_is_a_send(self) -> None:
        sends = {(v, a) for v, table in ACTIONS.items() for a, kind in table.items() if kind.is_send}
        assert sends == {(Version.V21, "NotifyPeriodicEventStream")}

    def test_no_action_of_201_is_missing_in_21(self) -> None:
        assert ACTIONS[Version.V201].keys() < ACTIONS[Version.V21].keys()

    def test_money_hangs_on_known_actions(self) -> None:
        assert ACTIONS[Version.V16].keys() | ACTIONS[Version.V201].keys() >= MONEY_ACTIONS

    def test_an_unknown_action_is_not_implemented_and_a_known_one_not_supported(self) -> None:
        assert refusal(Version.V201, "BatterySwap") is ErrorCode.NOT_IMPLEMENTED
        assert refusal(Version.V21, "BatterySwap") is ErrorCode.NOT_SUPPORTED

    def test_subprotocols(self) -> None:
        assert [version.subprotocol for version in Version] == ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]
        assert Version.find_by_subprotocol("ocpp2.0.1") is Version.V201
        assert Version.find_by_subprotocol("ocpp2.0") is None
