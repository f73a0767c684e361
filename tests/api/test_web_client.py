"""The web screens' typed client is made from the API as it is."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "web" / "shared" / "api" / "schema.d.ts"


def test_it_is_not_stale() -> None:
    made_from = SCHEMA.read_text().partition("\n")[0].rpartition(" ")[2]
    # In a process of its own: the document lists the errors of all packages that are imported.
    document = subprocess.run(
        [sys.executable, "-m", "tools.openapi"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    now = hashlib.sha256(document).hexdigest()
    assert made_from == now, (
        "the API has changed: run `make api-client` and commit web/shared/api/schema.d.ts"
    )
