"""Compression of messages (RFC 7692), always without context takeover, never beyond a size."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from picows import WSCloseCode, WSProtocolError

COMPRESS_ABOVE = 512
"""Bytes from which an outgoing message is worth compressing."""
_TAIL = b"\x00\x00\xff\xff"


@dataclass(slots=True, frozen=True)
class Deflate:
    """Negotiated compression. `server_bits` is the window that the client asked us to stay within."""

    server_bits: int = 15
    header: str = ""


def negotiate_deflate(offers: str) -> Deflate | None:
    """Choose the first `permessage-deflate` offer that we can keep to the letter, or none.

    Without context takeover in both directions: a connection then costs no window while it is idle.
    """
    for offer in offers.split(","):
        name, *parameters = [part.strip() for part in offer.split(";")]
        if name.lower() != "permessage-deflate":
            continue
        bits, understood, seen = 15, True, set()
        for parameter in parameters:
            key, _, value = (part.strip().strip('"') for part in parameter.partition("="))
            if key in seen:
                understood = False
            seen.add(key)
            if key == "server_max_window_bits" and value.isdigit() and 9 <= int(value) <= 15:
                bits = int(value)
            elif (
                key == "client_max_window_bits" and (not value or (value.isdigit() and 8 <= int(value) <= 15))
            ) or (key in ("server_no_context_takeover", "client_no_context_takeover") and not value):
                pass
            else:
                understood = False
        if understood:
            header = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            if "server_max_window_bits" in seen:
                header += f"; server_max_window_bits={bits}"
            return Deflate(bits, header)
    return None


def compress(data: bytes, deflate: Deflate) -> bytes:
    """One message, within the window that the client asked for."""
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -deflate.server_bits)
    return (squeezer.compress(data) + squeezer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflate(payload: bytes, limit: int) -> bytes:
    """One message of at most `limit` bytes; a bomb costs no more memory than that.

    Raises:
        WSProtocolError: it is larger, or broken.
    """
    inflater = zlib.decompressobj(-15)
    try:
        # One byte more than allowed: 0 would mean "no limit" to zlib.
        data = inflater.decompress(payload + _TAIL, limit + 1)
    except zlib.error:
        raise WSProtocolError(WSCloseCode.INVALID_TEXT, "broken compression") from None
    if len(data) > limit or inflater.unconsumed_tail:
        raise WSProtocolError(WSCloseCode.MESSAGE_TOO_BIG, "message too big")
    return data
