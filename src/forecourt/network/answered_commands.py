"""What became of commands: the station's answers, and what it did later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from forecourt.kit.ids import encode_id
from forecourt.kit.outbox import outbox_row

Tx = psycopg.AsyncConnection[Any]


@dataclass(slots=True, frozen=True)
class CommandOutcome:
    """A station's answer to one command."""

    operator_id: UUID
    command_id: UUID
    status: str
    reason: str | None
    reply: Mapping[str, Any]
    at: datetime


@dataclass(slots=True, frozen=True)
class Evidence:
    """Something that a station did, which may prove that a command took effect.

    With `command_id` or `number` (`remoteStartId`, `requestId`) it means that command; else the accepted
    commands of this kind whose parameters contain `params`. `kind` is as in the address, e.g. `reset`.
    """

    operator_id: UUID
    station_id: UUID
    kind: str
    at: datetime
    command_id: UUID | None = None
    number: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    shown_by: Mapping[str, Any] = field(default_factory=dict)


def command_event(row: Mapping[str, Any], at: datetime) -> tuple[Any, ...]:
    """The outbox row `command.updated`."""
    return outbox_row(
        row["operator_id"],
        "command.updated",
        subject_id=row["id"],
        subject_revision=row["revision"],
        at=at,
        data=command_data(row),
    )


def command_data(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the facts about a command say."""
    return {
        "command_id": encode_id("cmd", row["id"]),
        "station_id": encode_id("sta", row["station_id"]),
        "kind": row["kind"],
        "status": row["status"],
        "reason": row["reason"],
    }


_ANSWER_SQL = b"""
    UPDATE command SET status = %(status)s, reason = %(reason)s, reply = %(reply)s, answered_at = %(at)s,
           sent_at = coalesce(sent_at, %(at)s), revision = revision + 1
    WHERE operator_id = %(operator)s AND id = %(id)s AND (status IN ('pending', 'sent')
          OR (status = 'timed_out' AND %(status)s IN ('accepted', 'rejected')))
    RETURNING operator_id, id, station_id, kind, status, reason, revision
"""
_EFFECT_SQL = b"""
    UPDATE command SET status = 'effective', effective_at = %(at)s, evidence = %(shown)s, revision = revision + 1,
           reason = CASE WHEN status = 'failed' THEN NULL ELSE reason END
    WHERE operator_id = %(operator)s AND station_id = %(station)s AND kind = %(kind)s AND effective_at IS NULL
      AND (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(number)s::bigint IS NULL OR number = %(number)s)
      AND params @> %(params)s
      AND (status = 'accepted' OR (status IN ('sent', 'timed_out') AND (%(id)s::uuid IS NOT NULL OR %(number)s::bigint IS NOT NULL))
           OR (kind = 'reset' AND created_at > %(at)s - interval '15 minutes'
               AND (status IN ('sent', 'timed_out') OR (status = 'failed' AND reason = 'LinkLost'))))
      AND created_at > %(at)s - interval '1 day'
    RETURNING operator_id, id, station_id, kind, status, reason, revision
"""


async def settle_commands(
    tx: Tx, outcomes: Sequence[CommandOutcome], evidence: Sequence[Evidence]
) -> list[tuple[Any, ...]]:
    """Write answers and effects; hands back the outbox rows for what changed.

    An answer that comes after the time-out still counts. Evidence is matched in the order given.
    """
    events = []
    async with tx.cursor(row_factory=dict_row) as cursor:
        for outcome in sorted(outcomes, key=lambda o: o.command_id):
            await cursor.execute(
                _ANSWER_SQL,
                {
                    "operator": outcome.operator_id,
                    "id": outcome.command_id,
                    "status": outcome.status,
                    "reason": outcome.reason,
                    "reply": Jsonb(dict(outcome.reply)),
                    "at": outcome.at,
                },
            )
            events += [command_event(row, outcome.at) for row in await cursor.fetchall()]
        for proof in await _open_evidence(tx, evidence):
            await cursor.execute(
                _EFFECT_SQL,
                {
                    "operator": proof.operator_id,
                    "station": proof.station_id,
                    "kind": proof.kind,
                    "at": proof.at,
                    "id": proof.command_id,
                    "number": proof.number,
                    "params": Jsonb(dict(proof.params)),
                    "shown": Jsonb(dict(proof.shown_by)),
                },
            )
            events += [command_event(row, proof.at) for row in await cursor.fetchall()]
    return events


async def _open_evidence(tx: Tx, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Only what could prove something: one look for the whole batch, as most statuses prove nothing."""
    if not evidence:
        return []
    cursor = await tx.execute(
        b"""SELECT DISTINCT station_id, kind FROM command
            WHERE station_id = ANY(%s) AND effective_at IS NULL AND status IN ('sent', 'accepted', 'timed_out')
              AND created_at > %s - interval '1 day'""",
        (list({proof.station_id for proof in evidence}), min(proof.at for proof in evidence)),
    )
    waiting = {tuple(row) for row in await cursor.fetchall()}
    booted = [proof for proof in evidence if proof.kind == "reset"]
    if booted:
        # Many stations restart so promptly that their answer is lost with the socket.
        cursor = await tx.execute(
            b"""SELECT DISTINCT station_id, kind FROM command
                WHERE operator_id = ANY(%s) AND station_id = ANY(%s) AND kind = 'reset' AND effective_at IS NULL
                  AND status = 'failed' AND reason = 'LinkLost' AND created_at > %s - interval '15 minutes'""",
            (
                list({proof.operator_id for proof in booted}),
                list({proof.station_id for proof in booted}),
                min(proof.at for proof in booted),
            ),
        )
        waiting |= {tuple(row) for row in await cursor.fetchall()}
    return [proof for proof in evidence if (proof.station_id, proof.kind) in waiting]
