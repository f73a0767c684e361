"""Charging's part in the hot path: authorisations, transactions and meter values."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from forecourt.charging.adopt_readings import adopt_readings, mark_adopted
from forecourt.charging.advice import verdict_on
from forecourt.charging.authorise import Authoriser
from forecourt.charging.await_transaction import authorise, authorise_remotely, note_plug
from forecourt.charging.close_session import note_boot, note_status
from forecourt.charging.correlate import NetworkEvidence, load_remote_starts
from forecourt.charging.follow_transaction import follow_transaction
from forecourt.charging.load_memory import (
    load_aliases,
    load_named_sessions,
    load_open_sessions,
    load_prices,
    load_stations,
)
from forecourt.charging.memory import Batch, OpenSession, StationMemory
from forecourt.charging.open_session import keep_authorisation
from forecourt.charging.ports import CommandEvidence
from forecourt.charging.record_readings import record_meter_values
from forecourt.charging.start_transaction import start_key_of, start_transaction
from forecourt.charging.stop_transaction import is_number, stop_transaction
from forecourt.charging.tokens_in_use import TokensInUse
from forecourt.charging.write_batch import LiveCallback, write_batch
from forecourt.pricing.price_book import PriceBook
from forecourt.stations.answers import ACKNOWLEDGED, Answer, AuthorizeAnswer, IdTokenAnswer, TransactionAnswer
from forecourt.stations.events import (
    AuthorizeRequested,
    Booted,
    CommandAnswered,
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
        self._touched: list[StationMemory] = []
        self._in_use = TokensInUse()
        self._remote_starts: dict[UUID, dict[str, Any]] = {}

    async def prepare(self, message: Inbound) -> None:
        """Ask about every token of the message, within the budget."""
        for event in message.events:
            if isinstance(event, AuthorizeRequested | TransactionReported) and event.id_token is not None:
                await self._authoriser.advise(message, event)

    async def load(self, tx: psycopg.AsyncConnection[Any], messages: Sequence[Inbound]) -> None:
        """Read unknown stations, sessions that are referred to, and a block of transaction ids."""
        fresh: set[UUID] = set()
        starting: set[UUID] = set()
        answered: set[UUID] = set()
        ahead: list[tuple[Inbound, AuthorizeRequested]] = []
        beginning: list[tuple[Inbound, TransactionReported]] = []
        starts = 0
        latest = max(self._batch.now, max([message.received_at for message in messages]))
        messages = [message for message in messages if not self._goes_on(message)]
        for message in messages:
            for event in message.events:
                if not isinstance(event, _CONCERNING):
                    if isinstance(event, CommandAnswered) and event.status == "accepted":
                        answered.add(event.command_id)
                        fresh.add(message.station_id)
                    continue
                if isinstance(event, Connected):
                    # It may have been with another process meanwhile.
                    self._stations.pop(message.station_id, None)
                if message.station_id not in self._stations:
                    fresh.add(message.station_id)
                if isinstance(event, AuthorizeRequested):
                    ahead.append((message, event))
                elif isinstance(event, TransactionReported):
                    session = self._session(message, event.transaction)
                    if event.kind == "started" or session is None:
                        starting.add(message.station_id)
                        starts += 1
                    if (
                        event.kind == "started"
                        or session is None
                        or event.id_token is not None
                        or session.evse_no is None
                    ):
                        beginning.append((message, event))
        self._batch.now = latest
        fresh -= self._stations.keys()
        if fresh or starting:
            await load_stations(tx, fresh | starting, self._stations, latest)
            await load_open_sessions(tx, fresh & self._stations.keys(), self._stations, self._prices)
        await self._load_named(tx, messages)
        self._remote_starts = await load_remote_starts(tx, answered)
        if ahead or beginning or self._remote_starts:
            await self._load_terms(tx, messages, ahead, beginning)
        if len(self._numbers) < starts:
            cursor = await tx.execute(
                "SELECT nextval('transaction_no') FROM generate_series(1, %s)", (starts + _NUMBERS,)
            )
            self._numbers.extend(row[0] for row in await cursor.fetchall())

    async def _load_terms(
        self,
        tx: psycopg.AsyncConnection[Any],
        messages: Sequence[Inbound],
        ahead: Sequence[tuple[Inbound, AuthorizeRequested]],
        beginning: Sequence[tuple[Inbound, TransactionReported]],
    ) -> None:
        """Prices at the times of what is authorised or begins, and where its tokens are in use."""
        wanted: list[tuple[StationMemory, int, datetime]] = []
        for message, event in beginning:
            station = self._stations.get(message.station_id)
            if station is None:
                continue
            session, evse_no = station.by_transaction.get(event.transaction or ""), event.evse_no
            if session is not None and session.evse_no is not None:
                evse_no = session.evse_no
            if evse_no is not None:
                wanted.append((station, evse_no, station.correct(event.at, message.received_at)))
                if session is not None:
                    wanted.append((station, evse_no, session.opened_at))
        for message, asked in ahead:
            station = self._stations.get(message.station_id)
            evse_no = asked.evse_no or (station.only_evse_no if station is not None else None)
            if station is not None and evse_no is not None:
                wanted.append((station, evse_no, message.received_at))
        for message in messages if self._remote_starts else ():
            station = self._stations.get(message.station_id)
            for answer in message.events:
                if station is None or not isinstance(answer, CommandAnswered):
                    continue
                evse_no = (
                    self._remote_starts.get(answer.command_id, {}).get("evse_no") or station.only_evse_no
                )
                if evse_no is not None:
                    wanted.append((station, evse_no, message.received_at))
        await load_prices(tx, wanted, self._prices)
        limited = {
            (message.operator_id, resolution.token_id)
            for message, event in beginning
            if event.id_token is not None
            and (resolution := verdict_on(message.advice, event.id_token).resolution).one_at_a_time
            and resolution.token_id is not None
        }
        await self._in_use.load(tx, {key[0] for key in limited}, {key[1] for key in limited})

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
            unknown = [key for key in transactions if key[1] not in self._stations[key[0]].by_transaction]
            unknown = [key for key in unknown if is_number(key[1])]
            if unknown:
                stations = {station_id for station_id, _ in unknown}
                await load_stations(tx, stations, self._stations, self._batch.now)
                await load_aliases(tx, unknown, self._stations, self._prices)

    def _goes_on(self, message: Inbound) -> bool:
        """Whether it only tells more of a session in memory, as nearly all messages do: nothing has to be read."""
        if len(message.events) != 1:
            return False
        event = message.events[0]
        if event.__class__ is MeterValuesReported:
            return self._session(message, event.transaction) is not None
        if isinstance(event, TransactionReported) and event.kind == "updated" and event.id_token is None:
            session = self._session(message, event.transaction)
            return session is not None and session.evse_no is not None
        return False

    def _session(self, message: Inbound, transaction: str | None) -> OpenSession | None:
        station = self._stations.get(message.station_id)
        return None if station is None or transaction is None else station.by_transaction.get(transaction)

    def apply(self, message: Inbound, event: Event) -> Answer | None:
        """Give one event its effect in memory."""
        station = self._stations.get(message.station_id)
        kind = event.__class__
        if kind is MeterValuesReported:
            if station is not None:
                self._touched.append(station)
                record_meter_values(station, message, event, into=self._batch)  # type: ignore[arg-type]
            return ACKNOWLEDGED
        if station is None:
            return self._unknown_station(event)
        self._touched.append(station)
        if isinstance(event, TransactionReported):
            return self._transaction(station, message, event)
        if isinstance(event, AuthorizeRequested):
            return self._authorize(station, message, event)
        if isinstance(event, StatusReported):
            station.observe(event.at, message.received_at)
            note_status(station, message, event, into=self._batch)
            at = station.correct(event.at, message.received_at)
            note_plug(station, message, event, at, into=self._batch)
        elif isinstance(event, Booted):
            note_boot(station, message, event)
            station.clock.forget_samples()
        elif isinstance(event, CommandAnswered) and event.command_id in self._remote_starts:
            params = self._remote_starts[event.command_id]
            authorise_remotely(station, message, event.command_id, params, into=self._batch)
        return None

    def _authorize(
        self, station: StationMemory, message: Inbound, event: AuthorizeRequested
    ) -> AuthorizeAnswer:
        """Answer, and bind the authorisation to the EVSE if the station has only one."""
        verdict = verdict_on(message.advice, event.id_token)
        at = message.received_at
        evse_no = event.evse_no or station.only_evse_no
        place = station.places.get(evse_no) if evse_no is not None else None
        authorisation_id = keep_authorisation(
            station.operator_id, station.station_id, verdict, at, "authorize", self._batch,
            evse_id=place.evse_id if place else None,
        )  # fmt: skip
        if evse_no is not None and place is not None:
            authorise(
                station,
                message,
                evse_no,
                verdict,
                authorisation_id,
                cause="authorize",
                at=at,
                into=self._batch,
            )
        return AuthorizeAnswer(verdict.answer)

    def _transaction(
        self, station: StationMemory, message: Inbound, event: TransactionReported
    ) -> TransactionAnswer:
        if message.protocol != "ocpp1.6":
            return follow_transaction(station, message, event, in_use=self._in_use, into=self._batch)
        if event.kind == "started":
            return start_transaction(
                station, message, event, next_number=self._numbers.popleft, in_use=self._in_use,
                into=self._batch,
            )  # fmt: skip
        return stop_transaction(station, message, event, into=self._batch)

    def _unknown_station(self, event: Event) -> Answer | None:
        """The station's row is gone: it is answered, and nothing is kept."""
        if isinstance(event, AuthorizeRequested):
            return AuthorizeAnswer(IdTokenAnswer("invalid"))
        if isinstance(event, TransactionReported):
            transaction = event.transaction
            if transaction is None:
                transaction = str(self._numbers.popleft())
            return TransactionAnswer(transaction, IdTokenAnswer("invalid"))
        return None

    async def flush(self, tx: psycopg.AsyncConnection[Any]) -> None:
        """Write what the batch changed.

        Raises:
            SessionChanged: somebody else changed a session that is in memory.
        """
        batch = self._batch
        if batch.adoptions:
            await adopt_readings(tx, batch.adoptions, batch)
        self._live = await write_batch(tx, batch, evidence=self._evidence)
        if batch.adoptions:
            await mark_adopted(tx, batch.adoptions, batch.now)

    async def committed(self) -> None:
        """Tell the viewers; keep the open sessions, forget the rest."""
        for session in self._batch.sessions.values():
            session.is_new = session.dirty = session.correlate = session.renamed = False
            session.loaded = None
        for station in self._touched:
            station.forget_ended()
        live, self._live = self._live, []
        self._batch = Batch()
        self._touched = []
        if len(self._stations) > _FORGET_ABOVE:
            self._stations.clear()
        if live and self._on_live is not None:
            result = self._on_live(live)
            if inspect.isawaitable(result):
                await result

    def rolled_back(self, station_ids: Collection[UUID]) -> None:
        """Forget the batch, and the stations that it changed in memory."""
        for station_id in (*station_ids, *(station.station_id for station in self._touched)):
            self._stations.pop(station_id, None)
        for session in self._batch.sessions.values():
            session.dirty = False
        self._batch = Batch()
        self._touched = []
        self._live = []
