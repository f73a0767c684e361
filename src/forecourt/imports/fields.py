"""What a column can be, and how the text of a cell is read; a refusal is a code with parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from forecourt.kit.errors import ForecourtError
from forecourt.network.schemas.places import check_time_zone


class CellRefused(Exception):
    """A cell cannot be read; ``code`` and ``params`` make the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        """Keep both."""
        super().__init__(code)
        self.code, self.params = code, params


Reader = Callable[[str], Any]


@dataclass(frozen=True)
class Field:
    """A column that a kind of import knows. `aliases`: how headers call it, compared without case and signs."""

    name: str
    read: Reader
    aliases: tuple[str, ...] = ()
    required: bool = False
    """To create something; where it is there already an empty cell leaves what it has."""
    example: str = ""

    def matches(self, header: str) -> bool:
        """Whether a header means this field."""
        return folded(header) in {folded(self.name), *map(folded, self.aliases)}


def folded(header: str) -> str:
    """A header without case, spaces and signs: `Postal code` and `postal_code` are the same."""
    return re.sub(r"[\W_]+", "", header.casefold())


def guess_mapping(fields: Sequence[Field], columns: Sequence[str]) -> dict[str, int]:
    """Which column is which field, by their headers; each column once."""
    mapping: dict[str, int] = {}
    for field in fields:
        for index, column in enumerate(columns):
            if index not in mapping.values() and field.matches(column):
                mapping[field.name] = index
                break
    return mapping


def text(limit: int) -> Reader:
    """Text of at most so many characters, without control characters."""

    def read(cell: str) -> str:
        if len(cell) > limit:
            raise CellRefused("TooLong", limit=limit)
        if not cell.isprintable():
            raise CellRefused("NotPrintable")
        return cell

    return read


def whole(low: int, high: int) -> Reader:
    """A whole number."""

    def read(cell: str) -> int:
        if not re.fullmatch(r"-?\d{1,12}", cell):
            raise CellRefused("NotANumber", value=cell)
        number = int(cell)
        if not low <= number <= high:
            raise CellRefused("OutOfRange", low=low, high=high, value=cell)
        return number

    return read


def degrees(limit: int) -> Reader:
    """An angle with decimal point or comma, six digits kept."""

    def read(cell: str) -> Decimal:
        plain = cell.replace("\N{MINUS SIGN}", "-").replace(",", ".").removesuffix("°")
        try:
            number = Decimal(plain) if re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", plain) else None
        except InvalidOperation:
            number = None
        if number is None:
            raise CellRefused("NotANumber", value=cell)
        if abs(number) > limit:
            raise CellRefused("OutOfRange", low=-limit, high=limit, value=cell)
        return round(number, 6).normalize() + 0

    return read


def choice(*values: str) -> Reader:
    """One of some words."""

    def read(cell: str) -> str:
        found = cell.casefold().replace(" ", "_")
        if found not in values:
            raise CellRefused("NotOneOf", values=", ".join(values), value=cell)
        return found

    return read


_YES = frozenset({"yes", "true", "1", "y", "x", "on", "ja", "wahr", "oui", "si", "sí"})
_NO = frozenset({"no", "false", "0", "n", "off", "nein", "falsch", "non"})


def yes_no(cell: str) -> bool:
    """Yes or no, as people and programs write it."""
    word = cell.casefold()
    if word not in _YES | _NO:
        raise CellRefused("NotYesNo", value=cell)
    return word in _YES


def country(cell: str) -> str:
    """ISO 3166-1 alpha-2."""
    if not re.fullmatch(r"[A-Za-z]{2}", cell):
        raise CellRefused("NotACountry", value=cell)
    return cell.upper()


def time_zone(cell: str) -> str:
    """An IANA name."""
    try:
        return check_time_zone(cell)
    except ForecourtError as error:
        raise CellRefused("UnknownTimeZone", value=cell) from error


def moment(*, end: bool = False) -> Reader:
    """A time in ISO 8601 (UTC if it says no zone), or a day; with `end` a day counts to its last moment."""

    def read(cell: str) -> datetime:
        day = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", cell)
        plain = f"{day[3]}-{int(day[2]):02d}-{int(day[1]):02d}" if day else cell
        try:
            found = datetime.fromisoformat(plain)
        except ValueError:
            raise CellRefused("NotADate", value=cell) from None
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        return found + timedelta(days=1) if end and len(plain) == 10 else found

    return read


_DAYS = {
    name: number
    for number, names in enumerate(
        ("mo mon monday montag", "tu tue tuesday di dienstag", "we wed wednesday mi mittwoch", "th thu thursday do donnerstag",
         "fr fri friday freitag", "sa sat saturday samstag", "su sun sunday so sonntag"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_HOURS = re.compile(r"([a-z]+)(?:\s*-\s*([a-z]+))?\s+(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)")


def opening_hours(cell: str) -> dict[str, Any]:
    """`24/7`, or days and times: `Mo-Fr 08:00-20:00; Sa 09:00-14:00`. OCPI's Hours."""
    plain = cell.casefold().replace("\N{EN DASH}", "-")
    if plain in {"24/7", "24x7", "24-7"}:
        return {"twentyfourseven": True}
    regular = []
    for part in re.split(r"[;,]", plain):
        found = _HOURS.fullmatch(part.strip())
        first, last = (_DAYS.get(found[1]), _DAYS.get(found[2] or found[1])) if found else (None, None)
        if found is None or first is None or last is None or last < first:
            raise CellRefused("NotOpeningHours", value=cell)
        begin, until = (
            f"{int(time.split(':')[0]):02d}:{time.split(':')[1]}" for time in (found[3], found[4])
        )
        if begin >= until or until > "24:00" or begin[3:] > "59" or until[3:] > "59":
            raise CellRefused("NotOpeningHours", value=cell)
        regular += [
            {"weekday": day, "period_begin": begin, "period_end": until} for day in range(first, last + 1)
        ]
    return {"twentyfourseven": False, "regular_hours": regular}
