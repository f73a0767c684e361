"""A station that signs on by TLS."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import serve
from websockets.typing import Subprotocol

from forecourt.simulator.run import simulate, station_specs
from tests.simulator.server import TinyServer


def certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_a_station_signs_on_by_tls_and_trusts_only_what_it_is_told(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    tiny = TinyServer()
    async with serve(
        tiny.handle, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")], ssl=context
    ) as server:
        url = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        specs = station_specs(1, ["1.6"], password="secret")
        trusting = ssl.create_default_context(cafile=str(pem))
        counters = await simulate(url, stations=specs, ssl=trusting, duration_s=1)
        assert counters.online == 1
        counters = await simulate(url, stations=specs, ssl=ssl.create_default_context(), duration_s=0.5)
        assert counters.online == 0
        await asyncio.sleep(0)
