"""From register readings and state changes to a timeline.

A measured value beats an interpolated one: the register is cut at every reading. Between two readings the
energy flowed evenly over the time that was spent charging (or evenly over all of it, if none was).
All that the register counted belongs to the session, also where a stamp lies a little outside of it.
Readings may come in any order and more than once; a register that goes backwards starts a new count and
is reported. Station clocks are corrected here; the readings themselves stay as they are.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import msgspec

from .errors import TimelineInvalid, shown
from .local_time import from_us, to_us
from .timeline import Segment, SegmentState

_MAX_REGISTER_WH = Decimal(10) ** 13


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a meter said at an instant of the station's clock; `register_wh` None: no register in it."""

    at: datetime
    register_wh: Decimal | int | None = None
    power_w: Decimal | int | None = None
    current_a: Decimal | int | None = None
    soc_percent: Decimal | int | None = None
    site_occupancy_percent: Decimal | int | None = None


class StateChange(msgspec.Struct, frozen=True, kw_only=True):
    """The session is in `state` from that instant of the station's clock on."""

    at: datetime
    state: SegmentState


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the readings that a person should look at.

    `register_reset`: the register went backwards; the step counts as zero and counting goes on from the
    new value. `contradiction`: one instant, two registers; the larger is kept. `outside_session`: readings
    before the start or after the end; their energy went to the nearest part of the session.
    """

    kind: Literal["register_reset", "contradiction", "outside_session"]
    at: datetime


class MeasuredTimeline(msgspec.Struct, frozen=True):
    """Segments in order without gaps, and what was odd. `needs_review`: the energy may be incomplete."""

    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...]

    @property
    def needs_review(self) -> bool:
        return any(finding.kind != "outside_session" for finding in self.findings)


def timeline_from_readings(
    readings: Iterable[Reading],
    states: Iterable[StateChange],
    *,
    start: datetime,
    end: datetime,
    initial: SegmentState = "charging",
    clock_ahead: timedelta = timedelta(0),
    evidence_until: datetime | None = None,
) -> MeasuredTimeline:
    """Build the timeline of a session from `start` to `end` (true time).

    `clock_ahead` is how far the station's clock is ahead: it is taken off every reading and state change.
    `initial` is the state at `start` if no earlier change says so. From `evidence_until` (true time) on
    nothing is known, and the state is `unknown`.

    Raises:
        TimelineInvalid: a time is naive, a register is negative or not exact, or the end precedes the start.
    """
    first, last = to_us(start), to_us(end)
    if last < first:
        raise TimelineInvalid(f"the session ends at {end}, before it starts at {start}")
    ahead = clock_ahead // timedelta(microseconds=1)
    findings: list[Finding] = []
    registers, measures = _sort_readings(readings, ahead, findings)
    counts = _count(registers, findings)
    changes = _sort_states(states, ahead, first, initial)
    if evidence_until is not None:
        known = max(first, to_us(evidence_until))
        changes = [change for change in changes if change[0] < known] + [(known, "unknown")]
    if counts and (counts[0][0] < first or counts[-1][0] > last):
        findings.append(Finding(kind="outside_session", at=start if counts[0][0] < first else end))
    cuts = sorted(
        {first, last}
        | {at for at, _ in counts if first < at < last}
        | {at for at, _ in changes if first < at < last}
    )
    segments = _segments(cuts, counts, changes, measures)
    return MeasuredTimeline(segments, tuple(sorted(findings, key=lambda finding: finding.at)))


def _sort_readings(
    readings: Iterable[Reading], ahead: int, findings: list[Finding]
) -> tuple[dict[int, Decimal], dict[int, Reading]]:
    registers: dict[int, Decimal] = {}
    measures: dict[int, Reading] = {}
    contradicted: set[int] = set()
    for reading in readings:
        at = to_us(reading.at) - ahead
        if _weight(reading) > max(_NOTHING, _weight(measures[at]) if at in measures else _NOTHING):
            measures[at] = reading
        if reading.register_wh is None:
            continue
        register = _register(reading.register_wh)
        known = registers.get(at)
        if known is not None and known != register:
            contradicted.add(at)
            register = max(known, register)
        registers[at] = register
    findings.extend(Finding(kind="contradiction", at=from_us(at)) for at in contradicted)
    return registers, measures


_NOTHING = (Decimal(-1),) * 4


def _weight(reading: Reading) -> tuple[Decimal, ...]:
    """Which of two readings of one instant to keep does not depend on their order."""
    measured = (reading.power_w, reading.current_a, reading.soc_percent, reading.site_occupancy_percent)
    return tuple(Decimal(-1) if value is None else Decimal(value) for value in measured)


def _register(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TimelineInvalid(f"register_wh: {shown(value)} is not exact; give a Decimal or an int")
    if isinstance(value, Decimal) and not value.is_finite():
        raise TimelineInvalid("register_wh: not a number")
    if not 0 <= value <= _MAX_REGISTER_WH:
        raise TimelineInvalid(f"register_wh: not between 0 and {_MAX_REGISTER_WH}")
    return Decimal(value)


def _count(registers: dict[int, Decimal], findings: list[Finding]) -> list[tuple[int, Decimal]]:
    """A count that never goes down: (instant, Wh since the first reading)."""
    counts: list[tuple[int, Decimal]] = []
    total, before = Decimal(0), None
    for at in sorted(registers):
        register = registers[at]
        if before is not None:
            if register >= before:
                total += register - before
            else:
                findings.append(Finding(kind="register_reset", at=from_us(at)))
        before = register
        counts.append((at, total))
    return counts


def _sort_states(
    states: Iterable[StateChange], ahead: int, first: int, initial: SegmentState
) -> list[tuple[int, SegmentState]]:
    latest: dict[int, SegmentState] = {first: initial}
    changes = sorted(
        ((to_us(change.at) - ahead, change.state) for change in states), key=lambda pair: pair[0]
    )
    for at, state in changes:
        latest[max(at, first)] = state
    return sorted(latest.items())


def _segments(
    cuts: list[int],
    counts: list[tuple[int, Decimal]],
    changes: list[tuple[int, SegmentState]],
    measures: dict[int, Reading],
) -> tuple[Segment, ...]:
    change_times = [at for at, _ in changes]
    spans = list(pairwise(cuts)) or [(cuts[0], cuts[0])]
    pieces = [(start, end, changes[bisect_right(change_times, start) - 1][1]) for start, end in spans]
    energies = _share_energy(pieces, counts)
    at_times = sorted(measures)
    segments = []
    for (start, end, state), energy in zip(pieces, energies, strict=True):
        index = bisect_left(at_times, end)  # what was measured first at or after the end of the piece
        near = measures[at_times[min(index, len(at_times) - 1)]] if at_times else None
        segments.append(
            Segment(
                start=from_us(start),
                end=from_us(end),
                state=state,
                energy_wh=energy,
                power_w=near.power_w if near else None,
                current_a=near.current_a if near else None,
                soc_percent=near.soc_percent if near else None,
                site_occupancy_percent=near.site_occupancy_percent if near else None,
            )
        )
    return tuple(segments)


def _share_energy(
    pieces: list[tuple[int, int, SegmentState]], counts: list[tuple[int, Decimal]]
) -> list[Decimal]:
    """Energy of each piece: of each step between readings, by charging time; whole nanowatt-hours."""
    energies = [Decimal(0)] * len(pieces)
    starts = [piece[0] for piece in pieces]
    for (since, low), (until, high) in pairwise(counts):
        step = int((high - low).scaleb(9))
        if not step:
            continue
        index = max(bisect_right(starts, since) - 1, 0)
        nearest, inside = index, []
        while index < len(pieces) and pieces[index][0] < until:
            start, end, _ = pieces[index]
            if (span := min(end, until) - max(start, since)) > 0:
                inside.append((index, span))
            index += 1
        charging = [part for part in inside if pieces[part[0]][2] == "charging"]
        shares = charging or inside or [(nearest, 1)]
        whole, given, passed = sum(span for _, span in shares), 0, 0
        for position, span in shares:
            passed += span
            upto = step * passed // whole
            energies[position] += Decimal(upto - given).scaleb(-9)
            given = upto
    return energies
