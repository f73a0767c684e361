"""Whether this process may listen where the settings say; asked before anything is started."""

from __future__ import annotations

import socket
from collections.abc import Collection

from forecourt.app.settings import Settings
from forecourt.kit.errors import Conflict


class PortUnusable(Conflict):
    """The process cannot listen on an address that its settings name."""


def why_unusable(host: str, port: int) -> str | None:
    """What keeps a process from listening there, in words; None if nothing does, or any port will do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None


def check_ports(settings: Settings, parts: Collection[str] = ("gateway", "api", "worker")) -> None:
    """Refuse ports that are taken, named twice or not ours to open.

    Args:
        settings: they name the ports.
        parts: what the process runs of `gateway`, `api` and `worker`.

    Raises:
        PortUnusable: with the flag to change.
    """
    wanted = []
    if "api" in parts:
        wanted.append(("--http-port", settings.host, settings.http_port))
    elif settings.health_port:
        wanted.append(("--health-port", settings.host, settings.health_port))
    if "gateway" in parts:
        wanted.append(("--ocpp-port", settings.ocpp_host, settings.ocpp_port))
        if settings.certificate_files():
            wanted.append(("--ocpp-tls-port", settings.ocpp_host, settings.ocpp_tls_port))
    taken: dict[int, str] = {}
    for flag, host, port in wanted:
        if port and (other := taken.get(port)) is not None:
            raise PortUnusable(f"{other} and {flag} are both {port}: choose two ports", port=port)
        taken[port] = flag
        reason = why_unusable(host, port)
        if reason is not None:
            raise PortUnusable(
                f"cannot listen on {host}:{port} ({reason}): stop what is there, or choose another {flag}",
                host=host,
                port=port,
            )
