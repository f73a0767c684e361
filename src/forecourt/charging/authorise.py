"""May this token charge here? Asked of the friends before the transaction, within one budget of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from forecourt.charging.advice import Advice, Verdict
from forecourt.charging.ports import (
    BUDGET_S,
    Guarantee,
    Guarantor,
    Limits,
    NoLimit,
    NothingToGuarantee,
    Question,
    Resolution,
    StartLimiter,
    TimeoutPolicy,
    TokenResolver,
)
from forecourt.stations.answers import IdTokenAnswer
from forecourt.stations.events import AuthorizeRequested, Inbound, TransactionReported

_log = structlog.get_logger(__name__)


class Authoriser:
    """Resolvers in turn, then who pays, then how much; 5 seconds in all, then the policy decides."""

    def __init__(
        self,
        resolvers: Sequence[TokenResolver],
        *,
        guarantor: Guarantor | None = None,
        limiter: StartLimiter | None = None,
        budget_s: float = BUDGET_S,
        on_timeout: TimeoutPolicy = "refuse",
    ) -> None:
        """Wire it; by default nothing is guaranteed and nothing limited."""
        self._resolvers = tuple(resolvers)
        self._guarantor = guarantor or NothingToGuarantee()
        self._limiter = limiter or NoLimit()
        self._budget_s = budget_s
        self._on_timeout = on_timeout

    async def advise(self, message: Inbound, event: AuthorizeRequested | TransactionReported) -> None:
        """Put the verdict on the event's token into the message. Never raises because a friend failed."""
        id_token = event.id_token
        assert id_token is not None
        kind = "authorize" if isinstance(event, AuthorizeRequested) else "start"
        question = Question(
            operator_id=message.operator_id,
            station_id=message.station_id,
            evse_no=event.evse_no,
            id_token=id_token,
            at=message.received_at,
            kind=kind,  # type: ignore[arg-type]
        )
        if message.advice is None:
            message.advice = Advice()
        message.advice.verdicts[id_token.value.lower()] = await self.judge(question)

    async def judge(self, question: Question) -> Verdict:
        """The verdict on one token, with its reason when it is a refusal."""
        began = time.monotonic()
        so_far: list[Resolution] = []
        try:
            async with asyncio.timeout(self._budget_s):
                verdict = await self._ask(question, so_far)
        except TimeoutError:
            verdict = self._undecided(question, so_far, "FriendTimedOut", {"budget_s": self._budget_s})
        except Exception as error:
            _log.exception("charging.friend_failed", station_id=str(question.station_id))
            verdict = self._undecided(question, so_far, "FriendFailed", {"error": type(error).__name__})
        took_ms = int((time.monotonic() - began) * 1000)
        return Verdict(
            verdict.id_token, verdict.answer, verdict.resolution, verdict.guarantee, verdict.limits,
            verdict.reason_code, verdict.reason_params, took_ms,
        )  # fmt: skip

    async def _ask(self, question: Question, so_far: list[Resolution]) -> Verdict:
        resolution: Resolution | None = None
        for resolver in self._resolvers:
            resolution = await resolver.resolve(question)
            if resolution is not None:
                break
        if resolution is None:
            resolution = Resolution(status="invalid", reason_code="TokenUnknown")
        so_far.append(resolution)
        if resolution.status != "accepted":
            return _verdict(question, resolution)
        guarantee = await self._guarantor.guarantee(question, resolution)
        if not guarantee.granted:
            code = guarantee.reason_code or "NotGuaranteed"
            return _verdict(question, resolution, guarantee, None, "no_credit", code, guarantee.reason_params)
        limits = await self._limiter.limit(question, resolution)
        if limits.refused_code is not None:
            return _verdict(question, resolution, guarantee, limits, "not_at_this_time", limits.refused_code)
        return _verdict(question, resolution, guarantee, limits)

    def _undecided(
        self, question: Question, so_far: Sequence[Resolution], code: str, params: Mapping[str, Any]
    ) -> Verdict:
        """No answer in time: the policy speaks, and the reason says so either way."""
        accepted = self._on_timeout == "accept"
        status = "accepted" if accepted else "invalid"
        resolution = so_far[-1] if so_far else Resolution(status="accepted" if accepted else "unknown")
        return _verdict(question, resolution, None, None, status, code, params)


def _verdict(
    question: Question,
    resolution: Resolution,
    guarantee: Guarantee | None = None,
    limits: Limits | None = None,
    status: Any = None,
    reason_code: str | None = None,
    reason_params: Mapping[str, Any] | None = None,
) -> Verdict:
    answer = IdTokenAnswer(
        status or resolution.status,
        expires_at=resolution.expires_at,
        group=resolution.group,
        language=resolution.language,
    )
    return Verdict(
        question.id_token, answer, resolution, guarantee, limits, reason_code or resolution.reason_code,
        reason_params if reason_params is not None else resolution.reason_params,
    )  # fmt: skip
