"""The mails of an operator as they wait in the database, and the links in them."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select

from forecourt.kit.database import Database
from forecourt.kit.mail import MailMessage


async def mails_of(database: Database, operator_id: UUID, to: str) -> list[MailMessage]:
    """Mails to an address, the oldest first."""
    async with database.transaction(operator_id) as uow:
        return list(
            await uow.session.scalars(
                select(MailMessage).where(MailMessage.recipient == to).order_by(MailMessage.id)
            )
        )


async def token_in_mail(database: Database, operator_id: UUID, to: str) -> str:
    """The token of the link in the last mail."""
    mail = (await mails_of(database, operator_id, to))[-1]
    found = re.search(r"https://cpo.example/console/\w+#(\S+)", mail.text or "")
    assert found, mail.text
    return found[1]
