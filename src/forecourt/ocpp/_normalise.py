"""The second stage of the slow road: values into the form that the schema wants.

The walk follows the struct's shape, so its depth is bounded, and every change is noted. What a station's
strictness does not tolerate is left as it is, for the validation to refuse.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from forecourt.ocpp._errors import ErrorCode
from forecourt.ocpp._numbers import canonical_unit, parse_decimal
from forecourt.ocpp._payload import Payload, Timestamp
from forecourt.ocpp._quirks import Notes
from forecourt.ocpp._shape import Shape, shape_of
from forecourt.ocpp._time import parse_timestamp
from forecourt.ocpp._tolerances import (
    ENUM_ALIASES,
    ENUM_FALLBACKS,
    ID_TAGS,
    IDENTIFIERS,
    METER_VALUES,
    MISSING,
    OPAQUE,
    SAMPLES,
    TENTH,
    TENTHS,
    fold,
    scaled_by_unit,
)
from forecourt.ocpp._validate import Violation

MAX_NODES: Final = 50_000
"""Most values that are walked: some 5,000 samples, or a third of a second."""
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_encoder: Final = msgspec.json.Encoder(decimal_format="number")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET: Final = re.compile(r"(?:[Zz]|UTC|GMT|[+-]\d{2}:?(?:\d{2})?|^\d+(?:\.\d+)?)\Z")


class _Drop:
    """Says that a value is left out of the list or object that holds it."""


_DROP: Final = _Drop()


class Normaliser:
    """Normalises one payload."""

    def __init__(self, notes: Notes, *, received_at: datetime | None) -> None:
        self._notes = notes
        self._received_at = received_at
        self._path: list[str | int] = []
        self._nodes = 0
        self._kept: list[tuple[list[str | int], Any]] = []

    def normalise(self, value: dict[str, Any], struct: type[Payload]) -> Any:
        """Plain values that the validation should accept.

        Raises:
            Violation: the message is too large to walk, or has a null where the station may not send one.
        """
        return self._struct(value, shape_of(struct))

    def restore(self, payload: Payload) -> None:
        """Put back what the schema would refuse and the receiver must see: identifiers that are too long,
        and lists that are empty once unreadable samples are gone."""
        for path, value in self._kept:
            owner: Any = payload
            for step in path[:-1]:
                owner = getattr(owner, str(step)) if owner is not None else None
            if owner is not None:
                setattr(owner, str(path[-1]), value)

    def _where(self) -> str:
        return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self._path)

    def _note(self, code: str, raw: Any = None) -> bool:
        return self._notes.note(code, self._where(), raw)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise Violation(ErrorCode.FORMAT_VIOLATION, "$", "The payload has too many values")

    def _value(self, value: Any, shape: Shape, owner: str, name: str, required: bool) -> Any:
        self._count(1)
        match shape.kind:
            case "struct":
                return self._struct(value, shape)
            case "list":
                return self._list(value, shape, owner, name, required)
            case "str":
                return self._str(value, shape, owner, name)
            case "int":
                return self._int(value)
            case "bool":
                return self._bool(value)
            case "number":
                return self._number(value, owner, name)
            case "timestamp":
                return self._timestamp(value, required)
            case "enum":
                return self._enum(value, shape, owner, name, required)
            case "custom":
                return self._custom(value)
        return self._any(value)

    def _struct(self, value: Any, shape: Shape) -> Any:
        if (
            shape.name == "UnitOfMeasureType"
            and isinstance(value, str)
            and self._note("unit_spelling", value)
        ):
            value = {"unit": value} if value else {}
        if not isinstance(value, dict):
            return _DROP if shape.name in SAMPLES and self._note("bad_sample", value) else value
        members = self._members(value, shape)
        if shape.name in SAMPLES and self._bad_sample(members, shape):
            return _DROP
        result: dict[str, Any] = {}
        for name, (field, required) in shape.fields.items():
            self._path.append(name)
            if name in members:
                fixed = self._value(members.pop(name), field, shape.name, name, required)
                if fixed is not _DROP:
                    result[name] = fixed
                elif required:
                    self._fill(result, name, field, shape.name)
            elif required:
                self._fill(result, name, field, shape.name)
            self._path.pop()
        empty = shape.name in METER_VALUES and result.get("sampledValue") == []
        if empty and self._note("empty_sampled_value", value.get("sampledValue")):
            return _DROP
        for name, extra in members.items():
            self._path.append(name[:40])
            if not self._note("extra_field", extra):
                result[name] = extra
            self._path.pop()
        return result

    def _members(self, value: dict[str, Any], shape: Shape) -> dict[str, Any]:
        """The members under the schema's names, without those that are null."""
        self._count(len(value))
        members: dict[str, Any] = {}
        folded: dict[str, str] | None = None
        for name, member in value.items():
            known = name
            if name not in shape.fields and len(name) <= 64:
                if folded is None:
                    folded = {fold(field): field for field in shape.fields}
                field = folded.get(fold(name))
                if field is not None and field not in value and field not in members:
                    self._path.append(name)
                    if self._note("field_spelling", name):
                        known = field
                    self._path.pop()
            if member is None and known in shape.fields and shape.fields[known][0].kind != "any":
                self._path.append(known)
                if not self._note("null_member"):
                    raise Violation(
                        ErrorCode.TYPE_CONSTRAINT_VIOLATION,
                        self._where(),
                        f"Got `null` at {self._where()}"[:255],
                    )
                self._path.pop()
                continue
            members[known] = member
        return members

    def _fill(self, result: dict[str, Any], name: str, shape: Shape, owner: str) -> None:
        """Give a missing required field a value, where one is known that invents nothing."""
        if shape.kind == "timestamp" and self._received_at is not None:
            if self._note("timestamp_missing"):
                result[name] = self._received_at
        elif (owner, name) in MISSING:
            code, value = MISSING[owner, name]
            if self._note(code):
                result[name] = value

    def _bad_sample(self, sample: dict[str, Any], shape: Shape) -> bool:
        """Whether a sample must be left out; mends its unit on the way."""
        value, in_text = sample.get("value"), shape.fields["value"][0].kind == "str"
        if isinstance(value, str) and not in_text:
            readable = parse_decimal(value) is not None
        elif isinstance(value, Decimal):
            readable = value.is_finite()
        else:
            readable = isinstance(value, int | str) and not isinstance(value, bool)
        if not readable:
            return self._note("bad_sample", sample)
        measurand, (field, _) = sample.get("measurand"), shape.fields["measurand"]
        if field.kind == "enum" and isinstance(measurand, str):
            measurand = self._spelling(measurand, field)
            if measurand is None:
                return self._note("measurand_unknown", sample)
        if (
            (unit := shape.fields.get("unit")) is None
            or "unit" not in sample
            or sample["unit"] in unit[0].values
        ):
            return False
        return self._bad_unit(sample, measurand if isinstance(measurand, str) else None, unit[0])

    def _bad_unit(self, sample: dict[str, Any], measurand: str | None, shape: Shape) -> bool:
        text = sample["unit"] if isinstance(sample["unit"], str) else ""
        self._path.append("unit")
        try:
            if not text.strip():
                if self._note("unit_missing", sample["unit"]):
                    del sample["unit"]
                return False
            unit = canonical_unit(text)
            if unit in shape.values and self._note("unit_spelling", text):
                sample["unit"] = unit
                return False
            if unit is None and scaled_by_unit(measurand):
                return self._note("unit_unknown", dict(sample))
            if self._note("unit_unknown", text):
                del sample["unit"]
            return False
        finally:
            self._path.pop()

    def _list(self, value: Any, shape: Shape, owner: str, name: str, required: bool) -> Any:
        item = shape.item
        if item is None:
            return value
        if isinstance(value, dict) and item.kind == "struct" and self._note("object_for_list"):
            value = [value]
        if not isinstance(value, list):
            return value
        result: list[Any] = []
        for index, element in enumerate(value):
            self._path.append(index)
            fixed = self._value(element, item, owner, name, True)
            self._path.pop()
            if fixed is not _DROP:
                result.append(fixed)
        if result or not shape.min_length or item.name in SAMPLES:
            return result
        if not required and self._note("empty_list"):
            return _DROP
        # [] is what is left of a meter value without samples: the message stands, the list is empty
        keepable = item.name in METER_VALUES and all(isinstance(step, str) for step in self._path)
        if keepable and self._note("empty_sampled_value", value):
            self._kept.append((list(self._path), []))
            return [_placeholder(item)]
        return result

    def _str(self, value: Any, shape: Shape, owner: str, name: str) -> Any:
        if isinstance(value, bool | int | Decimal):
            text = _text_of(value)
            if text is None or not self._note("number_for_string", value):
                return value
            value = text
        elif isinstance(value, dict | list) and (owner, name) in OPAQUE and self._note("object_for_string"):
            value = _encoder.encode(self._any(value)).decode()
        if not isinstance(value, str) or shape.max_length is None or len(value) <= shape.max_length:
            return value
        stripped = value.strip("\x00 \t\r\n\ufffd")
        if len(stripped) <= shape.max_length:
            return stripped if self._note("padded_string", value) else value
        if (owner, name) in IDENTIFIERS and all(isinstance(step, str) for step in self._path):
            if not self._note("long_identifier", value):
                return value
            self._kept.append((list(self._path), value))
        elif not self._note("id_tag_long" if name in ID_TAGS else "long_string", value):
            return value
        return stripped[: shape.max_length]

    def _int(self, value: Any) -> Any:
        if isinstance(value, str):
            number = parse_decimal(value)
            if number is None or not self._note("string_for_number", value):
                return value
            value = number
            if number == number.to_integral_value():
                return int(number)
        if isinstance(value, Decimal) and value.is_finite():
            whole = value.to_integral_value()
            if self._note("integral_float" if whole == value else "fraction_for_integer", value):
                return int(whole)
        return value

    def _bool(self, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else str(value) if value in (0, 1) else ""
        if word in _BOOLEANS and self._note("boolean_spelling", value):
            return _BOOLEANS[word]
        return value

    def _number(self, value: Any, owner: str, name: str) -> Any:
        if isinstance(value, str) and (number := parse_decimal(value)) is not None:
            plain = value.strip() == value and "," not in value and not value.startswith("+")
            return (
                number if self._note("string_for_number" if plain else "decimal_spelling", value) else value
            )
        if isinstance(value, Decimal) and not value.is_finite():
            return str(value)
        if (owner, name) in TENTHS and isinstance(value, Decimal) and value % TENTH:
            return value.quantize(TENTH) if self._note("decimal_places", value) else value
        return value

    def _timestamp(self, value: Any, required: bool) -> Any:
        if type(value) is int or isinstance(value, Decimal):
            value = _text_of(value)
        if not isinstance(value, str):
            return value
        try:
            return msgspec.convert(value, Timestamp)
        except msgspec.ValidationError:
            pass
        try:
            moment = parse_timestamp(value)
        except ValueError:
            # a required one is then filled with the time of receipt
            replaceable = not required or self._received_at is not None
            return _DROP if replaceable and self._note("timestamp_invalid", value) else value
        naive = _OFFSET.search(value.strip()) is None
        return moment if self._note("timestamp_naive" if naive else "timestamp_form", value) else value

    def _enum(self, value: Any, shape: Shape, owner: str, name: str, required: bool) -> Any:
        if not isinstance(value, str) or value in shape.values:
            return value
        spelling = self._spelling(value, shape)
        if spelling is not None:
            return spelling if self._note("enum_spelling", value) else value
        fallback = next((v for v in ENUM_ALIASES.get(fold(value[:80]), ()) if v in shape.values), None)
        if fallback is None:
            candidate = ENUM_FALLBACKS.get((owner, name))
            fallback = candidate if candidate in shape.values else None
        if fallback is not None:
            return fallback if self._note("enum_value", value) else value
        if not required and self._note("enum_value", value):
            return _DROP
        return value

    def _spelling(self, value: str, shape: Shape) -> str | None:
        if value in shape.values:
            return value
        folded = fold(value[:80])
        return next((known for known in shape.values if fold(known) == folded), None) if folded else None

    def _custom(self, value: Any) -> Any:
        if isinstance(value, dict) and "vendorId" not in value and self._note("missing_field"):
            value = {"vendorId": "", **value}
        return self._any(value)

    def _any(self, value: Any) -> Any:
        """A value of any kind, without numbers that no JSON could carry on."""
        if isinstance(value, Decimal) and not value.is_finite():
            return None if self._note("decimal_range") else str(value)
        if isinstance(value, dict):
            return {key: self._any(item) for key, item in value.items()}
        return [self._any(item) for item in value] if isinstance(value, list) else value


def _text_of(value: bool | int | Decimal) -> str | None:
    """A number or boolean as a station would have written it in a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    return str(value)


def _placeholder(meter_value: Shape) -> dict[str, Any]:
    """A meter value that every schema accepts, to stand where the list will be emptied."""
    sample = meter_value.fields["sampledValue"][0].item
    in_text = sample is not None and sample.fields["value"][0].kind == "str"
    return {"timestamp": _EPOCH, "sampledValue": [{"value": "0" if in_text else 0}]}
