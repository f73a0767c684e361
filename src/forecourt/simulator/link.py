"""One WebSocket between a simulated station and a server: frames out, frames in, one call at a time."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl as tls
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from forecourt.kit.errors import ForecourtError, Unavailable
from forecourt.ocpp import (
    DecodeError,
    ErrorCode,
    InvalidOutbound,
    Version,
    build_request,
    build_response,
    decode,
    encode_call,
    encode_error,
    encode_refusal,
    encode_result,
)

log = logging.getLogger("forecourt.simulator")

Payload = dict[str, Any]
Handler = Callable[[str, Payload], Payload]


class LinkLost(Unavailable):
    """The connection to the server went away before an answer came."""


class CallRefused(ForecourtError):
    """The server answered a call with an error frame."""

    def __init__(self, error_code: str, description: str = "") -> None:
        """Keep the server's error code and its words."""
        super().__init__(f"{error_code}: {description}", error_code=error_code)
        self.error_code = error_code


class CommandRefused(ForecourtError):
    """A command of the server that the station answers with an error frame."""

    def __init__(self, error_code: ErrorCode, description: str = "") -> None:
        """Name the OCPP error code to answer with."""
        super().__init__(f"{error_code}: {description}", error_code=str(error_code))
        self.error_code = error_code
        self.description = description


@dataclass
class Traffic:
    """Frames of a whole network, counted."""

    sent: int = 0
    received: int = 0
    refused: int = 0
    timeouts: int = 0


class Link:
    """An open connection.

    Args:
        socket: the WebSocket.
        version: of the messages on it.
        handle: answers a CALL of the server; synchronous, so that it cannot stall the reader.
        traffic: counters to keep.
    """

    def __init__(self, socket: ClientConnection, version: Version, handle: Handler, traffic: Traffic) -> None:
        self._socket = socket
        self._version = version
        self._handle = handle
        self._traffic = traffic
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._turn = asyncio.Lock()
        self.duplicate_calls = 0
        """So many of the next calls are sent twice, with the same message id."""

    @property
    def subprotocol(self) -> str | None:
        """What the server chose."""
        return self._socket.subprotocol

    async def call(self, action: str, payload: Payload, *, timeout: float = 30.0) -> Payload:  # noqa: ASYNC109
        """Send a CALL and wait for its answer, one at a time.

        Raises:
            LinkLost: the connection went away first, or no answer came within ``timeout`` real seconds.
            CallRefused: the server answered with a CALLERROR.
            InvalidOutbound: the payload breaks its schema, so it is not sent.
        """
        request = build_request(self._version, action, payload)
        async with self._turn:
            message_id = str(uuid.uuid4())
            future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
            self._waiting[message_id] = future
            frame = encode_call(message_id, action, request)
            try:
                await self._send(frame)
                if self.duplicate_calls > 0:
                    self.duplicate_calls -= 1
                    await self._send(frame)
                async with asyncio.timeout(timeout):
                    return await future
            except TimeoutError:
                self._traffic.timeouts += 1
                self.abort()
                raise LinkLost(f"no answer to {action} within {timeout} s") from None
            finally:
                self._waiting.pop(message_id, None)

    async def serve(self) -> None:
        """Read frames until the connection closes."""
        try:
            async for text in self._socket:
                self._traffic.received += 1
                await self._receive(text)
        except ConnectionClosed:
            pass
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(LinkLost("the connection closed"))
                    future.exception()

    def abort(self) -> None:
        """Tear the connection down without a closing handshake, as a network failure does."""
        self._socket.transport.abort()

    async def close(self) -> None:
        """Close politely."""
        await self._socket.close()

    async def _send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except ConnectionClosed as error:
            raise LinkLost("the connection closed") from error
        self._traffic.sent += 1

    async def _receive(self, text: str | bytes) -> None:
        try:
            frame = msgspec.json.decode(text)
            kind, message_id = frame[0], str(frame[1])
        except (msgspec.DecodeError, TypeError, IndexError, KeyError):
            return
        if kind == 2 and len(frame) >= 4:
            await self._answer(text, message_id, str(frame[2]), frame[3])
            return
        future = self._waiting.get(message_id)
        if future is None or future.done():
            return
        if kind == 3:
            future.set_result(frame[2])
        elif kind == 4:
            self._traffic.refused += 1
            future.set_exception(CallRefused(str(frame[2]), str(frame[3]) if len(frame) > 3 else ""))

    async def _answer(self, text: str | bytes, message_id: str, action: str, payload: Payload) -> None:
        try:
            decode(self._version, text)
            answer = build_response(self._version, action, self._handle(action, payload))
            reply: str | None = encode_result(message_id, answer)
        except DecodeError as error:
            reply = encode_refusal(error)
        except CommandRefused as error:
            reply = encode_error(self._version, message_id, error.error_code, error.description)
        except InvalidOutbound as error:
            log.exception("the answer to %s breaks its schema", action)
            reply = encode_error(self._version, message_id, ErrorCode.INTERNAL_ERROR, str(error))
        if reply is None:
            return
        try:
            await self._send(reply)
        except LinkLost:
            return


async def open_link(
    url: str,
    identity: str,
    *,
    password: str | None,
    version: Version,
    handle: Handler,
    traffic: Traffic,
    ssl: tls.SSLContext | None = None,
    timeout: float = 20.0,  # noqa: ASYNC109
) -> Link:
    """Connect to ``url``/``identity`` with Basic auth when there is a password.

    Raises:
        OSError, TimeoutError, websockets.exceptions.InvalidHandshake: it did not work.
    """
    headers = {}
    if password is not None:
        secret = base64.b64encode(f"{identity}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {secret}"
    address = f"{url.rstrip('/')}/{quote(identity, safe='')}"
    socket = await connect(
        address,
        subprotocols=[Subprotocol(version.subprotocol)],
        additional_headers=headers,
        compression=None,
        ping_interval=None,
        open_timeout=timeout,
        close_timeout=2,
        max_size=2**20,
        ssl=ssl if address.startswith("wss:") else None,
        proxy=None,
    )
    return Link(socket, version, handle, traffic)
