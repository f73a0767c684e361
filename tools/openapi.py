"""Print the OpenAPI document of the program, as the typed client of the web screens is made from it.

`make api-client` pipes it into `web/tools/schema.mjs`; `tests/api/test_web_client.py` compares the checksum.
"""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from forecourt.api import create_api
from forecourt.app.routers import all_routers
from forecourt.kit.bus import MemoryBus
from forecourt.kit.clock import SystemClock


def openapi_text() -> str:
    """The document as canonical JSON. Nothing is opened: neither database nor port."""
    nothing = cast(Any, None)

    class _NoDatabase:
        ping = None

    app = create_api(
        database=cast(Any, _NoDatabase()),
        clock=SystemClock(),
        bus=MemoryBus(),
        stations=nothing,
        jobs=nothing,
        settings=nothing,
        routers=all_routers(),
    )
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
