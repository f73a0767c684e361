"""The mails that identity sends: short, in the reader's language, and never with a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from forecourt.kit.database import UnitOfWork
from forecourt.kit.mail import queue_mail

Kind = Literal["invitation", "password_reset", "password_changed", "second_factor_reset"]
LANGUAGES = ("en", "de")

_TEXTS: dict[Kind, dict[str, tuple[str, str]]] = {
    "invitation": {
        "en": (
            "Invitation to {operator}",
            "Hello,\n\n{by} invites you to the charging console of {operator}.\n\nAccept within 7 days:\n{link}\n\n"
            "If you do not know {operator}, ignore this mail.\n",
        ),
        "de": (
            "Einladung zu {operator}",
            "Guten Tag,\n\n{by} lädt Sie zur Ladekonsole von {operator} ein.\n\nAnnehmen (7 Tage lang):\n{link}\n\n"
            "Wenn Sie {operator} nicht kennen, ignorieren Sie diese Nachricht.\n",
        ),
    },
    "password_reset": {
        "en": (
            "New password for {operator}",
            "Hello {name},\n\nsomebody asked for a new password for your access to {operator}.\n\n"
            "Choose one within an hour:\n{link}\n\nIf it was not you, ignore this mail: nothing has changed.\n",
        ),
        "de": (
            "Neues Passwort für {operator}",
            "Guten Tag {name},\n\njemand hat ein neues Passwort für Ihren Zugang zu {operator} angefordert.\n\n"
            "Wählen Sie es binnen einer Stunde:\n{link}\n\n"
            "Wenn Sie es nicht waren, ignorieren Sie diese Nachricht: es hat sich nichts geändert.\n",
        ),
    },
    "password_changed": {
        "en": (
            "Your password for {operator} was changed",
            "Hello {name},\n\nthe password of your access to {operator} was changed.\n\n"
            "If it was not you, choose a new one at once and tell your administrator:\n{link}\n",
        ),
        "de": (
            "Ihr Passwort für {operator} wurde geändert",
            "Guten Tag {name},\n\ndas Passwort Ihres Zugangs zu {operator} wurde geändert.\n\n"
            "Wenn Sie es nicht waren, wählen Sie sofort ein neues und sagen Sie es Ihrer Administration:\n{link}\n",
        ),
    },
    "second_factor_reset": {
        "en": (
            "Your second factor for {operator} was reset",
            "Hello {name},\n\nan administrator has taken away the second factor of your access to {operator}. "
            "Set it up again after signing in:\n{link}\n\nIf you did not ask for this, tell your administrator.\n",
        ),
        "de": (
            "Ihr zweiter Faktor für {operator} wurde zurückgesetzt",
            "Guten Tag {name},\n\njemand aus der Administration hat den zweiten Faktor Ihres Zugangs zu {operator} "
            "entfernt. Richten Sie ihn nach der Anmeldung neu ein:\n{link}\n\n"
            "Wenn Sie nicht darum gebeten haben, sagen Sie es Ihrer Administration.\n",
        ),
    },
}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail: what it is, to whom, in which language, and what is put in."""

    kind: Kind
    to: str
    language: str
    operator: str
    link: str
    name: str = ""
    by: str = ""


def write_letter(letter: Letter) -> tuple[str, str]:
    """Subject and text."""
    language = letter.language if letter.language in LANGUAGES else "en"
    subject, text = _TEXTS[letter.kind][language]
    values = {"operator": letter.operator, "link": letter.link, "name": letter.name, "by": letter.by}
    # Nothing that somebody typed as a name can add lines to the mail.
    values = {key: " ".join(value.split()) for key, value in values.items()}
    return subject.format(**values), text.format(**values)


async def send_letter(uow: UnitOfWork, letter: Letter, *, operator_id: UUID | None = None) -> None:
    """Queue the mail in the transaction; it goes out if and when that commits.

    Raises:
        MailAddressInvalid: no mail can go there.
    """
    subject, text = write_letter(letter)
    await queue_mail(uow, to=letter.to, subject=subject, text=text, operator_id=operator_id)
