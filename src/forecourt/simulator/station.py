"""A simulated station, whatever its version: connects, boots, beats, reports, and never loses a transaction."""

from __future__ import annotations

import asyncio
import random
import ssl as tls
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from websockets.exceptions import WebSocketException

from forecourt.simulator.connector import Connector, Reservation, State, Transaction
from forecourt.simulator.link import CallRefused, CommandRefused, Link, LinkLost, Payload, Traffic, open_link
from forecourt.simulator.meter import Sample
from forecourt.simulator.outbox import Outbox, Pending
from forecourt.simulator.pace import Pace
from forecourt.simulator.profiles import ProfileStore

ATTEMPTS = 3
"""How often a transaction message that the server refuses is sent (TransactionMessageAttempts)."""


@dataclass(frozen=True, kw_only=True)
class StationSpec:
    """What a station is, and how it signs on."""

    identity: str
    version: str = "1.6"
    password: str | None = None
    connectors: int = 1
    kind: str = "AC"
    max_power_w: float = 22_000.0
    vendor: str = "Forecourt"
    model: str = "Simulated"
    serial_number: str = ""
    firmware_version: str = "1.0.0"
    boots_on_reconnect: bool = False


@dataclass
class Totals:
    """What happened so far in a network."""

    sessions_started: int = 0
    sessions_ended: int = 0
    authorisations_refused: int = 0
    energy_wh: float = 0.0
    boots: int = 0
    connects: int = 0
    failed_connects: int = 0
    messages_dropped: int = 0
    commands: dict[str, int] = field(default_factory=dict)


class Station(ABC):
    """The part of a station that all versions share; a version adds its messages and commands."""

    subprotocol: ClassVar[str]
    malformed: ClassVar[str]
    """Error code for a command that cannot be read."""

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
        self.spec = spec
        self.url = url
        self.pace = pace
        self.rng = random.Random(f"{seed}/{spec.identity}")  # noqa: S311
        self.traffic = traffic if traffic is not None else Traffic()
        self.totals = totals if totals is not None else Totals()
        self.password = spec.password
        self.skew = timedelta()
        self.outbox = Outbox()
        self.profiles = ProfileStore()
        self.local_list: dict[str, str] = {}
        self.local_list_version = 0
        self.auth_cache: dict[str, str] = {}
        self.registered = False
        self.heartbeat_s = 300.0
        self.boot_reason = "PowerUp"
        self.connectors = [
            Connector(number, dc=spec.kind.upper() == "DC", max_power_w=spec.max_power_w, rng=self.rng)
            for number in range(1, spec.connectors + 1)
        ]
        self._ssl = ssl
        self._backoff_s = backoff_s
        self._link: Link | None = None
        self._needs_boot = True
        self._stopping = False
        self._offline_until: datetime | None = None
        self._back = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._beat_at = pace.now()

    # -- what a version adds ------------------------------------------------------------------

    @abstractmethod
    def boot_payload(self) -> Payload:
        """The BootNotification."""

    @abstractmethod
    def handle(self, action: str, payload: Payload) -> Payload:
        """Answer a command of the server.

        Raises:
            CommandRefused: to be answered with an error frame.
        """

    @abstractmethod
    def report(self, connector: Connector, *, first: bool = False) -> None:
        """Queue a status notification of a connector."""

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

    @property
    @abstractmethod
    def meter_interval_s(self) -> float:
        """Seconds between meter values during a transaction; 0 for none."""

    # -- facts --------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The time by the station's own clock, which may be wrong."""
        return self.pace.now() + self.skew

    @property
    def online(self) -> bool:
        """Connected and accepted by the server."""
        return self._link is not None and self.registered

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
        if not connector.operative or connector.state is State.FAULTED:
            return 0.0
        tx = connector.transaction
        limit = self.profiles.limit_w(connector.number, self.now(), tx.started_at if tx else None)
        return connector.max_power_w if limit is None else min(limit, connector.max_power_w)

    # -- doing --------------------------------------------------------------------------------

    def spawn(self, work: Any) -> asyncio.Task[None]:
        """Run a session or another piece of the station's life beside it."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

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

    def set_heartbeat(self, seconds: float) -> None:
        """Beat every ``seconds`` from now on; 0 is taken as a day."""
        self.heartbeat_s = seconds or 86_400.0
        self._beat_at = min(self._beat_at, self.pace.now() + timedelta(seconds=self.heartbeat_s))
        self.outbox.ready.set()

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

    def reconnect(self) -> None:
        """Connect anew, e.g. with a new password."""

        async def later() -> None:
            await asyncio.sleep(0.3)
            self.disconnect(0)

        self.spawn(later())

    def disconnect(self, seconds: float) -> None:
        """Lose the connection, and stay offline for ``seconds`` of simulated time."""
        self._offline_until = self.pace.now() + timedelta(seconds=seconds)
        if self._link is not None:
            self._link.abort()

    def duplicate(self, calls: int) -> None:
        """Send the next ``calls`` calls twice."""
        if self._link is not None:
            self._link.duplicate_calls += calls

    # -- life ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Live until ``stop``."""
        failures = 0
        try:
            while not self._stopping:
                if self._offline_until is not None:
                    await self.pace.sleep((self._offline_until - self.pace.now()).total_seconds())
                    self._offline_until = None
                try:
                    link = await open_link(
                        self.url,
                        self.spec.identity,
                        password=self.password,
                        subprotocol=self.subprotocol,
                        handle=self._command,
                        traffic=self.traffic,
                        ssl=self._ssl,
                    )
                except (OSError, TimeoutError, WebSocketException, EOFError):
                    self.totals.failed_connects += 1
                else:
                    began = asyncio.get_running_loop().time()
                    await self._connected(link)
                    if self.registered or asyncio.get_running_loop().time() - began > 5:
                        failures = 0
                if not self._stopping:
                    await asyncio.sleep(self._backoff(failures))
                    failures += 1
        finally:
            for task in list(self._tasks):
                task.cancel()

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

    def _backoff(self, failures: int) -> float:
        if self._offline_until is not None:
            return 0.0
        wait = min(30.0, self._backoff_s * 2.0 ** min(failures, 10))
        return wait * self.rng.uniform(0.5, 1.5)

    async def _connected(self, link: Link) -> None:
        self._link = link
        self.totals.connects += 1
        self.outbox.go_online()
        talk = asyncio.create_task(self._talk(link))
        talk.add_done_callback(lambda _task: link.abort())
        try:
            await link.serve()
        finally:
            self._link = None
            self.outbox.go_offline()
            talk.cancel()
            (outcome,) = await asyncio.gather(talk, return_exceptions=True)
            await link.close()
        if isinstance(outcome, Exception) and not isinstance(outcome, LinkLost):
            raise outcome

    async def _talk(self, link: Link) -> None:
        if self._needs_boot or not self.registered or self.spec.boots_on_reconnect:
            await self._boot(link)
        for connector in reversed(self.connectors):
            self.report(connector, first=True)
        self._beat_at = self.pace.now() + timedelta(seconds=self.heartbeat_s * self.rng.uniform(0.3, 1.0))
        while True:
            entry = self.outbox.peek()
            if entry is not None:
                await self._deliver(link, entry)
                continue
            self.outbox.ready.clear()
            wait = (self._beat_at - self.pace.now()).total_seconds()
            if wait <= 0 or not await self.pace.wait(self.outbox.ready, wait):
                self._beat_at = self.pace.now() + timedelta(seconds=max(self.heartbeat_s, self.pace.speed))
                await self._quietly(link, "Heartbeat", {})

    async def _boot(self, link: Link) -> None:
        while True:
            answer = await self._quietly(link, "BootNotification", self.boot_payload())
            self.totals.boots += 1
            status = (answer or {}).get("status", "Rejected")
            interval = float((answer or {}).get("interval") or 0)
            if status == "Accepted":
                self.heartbeat_s = interval or self.heartbeat_s
                self.registered = True
                self._needs_boot = False
                return
            self.registered = False
            retry_at = asyncio.get_running_loop().time() + max(1.0, self.pace.real(interval or 60))
            while (left := retry_at - asyncio.get_running_loop().time()) > 0:
                entry = self.outbox.peek(early=True) if status == "Pending" else None
                if entry is not None and entry.action == "BootNotification":
                    self.outbox.done(entry)
                    break
                if entry is not None:
                    await self._deliver(link, entry)
                    continue
                self.outbox.ready.clear()
                await self.pace.wait(self.outbox.ready, left * self.pace.speed)

    async def _quietly(self, link: Link, action: str, payload: Payload) -> Payload | None:
        try:
            return await link.call(action, payload)
        except CallRefused:
            return None

    async def _deliver(self, link: Link, entry: Pending) -> None:
        entry.attempts += 1
        try:
            result = await link.call(entry.action, entry.build(entry.offline))
        except LinkLost:
            entry.offline = True
            if not entry.keep:
                entry.failed(LinkLost("the connection closed"))
            raise
        except CallRefused as error:
            if entry.keep and entry.attempts < ATTEMPTS:
                await asyncio.sleep(min(5.0, max(0.2, self.pace.real(10 * entry.attempts))))
                return
            self.totals.messages_dropped += 1
            self.outbox.done(entry)
            entry.failed(error)
            return
        self.outbox.done(entry)
        entry.answered(result)

    def _command(self, action: str, payload: Payload) -> Payload:
        self.totals.commands[action] = self.totals.commands.get(action, 0) + 1
        try:
            return self.handle(action, payload)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise CommandRefused(self.malformed, f"{type(error).__name__}: {error}"[:255]) from error
