"""How a station stays in touch: connect with backoff, boot, beat, and send what waits, in order."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl as tls
from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import ClassVar

from websockets.exceptions import WebSocketException

from forecourt.ocpp import ErrorCode, InvalidOutbound, Version
from forecourt.simulator.connector import Connector
from forecourt.simulator.link import CallRefused, CommandRefused, Link, LinkLost, Payload, Traffic, open_link
from forecourt.simulator.outbox import Outbox, Pending
from forecourt.simulator.pace import Pace
from forecourt.simulator.spec import StationSpec, Totals

log = logging.getLogger("forecourt.simulator")

ATTEMPTS = 3
"""How often a transaction message that the server refuses is sent (TransactionMessageAttempts)."""
LONGEST_BACKOFF_S = 30.0


class Wire(ABC):
    """The part of a station that knows the server."""

    version: ClassVar[Version]

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
        self.outbox = Outbox()
        self.registered = False
        self.heartbeat_s = 300.0
        self.boot_reason = "PowerUp"
        self.connectors: list[Connector] = []
        self._ssl = ssl
        self._backoff_s = backoff_s
        self._link: Link | None = None
        self._needs_boot = True
        self._stopping = False
        self._offline_until: datetime | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._beat_at = pace.now()

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
        """Queue a status notification of a connector; with ``first`` ahead of everything that waits."""

    @property
    def online(self) -> bool:
        """Connected and accepted by the server."""
        return self._link is not None and self.registered

    def set_heartbeat(self, seconds: float) -> None:
        """Beat every ``seconds`` from now on; 0 is taken as a day."""
        self.heartbeat_s = seconds or 86_400.0
        self._beat_at = min(self._beat_at, self.pace.now() + timedelta(seconds=self.heartbeat_s))
        self.outbox.ready.set()

    def disconnect(self, seconds: float) -> None:
        """Lose the connection, and stay offline for ``seconds`` of simulated time."""
        self._offline_until = self.pace.now() + timedelta(seconds=seconds)
        if self._link is not None:
            self._link.abort()

    def duplicate(self, calls: int) -> None:
        """Send the next ``calls`` calls twice."""
        if self._link is not None:
            self._link.duplicate_calls += calls

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
                        version=self.version,
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

    def _backoff(self, failures: int) -> float:
        if self._offline_until is not None:
            return 0.0
        wait = min(LONGEST_BACKOFF_S, self._backoff_s * 2.0 ** min(failures, 10))
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
        except InvalidOutbound as error:
            log.exception("%s of %s breaks its schema and is dropped", entry.action, self.spec.identity)
            self.totals.crashes += 1
            self.outbox.done(entry)
            entry.failed(LinkLost(str(error)))
            return
        except CallRefused as error:
            if entry.keep and entry.attempts < ATTEMPTS:
                await asyncio.sleep(min(10.0, max(0.2, self.pace.real(60 * entry.attempts))))
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
            raise CommandRefused(
                ErrorCode.FORMAT_VIOLATION, f"{type(error).__name__}: {error}"[:255]
            ) from error
