"""The fold: how one more segment changes the state of a session's price.

Adding a segment costs the same however long the session is. A segment that crosses a boundary of the
tariff (time of day, day, clock change, energy, duration) is split there, linearly in time.
"""

import copy
from bisect import bisect_right
from decimal import Decimal, InvalidOperation
from typing import Final

from .compiled import (
    CHARGING,
    ENERGY,
    FLAT,
    IDLE,
    MICRO,
    NANO,
    OCCUPANCY,
    RESERVATION,
    RESERVATION_FLAT,
    Rule,
    measured_holds,
)
from .errors import SegmentOutOfOrder, TimelineInvalid, shown
from .local_time import FOREVER, LATEST_US, to_us
from .state import FREE, GRACE, PAUSE, PRICED, Facts, Row, State
from .timeline import Segment

MAX_ROWS: Final = 128
MAX_ENERGY_WH: Final = 10**9
MAX_SECONDS: Final = 366 * 86_400
_STATES: Final = frozenset(
    ("reserved", "preparing", "charging", "suspended_ev", "suspended_evse", "idle", "finishing", "unknown")
)
_SESSION_DIMENSIONS: Final = (ENERGY, CHARGING, IDLE, OCCUPANCY, FLAT)
_RESERVATION_DIMENSIONS: Final = (RESERVATION, RESERVATION_FLAT)


def advance(state: State, segment: Segment) -> State:
    """The state after one more segment; the given state is left as it was.

    Raises:
        SegmentOutOfOrder: it starts before the last one ended; rate again from the stored readings.
        TimelineInvalid: it is malformed (ends before it starts, negative or inexact energy, ...).
    """
    start, end = to_us(segment.start), to_us(segment.end)
    energy = _nano(segment.energy_wh)
    kind = segment.state
    before = state.facts
    if start < before.until and start >= 0:
        raise SegmentOutOfOrder(
            f"the segment starts at {segment.start}, before the last one ended at {state.until}"
        )
    facts = copy.copy(before)
    facts.lines = before.lines.copy()
    facts.open_rows = before.open_rows.copy()
    facts.until = end
    reserved = kind == "reserved"
    if reserved:
        if before.started >= 0:
            raise TimelineInvalid("a reservation cannot follow the start of its session")
        if energy:
            raise TimelineInvalid("energy_wh: no energy flows while a connector is reserved")
        if before.reserved < 0:
            facts.reserved = start
    elif before.started < 0:
        facts.started = start
    _check(segment, kind, start, end, facts)
    after = State(state.scope, facts)
    after.chosen, after.for_reservation, after.paused = state.chosen, state.for_reservation, state.paused
    after.time_until, after.energy_until = state.time_until, state.energy_until
    idle = not reserved and kind in state.scope.version.tariff.idle.states
    if kind == "charging":
        facts.in_spell = False
    elif idle and not facts.in_spell:
        facts.in_spell = True
        if state.scope.version.tariff.idle.grace == "per_spell":
            facts.grace_left = state.scope.version.grace_us
    _walk(after, segment, kind, idle, start, end, energy)
    if len(facts.rows) > MAX_ROWS:
        facts.rows = _fold_rows(facts.rows)
    return after


def _nano(energy_wh: object) -> int:
    if energy_wh.__class__ is not Decimal and energy_wh.__class__ is not int:
        raise TimelineInvalid(f"energy_wh: {shown(energy_wh)} is not exact; give a Decimal or an int")
    try:
        if not 0 <= energy_wh <= MAX_ENERGY_WH:
            raise TimelineInvalid(f"energy_wh: {shown(energy_wh)} is not between 0 and {MAX_ENERGY_WH}")
        return int(energy_wh * NANO)
    except InvalidOperation:
        raise TimelineInvalid("energy_wh: not a number") from None


def _check(segment: Segment, kind: str, start: int, end: int, facts: Facts) -> None:
    if kind not in _STATES:
        raise TimelineInvalid(f"state: {shown(kind)} is not one of {', '.join(sorted(_STATES))}")
    if end < start:
        raise TimelineInvalid(f"the segment ends at {segment.end}, before it starts at {segment.start}")
    first = facts.started if facts.reserved < 0 else facts.reserved
    if first < 0 or end > LATEST_US or end - first > MAX_SECONDS * MICRO:
        raise TimelineInvalid(f"a session lies between 1970 and 2200 and lasts at most {MAX_SECONDS} s")
    if facts.energy > MAX_ENERGY_WH * NANO:
        raise TimelineInvalid(f"energy_wh: more than {MAX_ENERGY_WH} in one session")


def _walk(state: State, segment: Segment, kind: str, idle: bool, start: int, end: int, energy: int) -> None:
    """Cut the segment where the selection changes, and book each piece. Changes `state`."""
    facts = state.facts
    duration, whole = end - start, energy
    billed = -1 if segment.billed_s is None else _micro(segment.billed_s)
    reserved = kind == "reserved"
    measured = state.scope.is_measured
    now = start
    while True:
        if (
            measured
            or now >= state.time_until
            or facts.energy >= state.energy_until
            or reserved is not state.for_reservation
        ):
            _select(state, segment, reserved, now, whole, duration)
        stop, part = end, energy
        if stop > state.time_until:
            stop = state.time_until
            part = energy * (stop - now) // (end - now)
        if facts.energy + part > state.energy_until:
            part = state.energy_until - facts.energy
            stop = now + (end - now) * part // energy
        span = stop - now
        if billed >= 0:
            time = (
                billed if stop == end and part == energy else billed * span // (end - now) if end > now else 0
            )
            billed -= time
        else:
            time = span
        if reserved:
            _book_reservation(state, now, stop, time)
        else:
            _book(state, kind, idle, now, stop, time, part)
        facts.energy += part
        energy -= part
        now = stop
        if now >= end and not energy:
            return


def _micro(seconds: object) -> int:
    if seconds.__class__ is not Decimal and seconds.__class__ is not int:
        raise TimelineInvalid(f"billed_s: {shown(seconds)} is not exact; give a Decimal or an int")
    try:
        if not 0 <= seconds <= MAX_SECONDS:
            raise TimelineInvalid(f"billed_s: {shown(seconds)} is not between 0 and {MAX_SECONDS}")
        return int(seconds * MICRO)
    except InvalidOperation:
        raise TimelineInvalid("billed_s: not a number") from None


def _select(state: State, segment: Segment, reserved: bool, now: int, energy: int, duration: int) -> None:
    """Find the first rule that holds now, for each dimension, and until when the answer is sure."""
    scope, used = state.scope, state.facts.energy
    base = state.facts.reserved if reserved else state.facts.started
    elapsed = now - base
    mask, time_until = (0, FOREVER) if scope.calendar is None else scope.calendar.at(now)
    edge = scope.duration_edges[bisect_right(scope.duration_edges, elapsed)]
    chosen: list[Rule | None] = [None] * 7
    for dimension in _RESERVATION_DIMENSIONS if reserved else _SESSION_DIMENSIONS:
        for rule in scope.rules[dimension]:
            if (
                rule.calendar_bits & mask == rule.calendar_bits
                and rule.min_energy <= used < rule.max_energy
                and rule.min_duration <= elapsed < rule.max_duration
                and (not rule.measured or measured_holds(rule.measured, segment, energy, duration))
            ):
                chosen[dimension] = rule
                break
    state.chosen = tuple(chosen)
    state.for_reservation = reserved
    state.paused = bool(mask & scope.pause_bits)
    state.time_until = min(time_until, base + edge)
    state.energy_until = scope.energy_edges[bisect_right(scope.energy_edges, used)]


def _book(state: State, kind: str, idle: bool, now: int, stop: int, time: int, energy: int) -> None:
    facts, chosen = state.facts, state.chosen
    rule = chosen[FLAT]
    if rule is not None and not facts.flat_taken:
        facts.flat_taken = True
        _add(facts, rule, PRICED, now, now, 1)
    rule = chosen[ENERGY]
    if energy and rule is not None:
        left = _spend(facts, rule, now, stop, energy, facts.free_energy) if facts.free_energy else energy
        facts.free_energy -= energy - left
        if left:
            _add(facts, rule, PRICED, stop - (stop - now) * left // energy, stop, left)
            facts.last_energy = rule.index
    if kind == "charging":
        rule = chosen[CHARGING]
        if rule is not None and time:
            left = _spend(facts, rule, now, stop, time, facts.free_charging) if facts.free_charging else time
            facts.free_charging -= time - left
            if left:
                _add(facts, rule, PRICED, stop - (stop - now) * left // time, stop, left)
                facts.last_time = rule.index
    elif idle:
        _book_idle(state, now, stop, time)
    span = stop - now
    if kind == "unknown":
        facts.unproven += span
        return
    rule = chosen[OCCUPANCY]
    if rule is not None and span:
        left = _spend(facts, rule, now, stop, span, facts.free_occupancy) if facts.free_occupancy else span
        facts.free_occupancy -= span - left
        if left:
            _add(facts, rule, PRICED, stop - left, stop, left)
            facts.last_occupancy = rule.index


def _book_idle(state: State, now: int, stop: int, time: int) -> None:
    """Idling: first what is left of the grace, then free inside a pause, else priced."""
    facts, rule = state.facts, state.chosen[IDLE]
    span = stop - now
    if span:
        grace = min(span, facts.grace_left)
        free = time if grace == span else time * grace // span
    else:
        grace = free = min(time, facts.grace_left)
    facts.grace_left -= grace
    if rule is None or not time:
        return
    middle = min(now + grace, stop)
    if free:
        _add(facts, rule, GRACE, now, middle, free)
    if time > free:
        _add(facts, rule, PAUSE if state.paused else PRICED, middle, stop, time - free)
        if not state.paused:
            facts.last_time = rule.index


def _book_reservation(state: State, now: int, stop: int, time: int) -> None:
    facts, chosen = state.facts, state.chosen
    rule = chosen[RESERVATION_FLAT]
    if rule is not None and not facts.reservation_flat_taken:
        facts.reservation_flat_taken = True
        _add(facts, rule, PRICED, now, now, 1)
    rule = chosen[RESERVATION]
    if rule is not None and time:
        _add(facts, rule, PRICED, now, stop, time)
        facts.last_reservation = rule.index


def _spend(facts: Facts, rule: Rule, now: int, stop: int, quantity: int, allowance: int) -> int:
    """Book what the allowance covers as free, and return what is left to price."""
    free = min(quantity, allowance)
    _add(facts, rule, FREE, now, stop - (stop - now) * (quantity - free) // quantity, free)
    return quantity - free


def _add(facts: Facts, rule: Rule, reason: int, now: int, stop: int, quantity: int) -> None:
    """Add to the line's total and to its trace; touching rows of one line become one."""
    line = rule.index << 2 | reason
    lines, rows, dimension = facts.lines, facts.open_rows, rule.dimension
    lines[line] = lines.get(line, 0) + quantity
    row = rows.get(dimension)
    if row is not None:
        if row[0] == line and row[2] >= now:
            rows[dimension] = (line, row[1], stop, row[3] + quantity)
            return
        facts.rows = (*facts.rows, row)
    rows[dimension] = (line, now, stop, quantity)


def _fold_rows(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Keep the newest half; of the older rows make one per line, so that the state stays small."""
    half = len(rows) - MAX_ROWS // 2
    folded: dict[int, Row] = {}
    for row in rows[:half]:
        same = folded.get(row[0])
        folded[row[0]] = row if same is None else (row[0], same[1], max(same[2], row[2]), same[3] + row[3])
    return (*folded.values(), *rows[half:])
