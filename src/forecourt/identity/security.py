"""What an operator asks of every sign-in: lifetimes of sessions, and whether a second factor is a must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Security:
    """The operator's rules. A stricter one counts from the next sign-in; the idle limit at once."""

    second_factor_required: bool = False
    session_lifetime_hours: int = 7 * 24
    session_idle_minutes: int = 12 * 60

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Security:
        """From the operator's row; what is not set is as usual."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        return cls(**known)

    def as_dict(self) -> dict[str, Any]:
        """For the row, and the audit trail."""
        return asdict(self)

    @property
    def lifetime(self) -> timedelta:
        """How long a session lasts at most."""
        return timedelta(hours=self.session_lifetime_hours)

    @property
    def idle(self) -> timedelta:
        """How long a session may lie unused."""
        return timedelta(minutes=self.session_idle_minutes)
