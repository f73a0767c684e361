"""Call a webhook: signed, to a public address only, without following redirects.

The server calls addresses that people type in, so it must not become their way into the network that it stands in
(SSRF; OWASP Server-Side Request Forgery Prevention Cheat Sheet): the host is resolved once, every address of it must
be a public one, and the connection goes to the address that was looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from forecourt.operations.errors import WebhookAddressRefused

SIGNATURE_HEADER = "Forecourt-Signature"
TIMESTAMP_HEADER = "Forecourt-Timestamp"
DELIVERY_HEADER = "Forecourt-Delivery"
EVENT_HEADER = "Forecourt-Event"
TIMEOUT_SECONDS = 10.0
"""Of one call, from the connection to the status line."""

_TRANSLATED = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))
"""IPv6 addresses that lead to an IPv4 address behind a translator (RFC 6052, RFC 8215, RFC 3056)."""


class WebhookUnreachable(Exception):
    """No answer: the name does not resolve, nothing listens, TLS fails, or it takes too long."""


@dataclass(frozen=True, kw_only=True)
class WebhookCall:
    """One request as it goes out."""

    url: str
    body: bytes
    headers: dict[str, str]


def sign(body: bytes, *, timestamp: int, secrets: Sequence[bytes]) -> str:
    """The signature header: ``v1=HEX`` for each secret, with commas.

    HEX is HMAC-SHA-256 under the secret of the timestamp in ASCII digits, a full stop, and the body as sent.

    Args:
        body: the request's body.
        timestamp: Unix time in seconds, as in the timestamp header.
        secrets: the present one, and during a rotation the one before.
    """
    message = str(timestamp).encode() + b"." + body
    return ",".join(f"v1={hmac.new(secret, message, hashlib.sha256).hexdigest()}" for secret in secrets)


def check_url(url: str, *, allow_private: bool) -> SplitResult:
    """Refuse what can be refused without asking the name service.

    Raises:
        WebhookAddressRefused: not https, no host, credentials in it, or a private address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise WebhookAddressRefused(f"{url!r} is not an address", url=url) from error
    allowed = {"https", "http"} if allow_private else {"https"}
    if parts.scheme not in allowed or not host or port == 0 or not url.isprintable() or " " in url:
        raise WebhookAddressRefused(f"{url!r} is not an https address", url=url)
    if parts.username is not None or parts.password is not None:
        raise WebhookAddressRefused("the address must not hold a user or password", url=parts.hostname)
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        if not allow_private and (
            host == "localhost" or host.endswith((".localhost", ".internal", ".local"))
        ):
            raise WebhookAddressRefused(f"{host} is not a public host", host=host) from None
    else:
        if not allow_private and not is_public(literal):
            raise WebhookAddressRefused(f"{host} is not a public address", host=host)
    return parts


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address lies in the public network: not loopback, private, link-local, multicast or reserved."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address that a call to the host goes to.

    Raises:
        WebhookAddressRefused: one of its addresses is not public.
        WebhookUnreachable: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookUnreachable(f"{host} does not resolve") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for text in addresses:
        if not allow_private and not is_public(ipaddress.ip_address(text)):
            raise WebhookAddressRefused(f"{host} is {text}, which is not a public address", host=host)
    return addresses[0]


def call_webhook(call: WebhookCall, *, allow_private: bool) -> int:
    """Send it; returns the status of the answer, whatever it is. Blocks up to `TIMEOUT_SECONDS`.

    Raises:
        WebhookAddressRefused: it leads to an address that we do not call.
        WebhookUnreachable: there was no answer.
    """
    parts = check_url(call.url, allow_private=allow_private)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolve(host, port, allow_private=allow_private)
    connection = _connect_to(host, port, address, tls=parts.scheme == "https")
    # A socket's time-out starts anew with every byte; this ends the call as a whole.
    alarm = threading.Timer(TIMEOUT_SECONDS, _cut, [connection])
    alarm.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=call.body, headers=call.headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WebhookUnreachable(_why(error)) from error
    finally:
        alarm.cancel()
        connection.close()


def _connect_to(host: str, port: int, address: str, *, tls: bool) -> http.client.HTTPConnection:
    """A connection to `address` that speaks and checks certificates as one to `host`."""
    connection: http.client.HTTPConnection
    if tls:
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)

    def connect(_: object, timeout: float, source: object = None) -> socket.socket:
        return socket.create_connection((address, port), timeout)

    connection._create_connection = connect  # type: ignore[attr-defined]
    return connection


def _cut(connection: http.client.HTTPConnection) -> None:
    opened: socket.socket | None = connection.sock
    if opened is not None:
        try:
            opened.shutdown(socket.SHUT_RDWR)
        except OSError:
            opened.close()


def _why(error: Exception) -> str:
    """Words without what the other side wrote: it is not ours to show."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS:.0f} seconds"
    if isinstance(error, OSError):
        return (error.strerror or "the connection failed").lower()
    return "the answer is no HTTP"
