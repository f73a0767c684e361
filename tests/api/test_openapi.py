"""The document tells a reader everything about every operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from forecourt.kit.database import Database
from tests.api.harness import all_routers, make_api

NO_SORT = {
    # In the one order that is of use: as measured.
    "GET /api/v1/sessions/{session}/readings",
    # By time, newest first; each order of the largest table is an index.
    "GET /api/v1/messages",
    # One row a station, in their order.
    "GET /api/v1/links",
}
NO_REVISION = {
    # One's own: nobody else edits it.
    "PATCH /api/v1/me",
    "PATCH /api/v1/me/preferences",
    "PATCH /api/v1/me/passkeys/{passkey_id}",
}


@pytest.fixture
def document(database: Database) -> dict[str, Any]:
    document: dict[str, Any] = make_api(database, routers=all_routers()).openapi()
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def parameter_names(operation: dict[str, Any]) -> set[str]:
    return {parameter.get("name", "").lower() for parameter in operation.get("parameters", [])}


def json_bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (("request", body) for body in [operation.get("requestBody", {}).get("content", {})])
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield status, answer.get("content", {})


class TestOperations:
    def test_each_has_a_summary_a_description_and_a_tag(self, document: dict[str, Any]) -> None:
        wrong = [
            name
            for name, operation in operations(document)
            if not (operation.get("summary") and operation.get("description") and operation.get("tags"))
        ]
        assert not wrong

    def test_each_body_has_an_example_that_its_schema_admits(self, document: dict[str, Any]) -> None:
        wrong, count = [], 0
        for name, operation in operations(document):
            for where, content in json_bodies(operation):
                body = content.get("application/json")
                if body is None:
                    continue
                count += 1
                if "example" not in body and "examples" not in body:
                    wrong.append(f"{name} {where}: no example")
                    continue
                examples = (
                    [body["example"]]
                    if "example" in body
                    else [e["value"] for e in body["examples"].values()]
                )
                schema = {**body["schema"], "components": document["components"]}
                validator = jsonschema_rs.validator_for(schema)
                wrong += [
                    f"{name} {where}: {error.message} at {list(error.instance_path)}"
                    for example in examples
                    for error in validator.iter_errors(example)
                ]
        assert count > 100
        assert not wrong, "\n".join(wrong)

    def test_each_names_the_codes_of_its_refusals(self, document: dict[str, Any]) -> None:
        known = {entry["code"] for entry in document["x-error-codes"]}
        wrong = []
        for name, operation in operations(document):
            codes = operation["x-error-codes"]
            if not {"422", "429"} <= codes.keys() or not set().union(*codes.values()) <= known:
                wrong.append(name)
            if operation.get("x-permission") and "PermissionMissing" not in codes["403"]:
                wrong.append(name)
        assert not wrong
        stations = document["paths"]["/api/v1/stations"]["post"]["x-error-codes"]
        assert "IdentityTaken" in stations["409"]
        assert "TariffNameTaken" not in stations["409"]

    def test_each_edit_takes_if_match_and_each_post_an_idempotency_key(
        self, document: dict[str, Any]
    ) -> None:
        key = {"$ref": "#/components/parameters/IdempotencyKey"}
        wrong = []
        for name, operation in operations(document):
            edits = name.startswith(("PATCH", "PUT")) and name not in NO_REVISION
            if edits and "if-match" not in parameter_names(operation):
                wrong.append(name)
            if (
                name.startswith("POST")
                and not operation.get("x-public")
                and key not in operation["parameters"]
            ):
                wrong.append(name)
        assert not wrong


class TestLists:
    def test_each_pages_sorts_and_exports(self, document: dict[str, Any]) -> None:
        wrong, count = [], 0
        for name, operation in operations(document):
            names = parameter_names(operation)
            if not name.startswith("GET") or "cursor" not in names:
                continue
            count += 1
            wanted = {"limit", "format"} | ({"sort"} if name not in NO_SORT else set())
            if not wanted <= names:
                wrong.append(f"{name} lacks {wanted - names}")
        assert count > 20
        assert not wrong, "\n".join(wrong)
