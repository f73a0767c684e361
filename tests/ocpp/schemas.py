"""The official schemas as the oracle, and messages made from them."""

import importlib.util
import json
import random
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from forecourt.ocpp import ACTIONS, Version

FOLDERS = {Version.V16: "v16", Version.V201: "v201", Version.V21: "v21"}
MESSAGES = [
    (version, action, part)
    for version in Version
    for action, kind in ACTIONS[version].items()
    for part in ("request", "response")
    if part == "request" or kind.response is not None
]


@cache
def schema(version: Version, action: str, part: str) -> dict[str, Any]:
    """The official schema of one message."""
    spec = importlib.util.find_spec("ocpp")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / FOLDERS[version] / "schemas"
    names = [f"{action}Response"] if part == "response" else [f"{action}Request", action]
    path = next(folder / f"{name}.json" for name in names if (folder / f"{name}.json").exists())
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return loaded


@cache
def oracle(version: Version, action: str, part: str) -> Any:
    """The compiled validator of one message, formats included."""
    return jsonschema_rs.validator_for(schema(version, action, part), validate_formats=True)


class Maker:
    """Makes valid messages from a schema: `full` has every optional field, else chance decides."""

    def __init__(self, root: dict[str, Any], chance: random.Random, *, full: bool) -> None:
        self.definitions = root.get("definitions", {})
        self.chance = chance
        self.full = full

    def make(self, node: dict[str, Any]) -> Any:
        if "$ref" in node:
            return self.make(self.definitions[node["$ref"].removeprefix("#/definitions/")])
        if "enum" in node:
            return self.chance.choice(node["enum"])
        kind = node.get("type")
        if kind == "object":
            required = node.get("required", ())
            return {
                name: self.make(child)
                for name, child in node.get("properties", {}).items()
                if name in required or self.full or self.chance.random() < 0.4
            }
        if kind == "array":
            low = node.get("minItems", 0)
            count = 1 if self.full else min(low + self.chance.choice((0, 0, 1)), node.get("maxItems", 9))
            return [self.make(node["items"]) for _ in range(max(low, count))]
        if kind == "integer":
            low, high = int(node.get("minimum", -5)), int(node.get("maximum", 10**6))
            return self.chance.randint(low, high)
        if kind == "number":
            low, high = int(node.get("minimum", -500)), int(node.get("maximum", 10**5))
            number = self.chance.randint(low, high)
            return number if number == high or self.chance.random() < 0.5 else number + 0.5
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "string":
            return self.text(node)
        return {"any": [1, "two", None]}

    def text(self, node: dict[str, Any]) -> str:
        if node.get("format") == "date-time":
            return self.chance.choice(
                ("2024-02-29T23:59:59Z", "2024-05-01T12:00:00.123Z", "2024-05-01T12:00:00.1234567+05:30")
            )
        if node.get("format") == "uri":
            return "https://files.example.com/upload"
        length = min(node.get("maxLength", 12), 40)
        return "".join(
            self.chance.choice('abcXYZ0189-é€😀"\\/ ') for _ in range(self.chance.choice((0, 1, length)))
        )


def walk(
    value: Any, node: dict[str, Any], definitions: dict[str, Any], seen: set[str], path: tuple[Any, ...] = ()
) -> Iterator[Any]:
    """(path, schema) of every value in a message; the inside of a shared definition only on first sight."""
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/definitions/")
        node = definitions[name]
        if name in seen:
            yield path, node
            return
        seen.add(name)
    yield path, node
    if isinstance(value, dict):
        for name, child in value.items():
            if name in node.get("properties", {}):
                yield from walk(child, node["properties"][name], definitions, seen, (*path, name))
    elif isinstance(value, list) and value and "items" in node:
        yield from walk(value[0], node["items"], definitions, seen, (*path, 0))


def replaced(message: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the message with one value replaced."""
    if not path:
        return value
    copied = deepcopy(message)
    owner = copied
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value
    return copied


def mutations(message: dict[str, Any], root: dict[str, Any], seen: set[str]) -> Iterator[tuple[str, Any]]:
    """(what was done, the message with it done): each of them is likely, not sure, to break the schema."""
    for path, node in walk(message, root, root.get("definitions", {}), seen):
        value: Any = message
        for step in path:
            value = value[step]
        where = ".".join(map(str, path))
        if path and isinstance(path[-1], str):
            without = deepcopy(message)
            owner: Any = without
            for step in path[:-1]:
                owner = owner[step]
            del owner[path[-1]]
            yield f"{where} left out", without
            yield f"{where} null", replaced(message, path, None)
        if not path:
            yield "unknown field", {**message, "unknownField": 1}
            continue
        kind = node.get("type")
        yield from (
            (f"{where} {what}", replaced(message, path, bad)) for what, bad in bad_values(value, node, kind)
        )


def bad_values(value: Any, node: dict[str, Any], kind: str | None) -> Iterator[tuple[str, Any]]:
    if kind == "object":
        yield "unknown field", {**value, "unknownField": 1}
        yield "a list", [value]
    elif kind == "array":
        yield "an object", {}
        yield "empty", []
        if node.get("maxItems", 1000) <= 30:
            yield "at its limit", value[:1] * node["maxItems"]
            yield "past its limit", value[:1] * (node["maxItems"] + 1)
    elif kind == "integer":
        yield "a text", "1"
        yield "a fraction", 1.5
        yield "true", True
        for key, step in (("minimum", -1), ("maximum", 1)):
            if key in node:
                yield f"at its {key}", int(node[key])
                yield f"past its {key}", int(node[key]) + step
    elif kind == "number":
        yield "a text", "1"
        yield "true", True
        yield "hundredths", 1.25
        for key, half in (("minimum", -0.5), ("maximum", 0.5)):
            if key in node:
                yield f"at its {key}", int(node[key])
                yield f"past its {key}", int(node[key]) + half
    elif kind == "boolean":
        yield "a text", "true"
        yield "a number", 1
    elif kind == "string":
        yield "a number", 7
        yield "a list", ["x"]
        if "enum" in node:
            yield "out of the enumeration", "NoSuchValue"
            yield "in another case", str(value).swapcase()
        elif node.get("format") == "date-time":
            for text in ("garbage", "2024-05-01T12:00:00", "2024-13-01T12:00:00Z", "2024-05-01", ""):
                yield f"{text!r}", text
        elif "maxLength" in node:
            yield "at its length", "😀" * node["maxLength"]
            yield "past its length", "x" * (node["maxLength"] + 1)
