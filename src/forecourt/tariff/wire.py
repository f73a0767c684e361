"""Reading numbers, times and names out of JSON that strangers wrote: exact, bounded, with clear errors."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from .errors import PreviewInvalid, TariffError, shown

_MAX: Final = Decimal("1e9")
_DECIMALS: Final = Decimal(1).scaleb(-12)


def loads(data: bytes | str) -> Any:
    """JSON with exact numbers.

    Raises:
        PreviewInvalid: it is no JSON, or has NaN, infinities or numbers beyond reason.
    """
    try:
        return json.loads(data, parse_float=_exact, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        raise PreviewInvalid(f"not readable as JSON: {fault!s:.200}") from None


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"number {text:.40} is beyond reason") from None


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


class Fields:
    """The fields of one JSON object, read with the path in every error; null counts as absent."""

    __slots__ = ("_error", "_object", "path")

    def __init__(self, value: object, path: str, error: type[TariffError]) -> None:
        if not isinstance(value, Mapping):
            raise error(f"{path}: an object is needed, not {_kind(value)}")
        self._object = value
        self._error = error
        self.path = path

    def fail(self, name: str, what: str) -> NoReturn:
        raise self._error(f"{self.path}.{name}: {what}")

    def names(self) -> list[str]:
        """Names of the fields that have a value."""
        return [str(name) for name, value in self._object.items() if value is not None]

    def raw(self, name: str) -> Any:
        return self._object.get(name)

    def text(self, name: str, *, longest: int = 255) -> str | None:
        value = self._object.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail(name, f"a string is needed, not {_kind(value)}")
        if len(value) > longest:
            self.fail(name, f"longer than {longest} characters")
        return value

    def required(self, name: str, *, longest: int = 255) -> str:
        value = self.text(name, longest=longest)
        if value is None:
            self.fail(name, "is missing")
        return value

    def number(self, name: str, *, low: Decimal | int = 0, high: Decimal | int = _MAX) -> Decimal | None:
        """An exact number within bounds, to twelve decimals; a float counts as the digits it prints."""
        value = self._object.get(name)
        if value is None:
            return None
        number = self._decimal(name, value)
        if not number.is_finite():
            self.fail(name, "not a number")
        if not low <= number <= high:
            self.fail(name, f"{number:.6E} is outside {low} to {high}")
        exponent = number.as_tuple().exponent
        return number.quantize(_DECIMALS) if isinstance(exponent, int) and exponent < -12 else number

    def _decimal(self, name: str, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            self.fail(name, f"a number is needed, not {_kind(value)}")
        if isinstance(value, int) and value.bit_length() > 128:
            self.fail(name, "a number beyond reason")
        if isinstance(value, str) and len(value) > 40:
            self.fail(name, "a number is needed, not a long string")
        try:
            return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        except InvalidOperation:
            self.fail(name, f"{shown(value)} is not a number")

    def whole(self, name: str, *, high: int = 10**9) -> int | None:
        number = self.number(name, high=high)
        if number is None:
            return None
        if number != number.to_integral_value():
            self.fail(name, f"{number} is not a whole number")
        return int(number)

    def items(self, name: str, *, most: int) -> list[Any]:
        value = self._object.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.fail(name, f"a list is needed, not {_kind(value)}")
        if len(value) > most:
            self.fail(name, f"{len(value)} entries are more than {most}")
        return list(value)

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 date and time; without an offset it is UTC, as OCPI says."""
        value = self._object.get(name)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        text = self.text(name, longest=40)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(name, f"{shown(text)} is no date and time such as 2024-06-03T08:00:00Z")

    def day(self, name: str) -> date | None:
        text = self.text(name, longest=10)
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fail(name, f"{shown(text)} is no date such as 2024-06-03")


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
