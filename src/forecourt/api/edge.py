"""The edge of a request: gives it an id, limits its size, ends its transaction, counts it.

The transaction that ``identity.access.require`` opens is committed here, when the answer is complete and below
400, before its first byte is sent: who reads a 2xx can rely on it. Answers to GET are passed on as they come
(an export may be long); their transaction ends after them.
"""

from __future__ import annotations

import re
import time
from contextlib import AbstractAsyncContextManager, suppress
from uuid import UUID

import structlog
from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forecourt.api.idempotency import claim_key, keep_answer
from forecourt.api.problems import BodyTooLarge, UnsupportedMediaType, problem_of
from forecourt.identity.access import actor_of
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.log import log_context
from forecourt.kit.metrics import Metrics

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_JSON = re.compile(rb"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)
_REQUEST_ID = re.compile(r"[\w.:-]{1,100}")
_log = structlog.get_logger(__name__)


class _RolledBack(Exception):
    """Leaves a transaction so that it is rolled back."""


class RequestEdge:
    """The end of one request's transaction; see ``identity.access.Edge``."""

    def __init__(self, database: Database) -> None:
        """Nothing is open yet."""
        self._database = database
        self._transaction: AbstractAsyncContextManager[UnitOfWork] | None = None
        self._uow: UnitOfWork | None = None
        self._key: UUID | None = None
        self.late = False
        """Whether the transaction was committed before the answer was there."""

    @property
    def is_open(self) -> bool:
        """Whether there is a transaction to end."""
        return self._transaction is not None

    async def enter(
        self, transaction: AbstractAsyncContextManager[UnitOfWork], request: Request
    ) -> UnitOfWork:
        """Open the transaction and claim the request's Idempotency-Key in it."""
        if self._transaction is not None:
            raise RuntimeError("a request has one transaction: use one require() per endpoint")
        self._uow = await transaction.__aenter__()
        self._transaction = transaction
        self._key = await claim_key(self._uow, request)
        return self._uow

    async def commit_early(self) -> None:
        """Commit now; a repeat of the request is refused until its answer is there."""
        await self._commit()
        self.late = True

    async def finish(self, start: Message, body: bytes) -> None:
        """The answer is complete: keep it if it is to be kept, and commit.

        Raises:
            Exception: what the commit raises; then nothing was written.
        """
        if start["status"] >= 400 and not self.late:
            await self.roll_back()
            return
        if self.late:
            await self._keep_late(start, body)
        elif self._key is not None and self._uow is not None:
            await keep_answer(self._uow, self._key, start, body)
        await self._commit()

    async def roll_back(self) -> None:
        """Undo what is open."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            reason = _RolledBack()
            with suppress(_RolledBack):
                await transaction.__aexit__(_RolledBack, reason, None)

    async def _commit(self) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.__aexit__(None, None, None)

    async def _keep_late(self, start: Message, body: bytes) -> None:
        if self._key is None or self._uow is None:
            return
        actor = actor_of(self._uow)
        async with self._database.transaction(
            actor.operator_id, partner_id=actor.partner_id, actor=actor
        ) as uow:
            await keep_answer(uow, self._key, start, body)


class EdgeMiddleware:
    """Wraps the whole app."""

    def __init__(self, app: ASGIApp, *, database: Database, metrics: Metrics, max_body_bytes: int) -> None:
        """Wrap ``app``; bodies above ``max_body_bytes`` are refused with 413."""
        self._app = app
        self._database = database
        self._max_body_bytes = max_body_bytes
        self._seconds = metrics.histogram(
            "http_request_seconds", "Time to answer.", ["method", "route", "status"]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        edge = RequestEdge(self._database)
        state = scope.setdefault("state", {})
        state["request_id"], state["edge"] = request_id, edge
        answer = _Answer(send, edge=edge, request_id=request_id, buffered=scope["method"] not in _SAFE)
        with log_context(request_id=request_id):
            try:
                body = _LimitedBody(scope, receive, self._max_body_bytes)
                answer.body = body
                if body.declared_too_large:
                    raise BodyTooLarge(f"the body has more than {self._max_body_bytes} bytes")
                _check_media_type(scope)
                await self._app(scope, body, answer)
                await answer.end()
            except Exception as error:
                await edge.roll_back()
                if answer.sent:
                    _log.exception("request.broke_off")
                    raise
                await answer.send_instead(problem_of(request_id, error))
            except BaseException:
                await edge.roll_back()
                raise
        route = scope.get("route")
        template = getattr(route, "path_format", None) or getattr(route, "path", None) or "-"
        effective = scope.get("fastapi", {})
        if isinstance(effective, dict):
            context = effective.get("effective_route_context")
            template = getattr(context, "path_format", None) or template
        # A method that nobody knows is the caller's own invention: it makes no series of its own.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._seconds.labels(method, template, str(answer.status)).observe(time.perf_counter() - started)


class _LimitedBody:
    """A ``receive`` that stops at the size limit."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._received = 0
        self.too_large = False
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        self.declared_too_large = declared.isdigit() and int(declared) > limit

    async def __call__(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            self.too_large = True
            raise BodyTooLarge(f"the body has more than {self._limit} bytes")
        return message


class _Answer:
    """A ``send`` that adds the request id, and holds an answer to a change until its commit."""

    def __init__(self, send: Send, *, edge: RequestEdge, request_id: str, buffered: bool) -> None:
        self._send = send
        self._edge = edge
        self._request_id = request_id
        self._buffered = buffered
        self._start: Message | None = None
        self._body: list[bytes] = []
        self.body: _LimitedBody | None = None
        self._replaced = False
        self.sent = False
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if self._broke_the_limit(message):
            await self._edge.roll_back()
            await self.send_instead(problem_of(self._request_id, BodyTooLarge()))
            self._replaced = True
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", []),
                (b"x-request-id", self._request_id.encode()),
                (b"x-content-type-options", b"nosniff"),
            ]
            if self._buffered:
                self._start = message
                return
            if message["status"] >= 400:
                await self._edge.roll_back()
        elif self._start is not None and message["type"] == "http.response.body":
            self._body.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                await self._flush()
            return
        self.sent = True
        await self._send(message)

    def _broke_the_limit(self, message: Message) -> bool:
        """FastAPI takes whatever goes wrong while it reads the body for a parse error."""
        return self.body is not None and self.body.too_large and message.get("status") == 400

    async def end(self) -> None:
        """The app is done: end what a GET left open."""
        if self._edge.is_open:
            await self._edge.finish({"type": "http.response.start", "status": self.status}, b"")

    async def send_instead(self, response: Response) -> None:
        """Answer with this, nothing has been sent yet."""
        self.status = response.status_code
        response.headers["X-Request-Id"] = self._request_id
        self.sent = True
        await self._send(
            {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
        )
        await self._send({"type": "http.response.body", "body": bytes(response.body)})

    async def _flush(self) -> None:
        start, self._start = self._start, None
        assert start is not None
        body = b"".join(self._body)
        try:
            await self._edge.finish(start, body)
        except Exception as error:  # not through FastAPI: it believes that the answer is under way already
            await self._edge.roll_back()
            await self.send_instead(problem_of(self._request_id, error))
            self._replaced = True
            return
        self.sent = True
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _check_media_type(scope: Scope) -> None:
    """Refuse a body that does not say it is JSON: nothing else is taken, and guessing invites forged forms.

    Raises:
        UnsupportedMediaType: it says something else, or nothing.
    """
    headers = dict(scope["headers"])
    has_body = b"transfer-encoding" in headers or headers.get(b"content-length", b"0") not in {b"", b"0"}
    declared = headers.get(b"content-type", b"").partition(b";")[0].strip()
    if has_body and scope["method"] not in _SAFE and not _JSON.fullmatch(declared):
        raise UnsupportedMediaType(
            f"the body is {declared.decode('latin-1') or 'of no declared type'!r}: send JSON, with"
            " Content-Type: application/json"
        )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(text := value.decode("latin-1")):
            return str(text)
    return encode_id("req", new_id())
