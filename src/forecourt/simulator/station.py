"""A simulated station, whatever its version: its connectors, its memory of tokens and profiles, its sessions."""

from __future__ import annotations

import asyncio
import logging
import ssl as tls
from abc import abstractmethod
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from forecourt.simulator.connector import Connector, Reservation, State, Transaction
from forecourt.simulator.link import CallRefused, LinkLost, Payload, Traffic
from forecourt.simulator.meter import Sample
from forecourt.simulator.outbox import Pending
from forecourt.simulator.pace import Pace
from forecourt.simulator.profiles import ProfileStore
from forecourt.simulator.spec import StationSpec, Totals
from forecourt.simulator.wire import Wire

INSTALLED_AT = datetime(2026, 1, 1, tzinfo=UTC)

log = logging.getLogger("forecourt.simulator")


class Station(Wire):
    """The part of a station that all versions share; a version adds its messages and commands.

    Args:
        spec: what it is.
        url: address of the server, to which the identity is appended.
        pace: the clock and its speed.
        seed: makes the station's chances repeatable, together with its identity.
        traffic, totals: counters to share with a network.
        ssl: for ``wss``.
        backoff_s: real seconds of the first wait after a failed connection; doubles up to half a minute.
    """

    def __init__(
        self,
        spec: StationSpec,
        url: str,
        *,
        pace: Pace,
        seed: str = "0",
        traffic: Traffic | None = None,
        totals: Totals | None = None,
        ssl: tls.SSLContext | None = None,
        backoff_s: float = 1.0,
    ) -> None:
        super().__init__(
            spec, url, pace=pace, seed=seed, traffic=traffic, totals=totals, ssl=ssl, backoff_s=backoff_s
        )
        self.skew = timedelta()
        self.profiles = ProfileStore()
        self.local_list: dict[str, str] = {}
        self.local_list_version = 0
        self.auth_cache: dict[str, str] = {}
        self.connectors = [
            Connector(
                number,
                dc=spec.kind.upper() == "DC",
                max_power_w=spec.max_power_w,
                rng=self.rng,
                register_wh=self._register_wh(),
            )
            for number in range(1, spec.connectors + 1)
        ]

    def _register_wh(self) -> float:
        """Where a meter stands at the start: it has counted since 2026, so that a later start finds it higher."""
        since = max(0.0, (self.pace.now() - INSTALLED_AT).total_seconds())
        return self.rng.randrange(0, 900_000) + since / 3600 * self.spec.max_power_w / 4

    # -- what a version adds ------------------------------------------------------------------

    @abstractmethod
    def ask(self, id_token: str, token_type: str) -> tuple[str, Payload]:
        """Action and payload of an Authorize call."""

    @abstractmethod
    def accepted(self, answer: Payload, id_token: str) -> bool:
        """Read the answer to Authorize, and remember it."""

    @abstractmethod
    def tx_started(self, connector: Connector, tx: Transaction) -> None:
        """Queue the start of a transaction."""

    @abstractmethod
    def tx_meter(self, connector: Connector, tx: Transaction, samples: list[Sample]) -> None:
        """Queue meter values of a transaction."""

    @abstractmethod
    def tx_state(self, connector: Connector, tx: Transaction) -> None:
        """Queue a change of charging state, where the version has such a message."""

    @abstractmethod
    def tx_ended(self, connector: Connector, tx: Transaction, samples: list[Sample]) -> None:
        """Queue the end of a transaction."""

    def tx_authorised(self, connector: Connector, tx: Transaction) -> None:
        """Queue that somebody signed on for a transaction that ran already, where the version has that."""

    @property
    def starts_at_plug(self) -> bool:
        """Transactions begin when the plug goes in."""
        return False

    @property
    @abstractmethod
    def meter_interval_s(self) -> float:
        """Seconds between meter values during a transaction; 0 for none."""

    # -- facts --------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The time by the station's own clock, which may be wrong."""
        return self.pace.now() + self.skew

    def connector(self, number: int) -> Connector | None:
        """The connector (1.6) or EVSE (2.x) with that number."""
        return self.connectors[number - 1] if 1 <= number <= len(self.connectors) else None

    def transaction(self, key: str) -> tuple[Connector, Transaction] | None:
        """The running transaction that the server knows as ``key``."""
        for connector in self.connectors:
            tx = connector.transaction
            if tx is not None and key in (tx.key, str(tx.server_id)):
                return connector, tx
        return None

    def limit_w(self, connector: Connector) -> float:
        """What the connector may offer now, in watts."""
        if connector.state is State.FAULTED:
            return 0.0
        tx = connector.transaction
        limit = self.profiles.limit_w(connector.number, self.now(), tx.started_at if tx else None)
        return connector.max_power_w if limit is None else min(limit, connector.max_power_w)

    # -- doing --------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a session or another piece of the station's life beside it."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.totals.crashes += 1
            log.error("a session at %s crashed", self.spec.identity, exc_info=error)

    def set_state(self, connector: Connector, state: State, *, error_code: str = "NoError") -> None:
        """Change a connector's state and report it."""
        if state is State.AVAILABLE and not connector.operative:
            state = State.UNAVAILABLE
        if connector.state is state and connector.error_code == error_code:
            return
        connector.state = state
        connector.error_code = error_code
        self.report(connector)

    def say(self, action: str, payload: Payload, *, early: bool = False) -> None:
        """Queue a call whose answer does not matter and which may be lost."""
        self.outbox.put(Pending(action=action, build=lambda _offline: payload, early=early))

    async def request(self, action: str, payload: Payload) -> Payload:
        """Make a call and wait for its answer.

        Raises:
            LinkLost: the station is offline, or lost the connection meanwhile.
            CallRefused: the server answered with an error.
        """
        if not self.online:
            raise LinkLost("the station is offline")
        future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self.outbox.put(Pending(action=action, build=lambda _offline: payload, future=future))
        return await future

    async def authorise(self, id_token: str, token_type: str = "ISO14443") -> bool:  # noqa: S107
        """Ask whether a token may charge; offline, the local list, the cache and good faith decide."""
        try:
            answer = await self.request(*self.ask(id_token, token_type))
        except (LinkLost, CallRefused):
            known = self.local_list.get(id_token) or self.auth_cache.get(id_token, "Accepted")
            return known == "Accepted"
        if self.accepted(answer, id_token):
            return True
        self.totals.authorisations_refused += 1
        return False

    def profiles_changed(self) -> None:
        """Let running sessions notice a new limit at once."""
        for connector in self.connectors:
            if connector.transaction is not None:
                connector.transaction.wake.set()

    def reserve(self, connector: Connector, reservation: Reservation, span: timedelta) -> None:
        """Keep a connector for a token for ``span``."""
        connector.reservation = reservation
        self.set_state(connector, State.RESERVED)

        async def expire() -> None:
            await self.pace.sleep(span.total_seconds())
            if connector.reservation is reservation:
                self.cancel_reservation(reservation.reservation_id)

        self.spawn(expire())

    def cancel_reservation(self, reservation_id: int) -> bool:
        """Let go of a reservation; False if there is none with that id."""
        for connector in self.connectors:
            if connector.reservation is not None and connector.reservation.reservation_id == reservation_id:
                connector.reservation = None
                if connector.state is State.RESERVED:
                    self.set_state(connector, State.AVAILABLE)
                return True
        return False

    def reboot(self, reason: str, *, hard: bool) -> None:
        """End transactions, go away, and boot again after a few simulated seconds."""
        for connector in self.connectors:
            if connector.transaction is not None:
                connector.transaction.stop("HardReset" if hard else "SoftReset")

        async def later() -> None:
            await asyncio.sleep(max(0.3, self.pace.real(5)))
            self.boot_reason = reason
            self._needs_boot = True
            self.registered = False
            self.disconnect(10)

        self.spawn(later())

    def reboot_when_idle(self, reason: str) -> None:
        """Reboot as soon as no transaction runs."""

        async def later() -> None:
            while any(connector.transaction for connector in self.connectors):
                await self.pace.sleep(10)
            self.reboot(reason, hard=False)

        self.spawn(later())

    def reconnect(self) -> None:
        """Connect anew, e.g. with a new password."""

        async def later() -> None:
            await asyncio.sleep(0.3)
            self.disconnect(0)

        self.spawn(later())

    async def stop(self, *, end_sessions: bool = False) -> None:
        """Leave; with ``end_sessions`` running transactions are ended and reported first."""
        if end_sessions and self.online:
            for connector in self.connectors:
                if connector.transaction is not None:
                    connector.transaction.stop("Local")
            until = asyncio.get_running_loop().time() + 5
            while asyncio.get_running_loop().time() < until and self.online:
                if not self.outbox.kept and not any(c.transaction for c in self.connectors):
                    break
                await asyncio.sleep(0.05)
        self._stopping = True
        for task in list(self._tasks):
            task.cancel()
        if self._link is not None:
            await self._link.close()
