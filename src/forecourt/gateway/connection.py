"""One station's socket: frames in order, one at a time; a reply only after its commit.

The way of a frame: `received` → decode → translate → (`prepare`, if somebody outside must be asked) → journal →
`_settled` → reply. Answers to our own calls do not wait in that line, so that a crossing call blocks nobody.
OCPP-J 1.6 section 4; OCPP-J 2.0.1 part 4 section 4; spec/ocpp.md 3.0.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.gateway import refusals
from forecourt.gateway.calls import Calls, Job
from forecourt.gateway.directory import StationEntry
from forecourt.gateway.early import asked_for, wants_friends
from forecourt.gateway.journal import Item, LogRow, Reply, Written
from forecourt.gateway.translate import DIALECTS, Route
from forecourt.gateway.transport import Socket
from forecourt.gateway.wire import frame_kind, log_id, result_frame, without_millis
from forecourt.kit.group_commit import WriterClosed
from forecourt.ocpp import (
    ACTIONS,
    Call,
    DecodeError,
    ErrorCode,
    Send,
    Strictness,
    Version,
    decode,
    refusal,
)
from forecourt.stations.answers import Answer, BootAnswer
from forecourt.stations.commands import TriggerMessage
from forecourt.stations.events import (
    Connected,
    Disconnected,
    Event,
    Inbound,
)

if TYPE_CHECKING:
    from forecourt.gateway.gateway import Gateway

_log = logging.getLogger("forecourt.gateway")

PREPARE_BUDGET_S = 6.0
"""The handlers' own budget is 5 seconds; this is the fence behind it."""
_REPORT_EVERY_S = 60.0
_CACHE = 16  # replies kept per socket, for a station that repeats itself
_FROM_STATION = {
    version: {action for action, kind in kinds.items() if kind.from_station}
    for version, kinds in ACTIONS.items()
}


class Link:
    """A connection of a station. Implements `transport.SocketUser`."""

    def __init__(
        self,
        gateway: Gateway,
        entry: StationEntry,
        *,
        version: Version,
        profile: int,
        credential: Any,
        remote_address: str | None,
    ) -> None:
        """Made when the upgrade is accepted; `opened` follows."""
        self.gateway = gateway
        self.entry = entry
        self.operator_hex, self.station_hex = entry.operator_id.hex, entry.station_id.hex
        self.writer = gateway.writers.index(entry.station_id)
        self.version = version
        self.dialect = DIALECTS[version]
        self.profile = profile
        self.credential = credential
        self.remote_address = remote_address
        self.connected_at: datetime = gateway.clock.now()
        self.epoch = 0
        self.boot_accepted = False
        self._booted = False
        self.socket: Socket | None = None
        self.calls = Calls(self)
        self.ended = False
        """No frame counts any more: closed, superseded, or revoked."""
        self._superseded = False
        self._queue: deque[str] = deque()
        self._busy = self._paused = False
        self._after_connect: Item | None = None
        self._cache: dict[str, tuple[int, str]] = {}
        self._early = {"BootNotification"}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reported: dict[tuple[str, str], float] = {}
        self.strictness = Strictness(entry.strictness)
        self._no_millis = bool(entry.quirks.get("no_millis"))

    @property
    def idle(self) -> bool:
        """Nothing of the station is under way."""
        return not self._busy and not self._queue

    # the socket calls these ---------------------------------------------------------------------------

    def opened(self, socket: Socket) -> None:
        """The upgrade is answered: become the station's connection, and say so first."""
        self.socket = socket
        self.gateway.attach(self)
        event = Connected(self.version.subprotocol, self.remote_address, self.profile, 0)
        self._busy = True
        self._submit(Item(self, "connect", self._inbound((event,), self.connected_at)))

    def received(self, text: str) -> None:
        """Take one frame: an answer at once, anything else in its turn."""
        if self.ended:
            return
        gateway = self.gateway
        gateway.stats.frames_in += 1
        if 3 <= frame_kind(text) <= 5:
            self.calls.received(text)
            return
        self._queue.append(text)
        if len(self._queue) >= gateway.settings.max_queue and not self._paused and self.socket is not None:
            self._paused = True
            self.socket.pause_reading()
        if not self._busy:
            self._next()

    def unreadable(self, why: str, data: bytes, size: int | None) -> None:
        """Not a message at all: into the log with it, as far as it can be shown."""
        self.submit_log(refusals.unreadable(self, why, data, size, self.gateway.clock.now()))

    def closed(self, code: int | None, reason: str) -> None:
        """The socket is gone."""
        self.ended = True
        self._queue.clear()
        self.gateway.detach(self)
        why = f"{code} {reason}".strip() if code is not None else "lost"
        self.calls.fail_all("LinkLost")
        if self._superseded or (self.epoch <= 0 and not self._busy):
            return
        item = Item(
            self, "disconnect", self._inbound((Disconnected(self.epoch, why),), self.gateway.clock.now())
        )
        item.fenced = False
        if self._busy and self.epoch <= 0:
            self._after_connect = item  # its epoch is not known yet
            return
        self._submit(item, settle=False)

    # the gateway calls these --------------------------------------------------------------------------

    def supersede(self) -> None:
        """The station has a newer connection: late frames are ignored, pending calls fail."""
        self._superseded = True
        self.end(1008, "replaced by a newer connection")

    def end(self, code: int, reason: str) -> None:
        """Take no more frames and close."""
        self.ended = True
        self._queue.clear()
        self.calls.fail_all("LinkLost")
        if self.socket is not None:
            self.socket.close(code, reason)

    def allow_early(self, action: str, payload: dict[str, Any]) -> None:
        """We asked for it: a station that is not accepted yet may send this (B02.FR.09)."""
        asked = asked_for(action, payload)
        if asked is not None:
            self._early.add(asked)

    def send(self, frame: str) -> bool:
        """Write a frame of ours."""
        if self.socket is None:
            return False
        self.gateway.stats.frames_out += 1
        return self.socket.send(frame.encode())

    def may_report(self, action: str, code: str) -> bool:
        """Whether this mistake has not been told of in the last minute."""
        now = monotonic()
        if (
            now - self._reported.get((action, code), -_REPORT_EVERY_S) < _REPORT_EVERY_S
            or len(self._reported) > 100
        ):
            return False
        self._reported[(action, code)] = now
        return True

    def log_row(
        self,
        at: datetime,
        direction: str,
        kind: int,
        message_id: str | int | None,
        action: str | None,
        text: str,
        *,
        correlation: str | None = None,
        error: str | None = None,
        quirks: tuple[Any, ...] = (),
    ) -> LogRow:
        """A row of the message log, secrets redacted."""
        return (
            self.operator_hex, log_id(), at, self.station_hex, direction, kind,
            "" if message_id is None else str(message_id)[:200], action or "",
            self.gateway.redact(self.version, action, text), correlation, error,
            msgspec.to_builtins(list(quirks)) if quirks else None,
        )  # fmt: skip

    def submit_events(
        self, events: tuple[Event, ...], row: LogRow | None, *, action: str = "", message_id: str = ""
    ) -> None:
        """Events of our own making (the outcome of a command), whatever became of the socket."""
        inbound = self._inbound(events, self.gateway.clock.now(), action=action, message_id=message_id)
        self._submit(Item(self, "message", inbound, log=row, fenced=False), settle=False)

    def submit_log(self, row: LogRow) -> None:
        """A row of the message log, with no effect."""
        self._submit(Item(self, "log", log=row, fenced=False), settle=False)

    def logged_reply(self, at: datetime, kind: int, action: str | None, text: str) -> Reply:
        """What the message log keeps of a reply, secrets redacted."""
        return (at, kind, self.gateway.redact(self.version, action, text))

    def note_reply(self, item: Item, answer: Answer | None, now: datetime) -> None:
        """Inside the batch: the reply for the log, and what a boot's answer means for the link."""
        inbound = item.inbound
        if item.reply is None or inbound is None:
            return
        if self._no_millis:
            item.reply = without_millis(item.reply)
        item.logged_reply = self.logged_reply(now, 3, inbound.action, item.reply)
        if isinstance(answer, BootAnswer):
            item.boot_accepted = answer.status == "accepted"
            self._booted = True

    # the way of a message -----------------------------------------------------------------------------

    def _next(self) -> None:
        """Start on the next frame, if none is under way."""
        queue = self._queue
        while queue and not self._busy and not self.ended:
            self._busy = True
            text = queue.popleft()
            try:
                self._process(text)
            except Exception:
                # A fault of ours in one message must not silence the station.
                _log.exception("a message broke the gateway", extra={"station": self.entry.identity})
                self._submit(refusals.faulty(self, text, self.gateway.clock.now()))
        if self._paused and len(queue) < self.gateway.settings.max_queue // 2 and self.socket is not None:
            self._paused = False
            self.socket.resume_reading()

    def _process(self, text: str) -> None:
        now = self.gateway.clock.now()
        try:
            frame = decode(self.version, text, strictness=self.strictness, received_at=now)
        except DecodeError as error:
            self._submit(refusals.undecodable(self, error, text, now))
            return
        if type(frame) is Call:
            self._call(frame, text, now)
        elif type(frame) is Send:
            route = self.dialect.route(frame.action)
            inbound = self._inbound(route.events(frame.payload), now, frame.action, str(frame.message_id))
            row = self.log_row(now, "in", 6, frame.message_id, frame.action, text, quirks=frame.quirks)
            self._submit(Item(self, "message", inbound, log=row, text=text))
        else:  # an answer that did not look like one
            self._busy = False
            self.calls.answered(frame, text, now)

    def _call(self, call: Call, text: str, now: datetime) -> None:
        message_id, action = call.message_id, call.action
        known = self._cache.get(str(message_id))
        if known is not None and known[0] == hash(text):
            self._submit(refusals.repeated(self, call, text, now, known[1]))
            return
        if action not in _FROM_STATION[self.version]:
            self._submit(
                refusals.refuse(self, call, text, now, refusal(self.version, action), "not from a station")
            )
            return
        if self.dialect.ordered_boot and not self.boot_accepted and action not in self._early:
            self._submit(refusals.refuse(self, call, text, now, ErrorCode.SECURITY_ERROR, "boot first"))
            return
        route = self.dialect.route(action)
        inbound = self._inbound(route.events(call.payload), now, action, str(message_id))
        item = Item(
            self,
            "message",
            inbound,
            partial(self._write_answer, route, message_id, call.payload),
            self.log_row(now, "in", 2, message_id, action, text, quirks=call.quirks),
            text=text,
        )
        for event in inbound.events:
            if wants_friends(event):
                self._keep(self._prepare(item, inbound))
                return
        self._submit(item)

    def _write_answer(
        self, route: Route, message_id: str | int, request: Any, answer: Answer | None, now: datetime
    ) -> str | None:
        return result_frame(message_id, route.answer(answer, request, now))

    async def _prepare(self, item: Item, inbound: Inbound) -> None:
        for handler in self.gateway.teams[self.writer]:
            try:
                await asyncio.wait_for(handler.prepare(inbound), PREPARE_BUDGET_S)
            except Exception:
                _log.exception("a handler could not prepare", extra={"station": self.entry.identity})
        self._submit(item)

    # after the commit ---------------------------------------------------------------------------------

    def _submit(self, item: Item, *, settle: bool = True) -> None:
        try:
            self.gateway.writers.post(item, partial(self._settled, item, settle))
        except WriterClosed:
            # The station is not answered and comes back.
            if settle:
                self._busy = False

    def _settled(self, item: Item, settle: bool, written: Written | None, error: Exception | None) -> None:
        if type(error) is WriterClosed:
            return
        if error is not None:
            cause = error.__cause__ or error
            self.gateway.stats.poisoned += 1
            _log.error("a message cannot be written: %r", cause, extra={"station": self.entry.identity})
            if settle and item.inbound is not None and item.answer_with is not None:
                now = self.gateway.clock.now()
                self._submit(refusals.unwritable(self, item.text, item.inbound, cause, now))
                return
            if item.kind == "connect":
                self.end(1011, "internal error")
        elif written == "stale":
            self.gateway.stats.stale += 1
            self._superseded = True
            self.end(1008, "replaced by a newer connection")
            return
        else:
            if item.kind == "connect":
                self.gateway.announce(self)
                if not self.boot_accepted:
                    delay = self.gateway.settings.boot_backstop_s
                    asyncio.get_running_loop().call_later(delay, self._ask_for_boot)
            if item.boot_accepted is not None:
                self.boot_accepted = item.boot_accepted and self.entry.registration == "adopted"
            if item.reply is not None:
                self.send(item.reply)
                if item.inbound is not None:
                    self._remember(item)
        if item.kind == "connect" and self._after_connect is not None:
            late, self._after_connect = self._after_connect, None
            late.inbound = self._inbound((Disconnected(self.epoch, "lost"),), self.gateway.clock.now())
            self._submit(late, settle=False)
        if settle:
            self._busy = False
            if self._queue or self._paused:
                self._next()

    def _ask_for_boot(self) -> None:
        """Some stations boot only at power-up (quirk 25): without a boot nobody knows what they are."""
        if not self.ended and not self._booted:
            self.calls.submit(Job(None, TriggerMessage("BootNotification"), 30.0))

    def _remember(self, item: Item) -> None:
        assert item.inbound is not None
        assert item.reply is not None
        cache = self._cache
        cache[item.inbound.message_id] = (hash(item.text), item.reply)
        if len(cache) > _CACHE:
            del cache[next(iter(cache))]

    def _inbound(
        self, events: tuple[Event, ...], at: datetime, action: str = "", message_id: str = ""
    ) -> Inbound:
        return Inbound(
            self.entry.operator_id, self.entry.station_id, at, events,
            self.version.subprotocol, message_id, action, self.epoch,
        )  # fmt: skip

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
