"""What a routing table is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import msgspec

from forecourt.kit.errors import Invalid
from forecourt.stations.answers import Answer
from forecourt.stations.commands import Command
from forecourt.stations.events import Event, OtherReported, VariableValue

Wire: TypeAlias = dict[str, Any]
"""A payload as it goes on the wire."""
ReadEvents: TypeAlias = Callable[[Any], tuple[Event, ...]]
WriteAnswer: TypeAlias = Callable[[Answer | None, Any, datetime], Wire]
"""(the handlers' answer, the request, now) → response. `None`: nobody answered, or the message is parked."""


class UnsupportedCommand(Invalid):
    """The command has no counterpart in the station's OCPP version."""


@dataclass(frozen=True, slots=True)
class Route:
    """One action that a station sends."""

    events: ReadEvents
    answer: WriteAnswer


@dataclass(frozen=True, slots=True)
class WireCall:
    """One CALL of ours."""

    action: str
    payload: Wire


@dataclass(slots=True)
class Outcome:
    """What the answers to a command's calls amount to so far."""

    status: Literal["accepted", "rejected"] = "accepted"
    reason: str | None = None
    reply: Wire = field(default_factory=dict)
    variables: list[VariableValue] = field(default_factory=list)

    def reject(self, reason: str | None) -> None:
        """One part was refused; the first reason stays."""
        if self.status == "accepted":
            self.status, self.reason = "rejected", reason


@dataclass(frozen=True, slots=True)
class Dialect:
    """One OCPP version, as far as meaning goes."""

    routes: Mapping[str, Route]
    defaults: Mapping[str, WriteAnswer]
    write_command: Callable[[Command], Sequence[WireCall]]
    read_reply: Callable[[Command, WireCall, Wire, Outcome], None]
    ordered_boot: bool
    """Whether a message before the accepted boot is refused."""

    def route(self, action: str) -> Route:
        """The route of an action; those without an effect of their own get the polite answer."""
        found = self.routes.get(action)
        if found is not None:
            return found
        return Route(
            lambda request: (OtherReported(action, to_wire(request)),), self.defaults.get(action, empty)
        )


def to_wire(payload: Any) -> Wire:
    """A struct as plain JSON values."""
    plain = payload if isinstance(payload, dict) else msgspec.to_builtins(payload)
    return plain if isinstance(plain, dict) else {}


def empty(_answer: Answer | None, _request: Any, _now: datetime) -> Wire:
    """`{}`."""
    return {}


def constant(**payload: Any) -> WriteAnswer:
    """Always the same response."""

    def write(_answer: Answer | None, _request: Any, _now: datetime) -> Wire:
        return dict(payload)

    return write


def wire_time(moment: datetime) -> str:
    """RFC 3339, UTC, `Z`, milliseconds (spec/ocpp.md section 3.0, time stamps)."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


_SECRET = re.compile(
    r"authorizationkey|password|passphrase|secret|apikey|privatekey|sharedkey|pincode", re.IGNORECASE
)


def shown(name: str, value: str | None) -> str | None:
    """A variable's value as it may be kept: that of a password or key is not."""
    return None if _SECRET.search(name) else value


def verdict(outcome: Outcome, reply: Wire, accepted: Sequence[str] = ("Accepted",)) -> None:
    """Judge a reply by its `status`; anything but plain acceptance leaves its word as the reason."""
    status = reply.get("status")
    info = reply.get("statusInfo")
    reason = info.get("reasonCode") if isinstance(info, dict) else None
    if status in accepted:
        if status != "Accepted":
            outcome.reason = status
    elif status is not None:
        outcome.reject(f"{status}: {reason}" if reason else str(status))
