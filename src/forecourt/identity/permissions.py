"""Permissions ``<noun>:<verb>``, the roles as sets of them, and the ceiling of a partner."""

from __future__ import annotations

import enum

NOUNS = (
    "stations", "locations", "sessions", "tokens", "tariffs", "users", "keys", "partners", "audit", "messages",
    "commands", "settings", "inbox", "jobs", "events", "incidents", "alerts", "system", "imports",
)  # fmt: skip
VERBS = ("read", "write", "command")
ALL = frozenset(f"{noun}:{verb}" for noun in NOUNS for verb in VERBS)


class Role(enum.StrEnum):
    """What a member is to the operator."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATIONS = "operations"
    FINANCE = "finance"
    SUPPORT = "support"
    VIEWER = "viewer"


def _read(*nouns: str) -> frozenset[str]:
    return frozenset(f"{noun}:read" for noun in nouns)


def _all(*nouns: str) -> frozenset[str]:
    return frozenset(f"{noun}:{verb}" for noun in nouns for verb in VERBS)


_VIEWER = _read("stations", "locations", "sessions", "tariffs", "commands", "events", "incidents")

ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: ALL,
    # An admin does everything except what makes or unmakes an owner; that rule is about rows, see update_user.
    Role.ADMIN: ALL,
    Role.OPERATIONS: _VIEWER
    | _all(
        "stations",
        "locations",
        "sessions",
        "tokens",
        "messages",
        "commands",
        "inbox",
        "incidents",
        "alerts",
        "imports",
    )
    | _read("jobs", "users", "partners", "settings"),
    Role.FINANCE: _VIEWER | _all("tariffs", "sessions") | _read("tokens", "partners", "audit", "settings"),
    Role.SUPPORT: _VIEWER
    | _read("tokens", "messages", "inbox", "partners")
    | _read("alerts", "imports")
    | {
        "imports:write",
        "incidents:write",
        "tokens:write",
        "stations:command",
        "commands:write",
        "commands:command",
    },
    Role.VIEWER: _VIEWER,
}

PARTNER_CEILING = _read(
    "stations", "locations", "sessions", "tokens", "tariffs", "commands", "events", "partners"
)
"""The most that a member or key of a partner can hold, whatever its role; rows are limited by its grants.

Partners read. Changes and commands write rows (events, audit, commands) that a partner's scope does not admit yet.
"""


def effective(permissions: frozenset[str], *, partner: bool) -> frozenset[str]:
    """What is left of ``permissions`` for a member of the operator, or of a partner inside it."""
    known = permissions & ALL
    return known & PARTNER_CEILING if partner else known
