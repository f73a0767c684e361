"""What we tell a station: one outstanding CALL per socket, a queue behind it, a time-out for each.

The outcome of a command is the event `CommandAnswered` in the station's own stream, so that it is on disk in
the order of the station's messages. Answers are taken at once: a crossing call of the station waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from forecourt.gateway.journal import LogRow
from forecourt.gateway.translate import Outcome, UnsupportedCommand, WireCall
from forecourt.gateway.translate.dialect import to_wire
from forecourt.kit.ids import encode_id, new_id
from forecourt.ocpp import (
    CallError,
    CallResult,
    CallResultError,
    DecodeError,
    Frame,
    InvalidOutbound,
    MessageId,
    build_request,
    decode,
    encode_call,
    encode_refusal,
)
from forecourt.stations import commands
from forecourt.stations.events import CommandAnswered

if TYPE_CHECKING:
    from forecourt.gateway.connection import Link


MAX_QUEUE = 100
"""Commands that may wait for one station."""


@dataclass(slots=True)
class Job:
    """A command on its way, with the calls that it takes."""

    command_id: UUID | None
    """`None`: the gateway's own question, whose outcome is only logged."""
    command: commands.Command
    timeout_s: float
    calls: Sequence[WireCall] = ()
    position: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    message_id: str = ""
    due: float = 0.0
    """Until when (`time.monotonic()`) it has to be on the wire; later it is not sent any more."""

    @property
    def correlation(self) -> str | None:
        """As in the message log."""
        return encode_id("cmd", self.command_id) if self.command_id is not None else None


class Calls:
    """The commands of one link."""

    def __init__(self, link: Link) -> None:
        """Nothing to do yet."""
        self._link = link
        self._queue: deque[Job] = deque()
        self._current: Job | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.timeouts = 0
        """Unanswered calls in a row."""

    @property
    def depth(self) -> int:
        """Commands that are not answered yet."""
        return len(self._queue) + (self._current is not None)

    def action_of(self, message_id: MessageId) -> str | None:
        """The action of the open call with this id."""
        job = self._current
        return job.calls[job.position].action if job is not None and job.message_id == message_id else None

    def correlation_of(self, message_id: MessageId | None) -> str | None:
        """The command of the open call with this id."""
        job = self._current
        return job.correlation if job is not None and job.message_id == message_id else None

    def submit(self, job: Job) -> None:
        """Queue a command; a command that this version cannot express fails at once."""
        if self._link.ended:
            self._finish(job, "failed", "LinkLost", None)
            return
        try:
            job.calls = self._link.dialect.write_command(job.command)
        except UnsupportedCommand as error:
            self._finish(job, "failed", f"UnsupportedCommand: {error}", None)
            return
        if not job.calls:
            self._finish(job, "failed", "NothingToDo", None)
            return
        if len(self._queue) >= MAX_QUEUE:
            self._finish(job, "failed", "QueueFull", None)
            return
        job.due = monotonic() + job.timeout_s
        self._queue.append(job)
        if self._current is None:
            self._start_next()

    def received(self, text: str) -> None:
        """A frame that answers a call of ours, or claims to."""
        link, now = self._link, self._link.gateway.clock.now()
        try:
            frame = decode(
                link.version, text, pending=self.action_of, strictness=link.strictness, received_at=now
            )
        except DecodeError as error:
            refused = encode_refusal(error)
            row = link.log_row(
                now, "in", error.message_type or 0, error.message_id, error.action, text,
                correlation=self.correlation_of(error.message_id), error=error.code.value,
            )  # fmt: skip
            self._unreadable(error, row)
            if refused is not None:
                link.send(refused)
            return
        self.answered(frame, text, now)

    def answered(self, frame: Frame, text: str, now: datetime) -> None:
        """An answer that can be read. Nothing waits for it: it is late, and only logged."""
        refused = frame.raw_code if isinstance(frame, CallError | CallResultError) else None
        action = self.action_of(frame.message_id)
        late = action is None and not isinstance(frame, CallResultError)
        row = self._link.log_row(
            now, "in", 3 if isinstance(frame, CallResult) else 4 if isinstance(frame, CallError) else 5,
            frame.message_id, action, text, correlation=self.correlation_of(frame.message_id),
            error="late_reply" if late else refused, quirks=frame.quirks,
        )  # fmt: skip
        if late or isinstance(frame, CallResultError):
            self._link.submit_log(row)
        elif isinstance(frame, CallResult):
            self._result(frame, row)
        elif isinstance(frame, CallError):
            self._error(frame, row)

    def _result(self, frame: CallResult, row: LogRow) -> None:
        """The station answered."""
        job = self._take()
        if job is None:
            return
        self.timeouts = 0
        call = job.calls[job.position]
        reply = to_wire(frame.payload) if frame.payload is not None else {}
        self._link.dialect.read_reply(job.command, call, reply, job.outcome)
        job.position += 1
        if job.position < len(job.calls):
            self._link.submit_log(row)
            self._send(job)
            return
        self._finish(job, job.outcome.status, job.outcome.reason, row)
        self._start_next()

    def _error(self, frame: CallError, row: LogRow) -> None:
        """The station refused with a CALLERROR."""
        job = self._take()
        if job is None:
            return
        self.timeouts = 0
        job.outcome.reply = {"errorCode": frame.raw_code, "errorDescription": frame.description}
        self._finish(job, "failed", frame.raw_code, row)
        self._start_next()

    def _unreadable(self, error: DecodeError, row: LogRow) -> None:
        """An answer that cannot be read: log it, and fail the call if it is one of ours."""
        if error.message_id is None or self.action_of(error.message_id) is None:
            self._link.submit_log(row)
            return
        job = self._take()
        if job is not None:
            self._finish(job, "failed", f"InvalidReply: {error.code.value}", row)
            self._start_next()

    def fail_all(self, reason: str) -> None:
        """The link is gone."""
        job = self._take()
        jobs = [job] if job is not None else []
        jobs += self._queue
        self._queue.clear()
        for each in jobs:
            self._finish(each, "failed", reason, None)

    def _take(self) -> Job | None:
        job, self._current = self._current, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return job

    def _start_next(self) -> None:
        while self._queue and self._current is None and not self._link.ended:
            job = self._queue.popleft()
            if monotonic() > job.due:
                # Nobody expects it any more: a car that starts to charge now would be a surprise.
                self._finish(job, "timed_out", "NotSent", None)
            else:
                self._send(job)

    def _send(self, job: Job) -> None:
        link = self._link
        call = job.calls[job.position]
        job.message_id = str(new_id())
        try:
            frame = encode_call(
                job.message_id, call.action, build_request(link.version, call.action, call.payload)
            )
        except InvalidOutbound as error:
            self._finish(job, "failed", f"InvalidOutbound: {error}"[:500], None)
            return
        self._current = job
        link.allow_early(call.action, call.payload)
        row = link.log_row(
            link.gateway.clock.now(),
            "out",
            2,
            job.message_id,
            call.action,
            frame,
            correlation=job.correlation,
        )
        link.submit_log(row)
        if not link.send(frame):
            self._take()
            self._finish(job, "failed", "LinkLost", None)
            return
        self._timer = asyncio.get_running_loop().call_later(job.timeout_s, self._timed_out, job)

    def _timed_out(self, job: Job) -> None:
        if self._current is not job:
            return
        self._take()
        self.timeouts += 1
        self._link.gateway.stats.command_timeouts += 1
        self._finish(job, "timed_out", "NoAnswer", None)
        if self.timeouts >= self._link.gateway.settings.command_timeouts:
            self._link.end(1011, "no answer to calls")
        else:
            self._start_next()

    def _finish(
        self,
        job: Job,
        status: Literal["accepted", "rejected", "failed", "timed_out"],
        reason: str | None,
        row: LogRow | None,
    ) -> None:
        if job.command_id is None:
            if row is not None:
                self._link.submit_log(row)
            return
        action = job.calls[min(job.position, len(job.calls) - 1)].action if job.calls else ""
        event = CommandAnswered(
            job.command_id, status, reason, _plain(job.outcome.reply), tuple(job.outcome.variables)
        )
        self._link.submit_events((event,), row, action=action, message_id=job.message_id)


def _plain(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reply as JSON-able values: decimals become text."""
    plain: Mapping[str, Any] = msgspec.to_builtins(reply)
    return plain
