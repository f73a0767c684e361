"""For other packages: something happened that proves a command took effect (a session began, say)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from forecourt.kit.bulk import insert_rows
from forecourt.kit.outbox import OUTBOX_COLUMNS, wake
from forecourt.network.answered_commands import Evidence, settle_commands


async def mark_effective(tx: psycopg.AsyncConnection[Any], evidence: Sequence[Evidence]) -> int:
    """Turn the commands that the evidence proves into `effective`, in the caller's transaction.

    A transaction with `remoteStartId` 17 is ``Evidence(operator, station, "remote-start", at, number=17)``;
    one of OCPP 1.6, which has no such id, is found by its token:
    ``Evidence(operator, station, "remote-start", at, params={"id_token": "04A2", "evse_no": 1})``.

    Returns:
        How many commands it proved.
    """
    if not evidence:
        return 0
    events = await settle_commands(tx, [], evidence)
    if events:
        await insert_rows(tx, "outbox_event", OUTBOX_COLUMNS, events)
        await wake(tx)
    return len(events)
