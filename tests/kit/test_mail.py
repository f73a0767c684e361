"""Mails against a real SMTP server on loopback: handed over, refused, tried again, or recorded as not sent."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs
from forecourt.kit.mail import (
    MAX_ATTEMPTS,
    MailAddressInvalid,
    Mailer,
    MailMessage,
    MailState,
    MailUndelivered,
    NoMailer,
    SmtpMailer,
    SmtpServer,
    deliver_mail,
    make_mailer,
    queue_mail,
    register,
)


class Inbox:
    """What an SMTP server was given; `answers` are its replies to the next mails instead of 250."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox, free_port: int) -> Iterator[SmtpServer]:
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port)
    controller.start()
    yield SmtpServer.from_url(f"smtp://127.0.0.1:{free_port}")
    controller.stop()


@pytest.fixture
def mailer(server: SmtpServer) -> SmtpMailer:
    return SmtpMailer(server, sender="Forecourt <alerts@cpo.example>")


async def queue(database: Database, operator_id: UUID, **fields: str) -> UUID:
    async with database.transaction(operator_id) as uow:
        mail = await queue_mail(
            uow, **{"to": "kim@example.org", "subject": "Hello", "text": "Words"} | fields
        )
    return mail.id


async def read(database: Database, operator_id: UUID, mail_id: UUID) -> MailMessage:
    async with database.transaction(operator_id) as uow:
        return await uow.session.get_one(MailMessage, (operator_id, mail_id))


class TestSend:
    async def test_both_forms_arrive_with_their_headers(self, mailer: SmtpMailer, inbox: Inbox) -> None:
        await mailer.send("Kim Größe <kim@example.org>", "Störung\r\nBcc: x@y.z", "Grüße", "<p>Grüße</p>")
        (mail,) = inbox.mails
        assert mail["From"] == "Forecourt <alerts@cpo.example>"
        assert mail["To"] == "Kim Größe <kim@example.org>"
        assert mail["Subject"] == "Störung Bcc: x@y.z"
        assert mail["Bcc"] is None
        assert mail["Auto-Submitted"] == "auto-generated"
        assert [part.get_content().strip() for part in mail.iter_parts()] == ["Grüße", "<p>Grüße</p>"]

    @pytest.mark.parametrize(
        "to",
        ["", "kim", "kim@", "@example.org", "kim@example.org\r\nBcc: x@y.z", "a b@example.org", "a@b@c d"],
    )
    async def test_what_is_no_address_is_refused(self, mailer: SmtpMailer, inbox: Inbox, to: str) -> None:
        with pytest.raises(MailAddressInvalid):
            await mailer.send(to, "Hello", "Words")
        assert inbox.mails == []

    async def test_a_password_never_goes_without_tls(self, server: SmtpServer, inbox: Inbox) -> None:
        open_server = SmtpServer.from_url(f"smtp://kim:secret@127.0.0.1:{server.port}")
        with pytest.raises(MailUndelivered, match="no TLS"):
            await SmtpMailer(open_server, sender="a@cpo.example").send("kim@example.org", "Hello", "Words")
        assert inbox.mails == []


class TestServerUrl:
    def test_parts_are_read(self) -> None:
        server = SmtpServer.from_url("smtps://k%40x:p%2Fw@mail.example")
        assert (server.host, server.port, server.user, server.password, server.tls) == (
            "mail.example", 465, "k@x", "p/w", "implicit",
        )  # fmt: skip
        assert SmtpServer.from_url("smtp://mail.example").port == 587

    @pytest.mark.parametrize("url", ["http://x", "smtp://", "mail.example:25", "smtp://x?tls=maybe"])
    def test_another_is_an_error(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"smtp://|tls="):
            SmtpServer.from_url(url)

    def test_without_one_there_is_no_mailer(self) -> None:
        assert isinstance(make_mailer("", "a@cpo.example"), NoMailer)
        assert isinstance(make_mailer("smtp://mail.example", ""), NoMailer)


class TestDeliver:
    async def test_the_job_delivers_and_the_body_is_forgotten(
        self, empty_database: Database, operator_id: UUID, mailer: SmtpMailer, inbox: Inbox
    ) -> None:
        jobs = Jobs(empty_database.urls.system)
        register(jobs, empty_database, mailer)
        mail_id = await queue(empty_database, operator_id, text="https://cpo.example/invitation/secret")
        await jobs.run_until_idle()
        await jobs.stop()
        (mail,) = inbox.mails
        assert "invitation/secret" in mail.get_content()
        assert mail["Message-ID"] == f"<{mail_id.hex}@cpo.example>"
        row = await read(empty_database, operator_id, mail_id)
        assert (row.state, row.text, row.attempts, row.error) == (MailState.SENT, None, 1, None)

    async def test_a_rolled_back_transaction_sends_nothing(
        self, empty_database: Database, operator_id: UUID
    ) -> None:
        async def fail() -> None:
            async with empty_database.transaction(operator_id) as uow:
                await queue_mail(uow, to="kim@example.org", subject="Hello", text="Words")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        async with empty_database.transaction(role="system") as uow:
            count = text(
                "SELECT (SELECT count(*) FROM procrastinate_jobs) + (SELECT count(*) FROM mail_message)"
            )
            assert await uow.session.scalar(count) == 0

    async def test_twice_is_once(
        self, database: Database, operator_id: UUID, mailer: SmtpMailer, inbox: Inbox
    ) -> None:
        mail_id = await queue(database, operator_id)
        for _ in range(2):
            await deliver_mail(database, mailer, operator_id=operator_id, mail_id=mail_id)
        assert len(inbox.mails) == 1

    async def test_not_now_is_tried_again_and_then_arrives(
        self, database: Database, operator_id: UUID, mailer: SmtpMailer, inbox: Inbox
    ) -> None:
        mail_id = await queue(database, operator_id)
        inbox.answers = ["451 later"]
        with pytest.raises(MailUndelivered, match="451 later"):
            await deliver_mail(database, mailer, operator_id=operator_id, mail_id=mail_id)
        row = await read(database, operator_id, mail_id)
        assert (row.state, row.attempts, row.text) == (MailState.WAITING, 1, "Words")
        await deliver_mail(database, mailer, operator_id=operator_id, mail_id=mail_id)
        assert (await read(database, operator_id, mail_id)).state is MailState.SENT

    async def test_never_is_given_up_at_once(
        self, database: Database, operator_id: UUID, mailer: SmtpMailer, inbox: Inbox
    ) -> None:
        mail_id = await queue(database, operator_id)
        inbox.answers = ["550 no such mailbox"]
        await deliver_mail(database, mailer, operator_id=operator_id, mail_id=mail_id)
        row = await read(database, operator_id, mail_id)
        assert (row.state, row.error, row.text) == (MailState.FAILED, "550 no such mailbox", None)

    async def test_a_server_that_stays_away_ends_in_failed(
        self, database: Database, operator_id: UUID, free_port: int
    ) -> None:
        away: Mailer = SmtpMailer(
            SmtpServer.from_url(f"smtp://127.0.0.1:{free_port}"), sender="a@cpo.example"
        )
        mail_id = await queue(database, operator_id)
        for _ in range(MAX_ATTEMPTS - 1):
            with pytest.raises(MailUndelivered):
                await deliver_mail(database, away, operator_id=operator_id, mail_id=mail_id)
        await deliver_mail(database, away, operator_id=operator_id, mail_id=mail_id)
        row = await read(database, operator_id, mail_id)
        assert (row.state, row.attempts, row.text) == (MailState.FAILED, MAX_ATTEMPTS, None)

    async def test_without_a_server_it_says_so(self, database: Database, operator_id: UUID) -> None:
        mail_id = await queue(database, operator_id)
        await deliver_mail(database, NoMailer(), operator_id=operator_id, mail_id=mail_id)
        row = await read(database, operator_id, mail_id)
        assert row.state is MailState.NOT_SENT
        assert "FORECOURT_SMTP_URL" in (row.error or "")
