"""Every setting, read from environment variables `FORECOURT_…` (listed by `forecourt settings`)."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from forecourt.gateway.address import Alias
from forecourt.kit.crypto import SecretBox


def default_data_dir() -> Path:
    """`/var/lib/forecourt` for root (PostgreSQL runs as another user there), else the XDG data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/forecourt")
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "forecourt"


class Settings(BaseSettings):
    """Settings of one process. Ports are TCP ports; times are seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="FORECOURT_", extra="ignore")

    data_dir: Path = Field(
        default_factory=default_data_dir, description="Folder of the embedded database, keys and certificates"
    )
    database_url: str | None = Field(None, description="External PostgreSQL (16 or later); empty: embedded")
    nats_url: str | None = Field(
        None, description="NATS server, needed by `gateway`, `api` and `worker`; empty: in memory"
    )
    node: str = Field(
        "", description="Name of this gateway, unique and kept over restarts; empty: its host and OCPP port"
    )
    host: str = Field("127.0.0.1", description="Address that HTTP listens on")
    http_port: int = Field(8080, ge=0, le=65535, description="REST API, live events and web screens")
    health_port: int = Field(
        0, ge=0, le=65535, description="Health and metrics of `gateway` and `worker`; 0: not opened"
    )
    ocpp_host: str = Field("0.0.0.0", description="Address that stations connect to")  # noqa: S104 stations are elsewhere
    ocpp_port: int = Field(9000, ge=0, le=65535, description="OCPP over ws")
    ocpp_tls_port: int = Field(
        9443, ge=0, le=65535, description="OCPP over wss, open when certificates are there"
    )
    tls_certificates: str = Field(
        "", description="Comma-separated PEM files (certificate chain and key) for wss, RSA and ECDSA"
    )
    default_operator: str = Field("default", description="Operator of `/ocpp/STATION`")
    ocpp_aliases: str = Field(
        "",
        description="Addresses of other platforms that are ours, comma-separated: `OPERATOR=HOST/PATH`, either"
        " part of the address may be left out, e.g. `acme=/steve/websocket/CentralSystemService`",
    )
    trusted_proxies: str = Field(
        "",
        description="Comma-separated addresses of reverse proxies whose X-Forwarded-For and -Proto are believed",
    )
    log_level: str = Field(
        "INFO", pattern="^(?i:debug|info|warning|error)$", description="DEBUG, INFO, WARNING or ERROR"
    )
    log_format: str = Field("console", pattern="^(console|json)$", description="console or json")
    pepper: str = Field(
        "", description="Secret mixed into charger credentials; empty: a file in the data folder"
    )
    message_retention_days: int = Field(30, ge=1, description="How long raw frames are kept")
    secret_key: str = Field(
        "",
        description="Key that secrets in the database are sealed with, 64 hexadecimal digits, the same in every"
        " process; empty: a file in the data folder",
    )
    webhooks_allow_private: bool = Field(
        False, description="Let webhooks go to http and to addresses inside your own network"
    )
    smtp_url: str = Field(
        "",
        description="SMTP server for mails, `smtp://[USER:PASSWORD@]HOST[:PORT]` or `smtps://…`; empty: mails are"
        " recorded as not sent",
    )
    mail_from: str = Field("", description="Sender of mails, e.g. `Forecourt <alerts@example.org>`")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^/?#]+/?)?$",
        description="Address that people reach the web screens at, e.g. `https://charge.example.org`: links in mails"
        " and passkeys use it; empty: `http://localhost:PORT`",
    )
    cookie_secure: bool = Field(False, description="Send the session cookie over HTTPS only")

    def secret(self, name: str) -> str:
        """A secret of this installation from a file in the data folder, made at first use (mode 0600)."""
        folder = self.data_dir / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / name
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text().strip()

    @property
    def node_name(self) -> str:
        """What this gateway is called among the others; two on one host differ by their port."""
        return self.node or f"{socket.gethostname()}:{self.ocpp_port or os.getpid()}"

    @property
    def station_pepper(self) -> bytes:
        """Mixed into station passwords; it lives outside the database."""
        return (self.pepper or self.secret("station-pepper")).encode()

    @property
    def has_pepper(self) -> bool:
        """Whether the pepper is set, or made already; `station_pepper` makes one if not."""
        return bool(self.pepper) or (self.data_dir / "secrets" / "station-pepper").exists()

    def secret_box(self) -> SecretBox:
        """Seals what is secret in the database.

        Raises:
            ValueError: the key is none.
        """
        text = self.secret_key or self.secret("secret-key")
        try:
            return SecretBox({"1": bytes.fromhex(text)}, "1")
        except ValueError as error:
            raise ValueError("FORECOURT_SECRET_KEY has 64 hexadecimal digits") from error

    @property
    def has_secret_key(self) -> bool:
        """Whether the key of `secret_box` is set, or made already; `secret_box` makes one if not."""
        return bool(self.secret_key) or (self.data_dir / "secrets" / "secret-key").exists()

    @property
    def certificate_folder(self) -> Path:
        """Where `demo` puts the certificates that it makes."""
        return self.data_dir / "certificates"

    def certificate_files(self) -> list[Path]:
        """PEM files with a certificate chain and its key each; empty: `wss` stays closed."""
        named = [Path(part.strip()) for part in self.tls_certificates.split(",") if part.strip()]
        return named or sorted(self.certificate_folder.glob("*.pem"))

    def link(self, path: str) -> str:
        """The full address of a page, for mails: `link("/console/alerts")`."""
        host = "localhost" if self.host in {"127.0.0.1", "0.0.0.0"} else self.host  # noqa: S104
        return f"{self.public_url.rstrip('/') or f'http://{host}:{self.http_port}'}{path}"

    def aliases(self) -> list[Alias]:
        """The addresses of `ocpp_aliases`.

        Raises:
            ValueError: one has no operator, or neither host nor path.
        """
        found = []
        for text in (part.strip() for part in self.ocpp_aliases.split(",")):
            if not text:
                continue
            operator, _, address = text.partition("=")
            host, slash, path = address.strip().partition("/")
            if not operator.strip() or not (host or path):
                raise ValueError(f"FORECOURT_OCPP_ALIASES: {text!r} is not OPERATOR=HOST/PATH")
            found.append(Alias(operator.strip(), host, slash + path))
        return found

    def proxies(self) -> frozenset[str]:
        """The addresses of `trusted_proxies`."""
        return frozenset(part.strip() for part in self.trusted_proxies.split(",") if part.strip())
