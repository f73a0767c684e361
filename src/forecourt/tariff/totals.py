"""Adding up a state: amounts by component and tax, steps, caps and limits, rounding.

Rounding: each component once, half-up, on the side that the tariff states (net, or gross when tax is
included); the other side of the total follows from the rounded components with one more rounding, so that
17.31 kWh at 0.59 gross with 22 % is 10.21 gross, 8.37 net, 1.84 tax.
"""

from decimal import Decimal
from typing import Final

import msgspec

from .compiled import (
    CHARGING,
    DIMENSION_NAMES,
    ENERGY,
    FLAT,
    IDLE,
    MICRO,
    OCCUPANCY,
    RESERVATION,
    RESERVATION_FLAT,
    Rule,
)
from .model import PriceLimit
from .rounding import EXACT, ONE, ZERO, currency_exponent, round_half_up
from .state import PRICED, State

COMPONENTS: Final = ("energy", "time", "parking", "occupancy", "fixed", "reservation")
COMPONENT_OF: Final = {
    ENERGY: 0, CHARGING: 1, IDLE: 2, OCCUPANCY: 3, FLAT: 4, RESERVATION: 5, RESERVATION_FLAT: 5,
}  # fmt: skip
_MINUTE: Final = 60 * MICRO

TaxKey = tuple[Decimal | None, str | None]  # percent and code
Parts = dict[tuple[int, TaxKey], tuple[Decimal, Decimal]]  # per component and tax: own side, other side


class Amount(msgspec.Struct, frozen=True):
    """Money without and with tax, in the currency's major unit."""

    before_taxes: Decimal
    after_taxes: Decimal

    @property
    def tax(self) -> Decimal:
        return EXACT.subtract(self.after_taxes, self.before_taxes)


class RunningTotal(msgspec.Struct, frozen=True):
    """The total so far, as `price_of` would state it."""

    exact: Amount
    rounded: Amount


class Sum:
    """Amounts of a state on the tariff's own side, by component and tax, and what was added at the end."""

    __slots__ = ("added", "billed", "groups", "waived")

    def __init__(self, state: State) -> None:
        facts, version = state.facts, state.scope.version
        tariff, rules = version.tariff, version.rules
        # (component, tax key) -> [amount on the tariff's own side, tax factor]
        self.groups: dict[tuple[int, TaxKey], list[Decimal]] = {}
        self.billed = [0] * len(DIMENSION_NAMES)
        self.added: list[tuple[Rule, str, int, Decimal]] = []
        self.waived = tariff.waive_without_energy and not facts.energy
        billed = self.billed
        for line, quantity in facts.lines.items():
            if line & 3 == PRICED:
                rule = rules[line >> 2]
                if self.waived and rule.dimension == FLAT:
                    continue
                billed[rule.dimension] += quantity
                self._put(rule, amount_of(rule, quantity))
        for last in (facts.last_energy, facts.last_time, facts.last_occupancy, facts.last_reservation):
            if last >= 0 and rules[last].step:
                self._round_up(rules[last], rules[last].step, "step")
        idle = tariff.idle
        if billed[IDLE] and (idle.started_minute or idle.cap is not None):
            rule = _last_idle(state)
            if idle.started_minute:
                self._round_up(rule, _MINUTE, "started_minute")
            if idle.cap is not None:
                total = ZERO
                for (component, _), group in self.groups.items():
                    if component == COMPONENT_OF[IDLE]:
                        total = EXACT.add(total, group[0])
                if total > idle.cap:
                    self._adjust(rule, "cap", 0, EXACT.subtract(idle.cap, total))

        if not self.groups and facts.energy and tariff.min_price is not None:
            # A minimum on energy that has no price: taxed like the tariff's energy, else its first price.
            self._put(next((rule for rule in rules if rule.dimension == ENERGY), rules[0]), ZERO)

    def _put(self, rule: Rule, amount: Decimal) -> None:
        key = (COMPONENT_OF[rule.dimension], (rule.percent, rule.tax_code))
        group = self.groups.get(key)
        if group is None:
            self.groups[key] = [amount, rule.factor]
        else:
            group[0] = EXACT.add(group[0], amount)

    def _round_up(self, rule: Rule, step: int, reason: str) -> None:
        extra = -self.billed[rule.dimension] % step
        if extra:
            self._adjust(rule, reason, extra, amount_of(rule, extra))

    def _adjust(self, rule: Rule, reason: str, quantity: int, amount: Decimal) -> None:
        self.billed[rule.dimension] += quantity
        self._put(rule, amount)
        self.added.append((rule, reason, quantity, amount))


def amount_of(rule: Rule, quantity: int) -> Decimal:
    """Quantity (nWh, µs or count) times price, not rounded, in the tariff's own tax mode."""
    amount = EXACT.multiply(rule.price, quantity)
    return amount if rule.divisor is ONE else EXACT.divide(amount, rule.divisor)


def _last_idle(state: State) -> Rule:
    rules, lines = state.scope.version.rules, state.facts.lines
    last = state.facts.last_time
    if last >= 0 and rules[last].dimension == IDLE:
        return rules[last]
    return rules[
        max(line >> 2 for line in lines if line & 3 == PRICED and rules[line >> 2].dimension == IDLE)
    ]


def other_side(amount: Decimal, factor: Decimal, gross: bool) -> Decimal:
    if factor is ONE or factor == ONE:
        return amount
    return EXACT.divide(amount, factor) if gross else EXACT.multiply(amount, factor)


def pair(own: Decimal, other: Decimal, gross: bool) -> Amount:
    return Amount(other, own) if gross else Amount(own, other)


class Totals:
    """Exact and rounded totals of a sum, limits applied.

    Of the rounded parts the own side is rounded, the other one is what follows from it, not yet rounded.
    """

    __slots__ = ("exact", "exact_parts", "limit", "rounded", "rounded_parts", "unlimited")

    def __init__(self, state: State, summed: Sum) -> None:
        tariff = state.scope.version.tariff
        gross, places = tariff.tax_included, currency_exponent(tariff.currency)
        own = other = rounded_own = rounded_other = ZERO
        self.exact_parts: Parts = {}
        self.rounded_parts: Parts = {}
        for key, (amount, factor) in summed.groups.items():
            counter = other_side(amount, factor, gross)
            self.exact_parts[key] = (amount, counter)
            own, other = EXACT.add(own, amount), EXACT.add(other, counter)
            amount = round_half_up(amount, places)
            counter = other_side(amount, factor, gross)
            self.rounded_parts[key] = (amount, counter)
            rounded_own, rounded_other = EXACT.add(rounded_own, amount), EXACT.add(rounded_other, counter)
        self.exact = pair(own, other, gross)
        self.rounded = pair(rounded_own, round_half_up(rounded_other, places), gross)
        self.unlimited = self.exact
        self.limit: str | None = None
        if tariff.min_price is not None and (state.facts.energy or own > 0) and not summed.waived:
            self._apply("min", tariff.min_price, _mean_factor(self.unlimited, summed), places)
        if tariff.max_price is not None:
            self._apply("max", tariff.max_price, _mean_factor(self.unlimited, summed), places)
        if not tariff.allow_negative:
            zero = Amount(ZERO, ZERO)
            if min(self.exact.before_taxes, self.exact.after_taxes) < 0:
                self._limited("floor", zero, places)
            if min(self.rounded.before_taxes, self.rounded.after_taxes) < 0:
                self.limit, self.rounded = "floor", zero

    def _apply(self, name: str, limit: PriceLimit, factor: Decimal, places: int) -> None:
        limited = _limit(self.exact, limit, factor, name == "max")
        if limited is not None:
            self._limited(name, limited, places)
        # An exact total inside the limit may still cross it when its components are rounded.
        limit = PriceLimit(
            before_taxes=limit.before_taxes and round_half_up(limit.before_taxes, places),
            after_taxes=limit.after_taxes and round_half_up(limit.after_taxes, places),
        )
        limited = _limit(self.rounded, limit, factor, name == "max")
        if limited is not None:
            self.limit = name
            self.rounded = Amount(
                round_half_up(limited.before_taxes, places), round_half_up(limited.after_taxes, places)
            )

    def _limited(self, limit: str, amount: Amount, places: int) -> None:
        """The limit decides the exact total; a rounded side that the limit left alone is kept."""
        before, after = self.rounded.before_taxes, self.rounded.after_taxes
        if amount.before_taxes != self.exact.before_taxes:
            before = round_half_up(amount.before_taxes, places)
        if amount.after_taxes != self.exact.after_taxes:
            after = round_half_up(amount.after_taxes, places)
        self.limit, self.exact, self.rounded = limit, amount, Amount(before, after)


def _limit(total: Amount, limit: PriceLimit, factor: Decimal, ceiling: bool) -> Amount | None:
    """The total that the limit makes of `total`, or None if it does not touch it.

    Each side that the limit states is compared on its own, as components may be taxed differently; a side
    that it does not state follows in proportion.
    """
    pick = min if ceiling else max
    before, after = total.before_taxes, total.after_taxes
    if limit.before_taxes is not None:
        before = pick(before, limit.before_taxes)
    if limit.after_taxes is not None:
        after = pick(after, limit.after_taxes)
    if before == total.before_taxes and after == total.after_taxes:
        return None
    if limit.after_taxes is None:
        after = EXACT.multiply(before, factor)
    elif limit.before_taxes is None:
        before = EXACT.divide(after, factor)
    return Amount(before, max(before, after) if before >= 0 else after)


def _mean_factor(total: Amount, summed: Sum) -> Decimal:
    if total.before_taxes > 0:
        return EXACT.divide(total.after_taxes, total.before_taxes)
    return next((group[1] for group in summed.groups.values()), ONE)


def running_total(state: State) -> RunningTotal:
    """The total of a session so far, without trace: cheap enough for every reading."""
    totals = Totals(state, Sum(state))
    return RunningTotal(totals.exact, totals.rounded)
