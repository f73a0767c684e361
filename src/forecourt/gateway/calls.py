"""What we tell a station: one outstanding CALL per socket, a queue behind it, a time-out for each.

`Calls` belongs to a link. `GatewayStations` is the other end: the port `stations.commands.Stations` over the
bus, which finds the process that holds the station's socket. The outcome of a command is the event
`CommandAnswered` in the station's own stream, so that it is on disk in the order of the station's messages.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from forecourt.gateway.journal import LogRow
from forecourt.gateway.translate import Outcome, UnsupportedCommand, WireCall
from forecourt.gateway.translate.dialect import to_wire
from forecourt.kit.bus import Bus, BusTimeout, NoResponder
from forecourt.kit.ids import encode_id, new_id
from forecourt.ocpp import (
    CallError,
    CallResult,
    DecodeError,
    InvalidOutbound,
    MessageId,
    build_request,
    encode_call,
)
from forecourt.stations import commands
from forecourt.stations.events import CommandAnswered

if TYPE_CHECKING:
    from forecourt.gateway.connection import Link

SUBJECT = "gateway.station."
"""Bus subject of a station's holder, followed by the station's id."""
HAND_OVER_S = 5.0
"""How long the holder may take to say that it has the command."""

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        commands.RemoteStart, commands.RemoteStop, commands.Reset, commands.UnlockConnector,
        commands.ChangeAvailability, commands.TriggerMessage, commands.ClearCache, commands.GetVariables,
        commands.SetVariables, commands.GetBaseReport, commands.RawCall,
    )
}  # fmt: skip


class Order(msgspec.Struct):
    """What travels over the bus. An empty `kind` closes the socket, for `reason`."""

    operator_id: UUID | None = None
    command_id: UUID | None = None
    kind: str = ""
    body: dict[str, Any] = {}
    timeout_s: float = 30.0
    reason: str = ""

    def command(self) -> commands.Command:
        """The command that was encoded."""
        converted: commands.Command = msgspec.convert(self.body, _KINDS[self.kind])
        return converted


class GatewayStations:
    """Implements `stations.commands.Stations`; works from any process that shares the bus."""

    def __init__(self, bus: Bus) -> None:
        """Use this bus."""
        self._bus = bus

    async def send(
        self,
        *,
        operator_id: UUID,
        station_id: UUID,
        command_id: UUID,
        command: commands.Command,
        timeout_s: float,
    ) -> bool:
        """Hand the command to whoever holds the socket. False: nobody does."""
        body = asdict(command)
        if isinstance(command, commands.RawCall):
            body["payload"] = dict(command.payload)
        order = Order(operator_id, command_id, type(command).__name__, body, timeout_s)
        try:
            answer = await self._bus.request(
                f"{SUBJECT}{station_id}", msgspec.json.encode(order), HAND_OVER_S
            )
        except (NoResponder, BusTimeout):
            return False
        return answer == b"ok"

    async def disconnect(self, *, station_id: UUID, reason: str) -> None:
        """Close the station's socket wherever it is."""
        with contextlib.suppress(NoResponder, BusTimeout):
            await self._bus.request(
                f"{SUBJECT}{station_id}", msgspec.json.encode(Order(reason=reason)), HAND_OVER_S
            )


@dataclass(slots=True)
class Job:
    """A command on its way, with the calls that it takes."""

    command_id: UUID
    command: commands.Command
    timeout_s: float
    calls: Sequence[WireCall] = ()
    position: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    message_id: str = ""

    @property
    def correlation(self) -> str:
        """As in the message log."""
        return encode_id("cmd", self.command_id)


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
            self._finish(job, "failed", "LinkLost", [])
            return
        try:
            job.calls = self._link.dialect.write_command(job.command)
        except UnsupportedCommand as error:
            self._finish(job, "failed", f"UnsupportedCommand: {error}", [])
            return
        if not job.calls:
            self._finish(job, "failed", "NothingToDo", [])
            return
        self._queue.append(job)
        if self._current is None:
            self._start_next()

    def result(self, frame: CallResult, row: LogRow) -> None:
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
        self._finish(job, job.outcome.status, job.outcome.reason, [row])
        self._start_next()

    def error(self, frame: CallError, row: LogRow) -> None:
        """The station refused with a CALLERROR."""
        job = self._take()
        if job is None:
            return
        self.timeouts = 0
        job.outcome.reply = {"errorCode": frame.raw_code, "errorDescription": frame.description}
        self._finish(job, "failed", frame.raw_code, [row])
        self._start_next()

    def unreadable(self, error: DecodeError, row: LogRow) -> None:
        """An answer that cannot be read: log it, and fail the call if it is one of ours."""
        if error.message_id is None or self.action_of(error.message_id) is None:
            self._link.submit_log(row)
            return
        job = self._take()
        if job is not None:
            self._finish(job, "failed", f"InvalidReply: {error.code.value}", [row])
            self._start_next()

    def fail_all(self, reason: str) -> None:
        """The link is gone."""
        job = self._take()
        jobs = [job] if job is not None else []
        jobs += self._queue
        self._queue.clear()
        for each in jobs:
            self._finish(each, "failed", reason, [])

    def _take(self) -> Job | None:
        job, self._current = self._current, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return job

    def _start_next(self) -> None:
        while self._queue and self._current is None and not self._link.ended:
            self._send(self._queue.popleft())

    def _send(self, job: Job) -> None:
        link = self._link
        call = job.calls[job.position]
        job.message_id = str(new_id())
        try:
            frame = encode_call(
                job.message_id, call.action, build_request(link.version, call.action, call.payload)
            )
        except InvalidOutbound as error:
            self._finish(job, "failed", f"InvalidOutbound: {error}"[:500], [])
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
            self._finish(job, "failed", "LinkLost", [])
            return
        self._timer = asyncio.get_running_loop().call_later(job.timeout_s, self._timed_out, job)

    def _timed_out(self, job: Job) -> None:
        if self._current is not job:
            return
        self._take()
        self.timeouts += 1
        self._link.gateway.stats.command_timeouts += 1
        self._finish(job, "timed_out", "NoAnswer", [])
        if self.timeouts >= self._link.gateway.settings.command_timeouts:
            self._link.end(1011, "no answer to calls")
        else:
            self._start_next()

    def _finish(
        self,
        job: Job,
        status: Literal["accepted", "rejected", "failed", "timed_out"],
        reason: str | None,
        rows: list[LogRow],
    ) -> None:
        action = job.calls[min(job.position, len(job.calls) - 1)].action if job.calls else ""
        event = CommandAnswered(
            job.command_id, status, reason, _plain(job.outcome.reply), tuple(job.outcome.variables)
        )
        self._link.submit_events((event,), rows, action=action, message_id=job.message_id)


def _plain(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reply as JSON-able values: decimals become text."""
    plain: Mapping[str, Any] = msgspec.to_builtins(reply)
    return plain
