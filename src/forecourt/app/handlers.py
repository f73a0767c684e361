"""Wire the domain to the gateway: who gives station events their effect, and who hears of unknown stations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from forecourt.charging.authorise import Authoriser
from forecourt.charging.handler import ChargingHandler
from forecourt.charging.own_tokens import OwnTokens
from forecourt.gateway.gateway import Knocker
from forecourt.gateway.journal import ParkedMessage
from forecourt.identity.bootstrap import find_operator
from forecourt.kit.bulk import insert_rows
from forecourt.kit.bus import Bus
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id, new_id
from forecourt.network.handler import NetworkHandler
from forecourt.network.record_knock import RecordKnock, record_knock
from forecourt.stations.answers import Answer, IdTokenAnswer, TransactionAnswer
from forecourt.stations.ports import StationHandler

_ORPHAN_COLUMNS = (
    "operator_id", "id", "station_id", "fact_key", "kind", "reason_code", "transaction", "at", "received_at", "detail",
    "message_id",
)  # fmt: skip


WRITERS = 2
"""Transactions of the gateway beside each other: one is worked on while the other is with the database."""


def make_teams(database: Database, bus: Bus, clock: Clock) -> Sequence[Sequence[StationHandler]]:
    """A team for each writer; in each the network sees an event first, then charging."""

    async def publish(updates: Sequence[tuple[Any, dict[str, Any]]]) -> None:
        for session, payload in updates:
            message = {
                "type": "session.updated",
                "subject_id": encode_id("ses", session.id),
                "revision": session.revision,
                "data": payload,
                "partner_ids": [
                    str(partner) for partner in (session.host_partner_id, session.fleet_partner_id) if partner
                ],
            }
            await bus.publish(
                f"live.{session.operator_id}.session.{session.id}", msgspec.json.encode(message)
            )

    authoriser = Authoriser(resolvers=[OwnTokens(database)])
    return [
        (NetworkHandler(), ChargingHandler(authoriser=authoriser, on_live=publish)) for _ in range(WRITERS)
    ]


async def park(
    tx: psycopg.AsyncConnection[Any], messages: Sequence[ParkedMessage]
) -> Sequence[Answer | None]:
    """Keep money messages that could not be taken as orphans, in the batch's transaction, for a person to see.

    A 1.6 start is answered with an id like any other: what the station reports of it is found by that id.
    """
    starts = [message for message in messages if message.action == "StartTransaction"]
    cursor = await tx.execute("SELECT nextval('transaction_no') FROM generate_series(1, %s)", (len(starts),))
    numbers = {start.log_id: str(row[0]) for start, row in zip(starts, await cursor.fetchall(), strict=True)}
    rows = [
        (
            message.operator_id,
            new_id(),
            message.station_id,
            f"parked:{message.log_id}",
            "message",
            "unreadable_message",
            numbers.get(message.log_id),
            message.received_at,
            message.received_at,
            {"action": message.action, "error": message.error, "protocol": message.protocol},
            message.message_id,
        )
        for message in messages
    ]
    await insert_rows(tx, "orphan", _ORPHAN_COLUMNS, rows, conflict="ON CONFLICT DO NOTHING")
    return [
        TransactionAnswer(numbers[message.log_id], IdTokenAnswer("accepted"))
        if message.log_id in numbers
        else None
        for message in messages
    ]


def on_knock(database: Database) -> Knocker:
    """Put unknown stations into their operator's inbox; while its door is open they come in as pending."""

    async def knock(
        identity: str, operator_slug: str, remote_address: str | None, subprotocols: Sequence[str]
    ) -> None:
        operator_id = await find_operator(database, operator_slug)
        if operator_id is None:
            return
        async with database.transaction(role="system") as uow:
            await record_knock(
                RecordKnock(
                    operator_id=operator_id,
                    identity=identity,
                    remote_address=remote_address,
                    subprotocols=subprotocols,
                ),
                uow=uow,
            )

    return knock
