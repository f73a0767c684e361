"""What can be set about a gateway; `app` fills it in."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ssl import SSLContext

from forecourt.gateway.address import Alias
from forecourt.gateway.transport import DEFAULT_MAX_MESSAGE


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewaySettings:
    """Settings of one gateway process. Times are in seconds, sizes in bytes."""

    pepper: bytes
    """Secret mixed into station passwords."""
    host: str | None = "0.0.0.0"  # noqa: S104 - stations are elsewhere
    port: int | None = 9000
    """Of `ws`; 0 chooses a free one, `None` opens none."""
    tls: SSLContext | None = None
    tls_port: int = 9443
    """Of `wss`, open when `tls` is there."""
    default_operator: str = "default"
    """Slug of the operator of `/ocpp/STATION`."""
    aliases: Sequence[Alias] = ()
    node: str = field(default_factory=socket.gethostname)
    """Name of this process among the gateways; the same after a restart."""
    trusted_proxies: frozenset[str] = frozenset()
    """Addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
    max_message: int = DEFAULT_MAX_MESSAGE
    ping_interval_s: float = 25.0
    silence_s: float = 300.0
    """A station that pongs is closed after so long without a sign of life, even a pong."""
    command_timeouts: int = 3
    """So many unanswered calls in a row close the socket: the link is half dead."""
    boot_backstop_s: float = 10.0
    """A station that was never accepted and says no boot for so long after connecting is asked for one."""
    max_queue: int = 64
    """Messages of one station that may wait, before its socket is not read from."""
    unavailable_after_s: float = 10.0
    """So long without database, and sockets are closed, upgrades refused."""
    give_up_s: float = 60.0
    """So long without an answer from the database, and its connection is cut and made anew."""
    lease_s: float = 15.0
    """So long without a sign of life from this gateway, and others say that its stations are gone. Longer than
    `unavailable_after_s`: by then it has closed its sockets itself."""
    drain_s: float = 10.0
    """How long a stop waits for messages in flight."""
