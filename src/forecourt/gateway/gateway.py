"""The gateway: upgrades, links, and what must happen around them.

`app` makes one per process, starts it after the database and stops it before anything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Sequence
from ssl import SSLContext
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

import msgspec
import psycopg

from forecourt.gateway import handshake
from forecourt.gateway.calls import Job
from forecourt.gateway.connection import Link
from forecourt.gateway.directory import Directory, GuessingBrake, StationEntry
from forecourt.gateway.directory_feed import DirectoryFeed, DirectorySource
from forecourt.gateway.journal import OnParked, ParkedMessage
from forecourt.gateway.knocks import Knocker, Knocks
from forecourt.gateway.leases import end_links_of, give_up_lease, keep_lease, renew_lease
from forecourt.gateway.metrics import GatewayCollector
from forecourt.gateway.recovery import remember_addresses
from forecourt.gateway.settings import GatewaySettings
from forecourt.gateway.stations_port import SUBJECT, Order
from forecourt.gateway.stats import Stats
from forecourt.gateway.transport import Accepted, Refused, Upgrade, listen
from forecourt.gateway.upkeep import guard_database, keep_links_alive
from forecourt.gateway.writers import Writers
from forecourt.kit.bus import Bus, MemoryBus, Unsubscribe
from forecourt.kit.clock import Clock, SystemClock
from forecourt.kit.database import Database
from forecourt.kit.group_commit import is_absence
from forecourt.kit.metrics import Metrics
from forecourt.kit.notify import Listener
from forecourt.ocpp import Version, redact
from forecourt.stations.ports import StationHandler

_log = logging.getLogger("forecourt.gateway")

DIRECTORY_CHANNEL = "stations"
"""NOTIFY channel: a station's entry changed; the payload is its id, or empty."""


TAKEN = "gateway.taken"
"""Bus subject: a station is held by another gateway now; id and epoch."""


class CredentialUsed(Protocol):
    """Told that a station used a password that replaces others: those end now."""

    async def __call__(self, operator_id: UUID, station_id: UUID, credential_id: UUID) -> object:
        """Make an end of them. May be called again for the same."""


class Gateway:
    """Holds the sockets of stations in one process."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        teams: Sequence[Sequence[StationHandler]],
        stations: DirectorySource,
        settings: GatewaySettings,
        clock: Clock | None = None,
        on_knock: Knocker | None = None,
        on_parked: OnParked | None = None,
        on_credential_used: CredentialUsed | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """Describe it; `start` opens the ports.

        Args:
            database: its role `system` is used, on a connection of our own.
            bus: commands arrive on it.
            teams: handlers in the order in which they see each event; the first answer counts. Each team has a
                writer of its own and sees only its share of the stations; they must not share state.
            stations: who may connect, e.g. `network.directory.StationDirectory`.
            settings: ports, pepper, limits.
            clock: stamps what arrives; the machine's by default.
            on_knock: told of unknown stations, each at most every few seconds.
            on_parked: told, inside the transaction, of messages that were acknowledged without effect.
            on_credential_used: told of the first use of a password that replaces others.
            metrics: gets the gateway's figures.
        """
        self.database = database
        self.bus = bus
        self.teams = tuple(tuple(team) for team in teams)
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.directory = Directory(settings.pepper)
        self.brake = GuessingBrake()
        self.links: dict[UUID, Link] = {}
        self.stats = Stats()
        self.available = True
        """Whether the database takes writes; false: upgrades are refused with 503."""
        self.stopping = False
        self.ports: dict[str, int] = {}
        """The ports that are open, by scheme (`ws`, `wss`)."""
        self.knocks = Knocks(on_knock)
        self._on_credential_used = on_credential_used
        self.feed = DirectoryFeed(
            self.directory, stations, database=database, clock=self.clock, changed=self._entry_changed
        )
        self.writers = Writers(
            database,
            self.teams,
            now=self.clock.now,
            on_parked=on_parked,
            node=settings.node,
            on_unavailable=self.went_away,
            on_available=self.came_back,
            unavailable_after_seconds=settings.unavailable_after_s,
        )
        self.open_links: set[Link] = set()
        self._servers: list[asyncio.Server] = []
        self._listener: Listener | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscription: Unsubscribe | None = None
        self._hearing: Unsubscribe | None = None
        self._subscriptions: dict[UUID, Unsubscribe] = {}
        if metrics is not None:
            metrics.registry.register(GatewayCollector(self))

    @property
    def ready(self) -> bool:
        """May stations connect? For the health endpoint."""
        return self.available and not self.stopping and self.directory.loaded and bool(self._servers)

    # start and stop -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Load the directory, tidy up what a crash left, open the ports.

        Raises:
            OSError: a port is taken.
            psycopg.OperationalError: the database is away.
        """
        await self.feed.load()
        await self._take_lease()
        await remember_addresses(self)
        self.writers.start()
        self._listener = Listener(self.database.urls.system, {DIRECTORY_CHANNEL: self.feed.heard})
        await self._listener.start()
        if isinstance(self.bus, MemoryBus):
            # One subscription for all: the memory bus looks at every one of them for every message.
            self._subscription = await self.bus.subscribe(f"{SUBJECT}>", self._ordered)
        else:
            self._hearing = await self.bus.subscribe(TAKEN, self._taken)
        settings = self.settings
        if settings.port is not None:
            await self._open("ws", settings.port, None)
        if settings.tls is not None:
            await self._open("wss", settings.tls_port, settings.tls)
        self._spawn(keep_links_alive(self))
        self._spawn(guard_database(self))
        self._spawn(self.feed.compare_forever())
        self._spawn(self.knocks.run())
        self._spawn(keep_lease(self))

    async def stop(self) -> None:
        """Stop reading, let what is under way be written and answered, close the sockets with 1001."""
        self.stopping = True
        for server in self._servers:
            server.close()
        for link in self.open_links:
            if link.socket is not None:
                link.socket.pause_reading()
        deadline = monotonic() + self.settings.drain_s
        while monotonic() < deadline and self.available and any(not link.idle for link in self.open_links):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for link in list(self.open_links):
            if link.socket is not None:
                link.socket.resume_reading()
            link.end(1001, "restarting")
        deadline = monotonic() + 3
        while self.open_links and monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for link in list(self.open_links):
            if link.socket is not None:
                link.socket.abort()
        await asyncio.sleep(0)
        if self._subscription is not None:
            await self._subscription()
        if self._hearing is not None:
            await self._hearing()
        for unsubscribe in self._subscriptions.values():
            await unsubscribe()
        if self._listener is not None:
            await self._listener.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.writers.close(timeout=self.settings.drain_s if self.available else 0.1)
        await self.feed.close()
        if self._servers and self.available:
            with contextlib.suppress(psycopg.Error, OSError):
                await give_up_lease(self.database, self.settings.node)
        self._servers.clear()

    async def _take_lease(self) -> None:
        """Say that we live, and that the links which we held before a crash are gone."""
        async with await self.database.system_connection() as connection:
            await renew_lease(connection, self.settings.node, self.settings.lease_s)
        try:
            await end_links_of(self.settings.node, self.database, self.teams[0])
        except Exception as error:
            if is_absence(error):
                raise
            _log.exception("links that a crash left open could not be ended")

    async def _open(self, scheme: str, port: int, tls: SSLContext | None) -> None:
        server = await listen(self._accept, host=self.settings.host, port=port, tls=tls)
        self._servers.append(server)
        self.ports[scheme] = server.sockets[0].getsockname()[1]

    # upgrades and links -------------------------------------------------------------------------------

    def _accept(self, upgrade: Upgrade) -> Accepted | Refused:
        if self.stopping:
            decision: Accepted | Refused = Refused(503, "restarting", {"Retry-After": "5"})
        elif not self.available or not self.directory.loaded:
            decision = Refused(503, "the database is away", {"Retry-After": "15"})
        else:
            decision = handshake.decide(self, upgrade)
        if isinstance(decision, Refused):
            self.stats.refused_upgrades += 1
        return decision

    def attach(self, link: Link) -> None:
        """A socket is open: it is the station's now, and an older one is closed."""
        self.open_links.add(link)
        station_id = link.entry.station_id
        old = self.links.get(station_id)
        self.links[station_id] = link
        self.stats.connections += 1
        if old is not None:
            self.stats.takeovers += 1
            old.supersede()
        elif self._subscription is None:
            self._spawn(self._subscribe(station_id))

    def detach(self, link: Link) -> None:
        """A socket is gone; a newer one of the same station stays."""
        self.open_links.discard(link)
        station_id = link.entry.station_id
        if self.links.get(station_id) is link:
            del self.links[station_id]
            unsubscribe = self._subscriptions.pop(station_id, None)
            if unsubscribe is not None:
                self._spawn(_quietly(unsubscribe))

    def announce(self, link: Link) -> None:
        """The link has its epoch: other gateways let go of the station. If nobody hears it, the fence holds."""
        if self._hearing is not None:
            taken = msgspec.json.encode((str(link.entry.station_id), link.epoch))
            self._spawn(self.bus.publish(TAKEN, taken))

    async def _taken(self, _subject: str, data: bytes) -> None:
        station_id, epoch = msgspec.json.decode(data, type=tuple[UUID, int])
        link = self.links.get(station_id)
        if link is not None and 0 < link.epoch < epoch:
            link.supersede()

    def credential_used(self, entry: StationEntry, credential_id: UUID) -> None:
        """A station came in with a password that replaces others."""
        if self._on_credential_used is not None:
            told = self._on_credential_used(entry.operator_id, entry.station_id, credential_id)
            self._spawn(_told(told, "replaced passwords could not be ended"))

    def redact(self, version: Version, action: str | None, text: str) -> str:
        """The frame as the log may keep it."""
        if action in _WITHOUT_SECRETS:
            return text
        return redact(version, action or "GetConfiguration", text)

    # commands -----------------------------------------------------------------------------------------

    async def _ordered(self, subject: str, data: bytes) -> bytes | None:
        """A command, or the wish to close a socket, for a station that we may hold."""
        order = msgspec.json.decode(data, type=Order)
        link = self.links.get(UUID(subject.removeprefix(SUBJECT)))
        if link is None or link.ended:
            return b"gone"
        if not order.kind:
            link.end(1008, order.reason or "disconnected")
            return b"ok"
        if order.command_id is None or link.entry.operator_id != order.operator_id:
            return b"gone"
        link.calls.submit(Job(order.command_id, order.command(), order.timeout_s))
        return b"ok"

    async def _subscribe(self, station_id: UUID) -> None:
        unsubscribe = await self.bus.subscribe(f"{SUBJECT}{station_id}", self._ordered)
        if station_id in self.links and station_id not in self._subscriptions:
            self._subscriptions[station_id] = unsubscribe
        else:
            await unsubscribe()

    # the directory ------------------------------------------------------------------------------------

    def _entry_changed(self, station_id: UUID) -> None:
        """Close the socket if nothing entitles it any more."""
        link = self.links.get(station_id)
        if link is not None:
            self._reconsider(link, self.directory.get(station_id))

    def _reconsider(self, link: Link, entry: StationEntry | None) -> None:
        if entry is None or not entry.admitted:
            link.end(1008, "not admitted any more")
        elif (
            link.credential is not None and link.credential not in entry.credentials and not entry.allow_plain
        ):
            link.end(1008, "credential revoked")
        elif link.credential is None and not entry.allow_plain and entry.registration != "knocking":
            # It was let in without a password, and now it needs one. A knocking station is adopted over
            # the socket that it has: its new password reaches it there.
            if link.entry.registration != "knocking":
                link.end(1008, "a password is needed now")
            else:
                link.entry = entry
        else:
            link.entry = entry

    # the database's absence ---------------------------------------------------------------------------

    async def went_away(self, _since: float) -> None:
        """Nothing can be written: close everything, so that stations queue and come back."""
        self.available = False
        _log.error("the database is away: sockets are closed until it is back")
        for link in list(self.open_links):
            link.end(1013, "try again later")

    async def came_back(self) -> None:
        """Stations may connect again."""
        self.available = True
        _log.warning("the database is back")

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _told(work: Awaitable[object], complaint: str) -> None:
    try:
        await work
    except Exception:
        _log.exception(complaint)


async def _quietly(call: Unsubscribe) -> None:
    with contextlib.suppress(Exception):
        await call()


_WITHOUT_SECRETS = frozenset(
    {
        "MeterValues",
        "Heartbeat",
        "StatusNotification",
        "BootNotification",
        "StartTransaction",
        "StopTransaction",
    }
)
"""The frequent actions that carry no secret; all others are looked at."""

__all__ = ["Gateway", "Knocker", "OnParked", "ParkedMessage", "Stats"]
