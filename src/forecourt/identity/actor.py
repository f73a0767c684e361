"""The one on whose behalf a unit of work runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A signed-in user, an API key, or the program itself, inside one operator."""

    kind: Literal["user", "key", "system"]
    id: UUID | None
    operator_id: UUID
    partner_id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    role: str | None = None
    name: str = ""
    session_id: UUID | None = None
    address: str | None = None
    request_id: str | None = None

    def may(self, permission: str) -> bool:
        """Whether the actor holds the permission."""
        return permission in self.permissions


def system_actor(operator_id: UUID, name: str) -> Actor:
    """The program acting by itself, e.g. ``system_actor(op, "cli")``."""
    return Actor(kind="system", id=None, operator_id=operator_id, name=name)
