"""Whatever a caller sends, the answer is never an internal error."""

from __future__ import annotations

import json
import random
import re
from typing import Any
from urllib.parse import quote

from forecourt.kit.database import Database
from tests.api.harness import all_routers, client_of, make_api, make_key, make_operator
from tests.api.rows import TenantRows
from tests.api.test_access_walk import Operation, Walk

ODD_TEXTS = (
    "", "x" * 5000, "\x00", "é😀", "-1", "1e400", "2026-13-45", "null", "[]", "9" * 20, "usr_" + "z" * 26,
    "2026-06-15T12:00:00Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00Z",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, "", 0, -1, 10**30, 1.5, True, [], {}, "x" * 3000, "a\x00b", "\ud800", [None], {"a": {"b": [1]}},
    "2026-06-15T12:00:00Z", "9999-12-31T23:59:59-14:00", "1e999", "NaN",
)  # fmt: skip
ROUNDS = 3


async def test_no_request_makes_an_internal_error(database: Database) -> None:
    operator = await make_operator(database)
    walk = Walk(make_api(database, routers=all_routers()), database, TenantRows(operator_id=operator), "")
    chance = random.Random(20260615)
    wrong = []
    async with client_of(walk.app, await make_key(database, operator), timeout=30) as client:
        for _ in range(ROUNDS):
            for operation in walk.operations():
                if operation.streams:
                    continue
                path, query, body = _request(walk, operation, chance)
                response = await client.request(
                    operation.method,
                    path,
                    params=query,
                    content=body,
                    headers={"Content-Type": "application/json"},
                )
                if response.status_code >= 500:
                    wrong.append(f"{operation}: {response.status_code} for {path} {query} {body}")
    assert not wrong, "\n".join(wrong)


def _request(
    walk: Walk, operation: Operation, chance: random.Random
) -> tuple[str, dict[str, str], str | None]:
    def path_value(found: re.Match[str]) -> str:
        if chance.random() < 0.7:
            return walk.path_value(operation, found[1])
        return quote(chance.choice(ODD_TEXTS) or "x", safe="")

    path = re.sub(r"\{(\w+)\}", path_value, operation.path).removeprefix("/api/v1")
    query = {
        parameter["name"]: chance.choice(ODD_TEXTS)
        for parameter in operation.spec.get("parameters", [])
        if parameter.get("in") == "query" and chance.random() < 0.4
    }
    content = operation.spec.get("requestBody", {}).get("content", {}).get("application/json")
    return path, query, json.dumps(_body(walk, content["schema"], chance)) if content else None


def _body(walk: Walk, schema: dict[str, Any], chance: random.Random) -> Any:
    body = walk.example(schema)
    while "$ref" in schema:
        schema = walk.schemas[schema["$ref"].rpartition("/")[2]]
    if not isinstance(body, dict):
        return chance.choice(ODD_VALUES) if chance.random() < 0.3 else body
    for name, field in schema.get("properties", {}).items():
        luck = chance.random()
        if luck < 0.2:
            body[name] = chance.choice(ODD_VALUES)
        elif luck < 0.5:
            body[name] = walk.example(field)
    return body
