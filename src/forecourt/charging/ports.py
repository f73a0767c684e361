"""What charging asks of others: who is this, who pays, how much is there, and did a command take effect.

Asked before the batch's transaction, within `BUDGET_S` in all; who does not answer in time is decided by
`TimeoutPolicy`. The first adapters are here: nothing to guarantee, no limit (own tokens: `own_tokens`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, Protocol, TypeAlias
from uuid import UUID

from forecourt.stations.answers import TokenStatus
from forecourt.stations.events import IdTokenRef

BUDGET_S: Final = 5.0
TimeoutPolicy: TypeAlias = Literal["accept", "refuse"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Somebody wants to charge: where, with what, and at what moment (ours)."""

    operator_id: UUID
    station_id: UUID
    evse_no: int | None
    id_token: IdTokenRef
    at: datetime
    kind: Literal["authorize", "start"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """Who it is. `reason_code` and `reason_params` say why not, when `status` is not accepted."""

    status: TokenStatus
    reason_code: str | None = None
    reason_params: Mapping[str, Any] = field(default_factory=dict)
    token_id: UUID | None = None
    token_type: str | None = None
    group: str | None = None
    group_id: UUID | None = None
    issuer: str | None = None
    contract_id: str | None = None
    language: str | None = None
    expires_at: datetime | None = None
    fleet_partner_id: UUID | None = None
    one_at_a_time: bool = False
    """The operator's policy: the token charges at one place at a time (`ConcurrentTx` otherwise)."""
    command_id: UUID | None = None
    external_reference: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarantee:
    """Who pays, and how sure it is. Not `granted`: with a reason."""

    granted: bool = True
    payer: str | None = None
    reason_code: str | None = None
    reason_params: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much may be taken: Wh, seconds, major units of money, percent. `refused_code`: nothing at all."""

    energy_wh: Decimal | None = None
    duration_s: int | None = None
    cost: Decimal | None = None
    soc_percent: Decimal | None = None
    refused_code: str | None = None


class TokenResolver(Protocol):
    """Who is this? Asked in turn until one answers other than `None`."""

    async def resolve(self, question: Question) -> Resolution | None:
        """The holder of the token, a refusal with its reason, or `None`: not mine."""
        ...


class Guarantor(Protocol):
    """Who pays for it?"""

    async def guarantee(self, question: Question, resolution: Resolution) -> Guarantee:
        """A payer, or a refusal with its reason."""
        ...


class StartLimiter(Protocol):
    """How much may be taken here and now?"""

    async def limit(self, question: Question, resolution: Resolution) -> Limits:
        """Limits for the session, or a refusal."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """A station did what a command asked for: the command itself, or the latest whose parameters fit."""

    operator_id: UUID
    station_id: UUID
    kind: Literal["remote-start", "remote-stop"]
    at: datetime
    command_id: UUID | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    shown_by: Mapping[str, Any] = field(default_factory=dict)


class CommandEvidence(Protocol):
    """Hears that commands showed their effect at stations."""

    async def mark_effective(self, tx: Any, effects: Sequence[Effect]) -> None:
        """Write it in the batch's transaction."""
        ...


class NothingToGuarantee:
    """Everybody is trusted to pay."""

    async def guarantee(self, question: Question, resolution: Resolution) -> Guarantee:
        """Granted, without a payer."""
        return Guarantee()


class NoLimit:
    """Take as much as you like."""

    async def limit(self, question: Question, resolution: Resolution) -> Limits:
        """No limit of any kind."""
        return Limits()
