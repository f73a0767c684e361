"""Charging's part in the hot path: authorisations, transactions and meter values."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from forecourt.charging.advice import verdict_on
from forecourt.charging.authorise import Authoriser
from forecourt.charging.close_session import note_boot, note_status
from forecourt.charging.correlate import NetworkEvidence
from forecourt.charging.follow_transaction import follow_transaction
from forecourt.charging.load_memory import load_named_sessions, load_open_sessions, load_stations
from forecourt.charging.memory import Batch, OpenSession, StationMemory
from forecourt.charging.open_session import keep_authorisation
from forecourt.charging.ports import CommandEvidence
from forecourt.charging.record_readings import record_meter_values
from forecourt.charging.start_transaction import start_key_of, start_transaction
from forecourt.charging.stop_transaction import stop_transaction
from forecourt.charging.write_batch import LiveCallback, write_batch
from forecourt.pricing.price_book import PriceBook
from forecourt.stations.answers import ACKNOWLEDGED, Answer, AuthorizeAnswer, IdTokenAnswer, TransactionAnswer
from forecourt.stations.events import (
    AuthorizeRequested,
    Booted,
    Connected,
    Event,
    Inbound,
    MeterValuesReported,
    StatusReported,
    TransactionReported,
)

_NUMBERS: Final = 500
_FORGET_ABOVE: Final = 100_000
_CONCERNING: Final = (
    MeterValuesReported,
    TransactionReported,
    StatusReported,
    AuthorizeRequested,
    Booted,
    Connected,
)


class ChargingHandler:
    """Implements `stations.ports.StationHandler`.

    Open sessions of the stations that this process holds stay in memory between batches. A session that
    somebody else changed makes the flush fail (`SessionChanged`); after `rolled_back` it is read again.
    """

    def __init__(
        self,
        *,
        authoriser: Authoriser,
        prices: PriceBook | None = None,
        on_live: LiveCallback | None = None,
        evidence: CommandEvidence | None = None,
    ) -> None:
        """Wire it.

        Args:
            authoriser: who answers for tokens.
            prices: published tariffs; one of its own if left out.
            on_live: gets (session, payload) pairs after each commit, for the bus; may be a coroutine function.
            evidence: hears that a remote start took effect; `network` by default.
        """
        self._authoriser = authoriser
        self._prices = prices or PriceBook()
        self._on_live = on_live
        self._evidence = evidence or NetworkEvidence()
        self._stations: dict[UUID, StationMemory] = {}
        self._numbers: deque[int] = deque()
        self._batch = Batch()
        self._live: list[tuple[OpenSession, dict[str, Any]]] = []
        self._touched: set[UUID] = set()

    async def prepare(self, message: Inbound) -> None:
        """Ask about every token of the message, within the budget."""
        for event in message.events:
            if isinstance(event, AuthorizeRequested | TransactionReported) and event.id_token is not None:
                await self._authoriser.advise(message, event)

    async def load(self, tx: psycopg.AsyncConnection[Any], messages: Sequence[Inbound]) -> None:
        """Read unknown stations, sessions that are referred to, and a block of transaction ids."""
        fresh: set[UUID] = set()
        starting: set[UUID] = set()
        starts = 0
        latest = self._batch.now
        for message in messages:
            if message.received_at > latest:
                latest = message.received_at
            for event in message.events:
                if not isinstance(event, _CONCERNING):
                    continue
                if isinstance(event, Connected):
                    # It may have been with another process meanwhile.
                    self._stations.pop(message.station_id, None)
                if message.station_id not in self._stations:
                    fresh.add(message.station_id)
                if isinstance(event, TransactionReported) and (
                    event.kind == "started" or self._session(message, event.transaction) is None
                ):
                    starting.add(message.station_id)
                    starts += 1
        self._batch.now = latest
        if fresh or starting:
            await load_stations(tx, fresh | starting, self._stations, self._prices, latest)
            await load_open_sessions(tx, fresh & self._stations.keys(), self._stations, self._prices)
        await self._load_named(tx, messages)
        if len(self._numbers) < starts:
            cursor = await tx.execute(
                "SELECT nextval('transaction_no') FROM generate_series(1, %s)", (starts + _NUMBERS,)
            )
            self._numbers.extend(row[0] for row in await cursor.fetchall())

    async def _load_named(self, tx: psycopg.AsyncConnection[Any], messages: Sequence[Inbound]) -> None:
        transactions: set[tuple[UUID, str]] = set()
        start_keys: set[tuple[UUID, str]] = set()
        for message in messages:
            station = self._stations.get(message.station_id)
            if station is None:
                continue
            for event in message.events:
                if not isinstance(event, TransactionReported | MeterValuesReported):
                    continue
                if (
                    isinstance(event, TransactionReported)
                    and event.kind == "started"
                    and event.transaction is None
                ):
                    key = start_key_of(event)
                    if key not in station.by_start_key:
                        start_keys.add((message.station_id, key))
                elif event.transaction is not None and event.transaction not in station.by_transaction:
                    transactions.add((message.station_id, event.transaction))
        if transactions or start_keys:
            await load_named_sessions(tx, transactions, start_keys, self._stations, self._prices)

    def _session(self, message: Inbound, transaction: str | None) -> OpenSession | None:
        station = self._stations.get(message.station_id)
        return None if station is None or transaction is None else station.by_transaction.get(transaction)

    def apply(self, message: Inbound, event: Event) -> Answer | None:
        """Give one event its effect in memory."""
        station = self._stations.get(message.station_id)
        kind = event.__class__
        if kind is MeterValuesReported:
            if station is not None:
                self._touched.add(message.station_id)
                record_meter_values(station, message, event, into=self._batch)  # type: ignore[arg-type]
            return ACKNOWLEDGED
        if station is None:
            return self._unknown_station(event)
        self._touched.add(message.station_id)
        if isinstance(event, TransactionReported):
            return self._transaction(station, message, event)
        if isinstance(event, AuthorizeRequested):
            verdict = verdict_on(message.advice, event.id_token)
            place = station.places.get(event.evse_no) if event.evse_no is not None else None
            keep_authorisation(
                station.operator_id, station.station_id, verdict, message.received_at, "authorize", self._batch,
                evse_id=place.evse_id if place else None,
            )  # fmt: skip
            return AuthorizeAnswer(verdict.answer)
        if isinstance(event, StatusReported):
            note_status(station, message, event, into=self._batch)
        elif isinstance(event, Booted):
            note_boot(station, message, event)
        return None

    def _transaction(
        self, station: StationMemory, message: Inbound, event: TransactionReported
    ) -> TransactionAnswer:
        if message.protocol != "ocpp1.6":
            return follow_transaction(station, message, event, into=self._batch)
        if event.kind == "started":
            return start_transaction(
                station, message, event, next_number=self._numbers.popleft, into=self._batch
            )
        return stop_transaction(station, message, event, into=self._batch)

    def _unknown_station(self, event: Event) -> Answer | None:
        """The station's row is gone: it is answered, and nothing is kept."""
        if isinstance(event, AuthorizeRequested):
            return AuthorizeAnswer(IdTokenAnswer("invalid"))
        if isinstance(event, TransactionReported):
            return TransactionAnswer(event.transaction or "0", IdTokenAnswer("invalid"))
        return None

    async def flush(self, tx: psycopg.AsyncConnection[Any]) -> None:
        """Write what the batch changed.

        Raises:
            SessionChanged: somebody else changed a session that is in memory.
        """
        self._live = await write_batch(tx, self._batch, evidence=self._evidence)

    async def committed(self) -> None:
        """Tell the viewers; keep the open sessions, forget the rest."""
        for session in self._batch.sessions.values():
            session.is_new = session.dirty = session.correlate = False
            session.loaded = None
        for station_id in self._touched:
            station = self._stations.get(station_id)
            if station is not None:
                station.forget_ended()
        live, self._live = self._live, []
        self._batch = Batch()
        self._touched = set()
        if len(self._stations) > _FORGET_ABOVE:
            self._stations.clear()
        if live and self._on_live is not None:
            result = self._on_live(live)
            if inspect.isawaitable(result):
                await result

    def rolled_back(self, station_ids: Collection[UUID]) -> None:
        """Forget the batch, and the stations that it changed in memory."""
        for station_id in {*station_ids, *self._touched}:
            self._stations.pop(station_id, None)
        self._batch = Batch()
        self._touched = set()
        self._live = []
