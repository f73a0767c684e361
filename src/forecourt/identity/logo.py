"""The operator's logo: a small PNG, taken apart and put together again, so that only its pixels are kept."""

from __future__ import annotations

import struct
import zlib

from forecourt.identity.errors import LogoRefused

MAX_BYTES = 65_536
MAX_PIXELS = 512
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"gAMA", b"IDAT", b"IEND"}


def clean_png(data: bytes) -> bytes:
    """The PNG without texts, profiles and whatever else may hang on it.

    Args:
        data: the file as it was sent.

    Raises:
        LogoRefused: it is not a whole PNG, or larger than 64 kB or 512 × 512 pixels.
    """
    if len(data) > MAX_BYTES:
        raise LogoRefused(f"the logo has {len(data)} bytes, at most {MAX_BYTES} are taken")
    if not data.startswith(_SIGNATURE):
        raise LogoRefused("the logo is not a PNG")
    seen: list[bytes] = []
    out, at = [_SIGNATURE], len(_SIGNATURE)
    while at + 12 <= len(data) and b"IEND" not in seen:
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        crc = data[at + 8 + length : at + 12 + length]
        if len(body) != length or crc != struct.pack(">I", zlib.crc32(kind + body)):
            raise LogoRefused("the PNG is damaged")
        if not seen and kind != b"IHDR":
            raise LogoRefused("the PNG does not begin with its size")
        if kind == b"IHDR":
            _check_size(body)
        seen.append(kind)
        if kind in _KEPT:
            out.append(data[at : at + 12 + length])
        at += 12 + length
    if b"IDAT" not in seen or b"IEND" not in seen:
        raise LogoRefused("the PNG is not whole")
    return b"".join(out)


def _check_size(header: bytes) -> None:
    if len(header) != 13:
        raise LogoRefused("the PNG is damaged")
    width, height = struct.unpack_from(">II", header)
    if not (0 < width <= MAX_PIXELS and 0 < height <= MAX_PIXELS):
        raise LogoRefused(
            f"the logo has {width} × {height} pixels, at most {MAX_PIXELS} × {MAX_PIXELS} are taken"
        )
