"""A site with one station that tests drive with neutral events, as the gateway would."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from forecourt.charging.authorise import Authoriser
from forecourt.charging.handler import ChargingHandler
from forecourt.charging.models import IdToken
from forecourt.charging.own_tokens import OwnTokens, token_key
from forecourt.identity.models import Operator
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.network.models import Connector, Evse, Installation, Location, Station
from forecourt.pricing.models import Tariff, TariffAssignment, TariffVersionRow
from forecourt.pricing.price_book import PriceBook
from forecourt.stations.answers import Answer
from forecourt.stations.events import (
    Event,
    IdTokenRef,
    Inbound,
    MeterValuesReported,
    StatusReported,
    TransactionReported,
)
from forecourt.stations.readings import MeterReading
from forecourt.tariff import content_hash, tariff_from_dict

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TAG = "04AABBCC"
ENERGY = {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "0.50"}]}]}
IDLE = {
    "currency": "EUR",
    "elements": [
        {"prices": [{"dimension": "energy", "price": "0.50"}, {"dimension": "idle_time", "price": "6"}]}
    ],
}


def at(minutes: float) -> datetime:
    """Minutes after noon."""
    return NOON + timedelta(minutes=minutes)


class Site:
    """One operator, one location, one station with two EVSEs, one token, one tariff."""

    def __init__(self, database: Database, protocol: str) -> None:
        self.database = database
        self.protocol = protocol
        self.operator_id = new_id()
        self.station_id = new_id()
        self.location_id = new_id()
        self.evse_ids = [new_id(), new_id()]
        self.live: list[Any] = []
        self.prices = PriceBook()
        self.restart()

    @classmethod
    async def build(
        cls, database: Database, protocol: str = "ocpp1.6", tariff: dict[str, Any] | None = ENERGY
    ) -> Site:
        site = cls(database, protocol)
        op = site.operator_id
        async with database.transaction(role="owner") as uow:
            s = uow.session
            s.add(Operator(id=op, slug=f"o{op.hex}", name="O", currency="EUR", time_zone="UTC"))
            await s.flush()
        async with database.transaction(op) as uow:
            s = uow.session
            s.add(
                Location(
                    operator_id=op, id=site.location_id, name="L", country="DE", time_zone="Europe/Berlin"
                )
            )
            await s.flush()
            s.add(
                Station(
                    operator_id=op, id=site.station_id, identity=site.station_id.hex,
                    location_id=site.location_id, protocol=protocol,
                )
            )  # fmt: skip
            for number, evse_id in enumerate(site.evse_ids, 1):
                uid = f"DE*FCT*E{evse_id.hex}"
                s.add(Evse(operator_id=op, id=evse_id, location_id=site.location_id, evse_uid=uid))
                await s.flush()
                s.add(Connector(operator_id=op, evse_id=evse_id, connector_no=1, max_power_w=22_000))
                s.add(
                    Installation(
                        operator_id=op, evse_id=evse_id, station_id=site.station_id, evse_no=number,
                        connector_no=1 if protocol == "ocpp1.6" else None, valid_from=at(-9999),
                    )
                )  # fmt: skip
            s.add(IdToken(operator_id=op, value=TAG, value_key=token_key(TAG)))
            if tariff is not None:
                row = Tariff(operator_id=op, id=new_id(), name="T", currency="EUR")
                s.add(row)
                await s.flush()
                s.add(
                    TariffVersionRow(
                        operator_id=op, tariff_id=row.id, number=1, status="live", document=tariff,
                        content_hash=content_hash(tariff_from_dict(tariff)), published_at=at(-9999),
                    )
                )  # fmt: skip
                s.add(TariffAssignment(operator_id=op, tariff_id=row.id, valid_from=at(-9999)))
        return site

    def restart(self) -> None:
        """Another process, or the same one after a crash: nothing in memory."""
        self.handler = ChargingHandler(
            authoriser=Authoriser([OwnTokens(self.database)]), prices=self.prices, on_live=self.live.extend
        )

    async def drive(self, *events: Event, received_at: datetime | None = None) -> list[Answer | None]:
        """One batch: each event is a message of its own, received at its own time unless said otherwise."""
        messages = [
            Inbound(
                self.operator_id, self.station_id, received_at or _time_of(event), (event,), self.protocol,
                message_id=new_id().hex,
            )
            for event in events
        ]  # fmt: skip
        return await self.batch(messages)

    async def batch(self, messages: list[Inbound]) -> list[Answer | None]:
        """Drive the handler through one transaction."""
        handler = self.handler
        for message in messages:
            await handler.prepare(message)
        try:
            async with self.database.transaction(role="system") as uow:
                tx = await uow.connection()
                await handler.load(tx, messages)
                answers = [handler.apply(message, event) for message in messages for event in message.events]
                await handler.flush(tx)
        except Exception:
            handler.rolled_back({self.station_id})
            raise
        await handler.committed()
        return answers

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Rows of this operator; the query may use %(op)s."""
        from psycopg.rows import dict_row

        async with self.database.transaction(role="system") as uow:
            tx = await uow.connection()
            async with tx.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(query, {"op": self.operator_id, **params})
                return await cursor.fetchall()

    async def sessions(self) -> list[dict[str, Any]]:
        return await self.rows("SELECT * FROM session WHERE operator_id = %(op)s ORDER BY opened_at, id")

    async def session(self) -> dict[str, Any]:
        (found,) = await self.sessions()
        return found

    async def count(self, table: str) -> int:
        (row,) = await self.rows(f"SELECT count(*) AS n FROM {table} WHERE operator_id = %(op)s")
        return int(row["n"])

    async def events(self) -> list[str]:
        rows = await self.rows("SELECT type FROM outbox_event WHERE operator_id = %(op)s ORDER BY id")
        return [row["type"] for row in rows]


def _time_of(event: Event) -> datetime:
    if isinstance(event, MeterValuesReported):
        return event.readings[-1].stamped_at or NOON
    found = getattr(event, "at", None)
    return found or NOON


def reading(minute: float, wh: float | None = None, **values: Any) -> MeterReading:
    stamp = at(minute)
    fields: dict[str, Any] = {
        name: Decimal(str(value)) if isinstance(value, int | float) else value
        for name, value in values.items()
    }
    return MeterReading(
        stamp, stamp.isoformat(), import_wh=None if wh is None else Decimal(str(wh)), **fields
    )


def start(
    minute: float = 0, wh: float = 1000, tag: str = TAG, evse_no: int = 1, **more: Any
) -> TransactionReported:
    stamp = at(minute)
    return TransactionReported(
        "started", None, stamp, stamp.isoformat(), evse_no=evse_no, connector_no=1, id_token=IdTokenRef(tag),
        meter_start_wh=Decimal(str(wh)), **more,
    )  # fmt: skip


def stop(
    transaction: str, minute: float, wh: float, tag: str | None = None, **more: Any
) -> TransactionReported:
    stamp = at(minute)
    return TransactionReported(
        "ended", transaction, stamp, stamp.isoformat(), id_token=IdTokenRef(tag) if tag else None,
        meter_stop_wh=Decimal(str(wh)), **more,
    )  # fmt: skip


def values(transaction: str | None, *readings: MeterReading, evse_no: int = 1) -> MeterValuesReported:
    return MeterValuesReported(evse_no, transaction, tuple(readings))


def status(name: Any, minute: float, evse_no: int = 1) -> StatusReported:
    return StatusReported(evse_no, 1, name, at(minute))


def event2(
    kind: Any, seq_no: int, minute: float, *readings: MeterReading, transaction: str = "tx-1", evse_no: int | None = 1,
    tag: str | None = None, **more: Any,
) -> TransactionReported:  # fmt: skip
    """A 2.x TransactionEvent."""
    stamp = at(minute)
    return TransactionReported(
        kind, transaction, stamp, stamp.isoformat(), seq_no, evse_no=evse_no, connector_no=1,
        id_token=IdTokenRef(tag, "ISO14443") if tag else None, readings=tuple(readings), **more,
    )  # fmt: skip


def copy_of(event: Event) -> Event:
    """The same message again, as a new object."""
    return copy.copy(event)


def transaction_of(answer: Answer | None) -> str:
    """The id that a 1.6 start was answered with."""
    found = getattr(answer, "transaction", None)
    assert isinstance(found, str)
    return found


def ident(value: Any) -> UUID:
    assert isinstance(value, UUID)
    return value
