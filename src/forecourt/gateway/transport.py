"""The WebSocket server: picows, guarded.

picows parses frames in C and calls `Socket.on_ws_frame`; everything that protects us from a hostile or merely
odd peer stands here: reserved bits, compression bombs and parameters, message size, invalid UTF-8, peers that
never read, upgrade headers. One message in, one call of `SocketUser.received`.

Close codes: RFC 6455 section 7.4. Compression: RFC 7692.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from ssl import SSLContext
from time import monotonic
from typing import Any, Protocol, TypeAlias

import aiofastnet
from multidict import CIMultiDict
from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSProtocolError,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from forecourt.gateway.deflate import COMPRESS_ABOVE, Deflate, compress, inflate, negotiate_deflate

DEFAULT_MAX_MESSAGE = 2 * 1024 * 1024
"""Bytes of one message, decompressed."""
MAX_MESSAGE = 8 * 1024 * 1024
"""What a station may be allowed at the most: the frame is in memory before it is looked at."""
KEPT_BYTES = 4096
"""How much of something unreadable is shown to the user."""
MAX_WRITE_BUFFER = 4 * 1024 * 1024
"""Bytes that may wait for a peer that does not read, before it is cut off."""
HANDSHAKE_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 2.0

_log = logging.getLogger("forecourt.gateway.transport")
_log.setLevel(
    logging.CRITICAL
)  # picows reports every peer's mistake as an error; ours are counted and logged

_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY
_CONTINUATION, _PONG, _CLOSE = WSMsgType.CONTINUATION, WSMsgType.PONG, WSMsgType.CLOSE


class SocketUser(Protocol):
    """Who a socket's messages go to."""

    def opened(self, socket: Socket) -> None:
        """The upgrade is answered; messages may be sent."""

    def received(self, text: str) -> None:
        """One whole message, not empty."""

    def unreadable(self, why: str, data: bytes, size: int | None) -> None:
        """Something that is no message, of `size` bytes (`None`: unknown); its beginning is in `data`. The
        connection is closed for it."""

    def closed(self, code: int | None, reason: str) -> None:
        """The connection is gone. Called exactly once."""


@dataclass(slots=True, frozen=True)
class Upgrade:
    """A request to become a WebSocket. `target` is the raw request target, `remote_address` has no port."""

    target: str
    headers: Mapping[str, str]
    remote_address: str | None
    secure: bool
    peer_certificate: Mapping[str, Any] | None = None

    def offered_subprotocols(self) -> tuple[str, ...]:
        """What the client offers, in its order of preference; several headers count as one list."""
        headers = self.headers
        values = (
            headers.getall("Sec-WebSocket-Protocol", [])
            if isinstance(headers, CIMultiDict)
            else [headers.get("Sec-WebSocket-Protocol", "")]
        )
        return tuple(item.strip() for item in ",".join(values).split(",") if item.strip())


@dataclass(slots=True, frozen=True)
class Refused:
    """The upgrade fails with this HTTP status."""

    status: int
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Accepted:
    """The upgrade succeeds; `subprotocol` is echoed (`None`: the client offered none)."""

    user: SocketUser
    subprotocol: str | None
    max_message: int = DEFAULT_MAX_MESSAGE
    compress: bool = True


Accept: TypeAlias = Callable[[Upgrade], Accepted | Refused]


class Socket(WSListener):
    """One accepted connection: whole messages in, text out."""

    def __init__(self, user: SocketUser, *, max_message: int, deflate: Deflate | None) -> None:
        """Made during the upgrade; `user.opened` is called once the answer is on its way."""
        self._user = user
        self._max = max_message
        self._deflate = deflate
        self._transport: WSTransport | None = None
        self._parts: list[bytes] | None = None
        self._parts_size = 0
        self._parts_compressed = False
        self._sent_code: int | None = None
        self._sent_reason = ""
        self._told_unreadable = False
        self.last_heard = monotonic()
        self.open = False

    # picows calls these ------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The 101 is written."""
        self._transport = transport
        self.open = True
        _keep_alive(transport.underlying_transport.get_extra_info("socket"))
        self._user.opened(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The TCP connection is gone, for whatever reason."""
        self.open = False
        handshake = transport.close_handshake
        code, reason = self._sent_code, self._sent_reason
        if code is None and handshake is not None:
            heard = handshake.recv or handshake.sent
            if heard is not None:
                code, reason = _number(heard.code), str(heard.reason or "")
            if handshake.sent is not None and handshake.recv is None and not self._told_unreadable:
                # picows refused a frame before it was whole: too large, unmasked, an unknown kind.
                self._user.unreadable(str(handshake.sent.reason or f"close code {code}"), b"", None)
        self._user.closed(code, reason)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take one frame; join fragments; refuse what RFC 6455 and RFC 7692 forbid."""
        self.last_heard = monotonic()
        kind = frame.msg_type
        if (
            kind is _TEXT
            and frame.fin
            and self._parts is None
            and not (frame.rsv1 or frame.rsv2 or frame.rsv3)
        ):
            self._take(frame.get_payload_as_bytes())  # as nearly all are
            return
        if (
            frame.rsv2
            or frame.rsv3
            or (frame.rsv1 and (self._deflate is None or kind not in (_TEXT, _BINARY)))
        ):
            raise self._refuse(WSCloseCode.PROTOCOL_ERROR, "reserved bits", frame.get_payload_as_bytes())
        if kind in (_TEXT, _BINARY):
            payload = frame.get_payload_as_bytes()
            if self._parts is not None:
                raise self._refuse(WSCloseCode.PROTOCOL_ERROR, "message inside a fragmented message", payload)
            if not frame.fin:
                self._parts, self._parts_size, self._parts_compressed = [payload], len(payload), frame.rsv1
                return
            compressed = frame.rsv1
        elif kind == _CONTINUATION:
            payload = frame.get_payload_as_bytes()
            if self._parts is None:
                raise self._refuse(WSCloseCode.PROTOCOL_ERROR, "continuation of nothing", payload)
            self._parts_size += len(payload)
            if self._parts_size > self._max or len(self._parts) > 65_536:
                raise self._refuse(WSCloseCode.MESSAGE_TOO_BIG, "message too big", self._parts[0])
            self._parts.append(payload)
            if not frame.fin:
                return
            payload, compressed, self._parts = b"".join(self._parts), self._parts_compressed, None
        elif kind == _CLOSE:
            self._answer_close(transport)
            return
        else:  # a pong; picows answers pings itself
            return
        if compressed:
            try:
                payload = inflate(payload, self._max)
            except WSProtocolError:
                self._tell("compression broken or too big inflated", payload, len(payload))
                raise
        self._take(payload)

    def _take(self, payload: bytes) -> None:
        """Hand on one whole message."""
        if len(payload) > self._max:
            raise self._refuse(WSCloseCode.MESSAGE_TOO_BIG, "message too big", payload)
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            raise self._refuse(WSCloseCode.INVALID_TEXT, "not UTF-8", payload) from None
        if text and self.open and self._sent_code is None and not text.isspace():
            self._user.received(text)

    def _refuse(self, code: WSCloseCode, why: str, payload: bytes) -> WSProtocolError:
        """What to raise for a frame that cannot be taken; the user is shown its beginning."""
        self._tell(why, payload, len(payload) if self._parts is None else None)
        return WSProtocolError(code, why)

    def _tell(self, why: str, payload: bytes, size: int | None) -> None:
        if self.open and self._sent_code is None and not self._told_unreadable:
            self._told_unreadable = True
            self._user.unreadable(why, payload[:KEPT_BYTES], size)

    # the gateway calls these -------------------------------------------------------------------------

    def send(self, data: bytes) -> bool:
        """Write one text message. False when the connection is closing: the message is lost."""
        transport = self._transport
        if transport is None or not self.open or transport.is_close_frame_sent:
            return False
        if self._deflate is not None and len(data) >= COMPRESS_ABOVE:
            transport.send(_TEXT, compress(data, self._deflate), True, True)
        else:
            transport.send(_TEXT, data)
        if transport.underlying_transport.get_write_buffer_size() > MAX_WRITE_BUFFER:
            self.abort()
        return True

    def ping(self) -> None:
        """Send a ping; the answer only moves `last_heard`."""
        if self._transport is not None and self.open and not self._transport.is_close_frame_sent:
            self._transport.send_ping(b"fc")

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and cut the connection if the peer does not within `CLOSE_TIMEOUT_S`."""
        transport = self._transport
        if transport is None or not self.open or transport.is_close_frame_sent:
            return
        self._sent_code, self._sent_reason = code, reason
        transport.send_close(code, reason.encode()[:120])  # type: ignore[arg-type]
        asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self.abort)

    def abort(self) -> None:
        """Cut the connection now."""
        if self._transport is not None and self.open:
            self._transport.disconnect(False)

    def pause_reading(self) -> None:
        """Read no more from the peer: it is ahead of us."""
        if self._transport is not None and self.open:
            self._transport.underlying_transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self._transport is not None and self.open:
            self._transport.underlying_transport.resume_reading()

    def _answer_close(self, transport: WSTransport) -> None:
        if not transport.is_close_frame_sent:
            handshake = transport.close_handshake
            code = _number(handshake.recv.code) if handshake.recv else 0
            self._sent_code, self._sent_reason = (
                code or 1005,
                str(handshake.recv.reason or "") if handshake.recv else "",
            )
            transport.send_close(code if code >= 1000 else 1000)  # type: ignore[arg-type]
        transport.disconnect()


def _answer(accept: Accept, holder: list[Any], request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
    """Turn our decision into picows' answer. Never raises: an accident is a 500 without its text."""
    try:
        transport = holder.pop().transport.underlying_transport
        peer = transport.get_extra_info("peername")
        ssl_object = transport.get_extra_info("ssl_object")
        headers = request.headers
        tokens = {token.strip().lower() for token in headers.get("Connection", "").split(",")}
        if "upgrade" in tokens:
            headers["Connection"] = "upgrade"  # picows refuses the lawful "keep-alive, Upgrade"
        if (
            "websocket" not in headers.get("Upgrade", "").lower()
            or headers.get("Sec-WebSocket-Version") != "13"
        ):
            return _refusal(
                Refused(
                    426,
                    "this address speaks WebSocket only",
                    {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"},
                )
            )
        decision = accept(
            Upgrade(
                target=request.path.decode("latin-1"),
                headers=headers,
                remote_address=str(peer[0]) if isinstance(peer, tuple) else None,
                secure=ssl_object is not None,
                peer_certificate=ssl_object.getpeercert() if ssl_object is not None else None,
            )
        )
        if isinstance(decision, Refused):
            return _refusal(decision)
        extra = {}
        if decision.subprotocol is not None:
            extra["Sec-WebSocket-Protocol"] = decision.subprotocol
        deflate = None
        if decision.compress:
            deflate = negotiate_deflate(",".join(headers.getall("Sec-WebSocket-Extensions", [])))
            if deflate is not None:
                extra["Sec-WebSocket-Extensions"] = deflate.header
        limit = min(decision.max_message, MAX_MESSAGE)
        listener = Socket(decision.user, max_message=limit, deflate=deflate)
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(extra), listener)
    except Exception:
        logging.getLogger("forecourt.gateway").exception("an upgrade request broke the gateway")
        return _refusal(Refused(500, "internal error"))


def _keep_alive(sock: Any) -> None:
    """Let the kernel find peers that vanished without a word, also where no ping is allowed."""
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _number(code: Any) -> int:
    """A close code as a number, whatever picows hands out."""
    return int(getattr(code, "value", code))


def _refusal(refused: Refused) -> WSUpgradeResponseWithListener:
    response = WSUpgradeResponse.create_error_response(
        HTTPStatus(refused.status), refused.reason.encode(), dict(refused.headers)
    )
    return WSUpgradeResponseWithListener(response, None)


async def listen(
    accept: Accept,
    *,
    host: str | None,
    port: int,
    tls: SSLContext | None = None,
    backlog: int = 4096,
) -> asyncio.Server:
    """Listen; every upgrade request is put to `accept`, which must not wait.

    Raises:
        OSError: the port is taken.
    """

    def protocol() -> Any:
        holder: list[Any] = []
        made = WSProtocol(
            None, None, False, partial(_answer, accept, holder), _log, True, HANDSHAKE_TIMEOUT_S,
            False, 20, 20, WSAutoPingStrategy.PING_WHEN_IDLE, True, MAX_MESSAGE, None, 4096,
        )  # fmt: skip
        holder.append(made)
        return made

    server: asyncio.Server = await aiofastnet.create_server(
        asyncio.get_running_loop(), protocol, host=host, port=port, ssl=tls, backlog=backlog
    )
    return server
