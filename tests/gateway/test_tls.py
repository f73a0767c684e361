"""Security profile 2: TLS 1.2 and newer, two kinds of certificate, the four suites (A00.FR.318)."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from forecourt.gateway import CertificateFiles, build_tls
from forecourt.kit.bus import MemoryBus
from forecourt.kit.database import Database
from forecourt.stations.events import Connected
from tests.gateway.conftest import World, until

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(folder: Path, name: str, key: Key) -> CertificateFiles:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = CertificateFiles(folder / f"{name}.pem", folder / f"{name}.key")
    files.chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def client(ciphers: str | None = None, *, newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if newest is not None:
        context.minimum_version = min(newest, ssl.TLSVersion.TLSv1_2)
        context.maximum_version = newest
    if ciphers is not None:
        context.set_ciphers(ciphers)
    return context


@pytest.fixture
async def secure(database: Database, bus: MemoryBus, tmp_path: Path) -> AsyncIterator[World]:
    """A gateway with `ws` and `wss`."""
    world = World(database, bus)
    tls = build_tls(
        [
            certificate(tmp_path, "rsa", rsa.generate_private_key(65537, 2048)),
            certificate(tmp_path, "ec", ec.generate_private_key(ec.SECP256R1())),
        ]
    )
    await world.start(tls=tls, tls_port=0)
    yield world
    await world.stop()


class TestTls:
    @pytest.mark.parametrize(
        "suite",
        [
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "AES128-GCM-SHA256",
            "AES256-GCM-SHA384",
        ],
    )
    async def test_the_four_suites_of_tls_1_2(self, secure: World, suite: str) -> None:
        secure.add(security_profile=2)
        station = await secure.connect(ssl=client(suite, newest=ssl.TLSVersion.TLSv1_2))
        assert (await station.boot())[0] == 3
        assert secure.handler.events(Connected)[0].security_profile == 2

    async def test_tls_1_3(self, secure: World) -> None:
        secure.add()
        station = await secure.connect(ssl=client())
        assert (await station.boot())[0] == 3

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
    async def test_tls_1_1_is_refused(self, secure: World) -> None:
        secure.add()
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            await secure.connect(ssl=client("ALL:@SECLEVEL=0", newest=ssl.TLSVersion.TLSv1_1))

    async def test_a_station_set_to_profile_2_may_not_fall_back(self, secure: World) -> None:
        secure.add(security_profile=2)
        assert await secure.refused() == 403
        await secure.connect(ssl=client())
        await until(lambda: secure.handler.events(Connected))

    def test_no_certificate_is_an_error(self) -> None:
        with pytest.raises(ValueError):
            build_tls([])
