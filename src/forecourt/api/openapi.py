"""The OpenAPI document: permissions, problems and idempotency written onto every operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from forecourt.api.examples import example_of
from forecourt.api.problems import MEDIA_TYPE, Problem, codes_of, error_codes
from forecourt.identity.access import permission_of

_USUAL = {
    "401": "No credential, or one that is not valid.",
    "403": "The caller may not do this.",
    "404": "It is not there, or not yours.",
    "409": "It collides with the present state.",
    "412": "If-Match names another revision.",
    "422": "The request is not valid.",
    "429": "Too many requests.",
}


_PACKAGE = "x-package"
"""Where an operation's endpoint lives; taken out of the document again."""


class EndpointWithoutAccess(Exception):
    """A route has neither ``require(...)`` nor ``openapi_extra=PUBLIC``."""


def declare_permissions(router: APIRouter) -> None:
    """Write each route's permission into its OpenAPI operation.

    Raises:
        EndpointWithoutAccess: a route that anybody could call, without saying so.
    """
    for route in api_routes(router.routes):
        permission = _permission(route.dependant)
        extra = dict(route.openapi_extra or {})
        extra[_PACKAGE] = route.endpoint.__module__.split(".")[1]
        if permission is not None:
            extra["x-permission"] = permission
        elif not extra.get("x-public"):
            raise EndpointWithoutAccess(
                f"{sorted(route.methods or ())} {route.path}: add require(...), or PUBLIC"
            )
        route.openapi_extra = extra


def api_routes(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    """Every route, those of included routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from api_routes(inner.routes)


def _permission(dependant: Dependant) -> str | None:
    for found in dependant.dependencies:
        permission = permission_of(found.call) or _permission(found)
        if permission is not None:
            return permission
    return None


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The document of the app, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    components["responses"] = {
        f"Problem{status}": {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, text in {**_USUAL, "default": "Another problem."}.items()
    }
    components["parameters"] = {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Send it again with the same key and the request is carried out once. Kept for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    }
    document["x-error-codes"] = error_codes()
    for operations in document.get("paths", {}).values():
        for method, operation in operations.items():
            package = operation.pop(_PACKAGE, "")
            _complete(method, operation)
            _give_examples(operation, schemas)
            operation["x-error-codes"] = codes_of(package, operation["responses"])
    app.openapi_schema = document
    return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    public = operation.get("x-public", False)
    statuses = ["422", "429", "default"] if public else ["401", "403", "404", "409", "422", "429", "default"]
    has_if_match = any(
        parameter.get("name", "").lower() == "if-match" for parameter in operation.get("parameters", [])
    )
    if has_if_match:
        statuses.append("412")
    if public:
        operation["security"] = []
    elif permission := operation.get("x-permission"):
        note = f"Needs the permission `{permission}`." if ":" in permission else "Any signed-in caller may."
        operation["description"] = "\n\n".join(filter(None, [operation.get("description"), note]))
        if method == "post":
            operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    for status in statuses:
        operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}


def _give_examples(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put an example beside the schema of the request's body and of every good answer's."""
    bodies = [operation.get("requestBody", {})]
    bodies += [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for body in bodies:
        content = body.get("content", {}).get("application/json")
        if content and "schema" in content and not content.keys() & {"example", "examples"}:
            content["example"] = example_of(content["schema"], schemas)
