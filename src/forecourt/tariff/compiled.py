"""A tariff made ready for rating: a flat list of rules with integer bounds, bound to a context.

Integer units throughout: nanowatt-hours and microseconds, so that splitting never loses or makes energy
or time.
"""

from decimal import Decimal
from typing import Final

from .errors import ContextInvalid, TariffInvalid
from .local_time import FOREVER, CalendarCondition, LocalCalendar, load_zone, minutes
from .model import WEEKDAYS, Condition, PriceComponent, Tariff, content_hash
from .rounding import EXACT, HUNDRED, ONE
from .timeline import RatingContext, Segment

NANO: Final = 10**9
MICRO: Final = 10**6
KWH: Final = 10**12  # nWh

# Dimensions as rating sees them: an element that prices a reservation has dimensions of its own.
ENERGY, CHARGING, IDLE, OCCUPANCY, FLAT, RESERVATION, RESERVATION_FLAT = range(7)
DIMENSION_NAMES: Final = (
    "energy", "charging_time", "idle_time", "occupancy_time", "flat", "reservation_time", "reservation_flat",
)  # fmt: skip
_OF_SESSION: Final = {
    "energy": ENERGY, "charging_time": CHARGING, "idle_time": IDLE, "occupancy_time": OCCUPANCY, "flat": FLAT,
}  # fmt: skip
_OF_RESERVATION: Final = {"charging_time": RESERVATION, "flat": RESERVATION_FLAT}
_DIVISORS: Final = {
    "kwh": Decimal(KWH),
    "hour": Decimal(3600 * MICRO),
    "minute": Decimal(60 * MICRO),
    "session": ONE,
}


class Rule:
    """One price of one element, with its condition in integer units."""

    __slots__ = (
        "calendar_bits", "condition", "dimension", "divisor", "element", "factor", "index", "max_duration",
        "max_energy", "measured", "min_duration", "min_energy", "percent", "price", "step", "tax_code", "unit",
    )  # fmt: skip

    def __init__(
        self, index: int, element: int, dimension: int, component: PriceComponent, when: Condition
    ) -> None:
        self.index = index
        self.element = element
        self.dimension = dimension
        self.price = component.price
        self.unit = component.priced_per
        self.divisor = _DIVISORS[self.unit]
        self.percent = component.tax_percent
        self.factor = EXACT.add(ONE, EXACT.divide(component.tax_percent or Decimal(0), HUNDRED))
        self.tax_code = component.tax_code
        self.step = component.step_size * (NANO if dimension == ENERGY else MICRO)
        self.min_energy = _nano_kwh(when.min_kwh, 0)
        self.max_energy = _nano_kwh(when.max_kwh, FOREVER)
        self.min_duration = 0 if when.min_duration_s is None else when.min_duration_s * MICRO
        self.max_duration = FOREVER if when.max_duration_s is None else when.max_duration_s * MICRO
        self.condition = when
        self.measured = _measured(when)
        self.calendar_bits = 0


class Scope:
    """The rules of a tariff version that can apply in one context, and its calendar."""

    __slots__ = (
        "calendar", "context", "duration_edges", "energy_edges", "is_measured", "pause_bits", "rules", "version",
    )  # fmt: skip

    def __init__(self, version: "TariffVersion", context: RatingContext) -> None:
        self.version = version
        self.context = context
        outcome_allows = {None, "reservation"}
        if context.reservation_outcome == "expired":
            outcome_allows.add("reservation_expires")
        audiences = frozenset(context.audiences)
        chosen: list[list[Rule]] = [[] for _ in DIMENSION_NAMES]
        energy: set[int] = set()
        duration: set[int] = set()
        for rule in version.rules:
            when = rule.condition
            if when.reservation not in outcome_allows:
                continue
            if when.connector_types and context.connector_type not in when.connector_types:
                continue
            if when.audiences and not audiences.intersection(when.audiences):
                continue
            chosen[rule.dimension].append(rule)
            energy.update((rule.min_energy, rule.max_energy))
            duration.update((rule.min_duration, rule.max_duration))
        self.rules = tuple(tuple(rules) for rules in chosen)
        self.energy_edges = sorted(energy | {FOREVER})
        self.duration_edges = sorted(duration | {FOREVER})
        self.is_measured = any(rule.measured for rules in self.rules for rule in rules)
        self.pause_bits = version.pause_bits
        self.calendar: LocalCalendar | None = None
        zone = load_zone(context.time_zone)
        if version.calendar:
            holidays = frozenset(context.holidays) | frozenset(version.tariff.holidays)
            self.calendar = LocalCalendar(zone, version.calendar, holidays)


class TariffVersion:
    """An immutable tariff, its content hash, and what rating needs of it. Make one and keep it.

    Raises:
        TariffInvalid: no price of it could ever apply, e.g. only one for the energy of a reservation.
    """

    __slots__ = ("_scopes", "calendar", "content_hash", "grace_us", "pause_bits", "rules", "tariff")

    def __init__(self, tariff: Tariff) -> None:
        if not isinstance(tariff, Tariff):
            raise TariffInvalid(f"a Tariff is needed, not {type(tariff).__name__}")
        self.tariff = tariff
        self.content_hash = content_hash(tariff)
        self.grace_us = tariff.idle.grace_s * MICRO
        rules: list[Rule] = []
        bits: dict[CalendarCondition, int] = {}
        for position, element in enumerate(tariff.elements):
            dimensions = _OF_SESSION if element.when.reservation is None else _OF_RESERVATION
            calendar = _calendar(element.when)
            for component in element.prices:
                dimension = dimensions.get(component.dimension)
                if dimension is None:
                    continue  # a reservation has no energy and no idling: such a price can never apply
                rule = Rule(len(rules), position, dimension, component, element.when)
                if calendar is not None:
                    rule.calendar_bits = 1 << bits.setdefault(calendar, len(bits))
                rules.append(rule)
        if not rules:
            raise TariffInvalid("no price of this tariff can ever apply")
        self.rules = tuple(rules)
        self.pause_bits = 0
        for pause in tariff.idle.pauses:
            window = _window(pause.start_time, pause.end_time)
            condition = CalendarCondition(window, _day_bits(pause.days), None, None)
            self.pause_bits |= 1 << bits.setdefault(condition, len(bits))
        self.calendar = tuple(bits)
        self._scopes: dict[RatingContext, Scope] = {}

    def __repr__(self) -> str:
        return f"TariffVersion({self.content_hash[:12]})"

    def bind(self, context: RatingContext) -> Scope:
        """The rules that can apply in that context; remembered, because sessions of a site share it.

        Raises:
            ContextInvalid: the time zone does not exist.
        """
        if not isinstance(context, RatingContext):
            raise ContextInvalid(f"a RatingContext is needed, not {type(context).__name__}")
        scope = self._scopes.get(context)
        if scope is None:
            if len(self._scopes) >= 1024:
                self._scopes.clear()
            scope = self._scopes[context] = Scope(self, context)
        return scope


Measure = tuple[str, bool, Decimal]


def _measured(when: Condition) -> tuple[Measure, ...]:
    """(measure, whether the bound is a minimum, bound in W, A or percent) of what depends on readings."""
    bounds: list[Measure] = []
    for measure, name, scale in (
        ("power", "power_kw", 1000),
        ("current", "current_a", 1),
        ("soc", "soc_percent", 1),
        ("occupancy", "site_occupancy_percent", 1),
    ):
        for is_minimum in (True, False):
            bound = getattr(when, f"{'min' if is_minimum else 'max'}_{name}")
            if bound is not None:
                bounds.append((measure, is_minimum, EXACT.multiply(Decimal(bound), scale)))
    return tuple(bounds)


def measured_holds(bounds: tuple[Measure, ...], segment: Segment, energy: int, duration: int) -> bool:
    """Whether measured bounds hold for a whole segment of `energy` nWh and `duration` µs."""
    for measure, is_minimum, bound in bounds:
        value: Decimal | int | None
        if measure == "power":
            value = _one_of(is_minimum, segment.min_power_w, segment.power_w, segment.max_power_w)
            if value is None:
                value = EXACT.divide(Decimal(energy * 18), Decimal(duration * 5)) if duration else 0
        elif measure == "current":
            value = _one_of(is_minimum, segment.min_current_a, segment.current_a, segment.max_current_a)
        elif measure == "soc":
            value = segment.soc_percent
        else:
            value = segment.site_occupancy_percent
        if value is None:
            value = 0
        if (value < bound) if is_minimum else (value >= bound):
            return False
    return True


def _one_of(
    is_minimum: bool, low: Decimal | int | None, average: Decimal | int | None, high: Decimal | int | None
) -> Decimal | int | None:
    first, last = (low, high) if is_minimum else (high, low)
    if first is not None:
        return first
    return average if average is not None else last


def _nano_kwh(kwh: Decimal | None, default: int) -> int:
    return default if kwh is None else min(int(EXACT.multiply(kwh, Decimal(KWH))), FOREVER)


def _day_bits(days: tuple[str, ...]) -> int:
    bits = 0
    for day in days:
        bits |= 1 << WEEKDAYS.index(day)
    return bits


def _window(start_time: str, end_time: str) -> tuple[int, int]:
    """Minutes of the day; a window that starts at 24:00 starts at midnight."""
    return minutes(start_time) % 1440, minutes(end_time)


def _calendar(when: Condition) -> CalendarCondition | None:
    window = None
    if when.start_time is not None or when.end_time is not None:
        window = _window(when.start_time or "00:00", when.end_time or "24:00")
    if window is None and not when.days and when.start_date is None and when.end_date is None:
        return None
    return CalendarCondition(window, _day_bits(when.days), when.start_date, when.end_date)
