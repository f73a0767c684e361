"""The course of a session as a fold over its facts: energy, states, price, end.

`Fold` takes the facts of a session in the order of `Fact.key` and keeps nothing but a small state, so that
fact 10,000 costs what fact 10 costs. The order is a property of the facts, not of their arrival: a fact that
comes late makes its owner fold all stored facts again, and the result is the same as if it had come in time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

import msgspec

from forecourt.charging.register import UNKNOWN_MAX_POWER_W, ZERO, Register
from forecourt.charging.share_energy import share_energy
from forecourt.tariff import (
    RatingContext,
    Segment,
    State,
    TariffError,
    TariffVersion,
    advance,
    dump_state,
    load_state,
)

Kind = Literal["started", "state", "reading", "stopped", "unplugged", "closed_by_evidence"]
RANK: Final = {"started": 0, "state": 1, "reading": 2, "stopped": 3, "unplugged": 4, "closed_by_evidence": 5}
IDLE_AFTER: Final = timedelta(minutes=5)
"""A car that suspends after energy has flowed is idle when it has not resumed by then."""
RESUMED_WH: Final = 100
"""So much energy in one stretch proves charging, whatever status was reported."""
_MILLI: Final = Decimal("0.001")
NONE, SAMPLES, INTERVALS, IMPORT = range(4)
SOURCES: Final = ("none", "samples", "intervals", "register")

FactKey = tuple[datetime, int, Decimal, str]


class Fact(msgspec.Struct):
    """Something that happened in a session at a (corrected) time.

    `import_wh` is the register (also of a 1.6 start or stop), `interval_wh` what flowed since the last one;
    power in W, current in A, state of charge in percent. `name` is the state, the stop reason or the context.
    """

    kind: Kind
    at: datetime
    name: str = ""
    import_wh: Decimal | None = None
    interval_wh: Decimal | None = None
    power_w: Decimal | None = None
    current_a: Decimal | None = None
    soc_percent: Decimal | None = None
    in_transaction: bool = True

    @property
    def key(self) -> FactKey:
        """What decides the order of facts."""
        value = self.import_wh
        return (self.at, RANK[self.kind], ZERO if value is None else value, self.name)

    @property
    def source(self) -> int:
        """The best source of energy that this fact is."""
        if self.kind == "stopped":
            return IMPORT if self.import_wh else NONE
        if self.kind != "reading":
            return NONE
        if self.import_wh is not None:
            return IMPORT
        if self.interval_wh is not None:
            return INTERVALS
        return NONE if self.power_w is None else SAMPLES


class Fold(msgspec.Struct, array_like=True):
    """What is known of a session after the facts so far."""

    source: int
    until_unplugged: bool
    register: Register
    begin: datetime | None = None
    at: datetime | None = None
    last: FactKey | None = None
    state: str = "preparing"
    since: datetime | None = None
    changes: list[tuple[datetime, str]] = []
    power_w: Decimal | None = None
    power_at: datetime | None = None
    current_a: Decimal | None = None
    soc_percent: Decimal | None = None
    sampled_wh: Decimal = ZERO
    energy_wh: Decimal = ZERO
    stopped_at: datetime | None = None
    ended_at: datetime | None = None
    end_cause: str | None = None
    end_kind: str | None = None
    flags: list[str] = []
    price: bytes | None = None


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Fold)


class Course:
    """A fold with its running price and, if asked for, the segments that it was priced from."""

    __slots__ = ("fold", "price", "segments")

    def __init__(self, fold: Fold, price: State | None, segments: list[Segment] | None = None) -> None:
        """Take over a fold; see `new_course` and `load_course`."""
        self.fold = fold
        self.price = price
        self.segments = segments

    def fits(self, fact: Fact) -> bool:
        """Whether the fact can be taken now; otherwise everything has to be folded again."""
        fold = self.fold
        if fact.kind == "started" and fold.last is not None:
            return False
        if fact.source > fold.source and fold.source != NONE:
            return False
        last = fold.last
        return last is None or fact.at > last[0] or fact.key > last

    def take(self, fact: Fact) -> None:
        """Take the next fact."""
        fold, at = self.fold, fact.at
        fold.last = fact.key
        source = fact.source
        if source > fold.source:
            fold.source = source
        if fold.begin is None:
            fold.begin = fold.at = at
        elif at < fold.begin:
            at = fold.begin
        if fold.ended_at is not None and not self._goes_on(fact):
            return
        if fact.kind == "reading":
            self._reading(fact, at)
        elif fact.kind == "state":
            if fold.stopped_at is None:
                self._change(at, fact.name)
        elif fact.kind == "started":
            if fact.import_wh is not None:
                fold.register.step(at, fact.import_wh)
            if fact.name:
                self._change(at, fact.name)
        elif fact.kind == "stopped":
            self._stop(fact, at)
        else:
            self._emit(at, ZERO)
            fold.ended_at, fold.end_kind = at, fact.kind
            if fold.stopped_at is None:
                fold.end_cause = "closed_by_evidence"
            elif fold.end_cause is None:
                fold.end_cause = fact.kind

    def _goes_on(self, fact: Fact) -> bool:
        """Whether a session that seemed over is not: its stop, or a reading of its transaction, comes later."""
        fold = self.fold
        if fold.stopped_at is not None:
            if fact.kind == "reading" and fact.import_wh is not None and fact.at > fold.stopped_at:
                self._flag("reading_after_stop")
            return False
        if fact.kind == "stopped" or (
            fact.kind == "reading" and fact.in_transaction and fold.end_kind == "unplugged"
        ):
            if fact.kind == "reading":
                self._flag("reopened")
                fold.end_kind = None
            fold.ended_at = fold.end_cause = None
            return True
        return False

    def _change(self, at: datetime, state: str) -> None:
        fold = self.fold
        if state == "ev_connected":
            charged = (
                fold.energy_wh > 0
                or fold.state == "charging"
                or any(s == "charging" for _, s in fold.changes)
            )
            state = "finishing" if charged else "preparing"
        elif state == "unplugged":
            state = "preparing"
        current = fold.changes[-1][1] if fold.changes else fold.state
        if state != current:
            fold.changes.append((at, state))

    def _stop(self, fact: Fact, at: datetime) -> None:
        fold = self.fold
        energy = ZERO
        if fact.import_wh is not None and fold.source == IMPORT:
            energy = fold.register.step(at, fact.import_wh)
        self._emit(at, energy)
        fold.stopped_at = at
        gone = fold.end_kind is not None  # the car had left before its stop was stamped
        if fold.until_unplugged and not gone and fact.name not in ("EVDisconnected", "EVDeparted"):
            fold.changes = [(at, "finishing")]
        else:
            fold.ended_at = at
            fold.end_cause = "stopped"

    def _reading(self, fact: Fact, at: datetime) -> None:
        fold = self.fold
        if fold.stopped_at is not None and fact.at > fold.stopped_at:
            self._flag("reading_after_stop")
            return
        energy = ZERO
        if fact.power_w is not None:
            if fold.power_w is not None and fold.power_at is not None and at > fold.power_at:
                span = at - fold.power_at
                seconds = span.days * 86_400 + span.seconds
                sampled = ((fold.power_w + fact.power_w) * seconds / 7200).quantize(_MILLI)
                fold.sampled_wh += sampled
                if fold.source == SAMPLES and sampled > 0:
                    energy = sampled
            fold.power_w, fold.power_at = fact.power_w, at
        if fact.current_a is not None:
            fold.current_a = fact.current_a
        if fact.soc_percent is not None:
            fold.soc_percent = fact.soc_percent
        if fold.source == IMPORT:
            if fact.import_wh is None:
                return
            energy = fold.register.step(at, fact.import_wh)
        elif fold.source == INTERVALS:
            if fact.interval_wh is None:
                return
            energy = max(fact.interval_wh, ZERO)
        elif fact.power_w is None or fold.source == NONE:
            return
        self._emit(at, energy)

    def _emit(self, until: datetime, energy: Decimal) -> None:
        """Book the time up to `until`: the energy goes to the charging stretches of it, by their length."""
        fold = self.fold
        begin = fold.at
        assert begin is not None
        fold.at = until
        if not fold.changes:
            self._stretch(begin, until, fold.state, energy)
            return
        stretches: list[tuple[datetime, datetime, str]] = []
        state, start = fold.state, begin
        for at, following in fold.changes:
            stretches.append((start, max(at, start), state))
            start, state = max(at, start), following
        stretches.append((start, max(until, start), state))
        fold.changes = []
        shares = share_energy(stretches, energy)
        for (start, end, kind), share in zip(stretches, shares, strict=True):
            if kind != fold.state:
                fold.state, fold.since = kind, start
            if end > start or share:
                self._stretch(start, end, kind, share)
        fold.at = max(until, start)

    def _stretch(self, start: datetime, end: datetime, state: str, energy: Decimal) -> None:
        fold = self.fold
        if energy and (
            state == "preparing" or (energy >= RESUMED_WH and state not in ("charging", "suspended_evse"))
        ):
            fold.since = end
            if state == "preparing":
                fold.state = "charging"
            state = "charging"
        elif state == "suspended_ev" and fold.energy_wh > 0:
            idle_at = max((fold.since or start) + IDLE_AFTER, start)
            if idle_at < end:
                if idle_at > start or energy:
                    self._segment(start, idle_at, state, energy)
                    energy = ZERO
                start, state = idle_at, "idle"
        self._segment(start, end, state, energy)

    def _segment(self, start: datetime, end: datetime, state: str, energy: Decimal) -> None:
        if start == end and not energy:
            return
        fold = self.fold
        fold.energy_wh += energy
        power, current = fold.power_w, fold.current_a
        segment = Segment(
            start=start,
            end=end,
            state=state,  # type: ignore[arg-type]
            energy_wh=energy,
            power_w=power if power is None or power >= 0 else None,
            current_a=current if current is None or current >= 0 else None,
            soc_percent=fold.soc_percent,
        )
        if self.price is not None:
            try:
                self.price = advance(self.price, segment)
            except TariffError as fault:
                self.price = None
                self._flag(f"unpriced_{fault.code}")
        if self.segments is not None:
            self.segments.append(segment)

    def _flag(self, code: str) -> None:
        if code not in self.fold.flags:
            self.fold.flags.append(code)

    @property
    def state(self) -> str:
        """The state now, idling derived: `ended` once it is over."""
        fold = self.fold
        if fold.ended_at is not None:
            return "ended"
        state, since = (
            (fold.changes[-1][1], fold.changes[-1][0]) if fold.changes else (fold.state, fold.since)
        )
        if state == "suspended_ev" and fold.energy_wh > 0 and fold.at is not None and since is not None:
            return "idle" if fold.at - since > IDLE_AFTER else state
        return state

    @property
    def held_wh(self) -> Decimal:
        """Energy that is neither billed nor dropped: a person decides."""
        return self.fold.register.closed()[0] if self.fold.ended_at else self.fold.register.held_wh

    @property
    def quality(self) -> list[str]:
        """Codes of everything that was repaired or looks wrong, sorted."""
        fold, register = self.fold, self.fold.register
        flags = {*fold.flags, *(register.closed()[1] if fold.ended_at else register.flags)}
        if fold.source == SAMPLES:
            flags.add("from_samples")
        elif fold.source == IMPORT and fold.sampled_wh > 500 and fold.energy_wh * 50 < fold.sampled_wh:
            flags.add("unit_suspect")
        return sorted(flags)

    def dump(self) -> bytes:
        """The fold and its price as bytes for the session's row."""
        self.fold.price = None if self.price is None else dump_state(self.price)
        return _ENCODER.encode(self.fold)


def new_course(
    *,
    price: State | None,
    max_power_w: int | None,
    until_unplugged: bool,
    source: int = NONE,
    keep: bool = False,
) -> Course:
    """A session of which nothing is known yet. `keep` collects the segments."""
    register = Register(max_power_w or UNKNOWN_MAX_POWER_W, flags=[])
    fold = Fold(source, until_unplugged, register, changes=[], flags=[])
    return Course(fold, price, [] if keep else None)


def load_course(data: bytes, version: TariffVersion | None) -> Course:
    """The inverse of `Course.dump`."""
    fold = _DECODER.decode(data)
    price = load_state(version, fold.price) if version is not None and fold.price is not None else None
    return Course(fold, price)


def best_source(facts: list[Fact]) -> int:
    """The register that a session is measured by, chosen once: import, else intervals, else samples."""
    return max((fact.source for fact in facts), default=NONE)


def context_of(
    *, time_zone: str, connector_type: str | None, audiences: tuple[str, ...] = ()
) -> RatingContext:
    """The facts around a session that its price depends on."""
    return RatingContext(time_zone=time_zone, connector_type=connector_type, audiences=audiences)
