"""Create an API key. Its text is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from forecourt.identity.access import operator_of
from forecourt.identity.actor import Actor
from forecourt.identity.audit import record_change
from forecourt.identity.create_user import check_partner
from forecourt.identity.credentials import new_key
from forecourt.identity.errors import GrantTooWide, UnknownPermission
from forecourt.identity.models import ApiKey
from forecourt.identity.permissions import ALL, ROLE_PERMISSIONS, Role, effective
from forecourt.kit.database import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class CreateKey:
    """What the key may do: the given permissions, and those of a role as it is now."""

    name: str
    permissions: Sequence[str] = ()
    role: Role | None = None
    partner_id: UUID | None = None
    expires_at: datetime | None = None


async def create_key(command: CreateKey, *, uow: UnitOfWork) -> tuple[ApiKey, str]:
    """Make a key; returns its row and its text.

    Raises:
        UnknownPermission: no such permission, or none at all.
        GrantTooWide: the caller does not hold what it gives.
        PartnerNotFound: no such partner.
    """
    wanted = frozenset(command.permissions) | (
        ROLE_PERMISSIONS[command.role] if command.role else frozenset()
    )
    unknown = sorted(wanted - ALL)
    if unknown or not wanted:
        raise UnknownPermission(
            f"no such permission: {', '.join(unknown) or '(none given)'}", permissions=unknown
        )
    if command.partner_id is not None:
        await check_partner(uow, command.partner_id)
    granted = effective(wanted, partner=command.partner_id is not None)
    actor = uow.actor
    if isinstance(actor, Actor) and actor.kind != "system":
        too_much = sorted(granted - actor.permissions)
        if too_much:
            raise GrantTooWide(f"the caller does not hold {', '.join(too_much)}", permissions=too_much)
    fresh = new_key()
    key = ApiKey(
        operator_id=operator_of(uow),
        name=command.name.strip(),
        prefix=fresh.prefix,
        secret_sha256=fresh.secret_sha256,
        permissions=sorted(granted),
        partner_id=command.partner_id,
        created_by=actor.id if isinstance(actor, Actor) else None,
        expires_at=command.expires_at,
    )
    uow.session.add(key)
    await uow.session.flush()
    await record_change(
        uow,
        action="key.created",
        subject_type="key",
        subject_id=key.id,
        after={"name": key.name, "permissions": key.permissions, "partner_id": key.partner_id},
    )
    uow.record("key.created", subject_id=key.id, subject_revision=None, data={"name": key.name})
    return key, fresh.text
