"""Errors as problem details (RFC 9457): a stable ``code``, parameters, never a stack trace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from forecourt.kit.errors import ForecourtError

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)

_HTTP_CODES = {
    400: "BodyUnreadable",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    413: "BodyTooLarge",
    415: "UnsupportedMediaType",
}
_HIDDEN_DETAIL = "Something went wrong on our side. The request id tells us what."


class BodyTooLarge(ForecourtError):
    """The request's body is larger than the server takes."""

    status = 413


class UnsupportedMediaType(ForecourtError):
    """The request's body is of a type that the server does not take."""

    status = 415


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    location: list[str | int] = Field(examples=[["body", "email"]])
    code: str = Field(examples=["missing"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable; make sentences from `code` and `params`."""

    type: str = Field(examples=["urn:forecourt:problem:PermissionMissing"])
    title: str = Field(examples=["The caller lacks a permission."])
    status: int = Field(examples=[403])
    code: str = Field(examples=["PermissionMissing"])
    detail: str = Field(examples=["this needs the permission 'stations:write'"])
    params: dict[str, Any] = Field(default_factory=dict, examples=[{"permission": "stations:write"}])
    errors: list[FieldError] | None = Field(default=None, description="For `InvalidRequest`: the fields.")
    request_id: str | None = Field(default=None, examples=["req_01jz8q4s5ve4ra7q9m3w2k1xbn"])


def problem(
    request_id: str | None,
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    params: dict[str, Any] | None = None,
    errors: Sequence[FieldError] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The HTTP answer of a problem."""
    content: dict[str, Any] = {
        "type": f"urn:forecourt:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "params": params or {},
        "request_id": request_id,
    }
    if errors is not None:
        content["errors"] = [error.model_dump() for error in errors]
    try:
        body = msgspec.json.encode(content, enc_hook=str)
    except UnicodeEncodeError:  # half a surrogate pair out of the request
        body = json.dumps(content, default=str).encode()
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def problem_of(request_id: str | None, error: Exception) -> Response:
    """The answer of any exception; what is not ours is logged and told as an internal error."""
    if isinstance(error, ForecourtError):
        return _forecourt_problem(request_id, error)
    if isinstance(error, RequestValidationError):
        return _validation_problem(request_id, error)
    if isinstance(error, HTTPException):
        code = _HTTP_CODES.get(error.status_code, f"Http{error.status_code}")
        return problem(
            request_id,
            status=error.status_code,
            code=code,
            title=str(error.detail),
            detail=str(error.detail),
            headers=dict(error.headers) if error.headers else None,
        )
    bound = isinstance(error, StatementError) and isinstance(error.orig, OverflowError | ValueError)
    if bound or isinstance(
        error, DataError | UnicodeEncodeError
    ):  # NUL, half a surrogate pair, a number out of range
        _log.info("request.data_refused", error=type(error).__name__)
        return problem(
            request_id,
            status=422,
            code="Invalid",
            title="The request is well-formed but cannot be carried out as it is.",
            detail="A value cannot be stored: it has a character that is no text, or is out of range.",
        )
    if isinstance(error, IntegrityError):
        _log.warning("request.integrity_refused", error=str(error.orig))
        return problem(
            request_id,
            status=409,
            code="Conflict",
            title="The request collides with the present state.",
            detail="It collides with something that was written at the same time; read again and retry.",
        )
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, OperationalError | PoolTimeout | ConnectionError):
        _log.error("request.database_away", error=str(error))
        return problem(
            request_id,
            status=503,
            code="Unavailable",
            title="Something that the request needs is not there just now; try again.",
            detail="The database does not answer; try again.",
            headers={"Retry-After": "2"},
        )
    _log.error("request.failed", exc_info=error)
    return problem(
        request_id, status=500, code="InternalError", title="Internal error.", detail=_HIDDEN_DETAIL
    )


def _forecourt_problem(request_id: str | None, error: ForecourtError) -> Response:
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in (429, 503):
        headers["Retry-After"] = str(error.params.get("retry_after_seconds", 2))
    if error.status >= 500:
        _log.error("request.failed", code=error.code, exc_info=error)
    return problem(
        request_id,
        status=error.status,
        code=error.code,
        title=_title(type(error)),
        detail=error.message
        if error.status < 500
        else _HIDDEN_DETAIL
        if error.status == 500
        else _title(type(error)),
        params=error.params if error.status != 500 else {},
        headers=headers,
    )


def _validation_problem(request_id: str | None, error: RequestValidationError) -> Response:
    errors = [
        FieldError(location=list(found["loc"]), code=str(found["type"]), message=str(found["msg"]))
        for found in error.errors()  # the values themselves are left out: one may be a password
    ]
    where = ", ".join(".".join(str(part) for part in found.location) for found in errors[:5])
    return problem(
        request_id,
        status=422,
        code="InvalidRequest",
        title="The request is not valid.",
        detail=f"Look at {where}.",
        errors=errors,
    )


async def handle(request: Request, error: Exception) -> Response:
    """Exception handler of the app."""
    return problem_of(getattr(request.state, "request_id", None), error)


def error_codes() -> list[dict[str, Any]]:
    """Every stable code with its status and meaning, for the OpenAPI document."""
    found = {kind.__name__: (kind.status, _title(kind)) for kind in _subclasses(ForecourtError)}
    found["BodyUnreadable"] = (400, "The request's body is no JSON text.")
    found["MethodNotAllowed"] = (405, "The address has no such method.")
    found["InvalidRequest"] = (422, "The request is not valid.")
    found["InternalError"] = (500, "Internal error.")
    return [
        {"code": code, "status": status, "title": title}
        for code, (status, title) in sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    ]


_EVERYWHERE = ("forecourt.kit.errors", "forecourt.kit.ids", "forecourt.kit.paging", "forecourt.api.")
_AT_THE_DOOR = ("SignInRequired", "KeyRefused", "SessionExpired", "CsrfRefused", "PermissionMissing")
_BUILT_ON = {"charging": ("network", "pricing")}
"""Packages whose use cases a package's endpoints call."""


def codes_of(package: str, statuses: Iterable[str]) -> dict[str, list[str]]:
    """The codes that an operation may answer, by status, as far as its package tells.

    Args:
        package: where its endpoint lives, e.g. ``network``.
        statuses: that the operation declares.
    """
    homes = tuple(f"forecourt.{name}." for name in (package, *_BUILT_ON.get(package, ())) if name)
    found: dict[str, set[str]] = {}
    for kind in _subclasses(ForecourtError):
        if kind.__module__.startswith((*_EVERYWHERE, *homes)) or kind.__name__ in _AT_THE_DOOR:
            found.setdefault(str(kind.status), set()).add(kind.__name__)
    found.setdefault("422", set()).add("InvalidRequest")
    return {status: sorted(found[status]) for status in sorted(statuses) if status in found}


def _title(kind: type[ForecourtError]) -> str:
    return (kind.__doc__ or kind.__name__).strip().splitlines()[0]


def _subclasses(kind: type[ForecourtError]) -> Iterator[type[ForecourtError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)
