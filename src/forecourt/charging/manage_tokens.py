"""Create, change and block id tokens; make groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from forecourt.charging.errors import TokenExists, TokenGroupExists, TokenGroupNotFound
from forecourt.charging.models import IdToken, TokenGroup
from forecourt.charging.own_tokens import token_key
from forecourt.charging.queries import get_row
from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import new_id


async def create_token(uow: UnitOfWork, *, value: str, group: str | None = None, **fields: Any) -> IdToken:
    """A new token.

    Args:
        value: as read; compared without case and separators.
        group: outside id of its group.
        **fields: the other columns.

    Raises:
        TokenExists: same value, issuer and type.
        TokenGroupNotFound.
    """
    row = IdToken(
        operator_id=operator_of(uow), id=new_id(), value=value.strip(), value_key=token_key(value),
        group_id=await _group_id(uow, group), **fields,
    )  # fmt: skip
    uow.session.add(row)
    try:
        await uow.session.flush()
    except IntegrityError:
        raise TokenExists(f"there is a token {value!r} already", value=value) from None
    await uow.session.refresh(row)
    await record_change(
        uow, action="token.created", subject_type="id_token", subject_id=row.id,
        after={"type": row.type, "group_id": row.group_id},
    )  # fmt: skip
    return row


async def _group_id(uow: UnitOfWork, group: str | None) -> UUID | None:
    if group is None:
        return None
    return (await get_row(uow, TokenGroup, "tgr", group, TokenGroupNotFound)).id


async def change_token(uow: UnitOfWork, row: IdToken, changes: Mapping[str, Any], *, action: str) -> IdToken:
    """Set fields of a locked token, and say so in the audit trail."""
    values = dict(changes)
    if "group_id" in values:
        values["group_id"] = await _group_id(uow, values["group_id"])
    before = {name: getattr(row, name) for name in values}
    if before != values:
        for name, value in values.items():
            setattr(row, name, value)
        row.revision += 1
        await uow.session.flush()
        await record_change(
            uow, action=action, subject_type="id_token", subject_id=row.id, before=before, after=values
        )
    return row


async def block_token(uow: UnitOfWork, row: IdToken, *, reason: str, at: datetime) -> IdToken:
    """No station accepts it any more; the sessions that it began go on."""
    changes = {"blocked_at": row.blocked_at or at, "block_reason": reason}
    return await change_token(uow, row, changes, action="token.blocked")


async def unblock_token(uow: UnitOfWork, row: IdToken) -> IdToken:
    """Accept it again."""
    return await change_token(uow, row, {"blocked_at": None, "block_reason": None}, action="token.unblocked")


async def create_group(uow: UnitOfWork, *, name: str, code: str) -> TokenGroup:
    """A new group.

    Raises:
        TokenGroupExists: another one has the code, in any case of letters.
    """
    row = TokenGroup(operator_id=operator_of(uow), id=new_id(), name=name, code=code)
    uow.session.add(row)
    try:
        await uow.session.flush()
    except IntegrityError:
        raise TokenGroupExists(f"there is a group {code!r} already", value=code) from None
    await record_change(
        uow, action="token_group.created", subject_type="token_group", subject_id=row.id,
        after={"name": name, "code": code},
    )  # fmt: skip
    return row
