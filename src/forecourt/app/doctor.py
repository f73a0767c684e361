"""`forecourt doctor`: look at everything that keeps an installation from working, and say what to do."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import psycopg
from cryptography import x509

from forecourt.app.database import database_for_command
from forecourt.app.ports import why_unusable
from forecourt.app.settings import Settings
from forecourt.kit.errors import ForecourtError
from forecourt.kit.postgres import check_durability

Verdict = Literal["ok", "warning", "problem"]
_LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    subject: str
    verdict: Verdict
    text: str


def _port(name: str, host: str, port: int) -> Finding:
    if port == 0:
        return Finding(name, "ok", "any free port")
    reason = why_unusable(host, port)
    if reason is None:
        return Finding(name, "ok", f"{host}:{port} is free")
    if _answers(host, port):
        return Finding(
            name, "warning", f"{host}:{port} is taken: by a running Forecourt, or change {_variable(name)}"
        )
    return Finding(name, "problem", f"cannot listen on {host}:{port} ({reason}): change {_variable(name)}")


def _variable(name: str) -> str:
    return "FORECOURT_" + name.upper().replace(" ", "_")


def _answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection(("127.0.0.1" if host in {"0.0.0.0", ""} else host, port), timeout=2):  # noqa: S104
            return True
    except OSError:
        return False


async def _database(settings: Settings) -> list[Finding]:
    findings = []
    try:
        with database_for_command(settings) as opened:
            async with await psycopg.AsyncConnection.connect(
                opened.urls.system, autocommit=True
            ) as connection:
                row = await (await connection.execute("SHOW server_version")).fetchone()
                findings.append(Finding("database", "ok", f"PostgreSQL {row[0] if row else '?'} answers"))
                major = int(str(row[0]).split(".")[0]) if row else 0
                if major < 16:
                    findings.append(
                        Finding(
                            "database", "problem", f"PostgreSQL {major} is too old: 16 or later is needed"
                        )
                    )
                await check_durability(connection)
                findings.append(
                    Finding("durability", "ok", "fsync, full_page_writes and synchronous_commit are on")
                )
                before = datetime.now(UTC)
                row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
                skew = abs((row[0] - before).total_seconds()) if row else 0.0
                verdict: Verdict = "ok" if skew < 2 else "problem"
                advice = "" if verdict == "ok" else ": keep both by a time service (NTP)"
                findings.append(
                    Finding("clock", verdict, f"database and this machine differ by {skew:.1f} s{advice}")
                )
    except ForecourtError as error:
        findings.append(Finding("database", "problem", error.message))
    except (OSError, psycopg.Error) as error:
        findings.append(Finding("database", "problem", " ".join(str(error).split())))
    return findings


def _disk(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    text = f"{free / 1e9:.1f} GB free for {folder}"
    if free > _LOW_DISK_BYTES:
        return Finding("disk", "ok", text)
    return Finding("disk", "problem", f"{text}: free at least 2 GB, or move it (FORECOURT_DATA_DIR)")


def _certificates(settings: Settings) -> Iterator[Finding]:
    files = settings.certificate_files()
    if not files:
        yield Finding("certificates", "warning", "none: wss stays closed (set FORECOURT_TLS_CERTIFICATES)")
    for file in files:
        try:
            certificate = x509.load_pem_x509_certificate(file.read_bytes())
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(file)
        except (OSError, ValueError, ssl.SSLError) as error:
            advice = "it must hold a certificate chain and its key, readable for this user"
            yield Finding(
                "certificates", "problem", f"{file}: {getattr(error, 'strerror', None) or error}: {advice}"
            )
            continue
        left = certificate.not_valid_after_utc - datetime.now(UTC)
        verdict: Verdict = (
            "problem" if left < timedelta(0) else "warning" if left < timedelta(days=30) else "ok"
        )
        advice = "" if verdict == "ok" else ": renew it"
        yield Finding(
            "certificates",
            verdict,
            f"{file.name}: valid until {certificate.not_valid_after_utc:%Y-%m-%d}{advice}",
        )


async def examine(settings: Settings) -> list[Finding]:
    """Everything looked at, in the order a reader would ask."""
    findings = [
        _port("HTTP port", settings.host, settings.http_port),
        _port("OCPP port", settings.ocpp_host, settings.ocpp_port),
        _port("OCPP TLS port", settings.ocpp_host, settings.ocpp_tls_port),
        *await _database(settings),
        _disk(settings.data_dir),
        *_certificates(settings),
    ]
    year = datetime.now(UTC).year
    if year < 2026:
        findings.append(
            Finding("clock", "problem", f"this machine believes that it is {year}: set its clock")
        )
    return findings
