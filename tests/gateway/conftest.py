"""A gateway on a free port with a tiny handler, a directory in memory, and stations that are real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from forecourt.gateway import Gateway, GatewaySettings
from forecourt.gateway.journal import ParkedMessage
from forecourt.kit.bus import MemoryBus
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.network.credentials import StoredCredential, hash_password
from forecourt.stations.answers import (
    ACKNOWLEDGED,
    Answer,
    AuthorizeAnswer,
    BootAnswer,
    DataTransferAnswer,
    HeartbeatAnswer,
    IdTokenAnswer,
    TransactionAnswer,
)
from forecourt.stations.events import (
    AuthorizeRequested,
    Booted,
    CommandAnswered,
    Connected,
    DataTransferred,
    Disconnected,
    Event,
    HeartbeatReceived,
    Inbound,
    TransactionReported,
)

PEPPER = b"pepper"
PASSWORD = "correct-horse-battery"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A directory entry, as `network.directory` makes them."""

    operator_id: UUID
    operator_slug: str
    station_id: UUID
    identity: str
    registration: str = "adopted"
    blocked: bool = False
    credentials: tuple[StoredCredential, ...] = ()
    allow_plain: bool = False
    security_profile: int = 1
    strictness: str = "standard"
    quirks: dict[str, Any] = field(default_factory=dict)

    @property
    def assume_16(self) -> bool:
        return bool(self.quirks.get("assume_16"))

    @property
    def ping_policy(self) -> str:
        return str(self.quirks.get("ping", "on"))

    @property
    def admitted(self) -> bool:
        return not self.blocked and self.registration != "retired"


@dataclass(frozen=True)
class MemoryChanges:
    mark: None
    entries: list[Entry]
    gone: list[UUID]


class TinyHandler:
    """Answers everything, remembers what was committed, and breaks on demand."""

    def __init__(self) -> None:
        self.committed_messages: list[Inbound] = []
        self._batch: list[Inbound] = []
        self.poison: str | None = None
        """A message whose events mention this text cannot be written."""
        self.boot_status = "accepted"
        self.friend: Callable[[Inbound], Awaitable[None]] | None = None
        self.hold: asyncio.Event | None = None
        """While it is there and not set, no batch commits."""
        self._next_transaction = 100

    def events(self, kind: type[Event]) -> list[Any]:
        return [
            event
            for message in self.committed_messages
            for event in message.events
            if isinstance(event, kind)
        ]

    async def prepare(self, message: Inbound) -> None:
        if self.friend is not None:
            await self.friend(message)

    async def load(self, tx: Any, messages: Sequence[Inbound]) -> None:
        pass

    def apply(self, message: Inbound, event: Event) -> Answer | None:
        if message not in self._batch:
            self._batch.append(message)
        match event:
            case Booted():
                return BootAnswer(self.boot_status, message.received_at, 300)  # type: ignore[arg-type]
            case HeartbeatReceived():
                return HeartbeatAnswer(message.received_at)
            case AuthorizeRequested():
                return AuthorizeAnswer(IdTokenAnswer("accepted"))
            case TransactionReported():
                self._next_transaction += 1
                known = event.transaction or str(self._next_transaction)
                return TransactionAnswer(known, IdTokenAnswer("accepted"), Decimal("1.25"))
            case DataTransferred():
                return DataTransferAnswer("unknown_vendor_id")
            case Connected() | Disconnected() | CommandAnswered():
                return None
        return ACKNOWLEDGED

    async def flush(self, tx: Any) -> None:
        if self.hold is not None:
            await self.hold.wait()
        for message in self._batch:
            if self.poison is not None and self.poison in repr(message.events):
                await tx.execute("SELECT 1 / 0")

    async def committed(self) -> None:
        self.committed_messages += self._batch
        self._batch = []

    def rolled_back(self, station_ids: Collection[UUID]) -> None:
        self._batch = []


class Station:
    """A charger's end of a socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._count = 0

    async def call(self, action: str, payload: Any, *, message_id: str | None = None) -> list[Any]:
        self._count += 1
        await self.socket.send(json.dumps([2, message_id or f"m{self._count}", action, payload]))
        return await self.receive()

    async def receive(self) -> list[Any]:
        text = await asyncio.wait_for(self.socket.recv(), 5)
        answer: list[Any] = json.loads(text)
        return answer

    async def send(self, text: str) -> None:
        await self.socket.send(text)

    async def say(self, text: str) -> list[Any]:
        await self.socket.send(text)
        return await self.receive()

    async def boot(self) -> list[Any]:
        if self.socket.subprotocol in (None, "ocpp1.6"):
            return await self.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        return await self.call(
            "BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
        )

    async def closed(self) -> int | None:
        await asyncio.wait_for(self.socket.wait_closed(), 6)
        return self.socket.close_code


class World:
    """One gateway, and what surrounds it."""

    def __init__(self, database: Database, bus: MemoryBus) -> None:
        self.database = database
        self.bus = bus
        self.handler = TinyHandler()
        self.entries: dict[UUID, Entry] = {}
        self.knocks: list[tuple[str, str, str | None, tuple[str, ...]]] = []
        self.parked: list[ParkedMessage] = []
        self.slug = f"op{new_id().hex[-12:]}"
        self.operator_id = new_id()
        self.gateway: Gateway
        self._sockets: list[ClientConnection] = []

    async def start(self, **settings: Any) -> None:
        given = {
            "pepper": PEPPER,
            "host": "127.0.0.1",
            "port": 0,
            "default_operator": self.slug,
            "node": self.slug,
        }
        self.gateway = Gateway(
            database=self.database,
            bus=self.bus,
            teams=[[self.handler]],
            stations=self,
            settings=GatewaySettings(**{**given, **settings}),
            on_knock=self._knock,
            on_parked=self._park,
        )
        await self.gateway.start()

    async def stop(self) -> None:
        await self.gateway.stop()
        for socket in self._sockets:
            await socket.close()

    def add(self, identity: str = "CP1", *, password: str | None = PASSWORD, **changes: Any) -> Entry:
        entry = Entry(
            operator_id=self.operator_id,
            operator_slug=self.slug,
            station_id=new_id(),
            identity=identity.lower(),
            credentials=(hash_password(password.encode(), pepper=PEPPER),) if password else (),
        )
        entry = replace(entry, **changes)
        self.entries[entry.station_id] = entry
        self.gateway.directory.update(entry.station_id, [entry])
        return entry

    async def change(self, entry: Entry, **changes: Any) -> Entry:
        entry = replace(entry, **changes)
        self.entries[entry.station_id] = entry
        await self.gateway.feed.heard(str(entry.station_id))
        return entry

    async def connect(
        self,
        identity: str = "CP1",
        *,
        protocols: Sequence[str] = ("ocpp1.6",),
        user: str | None = None,
        password: str | bytes | None = PASSWORD,
        path: str | None = None,
        **options: Any,
    ) -> Station:
        headers = dict(options.pop("additional_headers", {}))
        if password is not None:
            raw = password if isinstance(password, bytes) else password.encode()
            token = base64.b64encode((identity if user is None else user).encode() + b":" + raw).decode()
            headers["Authorization"] = f"Basic {token}"
        scheme = "wss" if "ssl" in options else "ws"
        url = f"{scheme}://127.0.0.1:{self.gateway.ports[scheme]}{path or '/ocpp/' + identity}"
        socket = await websockets.connect(
            url,
            subprotocols=[Subprotocol(name) for name in protocols] or None,
            additional_headers=headers,
            ping_interval=None,
            proxy=None,
            **options,
        )
        self._sockets.append(socket)
        return Station(socket)

    async def refused(self, identity: str = "CP1", **options: Any) -> int:
        with pytest.raises(websockets.InvalidStatus) as caught:
            await self.connect(identity, **options)
        return caught.value.response.status_code

    async def log(self, station: Entry) -> list[dict[str, Any]]:
        """Every frame of the station's log, our replies as frames of their own behind what they answer."""
        async with await self.database.system_connection() as connection:
            cursor = await connection.execute(
                "SELECT direction, type, message_id, action, payload, correlation, error, quirks FROM ("
                " SELECT *, received_at AS at FROM message_log WHERE station_id = %(station)s UNION ALL"
                " SELECT operator_id, id, received_at, station_id, 'out', reply_type, message_id, action, reply,"
                " NULL, NULL, NULL, NULL, NULL, NULL, replied_at FROM message_log"
                " WHERE station_id = %(station)s AND reply IS NOT NULL) AS frames ORDER BY at, id, direction",
                {"station": station.station_id},
            )
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]

    # A directory in memory: implements `gateway.directory_feed.DirectorySource`.

    async def mark(self, connection: Any, *, at: datetime) -> None:
        pass

    async def page(self, connection: Any, after: UUID | None, *, at: datetime) -> list[Entry]:
        return [] if after else sorted(self.entries.values(), key=lambda entry: entry.station_id)

    async def changes(
        self, connection: Any, since: None, *, at: datetime, named: Collection[UUID] = ()
    ) -> MemoryChanges:
        gone = [station_id for station_id in named if station_id not in self.entries]
        return MemoryChanges(None, list(self.entries.values()), gone)

    async def _knock(
        self, identity: str, operator_slug: str, remote_address: str | None, subprotocols: Sequence[str]
    ) -> None:
        self.knocks.append((identity, operator_slug, remote_address, tuple(subprotocols)))

    async def _park(self, tx: Any, messages: Sequence[ParkedMessage]) -> Sequence[Answer | None]:
        self.parked += messages
        return [
            TransactionAnswer(str(4000 + number), IdTokenAnswer("accepted"))
            if message.action == "StartTransaction"
            else None
            for number, message in enumerate(messages, len(self.parked))
        ]


async def until(condition: Callable[[], Any], seconds: float = 5.0) -> None:
    """Wait until something is so."""
    for _ in range(int(seconds * 100)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true")


@pytest.fixture
async def world(database: Database, bus: MemoryBus) -> AsyncIterator[World]:
    """A started gateway without stations."""
    world = World(database, bus)
    await world.start()
    yield world
    await world.stop()


def stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
