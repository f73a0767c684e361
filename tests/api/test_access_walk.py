"""Every endpoint of the program refuses: nobody, the one without the permission, the other tenant, the partner.

It walks the OpenAPI document, so that an endpoint that is added tomorrow is walked too. What stands in every
table is a row of tenant A; the callers are of tenant B, or of a partner of A without grants.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import AsyncIterator, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql

from forecourt.identity.permissions import ALL
from forecourt.kit.database import Database, DatabaseUrls
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.tenancy import operator_column
from tests.api.harness import all_routers, client_of, make_api, make_key, make_operator, make_partner
from tests.api.rows import TenantRows, fill_every_table, snapshot, tenant_tables
from tests.conftest import Cluster

PUBLIC = {
    f"POST /api/v1/{path}"
    for path in (
        "sign-in", "sign-in/second-factor", "sign-in/passkey/options", "sign-in/passkey", "sign-in/enrol",
        "sign-in/enrol/confirm", "password-reset/request", "password-reset", "invitation", "invitation/accept",
    )
}  # fmt: skip
"""All that anybody may call. An addition belongs into the review of whoever reads this."""

TABLES = {
    "user": "app_user", "key": "api_key", "partner": "partner", "grant": "partner_grant", "station": "station",
    "location": "location", "evse": "evse", "connector": "connector", "session": "session", "token": "id_token",
    "group": "token_group", "tariff": "tariff", "version": "tariff_version", "assignment": "tariff_assignment",
    "cdr": "charge_detail_record", "command": "command", "knock": "knock", "message": "message_log",
    "orphan": "orphan", "finding": "finding", "window": "inbox_window", "incident": "incident", "rule": "alert_rule",
    "run": "import_run", "channel": "alert_channel", "delivery": "alert_delivery",
    "invitation": "invitation", "passkey": "passkey", "web_session": "web_session",
}  # fmt: skip
PREFIXES = {
    "user": "usr", "key": "key", "partner": "ptn", "grant": "grt", "station": "sta", "location": "loc", "evse": "evs",
    "connector": "con", "session": "ses", "token": "tok", "group": "tgr", "tariff": "trf", "version": "trv",
    "assignment": "tra", "cdr": "cdr", "command": "cmd", "knock": "knk", "message": "msg", "orphan": "orp",
    "finding": "fnd", "window": "inw", "run": "imp", "incident": "inc", "rule": "arl", "channel": "ach", "delivery": "adl",
    "invitation": "inv", "passkey": "psk", "web_session": "wse",
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One endpoint as the document describes it."""

    method: str
    path: str
    spec: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def permission(self) -> str:
        return str(self.spec.get("x-permission", ""))

    @property
    def exports(self) -> bool:
        return any(parameter.get("name") == "format" for parameter in self.spec.get("parameters", []))

    @property
    def streams(self) -> bool:
        return "text/event-stream" in self.spec["responses"].get("200", {}).get("content", {})


class Walk:
    """The app, what is in it, and how to call its endpoints."""

    def __init__(self, app: FastAPI, database: Database, rows: TenantRows, superuser_url: str) -> None:
        self.app, self.database, self.rows, self.superuser_url = app, database, rows, superuser_url
        self.document = app.openapi()
        self.schemas = self.document["components"]["schemas"]

    def operations(self) -> Iterator[Operation]:
        for path, methods in self.document["paths"].items():
            for method, spec in methods.items():
                operation = Operation(method.upper(), path, spec)
                if str(operation) not in PUBLIC:
                    yield operation

    async def call(
        self, client: httpx.AsyncClient, operation: Operation, *, csv: bool = False
    ) -> httpx.Response:
        """Call it with ids of tenant A, and a body that fits the schema as far as a schema tells.

        With `csv` its export is asked for.
        """
        path = re.sub(r"\{(\w+)\}", lambda found: self.path_value(operation, found[1]), operation.path)
        query = {
            parameter["name"]: self.example(parameter["schema"])
            for parameter in operation.spec.get("parameters", [])
            if parameter.get("in") == "query" and parameter.get("required")
        }
        if csv:
            query["format"] = "csv"
        content = operation.spec.get("requestBody", {}).get("content", {}).get("application/json")
        body = self.example(content["schema"]) if content else None
        return await client.request(operation.method, path.removeprefix("/api/v1"), params=query, json=body)

    def path_value(self, operation: Operation, name: str) -> str:
        noun = name.removesuffix("_id")
        if noun in TABLES:
            row = self.rows.rows.get(TABLES[noun])
            return encode_id(
                PREFIXES[noun], row["id"] if row and isinstance(row.get("id"), UUID) else new_id()
            )
        spec = next((p for p in operation.spec.get("parameters", []) if p.get("name") == name), None)
        return str(self.example(spec["schema"])) if spec else "x"

    def example(self, schema: dict[str, Any]) -> Any:
        """A value that fits, of the least size."""
        if "$ref" in schema:
            return self.example(self.schemas[schema["$ref"].rpartition("/")[2]])
        if schema.get("format") == "date-time":
            return "2026-06-15T12:00:00Z"
        for key in ("examples", "enum"):
            if schema.get(key):
                return schema[key][0]
        if "const" in schema:
            return schema["const"]
        if "default" in schema:
            return schema["default"]
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self.example(schema[key][0])
        kind = schema.get("type")
        if kind == "object":
            required = schema.get("required", [])
            return {
                name: self.example(schema["properties"][name])
                for name in required
                if name in schema["properties"]
            }
        if kind == "array":
            return [self.example(schema["items"]) for _ in range(schema.get("minItems", 0))]
        if kind in ("integer", "number"):
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        if kind == "boolean":
            return False
        return "x" * max(1, schema.get("minLength", 1))


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> Iterator[tuple[DatabaseUrls, TenantRows, str]]:
    """A database of this module alone, with a row in every table."""
    name = f"fc_{new_id().hex}"
    cluster.clone(name)
    superuser_url = cluster.url(name, "postgres")
    yield cluster.urls(name), fill_every_table(superuser_url), superuser_url
    cluster.drop(name)


@pytest.fixture
async def walk(filled: tuple[DatabaseUrls, TenantRows, str]) -> AsyncIterator[Walk]:
    urls, rows, superuser_url = filled
    database = Database(urls, pool_size=3)
    yield Walk(make_api(database, routers=all_routers()), database, rows, superuser_url)
    await database.close()


async def test_an_anonymous_caller_is_refused_everywhere(walk: Walk) -> None:
    wrong = []
    async with client_of(walk.app) as client:
        for operation in walk.operations():
            for csv in (False, True) if operation.exports else (False,):
                response = await walk.call(client, operation, csv=csv)
                if response.status_code != 401 or "code" not in response.json():
                    wrong.append(f"{operation}: {response.status_code} {response.text[:200]}")
    assert not wrong, "\n".join(wrong)


async def test_exports_are_walked_and_hold_the_owners_rows(walk: Walk) -> None:
    """Else what is said of exports below would prove nothing."""
    key = await make_key(walk.database, walk.rows.operator_id)
    empty, count = [], 0
    async with client_of(walk.app, key) as client:
        for operation in walk.operations():
            if operation.exports and not _names_a_row(operation):
                told = await walk.call(client, operation, csv=True)
                count += 1
                if told.status_code == 200 and told.text.count("\r\n") < 2:
                    empty.append(str(operation))
    assert count > 15
    assert len(empty) < count / 4, empty


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
async def test_no_other_method_opens_a_door(walk: Walk, method: str) -> None:
    wrong = []
    async with client_of(walk.app) as client:
        for path in {operation.path for operation in walk.operations()}:
            response = await client.request(method, re.sub(r"\{\w+\}", "x", path).removeprefix("/api/v1"))
            if response.status_code not in {401, 404, 405}:
                wrong.append(f"{method} {path}: {response.status_code}")
    assert not wrong


async def test_only_what_is_named_here_is_public(walk: Walk) -> None:
    public = {
        f"{method.upper()} {path}"
        for path, methods in walk.document["paths"].items()
        for method, spec in methods.items()
        if spec.get("x-public")
    }
    assert public <= PUBLIC
    assert all(operation.permission for operation in walk.operations())


async def test_a_caller_without_the_permission_is_refused_everywhere(walk: Walk) -> None:
    operator = await make_operator(walk.database)
    keys: dict[str, str] = {}
    wrong = []
    for operation in walk.operations():
        if ":" not in operation.permission:  # any signed-in caller may
            continue
        if operation.permission not in keys:
            others = sorted(ALL - {operation.permission})
            keys[operation.permission] = await make_key(walk.database, operator, permissions=others)
        async with client_of(walk.app, keys[operation.permission]) as client:
            response = await walk.call(client, operation)
        if response.status_code != 403 or response.json()["code"] != "PermissionMissing":
            wrong.append(f"{operation}: {response.status_code} {response.text[:200]}")
    assert not wrong, "\n".join(wrong)


async def test_another_operators_data_is_out_of_reach_everywhere(walk: Walk) -> None:
    before = snapshot(walk.superuser_url, walk.rows.operator_id)
    key = await make_key(walk.database, await make_operator(walk.database))
    wrong = await _reach_for_rows(walk, key, walk.rows.marks())
    assert not wrong, "\n".join(wrong)
    after = snapshot(walk.superuser_url, walk.rows.operator_id)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


async def test_the_ids_that_are_tried_are_there(walk: Walk) -> None:
    """Else the refusals above would prove nothing: the owner of the rows gets something other than 404."""
    key = await make_key(walk.database, walk.rows.operator_id)
    missing = []
    async with client_of(walk.app, key) as client:
        for operation in walk.operations():
            if operation.method == "GET" and _names_a_row(operation):
                response = await walk.call(client, operation)
                if response.status_code == 404:
                    missing.append(f"{operation}: {response.text[:200]}")
    assert not missing, "\n".join(missing)


async def test_a_partner_outside_its_grants_sees_nothing_anywhere(walk: Walk) -> None:
    operator_id = walk.rows.operator_id
    marks = walk.rows.marks()
    partner_id = await make_partner(walk.database, operator_id)
    key = await make_key(walk.database, operator_id, partner_id=partner_id)
    # The partner may know whom it is a partner of.
    own = {"GET /api/v1/me", "GET /api/v1/operator"}
    wrong = await _reach_for_rows(walk, key, marks, skip=own)
    assert not wrong, "\n".join(wrong)


async def _reach_for_rows(
    walk: Walk, key: str, marks: list[frozenset[str]], skip: AbstractSet[str] = frozenset()
) -> list[str]:
    wrong = []
    async with client_of(walk.app, key) as client:
        for operation in walk.operations():
            if operation.streams or str(operation) in skip or operation.path.endswith("/sign-out"):
                continue
            response = await walk.call(client, operation)
            status, text = response.status_code, response.text
            if operation.exports:
                text += (await walk.call(client, operation, csv=True)).text
            asked = str(response.request.url) + (response.request.content or b"").decode(errors="replace")
            # An error may name the id that was asked for, in whatever spelling.
            known = [mark for mark in marks if status >= 400 and any(spelling in asked for spelling in mark)]
            leaked = [
                mark for mark in marks if mark not in known and any(spelling in text for spelling in mark)
            ]
            if leaked:
                wrong.append(f"{operation}: answers with {set(leaked[0])}: {text[:200]}")
            elif status >= 500:
                wrong.append(f"{operation}: {status} {text[:300]}")
            elif status < 400 and _names_a_row(operation):
                wrong.append(f"{operation}: {status}, though the row is not the caller's")
            elif status == 422 and operation.method == "GET":
                wrong.append(
                    f"{operation}: {status}, so nothing is proven; is its id known here? {text[:300]}"
                )
            elif status == 422 and response.json()["code"] in ("InvalidId", "InvalidRequest"):
                warnings.warn(f"{operation}: {text[:300]}, so little is proven", stacklevel=1)
    return wrong


def _names_a_row(operation: Operation) -> bool:
    return any(name.removesuffix("_id") in TABLES for name in re.findall(r"\{(\w+)\}", operation.path))


class TestRawSql:
    """The same through SQL, in the role that requests run in."""

    async def test_every_tenant_table_is_filled_and_guarded(self, walk: Walk) -> None:
        with psycopg.connect(walk.superuser_url) as connection:
            for table in tenant_tables(walk.superuser_url):
                row = connection.execute(
                    "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
                    (f'public."{table.name}"',),
                ).fetchone()
                assert row == (True,), table.name
        assert all(snapshot(walk.superuser_url, walk.rows.operator_id).values())

    @pytest.mark.parametrize("scope", ["other operator", "no operator", "partner without grants"])
    async def test_reading_finds_nothing(self, walk: Walk, scope: str) -> None:
        operator, partner = new_id(), new_id()
        found = []
        settings = {
            "other operator": {"app.operator_id": str(operator)},
            "no operator": {},
            "partner without grants": {
                "app.operator_id": str(walk.rows.operator_id),
                "app.partner_id": str(partner),
            },
        }[scope]
        async with await psycopg.AsyncConnection.connect(walk.database.urls.app) as connection:
            for name, value in settings.items():
                await connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            await connection.commit()
            for table in tenant_tables(walk.superuser_url):
                if scope == "partner without grants" and table.name == "operator":
                    continue
                try:
                    cursor = await connection.execute(
                        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table.name))
                    )
                    row = await cursor.fetchone()
                except psycopg.errors.InsufficientPrivilege:
                    row = (0,)
                await connection.rollback()
                if row != (0,):
                    found.append(f"{table.name}: {row}")
        assert not found, found

    async def test_writing_changes_nothing(self, walk: Walk) -> None:
        before = snapshot(walk.superuser_url, walk.rows.operator_id)
        async with await psycopg.AsyncConnection.connect(walk.database.urls.app) as connection:
            await connection.execute("SELECT set_config('app.operator_id', %s, false)", (str(new_id()),))
            await connection.commit()
            for table in tenant_tables(walk.superuser_url):
                column = operator_column(table)
                assert column is not None
                name, tenant = sql.Identifier(table.name), sql.Identifier(column.name)
                statements = [
                    sql.SQL("UPDATE {} SET {} = {}").format(name, tenant, tenant),
                    sql.SQL("DELETE FROM {}").format(name),
                ]
                for statement in statements:
                    try:
                        cursor = await connection.execute(statement)
                        assert cursor.rowcount == 0, table.name
                    except psycopg.errors.InsufficientPrivilege:
                        pass
                    await connection.rollback()
                with pytest.raises(psycopg.Error):  # planting a row in the other tenant
                    await connection.execute(
                        sql.SQL("INSERT INTO {} ({}) VALUES (%s)").format(name, tenant),
                        (walk.rows.operator_id,),
                    )
                await connection.rollback()
        assert snapshot(walk.superuser_url, walk.rows.operator_id) == before

    async def test_a_partition_named_directly_is_closed(self, walk: Walk) -> None:
        with psycopg.connect(walk.superuser_url) as connection:
            partitions = [
                row[0]
                for row in connection.execute(
                    "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
                )
            ]
        async with await psycopg.AsyncConnection.connect(walk.database.urls.app) as connection:
            for name in partitions:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    await connection.execute(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(name)))
                await connection.rollback()
