"""Wire the domain to the gateway: who gives station events their effect, and who hears of unknown stations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from forecourt.charging.authorise import Authoriser
from forecourt.charging.handler import ChargingHandler
from forecourt.charging.own_tokens import OwnTokens
from forecourt.gateway.gateway import Knocker
from forecourt.identity.bootstrap import find_operator
from forecourt.kit.bus import Bus
from forecourt.kit.clock import Clock
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from forecourt.network.handler import NetworkHandler
from forecourt.network.record_knock import RecordKnock, record_knock
from forecourt.stations.ports import StationHandler


def make_handlers(database: Database, bus: Bus, clock: Clock) -> Sequence[StationHandler]:
    """The network sees each event first, then charging."""

    async def publish(updates: Sequence[tuple[Any, dict[str, Any]]]) -> None:
        for session, payload in updates:
            message = {
                "type": "session.updated",
                "subject_id": encode_id("ses", session.id),
                "revision": session.revision,
                "data": payload,
            }
            await bus.publish(
                f"live.{session.operator_id}.session.{session.id}", msgspec.json.encode(message)
            )

    return (
        NetworkHandler(),
        ChargingHandler(authoriser=Authoriser(resolvers=[OwnTokens(database)]), on_live=publish),
    )


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
