"""What a session costs: components, taxes, and a trace that says why. `rate` is the fold from the start."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from .compiled import (
    CHARGING,
    DIMENSION_NAMES,
    ENERGY,
    FLAT,
    IDLE,
    KWH,
    OCCUPANCY,
    RESERVATION,
    Rule,
    TariffVersion,
)
from .fold import advance
from .local_time import from_us
from .model import Unit
from .rounding import EXACT, ONE, ZERO, currency_exponent, round_half_up
from .state import PRICED, State, initial_state
from .timeline import RatingContext, Segment
from .totals import COMPONENT_OF, COMPONENTS, Amount, Parts, Sum, TaxKey, Totals, amount_of, other_side, pair

_REASONS: Final = ("priced", "grace", "pause", "free")


class Amounts(msgspec.Struct, frozen=True):
    """The total and the components it is made of. Limits change the total only."""

    total: Amount
    energy: Amount
    time: Amount
    parking: Amount
    occupancy: Amount
    fixed: Amount
    reservation: Amount


class Billed(msgspec.Struct, frozen=True):
    """Quantities that were priced, step sizes applied: Wh and seconds."""

    energy_wh: Decimal
    time_s: Decimal
    parking_s: Decimal
    occupancy_s: Decimal
    reservation_s: Decimal


class TaxGroup(msgspec.Struct, frozen=True):
    """The share of one tax rate in the total (limits spread in proportion). `percent` None: none known."""

    percent: Decimal | None
    tax_code: str | None
    exact: Amount
    rounded: Amount


class TraceRow(msgspec.Struct, frozen=True):
    """Why something costs what it costs. `amount` is in the tariff's own tax mode, not rounded.

    `reason`: priced, grace, pause, free; or step, started_minute, cap, min_price, max_price, floor for what
    was added or taken off at the end (`element` is then the one whose price was used, if any).
    """

    start: datetime = msgspec.field(name="from")
    end: datetime = msgspec.field(name="to")
    element: int | None
    component: str
    dimension: str
    reason: str
    quantity: Decimal
    unit: Unit
    unit_price: Decimal
    amount: Decimal
    tax: Decimal
    tax_percent: Decimal | None


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a session costs. `limit` names the limit that decided the total: min, max, floor or None.

    `notes` are codes: `unproven_time` (time without evidence was left unbilled), `tax_unknown` (a priced
    component states no tax), `failed_start` (no energy flowed; flat fee and minimum waived).
    """

    currency: str
    tax_included: bool
    content_hash: str
    exact: Amounts
    rounded: Amounts
    billed: Billed
    taxes: tuple[TaxGroup, ...]
    limit: str | None
    notes: tuple[str, ...]
    trace: tuple[TraceRow, ...]


def price_of(state: State) -> Price:
    """The price of a session so far, with components, taxes and trace."""
    version, facts = state.scope.version, state.facts
    tariff = version.tariff
    gross, places = tariff.tax_included, currency_exponent(tariff.currency)
    summed = Sum(state)
    totals = Totals(state, summed)
    billed = [Decimal(quantity) for quantity in summed.billed]
    notes = []
    if facts.unproven:
        notes.append("unproven_time")
    if any(percent is None for (_, (percent, _)) in summed.groups):
        notes.append("tax_unknown")
    if summed.waived:
        notes.append("failed_start")
    return Price(
        currency=tariff.currency,
        tax_included=gross,
        content_hash=version.content_hash,
        exact=_amounts(totals.exact, totals.exact_parts, gross, None),
        rounded=_amounts(totals.rounded, totals.rounded_parts, gross, places),
        billed=Billed(
            energy_wh=billed[ENERGY].scaleb(-9),
            time_s=billed[CHARGING].scaleb(-6),
            parking_s=billed[IDLE].scaleb(-6),
            occupancy_s=billed[OCCUPANCY].scaleb(-6),
            reservation_s=billed[RESERVATION].scaleb(-6),
        ),
        taxes=_tax_groups(totals, places, gross),
        limit=totals.limit,
        notes=tuple(notes),
        trace=_trace(state, summed, totals),
    )


def rate(version: TariffVersion, timeline: Iterable[Segment], context: RatingContext) -> Price:
    """The price of a whole session: the fold of `advance` over its timeline.

    Raises:
        ContextInvalid, SegmentOutOfOrder, TimelineInvalid: see `advance` and `initial_state`.
    """
    state = initial_state(version, context)
    for segment in timeline:
        state = advance(state, segment)
    return price_of(state)


def _amounts(total: Amount, parts: Parts, gross: bool, places: int | None) -> Amounts:
    zero = ZERO if places is None else round_half_up(ZERO, places)
    sums = [[zero, zero] for _ in COMPONENTS]
    for (component, _), (own, other) in parts.items():
        sums[component][0] = EXACT.add(sums[component][0], own)
        sums[component][1] = EXACT.add(sums[component][1], other)
    if places is not None:
        sums = [[own, round_half_up(other, places)] for own, other in sums]
        total = Amount(round_half_up(total.before_taxes, places), round_half_up(total.after_taxes, places))
    return Amounts(total, *(pair(own, other, gross) for own, other in sums))


def _tax_groups(totals: Totals, places: int, gross: bool) -> tuple[TaxGroup, ...]:
    """The total by tax. Rounded shares add up to the rounded total: the largest remainders are rounded up."""
    by_tax: dict[TaxKey, list[Decimal]] = {}
    for (_, tax), (own, other) in totals.exact_parts.items():
        sums = by_tax.setdefault(tax, [ZERO, ZERO])
        sums[0], sums[1] = EXACT.add(sums[0], own), EXACT.add(sums[1], other)
    exact = [pair(own, other, gross) for own, other in by_tax.values()]
    sides = []
    for side in ("before_taxes", "after_taxes"):
        whole = getattr(totals.unlimited, side)
        limited, rounded = getattr(totals.exact, side), getattr(totals.rounded, side)
        shares = [getattr(amount, side) for amount in exact]
        if whole != limited:
            if whole:
                shares = [EXACT.divide(EXACT.multiply(share, limited), whole) for share in shares]
            elif shares:
                shares = [limited, *([ZERO] * (len(shares) - 1))]
        sides.append((shares, _spread(shares, rounded, places)))
    (before, before_rounded), (after, after_rounded) = sides
    return tuple(
        TaxGroup(percent, code, Amount(before[i], after[i]), Amount(before_rounded[i], after_rounded[i]))
        for i, (percent, code) in enumerate(by_tax)
    )


def _spread(shares: list[Decimal], total: Decimal, places: int) -> list[Decimal]:
    rounded = [round_half_up(share, places) for share in shares]
    left = EXACT.subtract(total, sum(rounded, ZERO))
    unit = ONE.scaleb(-places).copy_sign(left)
    order = sorted(range(len(shares)), key=lambda i: (rounded[i] - shares[i]) * unit)
    for i in order:
        if not left:
            break
        rounded[i] += unit
        left -= unit
    if left and order:  # a limit far from the sum of its parts
        rounded[order[0]] += left
    return rounded


def _trace(state: State, summed: Sum, totals: Totals) -> tuple[TraceRow, ...]:
    facts, version = state.facts, state.scope.version
    gross = version.tariff.tax_included
    rows: list[TraceRow] = []
    for line, start, end, quantity in sorted(
        (*facts.rows, *facts.open_rows.values()), key=lambda row: (row[1], row[0])
    ):
        rule, reason = version.rules[line >> 2], line & 3
        if reason == PRICED and summed.waived and rule.dimension == FLAT:
            continue
        price = rule.price if reason == PRICED else ZERO
        amount = amount_of(rule, quantity) if reason == PRICED else ZERO
        rows.append(_row(rule, _REASONS[reason], start, end, quantity, price, amount, gross))
    until = max(facts.until, 0)
    for rule, reason_name, quantity, amount in summed.added:
        price = rule.price if quantity else ZERO
        rows.append(_row(rule, reason_name, until, until, quantity, price, amount, gross))
    if totals.exact != totals.unlimited:
        moment = from_us(until)
        own = EXACT.subtract(_own(totals.exact, gross), _own(totals.unlimited, gross))
        tax = EXACT.subtract(totals.exact.tax, totals.unlimited.tax)
        reason_name = "floor" if totals.limit == "floor" else f"{totals.limit}_price"
        rows.append(
            TraceRow(moment, moment, None, "total", "total", reason_name, ONE, "session", own, own, tax, None)
        )
    return tuple(rows)


def _own(amount: Amount, gross: bool) -> Decimal:
    return amount.after_taxes if gross else amount.before_taxes


def _row(
    rule: Rule, reason: str, start: int, end: int, quantity: int, price: Decimal, amount: Decimal, gross: bool
) -> TraceRow:
    other = other_side(amount, rule.factor, gross)
    tax = EXACT.subtract(amount, other) if gross else EXACT.subtract(other, amount)
    return TraceRow(
        from_us(start),
        from_us(end),
        rule.element,
        COMPONENTS[COMPONENT_OF[rule.dimension]],
        DIMENSION_NAMES[rule.dimension],
        reason,
        EXACT.divide(Decimal(quantity), Decimal(KWH) if rule.dimension == ENERGY else rule.divisor),
        rule.unit,
        price,
        amount,
        tax,
        rule.percent,
    )
