"""The sockets of stations: who may connect, what their frames mean, and the commit before each reply.

Owns: the WebSocket server, the credential directory in memory, calls that wait for a station's answer, the
translation of every OCPP version to the language of `stations`, and the raw message log.
Never does: business. Events go to the `StationHandler`s that `app` injects; frames never cross the bus.
Tables: `message_log` (partitioned by time), `station_link`, `gateway_node`. No events of its own beyond `Connected`,
`Disconnected` and `CommandAnswered` of `stations`.
"""

from forecourt.gateway.address import Alias
from forecourt.gateway.directory import StationEntry
from forecourt.gateway.gateway import Gateway, Knocker, ParkedMessage
from forecourt.gateway.settings import GatewaySettings
from forecourt.gateway.stations_port import GatewayStations
from forecourt.gateway.tls import CertificateFiles, build_tls

__all__ = [
    "Alias",
    "CertificateFiles",
    "Gateway",
    "GatewaySettings",
    "GatewayStations",
    "Knocker",
    "ParkedMessage",
    "StationEntry",
    "build_tls",
]
