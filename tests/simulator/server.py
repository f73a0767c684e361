"""A tiny OCPP server for the tests: answers everything, remembers everything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]


class TinyServer:
    """Remembers calls as (identity, action, payload) in ``calls``."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.frames: list[list[Any]] = []
        self.headers: list[dict[str, str]] = []
        self.sockets: dict[str, ServerConnection] = {}
        self.overrides: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.refuse: set[str] = set()
        self.url = ""
        self._next_transaction = 100
        self._number = 0
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._changed = asyncio.Event()

    def answer(self, version: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """A friendly answer."""
        if action in self.overrides:
            return self.overrides[action](payload)
        now = datetime.now(UTC).isoformat()
        if action == "BootNotification":
            return {"status": "Accepted", "currentTime": now, "interval": 300}
        if action == "Heartbeat":
            return {"currentTime": now}
        if action == "Authorize":
            return (
                {"idTagInfo": {"status": "Accepted"}}
                if version == "ocpp1.6"
                else {"idTokenInfo": {"status": "Accepted"}}
            )
        if action == "StartTransaction":
            self._next_transaction += 1
            return {"transactionId": self._next_transaction, "idTagInfo": {"status": "Accepted"}}
        return {}

    async def handle(self, socket: ServerConnection) -> None:
        """One station's connection."""
        assert socket.request is not None
        identity = socket.request.path.rsplit("/", 1)[-1]
        self.headers.append(dict(socket.request.headers))
        self.sockets[identity] = socket
        async for text in socket:
            frame = json.loads(text)
            self.frames.append(frame)
            if frame[0] == 2 and frame[2] in self.refuse:
                await socket.send(json.dumps([4, frame[1], "InternalError", "", {}]))
            elif frame[0] == 2:
                reply = [3, frame[1], self.answer(socket.subprotocol or "", frame[2], frame[3])]
                await socket.send(json.dumps(reply))
                self.calls.append((identity, frame[2], frame[3]))
                self._changed.set()
            elif frame[1] in self._waiting:
                self._waiting.pop(frame[1]).set_result(frame)

    async def command(self, identity: str, action: str, payload: dict[str, Any]) -> Any:
        """Send a CALL; the answer's payload, or the whole error frame."""
        self._number += 1
        key = f"c{self._number}"
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        await self.sockets[identity].send(json.dumps([2, key, action, payload]))
        frame = await asyncio.wait_for(future, 5)
        return frame[2] if frame[0] == 3 else frame

    def of(self, action: str) -> list[dict[str, Any]]:
        """Payloads of every call of that action."""
        return [payload for _, name, payload in self.calls if name == action]

    async def until(self, action: str, count: int = 1, within: float = 10) -> list[dict[str, Any]]:
        """Wait until so many calls of that action came."""
        await self.when(lambda: len(self.of(action)) >= count, within)
        return self.of(action)

    async def when(self, condition: Callable[[], Any], within: float = 10) -> Any:
        """Wait until ``condition`` gives something true."""
        async with asyncio.timeout(within):
            while not (found := condition()):
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.1):
                        await self._changed.wait()
                except TimeoutError:
                    continue
            return found


@asynccontextmanager
async def tiny_server() -> AsyncIterator[TinyServer]:
    """A server on a free port."""
    tiny = TinyServer()
    server: Server
    async with serve(
        tiny.handle,
        "127.0.0.1",
        0,
        subprotocols=["ocpp1.6", "ocpp2.0.1", "ocpp2.1"],  # type: ignore[list-item]
    ) as server:
        port = server.sockets[0].getsockname()[1]
        tiny.url = f"ws://127.0.0.1:{port}/ocpp"
        yield tiny
