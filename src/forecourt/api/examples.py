"""Examples of bodies for the OpenAPI document, put together from the fields' own examples.

A field says what it looks like by ``examples``; what does not say so gets what its name, format or limits suggest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_BITS = "01jz8q3v5de8qbn1c2x4y6z7a8"
_ID_PREFIXES = {
    "station": "sta", "location": "loc", "evse": "evs", "connector": "con", "session": "ses", "token": "tok",
    "tariff": "trf", "version": "trv", "tariff_version": "trv", "cdr": "cdr", "command": "cmd", "user": "usr",
    "key": "key", "partner": "ptn", "host_partner": "ptn", "fleet_partner": "ptn", "group": "tgr", "knock": "knk",
    "grant": "grt", "authorisation": "aut", "message": "msg", "actor": "usr", "subject": "sta", "orphan": "orp",
    "finding": "fnd", "import": "imp", "run": "imp", "new_station": "sta", "matched_session": "ses",
}  # fmt: skip
_NAMED = {
    "currency": "EUR", "time_zone": "Europe/Berlin", "country": "DE", "language": "de", "email": "ada@example.org",
    "identity": "CP-0042", "protocol": "ocpp1.6", "address": "Budapester Str. 38", "city": "Berlin",
    "postal_code": "10787", "slug": "default", "vendor": "Example Chargers", "model": "Duo 22", "password": None,
    "remote_address": "192.0.2.17", "token_value": "04A2B3C4D5E680", "token_type": "rfid", "reason": "other",
}  # fmt: skip
_FORMATS = {
    "date-time": "2026-06-15T12:00:00Z",
    "date": "2026-06-15",
    "uuid": "01980000-0000-7000-8000-000000000000",
    "password": "correct horse battery",
}
_DEPTH = 8


def example_of(schema: Schema, schemas: Mapping[str, Schema], *, name: str = "", depth: int = 0) -> Any:
    """A value that the schema admits, the way a reader would expect it.

    Args:
        schema: a JSON schema as it stands in the document.
        schemas: ``components.schemas``.
        name: of the field that holds it.
        depth: how deep inside a body this is.
    """
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name=name, depth=depth)
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("example", "const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return _of_choice(schema[word], schemas, name, depth)
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        fields = schema.get("properties", {}) if depth < _DEPTH else {}
        return {
            field: example_of(part, schemas, name=field, depth=depth + 1) for field, part in fields.items()
        }
    if kind == "array":
        item = schema.get("items", {})
        return [example_of(item, schemas, name=name.removesuffix("s"), depth=depth + 1)] if item else []
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    return _text(schema, name) if kind == "string" else None


def _of_choice(choices: list[Schema], schemas: Mapping[str, Schema], name: str, depth: int) -> Any:
    for choice in choices:
        if choice.get("type") == "null":
            continue
        if name in _NAMED and _NAMED[name] is None:  # optional, and better left out
            return None
        return example_of(choice, schemas, name=name, depth=depth)
    return None


def _text(schema: Schema, name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if name == "id" or name.endswith("_id"):
        prefix = _ID_PREFIXES.get(name.removesuffix("_id"))
        return f"{prefix}_{_BITS}" if prefix else _BITS
    known = _NAMED.get(name)
    if known is not None:
        return known
    if name.endswith(("_wh", "_w", "_a", "_v", "_percent")) or _is_decimal(schema):
        return "1500"
    # A pattern that is a plain choice is met by its first word.
    choice = re.fullmatch(r"\^\(([a-z_0-9]+)(?:\|[a-z_0-9]+)*\)\$", schema.get("pattern", ""))
    if choice:
        return choice[1]
    return name.replace("_", " ") or "text"


def _is_decimal(schema: Schema) -> bool:
    return "\\d" in schema.get("pattern", "")
