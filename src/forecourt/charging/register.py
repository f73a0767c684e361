"""The guard over an energy register: what of its steps is energy, what is doubtful, and what it is held for.

Stations report registers that restart, jump, change unit or belong to another meter (ocpp.md section 4,
quirks 66 and 71 to 73). A step counts when the connector could have delivered it; anything else is repaired
by a rule that stays visible as a quality flag, or held for review. Pure: the same points in the same order
give the same energy.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

ZERO: Final = Decimal(0)
THOUSAND: Final = 1000
UNKNOWN_MAX_POWER_W: Final = 500_000
NOISE_WH: Final = 20
"""A register that falls by no more than this has only been rounded."""
_MARGIN: Final = 4  # a connector rated at P may deliver P * (1 + 1/4)

Point = tuple[Decimal, datetime]


class Anchor(msgspec.Struct, array_like=True, frozen=True):
    """Where another register of the same session was left: it may come back."""

    wh: Decimal
    at: datetime
    energy_wh: Decimal
    held_wh: Decimal


class Register(msgspec.Struct, array_like=True):
    """The state of the guard. `energy_wh` is what counts, `held_wh` what waits for a person."""

    max_power_w: int
    energy_wh: Decimal = ZERO
    held_wh: Decimal = ZERO
    wh: Decimal | None = None
    at: datetime | None = None
    doubtful: Point | None = None
    anchor: Anchor | None = None
    flags: list[str] = []

    def flag(self, code: str) -> None:
        """Remember that a rule was used."""
        if code not in self.flags:
            self.flags.append(code)

    def _possible(self, step: Decimal, span: timedelta) -> bool:
        """Whether the connector can have delivered `step` Wh in `span`, with a minute of slack."""
        if step < 0:
            return False
        seconds = span.days * 86_400 + span.seconds + 60
        return step * 3600 * _MARGIN <= self.max_power_w * seconds * (_MARGIN + 1)

    def step(self, at: datetime, wh: Decimal) -> Decimal:
        """Take the next point (Wh at a time not before the last) and return the energy that it adds, in Wh."""
        last, last_at = self.wh, self.at
        if last is None or last_at is None:
            self.wh, self.at = wh, at
            return ZERO
        step = wh - last
        if self._possible(step, at - last_at):
            if self.doubtful is not None:
                self.doubtful = None
                self.flag("spike_dropped")
            self.wh, self.at = wh, at
            self.energy_wh += step
            return step
        if self.doubtful is not None:
            return self._confirm(at, wh, last, last_at, self.doubtful)
        return self._doubt(at, wh, last, last_at)

    def _doubt(self, at: datetime, wh: Decimal, last: Decimal, last_at: datetime) -> Decimal:
        for scaled in (wh * THOUSAND, wh / THOUSAND):
            if last > NOISE_WH and scaled >= last and self._possible(scaled - last, at - last_at):
                self.flag("unit_repaired")
                self.wh, self.at = scaled, at
                self.energy_wh += scaled - last
                return scaled - last
        if 0 < last - wh <= NOISE_WH:
            self.flag("negative_step")
            return ZERO
        anchor = self.anchor
        if anchor is not None and self._possible(wh - anchor.wh, at - anchor.at):
            before = self.energy_wh
            self.anchor = Anchor(last, last_at, before, self.held_wh)
            self.energy_wh = max(before, anchor.energy_wh + (wh - anchor.wh))
            self.held_wh = anchor.held_wh
            self.wh, self.at = wh, at
            self.flag("register_switched")
            return self.energy_wh - before
        self.doubtful = (wh, at)
        return ZERO

    def _confirm(
        self, at: datetime, wh: Decimal, last: Decimal, last_at: datetime, doubtful: Point
    ) -> Decimal:
        """A second point after a doubtful one: if they agree, the register has really moved."""
        moved, moved_at = doubtful
        if not self._possible(wh - moved, at - moved_at):
            anchor = self.anchor
            if anchor is not None and self._possible(wh - anchor.wh, at - anchor.at):
                self.doubtful = None
                self.flag("spike_dropped")
                return self._doubt(at, wh, last, last_at)
            self.doubtful = (wh, at)
            self.flag("register_erratic")
            return ZERO
        self.doubtful = None
        self.anchor = Anchor(last, last_at, self.energy_wh, self.held_wh)
        added = wh - moved
        if moved > last:
            if last == 0:
                self.flag("register_base_missing")
            else:
                self.held_wh += moved - last
                self.flag("jump_held")
        else:
            self.flag("register_reset")
            if self._possible(moved, moved_at - last_at):
                added += moved
        self.wh, self.at = wh, at
        self.energy_wh += added
        return added

    def closed(self) -> tuple[Decimal, list[str]]:
        """Held energy and flags if the session ended now: a doubtful last point is held, not billed."""
        if self.doubtful is None or self.wh is None:
            return self.held_wh, self.flags
        step = self.doubtful[0] - self.wh
        code = "jump_held" if step > 0 else "register_fell"
        flags = self.flags if code in self.flags else [*self.flags, code]
        return self.held_wh + max(step, ZERO), flags
