"""Wire structs ↔ the neutral language of `stations`, one routing table per OCPP version.

A `Route` turns a request into events, and the handlers' answer into a response payload. `Dialect` holds the
table of a version and turns commands into calls. Nothing here waits, and nothing here knows a socket.
"""

from __future__ import annotations

from forecourt.gateway.translate.dialect import (
    Dialect,
    Outcome,
    Route,
    UnsupportedCommand,
    WireCall,
    wire_time,
)
from forecourt.gateway.translate.v2x import V21, V201
from forecourt.gateway.translate.v16 import V16
from forecourt.ocpp import Version

DIALECTS: dict[Version, Dialect] = {Version.V16: V16, Version.V201: V201, Version.V21: V21}

__all__ = ["DIALECTS", "Dialect", "Outcome", "Route", "UnsupportedCommand", "WireCall", "wire_time"]
