"""The tool that derives the replay file from ACN-Data files."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

from forecourt.simulator.replay import read_replay

TOOL = Path(__file__).parents[2] / "tools/make_replay.py"
ROWS = """arrival,departure,requested_energy (kWh),delivered_energy (kWh),station_id,session_id
2019-05-06 08:18:45-07:00,2019-05-06 15:52:36-07:00,60.0,44.069,CA-305,1
2019-05-07 09:00:00-07:00,2019-05-07 09:01:00-07:00,60.0,44.069,CA-305,2
2019-05-07 09:30:00-07:00,2019-05-07 11:00:00-07:00,,0.05,CA-305,3
2019-05-08 10:00:00-07:00,2019-05-08 12:00:00-07:00,10.0,9.5,CA-306,4
"""


def test_times_become_local_and_implausible_sessions_are_left_out(tmp_path: Path) -> None:
    source, output = tmp_path / "caltech-2019.csv.gz", tmp_path / "out.csv"
    source.write_bytes(gzip.compress(ROWS.encode()))
    subprocess.run([sys.executable, str(TOOL), str(source), "--output", str(output)], check=True)
    lines = output.read_text().splitlines()
    assert "CC BY 4.0" in lines[0]
    assert lines[1:] == [
        "arrival_local,departure_local,energy_kwh,requested_kwh,site",
        "2019-05-06T08:18:45,2019-05-06T15:52:36,44.069,60.00,caltech",
        "2019-05-08T10:00:00,2019-05-08T12:00:00,9.500,10.00,caltech",
    ]
    assert len(read_replay(output)) == 2
