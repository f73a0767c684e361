"""The TLS settings that OCPP security profile 2 asks for.

TLS 1.2 or newer. With TLS 1.2 four suites must be there (OCPP 2.0.1 A00.FR.318): two with ECDHE-ECDSA, two with
RSA key exchange. Python leaves the RSA ones out, so they are named; an ECDSA and an RSA certificate are needed.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
    "AES128-GCM-SHA256:AES256-GCM-SHA384"
)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A PEM chain, leaf first, and its key."""

    chain: Path
    key: Path


def build_tls(certificates: list[CertificateFiles]) -> ssl.SSLContext:
    """Make the server's context from one RSA and one ECDSA certificate (one of them is enough to start).

    Raises:
        ValueError: no certificate is given.
        OSError, ssl.SSLError: a file cannot be read, or key and certificate do not match.
    """
    if not certificates:
        raise ValueError("TLS needs at least one certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(CIPHERS)
    for files in certificates:
        context.load_cert_chain(files.chain, files.key)
    return context
