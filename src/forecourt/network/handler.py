"""The network's part in the hot path: statuses, boots, links, variables, and the outcome of commands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from forecourt.network.answered_commands import CommandOutcome, Evidence
from forecourt.network.collected import Collected
from forecourt.network.command_kinds import masked
from forecourt.network.outlets import ensure_connector
from forecourt.network.record_boot import record_boot
from forecourt.network.record_link import record_connected, record_disconnected
from forecourt.network.record_reports import record_problem, record_security_event, record_variables
from forecourt.network.record_status import record_status
from forecourt.network.state import StationState, load_stations
from forecourt.stations.answers import (
    ACKNOWLEDGED,
    Answer,
    BootAnswer,
    DataTransferAnswer,
    HeartbeatAnswer,
)
from forecourt.stations.events import (
    Booted,
    CommandAnswered,
    Connected,
    DataTransferred,
    Disconnected,
    Event,
    HeartbeatReceived,
    Inbound,
    MeterValuesReported,
    OtherReported,
    ProblemReported,
    SecurityEventReported,
    StatusReported,
    TransactionReported,
    VariablesReported,
)

_STATEFUL = frozenset((
    Booted, StatusReported, VariablesReported, ProblemReported, SecurityEventReported, Connected, Disconnected,
    CommandAnswered,
))  # fmt: skip
OutletShown = StatusReported | TransactionReported | MeterValuesReported
_OUTLET_SHOWN = (StatusReported, TransactionReported, MeterValuesReported)
_SEEN_EVERY = timedelta(minutes=5)
_FORGET_ABOVE = 100_000


class NetworkHandler:
    """Implements `stations.ports.StationHandler`.

    The state of stations stays in memory between batches; a station whose row somebody else changed (its
    revision differs) is read again. Messages that say nothing about the network cost a dictionary look-up.
    """

    def __init__(self) -> None:
        """Start with an empty memory."""
        self._stations: dict[UUID, StationState] = {}
        self._seen: dict[UUID, datetime] = {}
        self._collected = Collected()

    async def prepare(self, message: Inbound) -> None:
        """The network asks nobody."""

    async def load(self, tx: psycopg.AsyncConnection[Any], messages: Sequence[Inbound]) -> None:
        """Read the stations whose messages concern the network; their rows are locked for the batch."""
        wanted: set[UUID] = set()
        shown: list[tuple[Inbound, OutletShown]] = []
        for message in messages:
            for event in message.events:
                if event.__class__ in _STATEFUL:
                    wanted.add(message.station_id)
                if (
                    isinstance(event, _OUTLET_SHOWN)
                    and event.evse_no
                    and not self._knows(message.station_id, event.evse_no)
                ):
                    shown.append((message, event))
                    wanted.add(message.station_id)
        if wanted:
            await load_stations(tx, wanted, self._stations)
        if shown:
            await self._make_outlets(tx, shown)

    def _knows(self, station_id: UUID, evse_no: int) -> bool:
        state = self._stations.get(station_id)
        return state is not None and evse_no in state.outlets

    async def _make_outlets(
        self, tx: psycopg.AsyncConnection[Any], shown: Sequence[tuple[Inbound, OutletShown]]
    ) -> None:
        """Make what stations show for the first time now, so that who loads after us finds it (quirk 30)."""
        into = Collected()
        for message, event in shown:
            state = self._stations.get(message.station_id)
            if state is None or not state.adopted or event.evse_no is None:
                continue
            connector_no = 1 if isinstance(event, MeterValuesReported) else event.connector_no or 1
            connector = ensure_connector(state, event.evse_no, connector_no)
            if connector is not None and connector.is_new:
                into.at = message.received_at
                into.touch(state)
        await into.write(tx)
        into.settled()

    def apply(self, message: Inbound, event: Event) -> Answer | None:
        """Give one event its effect in memory."""
        self._see(message)
        if isinstance(event, HeartbeatReceived):
            return HeartbeatAnswer(message.received_at)
        if isinstance(event, DataTransferred):
            return DataTransferAnswer("unknown_vendor_id")
        if isinstance(event, OtherReported):
            return ACKNOWLEDGED
        if event.__class__ not in _STATEFUL:
            return None
        state = self._stations.get(message.station_id)
        if state is None:
            # The station's row is gone; it is told to come back later, if it asks.
            return (
                BootAnswer("rejected", message.received_at, 3600)
                if isinstance(event, Booted)
                else ACKNOWLEDGED
            )
        into = self._collected
        into.at = max(into.at or message.received_at, message.received_at)
        match event:
            case Booted():
                return record_boot(state, message, event, into=into)
            case StatusReported():
                record_status(state, message, event, into=into)
            case VariablesReported():
                record_variables(state, event.variables, message.received_at, into=into)
                if not event.more_follows:
                    into.evidence.append(
                        Evidence(
                            state.operator_id, state.station_id, "get-base-report", message.received_at,
                            number=event.request_no, shown_by={"message_id": message.message_id},
                        )
                    )  # fmt: skip
            case ProblemReported():
                record_problem(state, message, event, into=into)
            case SecurityEventReported():
                record_security_event(state, message, event, into=into)
            case Connected():
                record_connected(state, message, event, into=into)
            case Disconnected():
                record_disconnected(state, message, event, into=into)
            case CommandAnswered():
                self._command_answered(state, message, event)
        return ACKNOWLEDGED

    async def flush(self, tx: psycopg.AsyncConnection[Any]) -> None:
        """Write what the batch changed."""
        await self._collected.write(tx)

    async def committed(self) -> None:
        """Forget what was collected; keep the stations."""
        for (_, station_id), at in self._collected.seen.items():
            self._seen[station_id] = at
        self._collected.settled()
        self._collected = Collected()
        if len(self._stations) > _FORGET_ABOVE:
            self._stations.clear()

    def rolled_back(self, station_ids: Collection[UUID]) -> None:
        """Forget the batch and what it changed in memory."""
        for station_id in (*station_ids, *self._collected.stations):
            self._stations.pop(station_id, None)
        for state, _ in self._collected.connectors.values():
            self._stations.pop(state.station_id, None)
        self._collected = Collected()

    def _see(self, message: Inbound) -> None:
        """Note coarsely that the station is alive."""
        last = self._seen.get(message.station_id)
        if last is None or message.received_at - last >= _SEEN_EVERY:
            self._collected.seen[(message.operator_id, message.station_id)] = message.received_at

    def _command_answered(self, state: StationState, message: Inbound, event: CommandAnswered) -> None:
        self._collected.outcomes[event.command_id] = CommandOutcome(
            state.operator_id,
            event.command_id,
            event.status,
            event.reason,
            masked(event.reply),
            message.received_at,
        )
        if event.variables:
            record_variables(state, event.variables, message.received_at, into=self._collected)
