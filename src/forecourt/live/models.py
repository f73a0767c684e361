"""Which stored events a partner hears: those about a subject that it sees. The table itself is kit's."""

from __future__ import annotations

from forecourt.kit.outbox import OutboxEvent

_TABLES = {
    "session": "session",
    "cdr": "charge_detail_record",
    "station": "station",
    "connector": "connector",
    "evse": "evse",
    "location": "location",
    "command": "command",
}
"""Table of an event's subject, by the first word of its type. What is not here no partner hears of."""


def partner_sql() -> str:
    """The condition: the subject's own policy decides. Knocks are nobody's station yet."""
    cases = " ".join(
        f"WHEN '{noun}' THEN EXISTS (SELECT FROM {table} s WHERE s.operator_id = outbox_event.operator_id"
        " AND s.id = outbox_event.subject_id)"
        for noun, table in _TABLES.items()
    )
    return f"CASE split_part(outbox_event.type, '.', 1) {cases} ELSE false END"


OutboxEvent.__table__.info["partner_sql"] = partner_sql()  # type: ignore[attr-defined]
