"""``Idempotency-Key``: a POST sent twice is carried out once, and answered the same.

The key is a row of the request's own transaction: both exist or neither. A repeat that comes while the first
is under way waits at the unique index. Kept for 24 hours, per caller.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from fastapi import Request
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from starlette.types import Message

from forecourt.api.models import IdempotencyKey
from forecourt.identity.access import actor_of
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.errors import Conflict, Invalid
from forecourt.kit.ids import new_id

KEPT_FOR = timedelta(hours=24)
HEADER = "Idempotency-Key"
MAX_KEPT_BYTES = 1_000_000
_KEPT_HEADERS = ("content-type", "etag", "location")


class IdempotencyKeyInvalid(Invalid):
    """An Idempotency-Key has 1 to 255 printable ASCII characters."""


class IdempotencyKeyReused(Invalid):
    """The key was used for another request."""


class AnswerNotKept(Conflict):
    """The request was carried out already, and its answer is not kept (it held a secret, or is not ready)."""


class Replay(Exception):
    """Not an error: the answer of the first time, on its way to the edge."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Hold the answer."""
        super().__init__(status)
        self.status, self.headers, self.body = status, headers, body


async def claim_key(uow: UnitOfWork, request: Request) -> UUID | None:
    """Write the request's key down; returns the row's id, or None without a key.

    Raises:
        Replay: the same request was carried out under this key.
        IdempotencyKeyReused: another request was.
        AnswerNotKept: the same was, without a kept answer.
        IdempotencyKeyInvalid: not a key.
    """
    key, actor = request.headers.get(HEADER), actor_of(uow)
    if request.method != "POST" or key is None or actor.id is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyInvalid(f"{HEADER} has {len(key)} characters; use 1 to 255 printable ASCII ones")
    fingerprint = await _fingerprint(request)
    now = uow.clock.now()
    mine = (IdempotencyKey.actor_id == actor.id) & (IdempotencyKey.key == key)
    await uow.session.execute(delete(IdempotencyKey).where(mine, IdempotencyKey.created_at < now - KEPT_FOR))
    row_id = new_id()
    claimed = await uow.session.scalar(
        insert(IdempotencyKey)
        .values(
            operator_id=actor.operator_id,
            id=row_id,
            actor_id=actor.id,
            partner_id=actor.partner_id,
            key=key,
            fingerprint=fingerprint,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["operator_id", "actor_id", "key"])
        .returning(IdempotencyKey.id)
    )
    if claimed is not None:
        return row_id
    found = await uow.session.scalar(select(IdempotencyKey).where(mine))
    if found is None or found.fingerprint != fingerprint:
        raise IdempotencyKeyReused(f"{HEADER} {key!r} was used for another request: take a new one", key=key)
    if found.status is None:
        raise AnswerNotKept
    headers = {name: str(value) for name, value in (found.headers or {}).items()}
    raise Replay(found.status, headers, found.body or b"")


async def keep_answer(uow: UnitOfWork, row_id: UUID, start: Message, body: bytes) -> None:
    """Keep the answer with its key, unless it says ``Cache-Control: no-store`` or is too large."""
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start.get("headers", [])}
    if "no-store" in headers.get("cache-control", "") or len(body) > MAX_KEPT_BYTES:
        return
    await uow.session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.id == row_id)
        .values(
            status=start["status"],
            headers={name: headers[name] for name in _KEPT_HEADERS if name in headers},
            body=body,
        )
    )


async def forget_old_keys(database: Database) -> int:
    """Delete keys older than 24 hours, of all tenants; tells how many. A periodic job calls it."""
    async with database.transaction(role="system") as uow:
        gone = await uow.session.scalars(
            delete(IdempotencyKey)
            .where(IdempotencyKey.created_at < uow.clock.now() - KEPT_FOR)
            .returning(IdempotencyKey.id)
        )
        return len(gone.all())


async def _fingerprint(request: Request) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return digest.digest()
