"""The state of a session's price: small, made of integers, and easy to keep in a row of a database.

It holds quantities, not amounts: a price is constant per (rule, reason), so nothing is rounded on the way
and the amounts come out at the end (`totals.py`).
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from .compiled import MICRO, NANO, Rule, Scope, TariffVersion
from .errors import StateInvalid, StateMismatch
from .local_time import from_us
from .timeline import RatingContext

# Why a quantity costs what it costs; a line of the state is rule * 4 + reason.
PRICED, GRACE, PAUSE, FREE = range(4)

Row = tuple[int, int, int, int]  # line, from µs, to µs, quantity


class Facts(msgspec.Struct, array_like=True):
    """What is stored of a session: integers only (nWh, µs since 1970)."""

    started: int = -1
    reserved: int = -1
    until: int = -1
    energy: int = 0
    flat_taken: bool = False
    reservation_flat_taken: bool = False
    in_spell: bool = False
    grace_left: int = 0
    free_energy: int = 0
    free_charging: int = 0
    free_occupancy: int = 0
    unproven: int = 0
    last_energy: int = -1
    last_time: int = -1
    last_occupancy: int = -1
    last_reservation: int = -1
    lines: dict[int, int] = {}
    open_rows: dict[int, Row] = {}
    rows: tuple[Row, ...] = ()


class _Dump(msgspec.Struct, array_like=True):
    tariff: str
    context: RatingContext
    facts: Facts


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Dump)

Selection = tuple[Rule | None, ...]


class State:
    """The price of a session so far. Treat it as immutable: `advance` returns a new one."""

    __slots__ = ("chosen", "energy_until", "facts", "for_reservation", "paused", "scope", "time_until")

    def __init__(self, scope: Scope, facts: Facts) -> None:
        self.scope = scope
        self.facts = facts
        self.chosen: Selection = ()
        self.for_reservation = False
        self.paused = False
        self.time_until = -1
        self.energy_until = -1

    @property
    def version(self) -> TariffVersion:
        return self.scope.version

    @property
    def context(self) -> RatingContext:
        return self.scope.context

    @property
    def until(self) -> datetime | None:
        """End of the last segment, in UTC; None before the first."""
        return None if self.facts.until < 0 else from_us(self.facts.until)

    @property
    def energy_wh(self) -> Decimal:
        """Energy of the session so far."""
        return Decimal(self.facts.energy).scaleb(-9)


def initial_state(version: TariffVersion, context: RatingContext) -> State:
    """The state of a session of which nothing is known yet.

    Raises:
        ContextInvalid: the time zone does not exist.
    """
    scope = version.bind(context)
    ours, theirs = version.tariff.free, context.free
    return State(
        scope,
        Facts(
            grace_left=version.grace_us,
            free_energy=int(ours.energy_wh * NANO) + int(theirs.energy_wh * NANO),
            free_charging=(ours.charging_s + theirs.charging_s) * MICRO,
            free_occupancy=(ours.occupancy_s + theirs.occupancy_s) * MICRO,
        ),
    )


def dump_state(state: State) -> bytes:
    """The state as compact JSON, for the row of an open session."""
    return _ENCODER.encode(_Dump(state.scope.version.content_hash[:16], state.scope.context, state.facts))


def load_state(version: TariffVersion, data: bytes | str) -> State:
    """The inverse of `dump_state`.

    Raises:
        StateInvalid: these bytes are no state.
        StateMismatch: the state belongs to another tariff version.
    """
    try:
        dump = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise StateInvalid(f"not a dumped state: {fault}") from None
    if dump.tariff != version.content_hash[:16]:
        raise StateMismatch(f"the state is of tariff {dump.tariff}, not {version.content_hash[:16]}")
    facts = dump.facts
    named = [*facts.lines, *(row[0] for row in (*facts.rows, *facts.open_rows.values()))]
    last = (facts.last_energy, facts.last_time, facts.last_occupancy, facts.last_reservation)
    if any(not 0 <= line >> 2 < len(version.rules) for line in named) or max(last) >= len(version.rules):
        raise StateInvalid("the state names a rule that the tariff does not have")
    return State(version.bind(dump.context), facts)
