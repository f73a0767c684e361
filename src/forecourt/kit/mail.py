"""E-mail: recorded and enqueued in the transaction that wants it, delivered by SMTP after the commit.

    mail = await queue_mail(uow, to="kim@example.org", subject="…", text="…")      # a row and the job `mail.send`

A mail's body is kept until the mail is delivered or given up, then forgotten: it may hold a link that signs in.
Without an SMTP server (``NoMailer``) a mail is recorded as ``not_sent``, so that screens can say so.
"""

from __future__ import annotations

import asyncio
import enum
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from sqlalchemy import Index, delete
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, TenantRow
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.errors import Invalid, Unavailable
from forecourt.kit.ids import new_id
from forecourt.kit.jobs import Jobs

TASK = "mail.send"
MAX_ATTEMPTS = 9
"""Deliveries of one mail, 2, 4, 8, … seconds apart: the last about 17 minutes after the first."""
KEEP_DAYS = 92
"""How long a mail's record is kept: whom it went to is a person's."""
_TIMEOUT_SECONDS = 20.0
_ERROR_LENGTH = 500


class MailState(enum.StrEnum):
    """How far a mail is."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    """No SMTP server is set up."""


class MailMessage(TenantRow, CreatedAt, Base):
    """A mail to one address. Its body is null once it is delivered or given up."""

    __tablename__ = "mail_message"
    __table_args__ = (Index(None, "operator_id", "created_at"),)

    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str | None]
    html: Mapped[str | None]
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class MailAddressInvalid(Invalid):
    """It is not an e-mail address that a mail can go to."""


class MailNotConfigured(Unavailable):
    """No SMTP server is set up: set FORECOURT_SMTP_URL and FORECOURT_MAIL_FROM."""


class MailRefused(Unavailable):
    """The SMTP server refuses this mail for good."""


class MailUndelivered(Unavailable):
    """The mail could not be handed over now; later it may."""


class Mailer(Protocol):
    """Hands a mail over to whoever delivers it."""

    configured: bool

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, *, message_id: str | None = None
    ) -> None:
        """Hand over one mail.

        Args:
            to: an address, with or without a name.
            subject: one line.
            text: plain text.
            html: the same as HTML, if there is such a form.
            message_id: without the angle brackets; the same for every try of one mail.

        Raises:
            MailNotConfigured: there is nobody to hand it to.
            MailRefused: it will never be taken.
            MailUndelivered: not now.
        """
        ...


class NoMailer:
    """Stands where no SMTP server is set up."""

    configured = False

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, *, message_id: str | None = None
    ) -> None:
        """Refuse."""
        raise MailNotConfigured


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where mails are handed over, from a URL.

    ``smtp://[USER:PASSWORD@]HOST[:PORT][?tls=if-offered|always|never]`` (port 587), or ``smtps://…`` (TLS from the
    first byte, port 465). A password never goes over a connection without TLS, unless ``tls=never`` says so.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str

    @classmethod
    def from_url(cls, url: str) -> SmtpServer:
        """Read the URL.

        Raises:
            ValueError: it is not one.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("the SMTP server is smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…")
        tls = parse_qs(parts.query).get("tls", ["if-offered"])[0]
        if tls not in {"if-offered", "always", "never"}:
            raise ValueError(f"tls={tls}: it is one of if-offered, always, never")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == "smtps" else 587),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls="implicit" if parts.scheme == "smtps" else tls,
        )


class SmtpMailer:
    """Delivers by SMTP (RFC 5321), each mail over a connection of its own, in a thread."""

    configured = True

    def __init__(self, server: SmtpServer, *, sender: str) -> None:
        """Describe it; nothing connects yet.

        Args:
            server: where to.
            sender: ``Forecourt <alerts@example.org>`` or a bare address.

        Raises:
            MailAddressInvalid: the sender is not an address.
        """
        self.server = server
        self.sender = check_address(sender)

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, *, message_id: str | None = None
    ) -> None:
        """See `Mailer.send`."""
        message = self._message(to, subject, text, html, message_id)
        await asyncio.to_thread(self._deliver, message)

    def _message(
        self, to: str, subject: str, text: str, html: str | None, message_id: str | None
    ) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = check_address(to)
        message["Subject"] = " ".join(subject.split())
        message["Date"] = format_datetime(datetime.now().astimezone())
        message["Message-ID"] = f"<{message_id or new_id()}@{self.sender.domain or 'forecourt'}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office notes do not answer it
        message.set_content(text)
        if html is not None:
            message.add_alternative(html, subtype="html")
        return message

    def _deliver(self, message: EmailMessage) -> None:
        try:
            self._converse(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refused(code, words) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(str(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUndelivered(f"{self.server.host}:{self.server.port}: {error}") from error

    def _converse(self, message: EmailMessage) -> None:
        server, context = self.server, ssl.create_default_context()
        client: smtplib.SMTP
        if server.tls == "implicit":
            client = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
        with client:
            client.ehlo()
            secret = server.tls == "implicit"
            if server.tls == "always" or (server.tls == "if-offered" and client.has_extn("starttls")):
                client.starttls(context=context)
                client.ehlo()
                secret = True
            if server.user is not None:
                if not secret and server.tls != "never":
                    raise MailUndelivered(
                        f"{server.host} offers no TLS, so the password is not sent; say tls=never if it may"
                    )
                client.login(server.user, server.password or "")
            client.send_message(message)


def make_mailer(url: str, sender: str) -> Mailer:
    """The mailer of the settings: by SMTP, or none if either is empty.

    Raises:
        ValueError: the URL is not one of an SMTP server.
        MailAddressInvalid: the sender is not an address.
    """
    if not url.strip() or not sender.strip():
        return NoMailer()
    return SmtpMailer(SmtpServer.from_url(url.strip()), sender=sender.strip())


async def queue_mail(
    uow: UnitOfWork,
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    operator_id: UUID | None = None,
) -> MailMessage:
    """Record a mail and enqueue its delivery; both exist if and when the transaction commits.

    Args:
        uow: the transaction that wants it.
        to: an address, with or without a name.
        subject: one line; line breaks become spaces.
        text: plain text.
        html: the same as HTML, if there is such a form.
        operator_id: whose mail it is; needed only in a transaction without an operator.

    Raises:
        MailAddressInvalid: no mail can go there.
    """
    owner = operator_id or uow.operator_id
    if owner is None:
        raise ValueError("say whose mail it is, the transaction has no operator")
    check_address(to)
    mail = MailMessage(
        operator_id=owner,
        id=new_id(),
        recipient=to,
        subject=" ".join(subject.split()),
        text=text,
        html=html,
    )
    uow.session.add(mail)
    await uow.session.flush()
    await uow.enqueue(TASK, operator_id=owner, mail_id=mail.id)
    return mail


def register(jobs: Jobs, database: Database, mailer: Mailer) -> None:
    """Make the jobs known: `mail.send`, and one that forgets old mails."""

    @jobs.task(TASK, retry=MAX_ATTEMPTS - 1)
    async def send(operator_id: UUID, mail_id: UUID) -> None:
        await deliver_mail(database, mailer, operator_id=operator_id, mail_id=mail_id)

    @jobs.periodic("mail.forget_old", "41 2 * * *")
    async def forget(at: datetime) -> None:
        await forget_old_mails(database)


async def forget_old_mails(database: Database) -> None:
    """Delete the records of mails that are older than `KEEP_DAYS`, of all operators."""
    async with database.transaction(role="system") as uow:
        before = uow.clock.now() - timedelta(days=KEEP_DAYS)
        await uow.session.execute(delete(MailMessage).where(MailMessage.created_at < before))


async def deliver_mail(database: Database, mailer: Mailer, *, operator_id: UUID, mail_id: UUID) -> None:
    """One try to deliver a recorded mail; what became of it is in its row.

    A mail whose delivery was not recorded (a crash right after it) goes out again, with the same Message-ID.

    Raises:
        MailUndelivered: it should be tried again.
    """
    async with database.transaction(operator_id) as uow:
        mail = await uow.session.get(MailMessage, (operator_id, mail_id))
    if mail is None or mail.state is not MailState.WAITING or mail.text is None:
        return
    state, error, again = MailState.SENT, None, None
    try:
        await mailer.send(mail.recipient, mail.subject, mail.text, mail.html, message_id=mail.id.hex)
    except MailNotConfigured as problem:
        state, error = MailState.NOT_SENT, problem.message
    except (MailRefused, MailAddressInvalid) as problem:
        state, error = MailState.FAILED, problem.message
    except MailUndelivered as problem:
        last = mail.attempts + 1 >= MAX_ATTEMPTS
        state, error = MailState.FAILED if last else MailState.WAITING, problem.message
        again = None if last else problem
    async with database.transaction(operator_id) as uow:
        mail = await uow.session.get_one(MailMessage, (operator_id, mail_id), with_for_update=True)
        mail.attempts += 1
        mail.state = state
        mail.error = error[:_ERROR_LENGTH] if error else None
        if state is not MailState.WAITING:
            mail.finished_at = uow.clock.now()
            mail.text = mail.html = None
    if again is not None:
        raise again


def check_address(text: str) -> Address:
    """An address for a header; line breaks, which would add headers of their own, are refused.

    Raises:
        MailAddressInvalid: it is none.
    """
    name, spec = parseaddr(text)
    local, at, domain = spec.rpartition("@")
    if not at or not local or ("." not in domain and domain != "localhost") or not text.isprintable():
        raise MailAddressInvalid(f"{text!r} is not an e-mail address", address=text)
    if any(character.isspace() or character in '<>()[],;:\\"' for character in local + domain):
        raise MailAddressInvalid(f"{text!r} is not an e-mail address", address=text)
    try:
        return Address(display_name=name, username=local, domain=domain)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise MailAddressInvalid(f"{text!r} is not an e-mail address", address=text) from error


def _refused(code: int, words: bytes | str) -> MailRefused | MailUndelivered:
    """An SMTP reply as an error: 5xx is for good (RFC 5321 section 4.2.1)."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    message = f"{code} {said}"
    return MailRefused(message) if code >= 500 else MailUndelivered(message)
