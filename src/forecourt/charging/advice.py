"""What the friends said about a token before the transaction; it travels in `Inbound.advice`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forecourt.charging.ports import Guarantee, Limits, Resolution
from forecourt.stations.answers import IdTokenAnswer, TransactionLimits
from forecourt.stations.events import IdTokenRef


@dataclass(slots=True, frozen=True)
class Verdict:
    """The answer about one token, and all that led to it."""

    id_token: IdTokenRef
    answer: IdTokenAnswer
    resolution: Resolution
    guarantee: Guarantee | None = None
    limits: Limits | None = None
    reason_code: str | None = None
    reason_params: Mapping[str, Any] = field(default_factory=dict)
    took_ms: int = 0


@dataclass(slots=True)
class Advice:
    """Verdicts of one message by token value (lower case)."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)


NOT_ASKED = Resolution(status="invalid", reason_code="NotAsked")


def verdict_on(advice: Any, id_token: IdTokenRef) -> Verdict:
    """The verdict that `prepare` left in the message; a refusal if nobody was asked."""
    if isinstance(advice, Advice):
        found = advice.verdicts.get(id_token.value.lower())
        if found is not None:
            return found
    return Verdict(id_token, IdTokenAnswer("invalid"), NOT_ASKED, reason_code="NotAsked")


def told_limits(verdict: Verdict) -> TransactionLimits | None:
    """The limits of an accepted start, for stations that can be told (OCPP 2.1 E16)."""
    limits = verdict.limits
    if limits is None or verdict.answer.status != "accepted" or limits == Limits():
        return None
    return TransactionLimits(limits.energy_wh, limits.duration_s, limits.cost, limits.soc_percent)
