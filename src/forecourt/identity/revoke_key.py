"""Revoke an API key: it stops working with the next request."""

from __future__ import annotations

from uuid import UUID

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.identity.errors import KeyNotFound
from forecourt.identity.models import ApiKey
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id


async def revoke_key(uow: UnitOfWork, *, key_id: UUID) -> ApiKey:
    """Revoke the key; doing it again changes nothing.

    Raises:
        KeyNotFound: no such key, or another operator's.
    """
    key = await uow.session.get(ApiKey, (operator_of(uow), key_id), with_for_update=True)
    if key is None:
        raise KeyNotFound(f"no API key {encode_id('key', key_id)}")
    if key.revoked_at is None:
        key.revoked_at = uow.clock.now()
        await record_change(
            uow,
            action="key.revoked",
            subject_type="key",
            subject_id=key.id,
            before={"revoked_at": None},
            after={"revoked_at": key.revoked_at},
        )
        uow.record("key.revoked", subject_id=key.id, subject_revision=None, data={"name": key.name})
    return key
