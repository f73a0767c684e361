"""Fold a session again from all its stored facts: what running prices and settlements both rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from forecourt.charging.fold import RANK, Course, Fact, best_source
from forecourt.charging.memory import OpenSession
from forecourt.charging.open_session import fresh_course

_READINGS: Final = """
SELECT session_id, measured_at, context, import_wh, import_interval_wh, power_w, current_a, soc_percent,
    starts_with(scope, 't:')
FROM meter_reading WHERE operator_id = ANY(%s) AND session_id = ANY(%s)
"""
_TIMELINE: Final = """
SELECT session_id, kind, at, coalesce(state, ''), coalesce(cause, ''), meter_wh
FROM session_timeline WHERE operator_id = ANY(%s) AND session_id = ANY(%s) AND kind = ANY(%s)
"""


async def stored_facts(
    tx: psycopg.AsyncConnection[Any], sessions: Sequence[OpenSession]
) -> dict[UUID, list[Fact]]:
    """All facts of the sessions, each session's in order."""
    scope = (list({s.operator_id for s in sessions}), [s.id for s in sessions])
    facts: dict[UUID, list[Fact]] = defaultdict(list)
    async with tx.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READINGS, scope)
        for (
            session_id,
            at,
            context,
            register,
            interval,
            power,
            current,
            soc,
            inside,
        ) in await cursor.fetchall():
            facts[session_id].append(
                Fact(
                    "reading",
                    at,
                    context,
                    register,
                    interval if inside else None,
                    power,
                    current,
                    soc,
                    inside,
                )
            )
        await cursor.execute(_TIMELINE, (*scope, list(RANK)))
        for session_id, kind, at, state, cause, meter_wh in await cursor.fetchall():
            name = state if kind in ("started", "state") else cause
            facts[session_id].append(Fact(kind, at, name, meter_wh))
    for found in facts.values():
        found.sort(key=lambda fact: fact.key)
    return facts


def fold_facts(session: OpenSession, facts: Sequence[Fact], *, keep: bool = False) -> Course:
    """The course that these facts, in order, make. `keep` collects the segments that were priced."""
    course = fresh_course(session, source=best_source(list(facts)), keep=keep)
    for fact in facts:
        course.take(fact)
    return course


async def refold(tx: psycopg.AsyncConnection[Any], sessions: Sequence[OpenSession]) -> None:
    """Give the sessions the courses that their stored facts make."""
    if not sessions:
        return
    facts = await stored_facts(tx, sessions)
    for session in sessions:
        session.course = fold_facts(session, facts.get(session.id, []))
        session.refold = False
