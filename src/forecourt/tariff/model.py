"""The tariff as a document: immutable structs, JSON round trip, canonical form and content hash.

A superset of the OCPI 2.1.1, 2.2.1 and 2.3.0 Tariff objects. Elements are read from the top; for each
dimension the first element that has a price for it and whose condition holds wins (OCPI 2.3.0 mod_tariffs,
TariffElement). All ranges are half-open: `min <= x < max`.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal

import msgspec

from .errors import TariffInvalid, shown
from .rounding import canonical

Dimension = Literal["energy", "charging_time", "idle_time", "occupancy_time", "flat"]
Unit = Literal["kwh", "hour", "minute", "session"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip

WallTime = Annotated[str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z")]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Labels = Annotated[tuple[Label, ...], msgspec.Meta(max_length=1000)]

MAX_ELEMENTS: Final = 100
MAX_COMPONENTS: Final = 10
_MAX_NUMBER: Final = Decimal("1e9")
_MIN_EXPONENT: Final = -12

_UNITS: Final[dict[str, tuple[Unit, ...]]] = {
    "energy": ("kwh",),
    "charging_time": ("hour", "minute"),
    "idle_time": ("hour", "minute"),
    "occupancy_time": ("hour", "minute"),
    "flat": ("session",),
}


def check_number(
    name: str,
    value: object,
    *,
    low: Decimal | int | None = 0,
    high: Decimal | int = _MAX_NUMBER,
    whole: bool = False,
) -> None:
    """Raise `TariffInvalid` unless `value` is a finite Decimal (an int if `whole`) within bounds, or None."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int if whole else Decimal):
        raise TariffInvalid(f"{name}: {shown(value)} is not {'an int' if whole else 'a Decimal'}")
    number = Decimal(value) if isinstance(value, Decimal) or abs(value) < 10**18 else Decimal("Infinity")
    if not number.is_finite():
        raise TariffInvalid(f"{name}: not a finite number of a sensible size")
    if number > high or number < (-high if low is None else low):
        raise TariffInvalid(f"{name}: {number:.6E} is outside {-high if low is None else low} to {high}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _MIN_EXPONENT and number != round(number, -_MIN_EXPONENT):
        raise TariffInvalid(f"{name}: more than {-_MIN_EXPONENT} decimals")


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):  # fmt: skip
    """Base of every part of a tariff."""


class Condition(_Part, frozen=True, kw_only=True):
    """When an element applies: all that is given must hold. Nothing given: always.

    `start_time`/`end_time` are wall times at the site; a window whose end is not after its start wraps
    midnight, and each instant is tested against `days` and dates on its own. `days` sees a holiday as a
    Sunday. `end_date` is excluded. Durations count from the start of the session (or of the reservation),
    in seconds; kWh count the session's energy so far. Current (A, all phases) and power (kW) compare with
    what was measured: a power that was not measured is energy over time, a current that was not measured
    counts as zero. `reservation` makes the element price a reservation instead of a session.
    """

    start_time: WallTime | None = None
    end_time: WallTime | None = None
    days: Annotated[tuple[Weekday, ...], msgspec.Meta(max_length=7)] = ()
    start_date: date | None = None
    end_date: date | None = None
    min_kwh: Decimal | None = None
    max_kwh: Decimal | None = None
    min_current_a: Decimal | None = None
    max_current_a: Decimal | None = None
    min_power_kw: Decimal | None = None
    max_power_kw: Decimal | None = None
    min_duration_s: int | None = None
    max_duration_s: int | None = None
    min_soc_percent: Decimal | None = None
    max_soc_percent: Decimal | None = None
    min_site_occupancy_percent: Decimal | None = None
    max_site_occupancy_percent: Decimal | None = None
    connector_types: Labels = ()
    audiences: Labels = ()
    reservation: Literal["reservation", "reservation_expires"] | None = None

    def __post_init__(self) -> None:
        for name in ("kwh", "current_a", "power_kw", "duration_s", "soc_percent", "site_occupancy_percent"):
            low, high = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            check_number(f"min_{name}", low, whole=name == "duration_s")
            check_number(f"max_{name}", high, whole=name == "duration_s")
            if low is not None and high is not None and low >= high:
                raise TariffInvalid(f"min_{name} {low} is not below max_{name} {high}: it can never apply")
        if self.start_date and self.end_date and self.start_date >= self.end_date:
            raise TariffInvalid(f"start_date {self.start_date} is not before end_date {self.end_date}")


class PriceComponent(_Part, frozen=True, kw_only=True):
    """A price for one dimension.

    `price` is per `unit` (energy: kWh; times: hour unless `minute`; flat: session), with or without tax as
    the tariff says. `tax_percent` None means that no tax is known and none is added. `step_size` (Wh or
    seconds) rounds the billed quantity up once per session as OCPI defines it; 0 bills what was used.
    """

    dimension: Dimension
    price: Decimal
    unit: Unit | None = None
    tax_percent: Decimal | None = None
    tax_code: Label | None = None
    step_size: int = 0

    def __post_init__(self) -> None:
        check_number("price", self.price, low=None)
        check_number("tax_percent", self.tax_percent, high=100)
        check_number("step_size", self.step_size, high=10**9, whole=True)
        if self.unit is not None and self.unit not in _UNITS[self.dimension]:
            raise TariffInvalid(f"{self.dimension} cannot be priced per {self.unit}")

    @property
    def priced_per(self) -> Unit:
        """The unit that `price` is for, the default filled in."""
        return self.unit or _UNITS[self.dimension][0]


class Element(_Part, frozen=True, kw_only=True):
    """Prices that share a condition."""

    prices: Annotated[tuple[PriceComponent, ...], msgspec.Meta(min_length=1, max_length=MAX_COMPONENTS)]
    when: Condition = Condition()
    name: Label | None = None

    def __post_init__(self) -> None:
        if not self.prices:
            raise TariffInvalid("prices: an element needs at least one price")
        seen = [price.dimension for price in self.prices]
        if len(set(seen)) != len(seen):
            raise TariffInvalid("prices: a dimension may have one price per element")


class PriceLimit(_Part, frozen=True, kw_only=True):
    """A floor or ceiling for the whole session; a side that is not given follows in proportion.

    Where components are taxed differently, the side that follows moves with their mix: at a floor before
    taxes, more of what is taxed less makes the amount after taxes smaller. Give both sides to fix both.
    """

    before_taxes: Decimal | None = None
    after_taxes: Decimal | None = None

    def __post_init__(self) -> None:
        check_number("before_taxes", self.before_taxes)
        check_number("after_taxes", self.after_taxes)
        if self.before_taxes is None and self.after_taxes is None:
            raise TariffInvalid("a price limit needs before_taxes or after_taxes")


class PauseWindow(_Part, frozen=True, kw_only=True):
    """Local wall times between which idling is not billed, e.g. 23:00 to 07:00."""

    start_time: WallTime
    end_time: WallTime
    days: tuple[Weekday, ...] = ()


class IdleRule(_Part, frozen=True, kw_only=True):
    """What counts as idling and what of it is free.

    `states`: session states that are idling. `grace_s`: free seconds, once a session or once a spell (a
    spell ends when charging resumes). `pauses`: no billing inside. `cap`: the idle component never exceeds
    it (in the tariff's own tax mode). `started_minute`: the billed total is rounded up to whole minutes.
    """

    states: tuple[Literal["idle", "finishing", "suspended_ev"], ...] = ("idle", "finishing")
    grace_s: int = 0
    grace: Literal["once", "per_spell"] = "once"
    pauses: Annotated[tuple[PauseWindow, ...], msgspec.Meta(max_length=20)] = ()
    cap: Decimal | None = None
    started_minute: bool = False

    def __post_init__(self) -> None:
        check_number("grace_s", self.grace_s, high=10**7, whole=True)
        check_number("cap", self.cap)


class Allowance(_Part, frozen=True, kw_only=True):
    """Quantities that are free, used up from the start of the session: Wh and seconds."""

    energy_wh: Decimal = Decimal(0)
    charging_s: int = 0
    occupancy_s: int = 0

    def __post_init__(self) -> None:
        check_number("energy_wh", self.energy_wh)
        check_number("charging_s", self.charging_s, whole=True)
        check_number("occupancy_s", self.occupancy_s, whole=True)


class Tariff(_Part, frozen=True, kw_only=True):
    """A whole tariff. Prices exclude tax unless `tax_included`; then the gross price is the truth.

    `holidays` are local dates priced as Sundays, beside those of the site's own calendar.
    `waive_without_energy`: no flat fee and no minimum when no energy flowed (a failed start).
    `allow_negative`: a negative total is paid out; otherwise the total is never below zero.
    `valid_from`/`valid_until` are for whoever assigns the tariff; rating does not look at them.
    """

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    elements: Annotated[tuple[Element, ...], msgspec.Meta(min_length=1, max_length=MAX_ELEMENTS)]
    tax_included: bool = False
    min_price: PriceLimit | None = None
    max_price: PriceLimit | None = None
    idle: IdleRule = IdleRule()
    free: Allowance = Allowance()
    holidays: Annotated[tuple[date, ...], msgspec.Meta(max_length=2000)] = ()
    waive_without_energy: bool = False
    allow_negative: bool = False
    id: Label | None = None
    name: Label | None = None
    valid_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    valid_until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.elements) <= MAX_ELEMENTS:
            raise TariffInvalid(f"elements: a tariff has 1 to {MAX_ELEMENTS}, this one {len(self.elements)}")
        low, high = self.min_price, self.max_price
        for side in ("before_taxes", "after_taxes"):
            floor, ceiling = getattr(low, side, None), getattr(high, side, None)
            if floor is not None and ceiling is not None and floor > ceiling:
                raise TariffInvalid(f"min_price.{side} {floor} is above max_price.{side} {ceiling}")


def _plain(value: Any) -> Any:
    """Exact numbers for whatever a JSON reader made of them; anything else unchanged."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def tariff_from_dict(document: object) -> Tariff:
    """Read a tariff from JSON-like objects.

    Raises:
        TariffInvalid: with the path of the field at fault.
    """
    try:
        return msgspec.convert(_plain(document), Tariff)
    except (msgspec.ValidationError, InvalidOperation, OverflowError, RecursionError) as fault:
        raise TariffInvalid(_message(fault)) from None


def tariff_from_json(data: bytes | str) -> Tariff:
    """Read a tariff from JSON text.

    Raises:
        TariffInvalid: with the path of the field at fault.
    """
    try:
        return msgspec.json.decode(data, type=Tariff)
    except (msgspec.MsgspecError, InvalidOperation, OverflowError, RecursionError) as fault:
        raise TariffInvalid(_message(fault)) from None


def _message(fault: BaseException) -> str:
    return str(fault)[:500] or type(fault).__name__


def tariff_to_dict(tariff: Tariff) -> dict[str, Any]:
    """The tariff as JSON-like objects; Decimals are strings, defaults are left out."""
    return _part(tariff)


def _part(part: _Part) -> dict[str, Any]:
    written = {}
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        default = field.default_factory() if callable(field.default_factory) else field.default
        if value != default:
            written[field.encode_name] = _value(value)
    return written


def _value(value: Any) -> Any:
    if isinstance(value, _Part):
        return _part(value)
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def canonical_json(tariff: Tariff) -> bytes:
    """The one spelling of a tariff: sorted keys, no spaces, no trailing zeros, no defaults."""
    return json.dumps(
        tariff_to_dict(tariff), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def content_hash(tariff: Tariff) -> str:
    """SHA-256 of `canonical_json`, in hexadecimal. Equal hashes price every session alike."""
    return hashlib.sha256(canonical_json(tariff)).hexdigest()
