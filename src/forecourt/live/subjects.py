"""What an event type is about: the permission that its readers need, and the prefix of its subject's id."""

from __future__ import annotations

from uuid import UUID

from forecourt.identity.actor import Actor
from forecourt.kit.ids import encode_id

_BY_NOUN: dict[str, tuple[str, str]] = {
    "station": ("stations:read", "sta"),
    "connector": ("stations:read", "con"),
    "evse": ("stations:read", "evs"),
    "location": ("locations:read", "loc"),
    "session": ("sessions:read", "ses"),
    "cdr": ("sessions:read", "cdr"),
    "token": ("tokens:read", "tok"),
    "tariff": ("tariffs:read", "trf"),
    "command": ("commands:read", "cmd"),
    "message": ("messages:read", "msg"),
    "knock": ("inbox:read", "knk"),
    "user": ("users:read", "usr"),
    "key": ("keys:read", "key"),
    "partner": ("partners:read", "ptn"),
    "incident": ("incidents:read", "inc"),
    "alert_rule": ("alerts:read", "arl"),
    "alert_channel": ("alerts:read", "ach"),
    "operator": ("settings:read", "opr"),
}
_BY_TYPE: dict[str, tuple[str, str]] = {
    # Facts about something other than what their name begins with.
    "station.knocked": ("inbox:read", "knk"),
    "token.refused": ("tokens:read", "aut"),
    "message.rejected": ("messages:read", "sta"),
}
_OTHER = ("audit:read", "")


def may_see(actor: Actor, event_type: str) -> bool:
    """Whether the actor's permissions cover events of that type."""
    permission, _ = _kind(event_type)
    return actor.may(permission)


def subject_text(event_type: str, subject_id: UUID) -> str:
    """The subject's id as the API writes it."""
    _, prefix = _kind(event_type)
    return encode_id(prefix, subject_id) if prefix else str(subject_id)


def matches(event_type: str, wanted: frozenset[str]) -> bool:
    """Whether the filter wants the type: no filter, its name, or ``session.*`` for all of a noun."""
    return not wanted or event_type in wanted or f"{event_type.partition('.')[0]}.*" in wanted


def _kind(event_type: str) -> tuple[str, str]:
    return _BY_TYPE.get(event_type) or _BY_NOUN.get(event_type.partition(".")[0], _OTHER)
