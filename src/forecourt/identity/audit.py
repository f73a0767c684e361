"""The audit trail: who changed what, when, from where, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from forecourt.identity.actor import Actor
from forecourt.identity.models import AuditEntry
from forecourt.kit.bulk import insert_rows
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import new_id

_SECRET = ("password", "secret", "pepper", "private_key")
HIDDEN = "•••"
_NAMES = ("name", "identity", "email", "label")


async def record_change(
    uow: UnitOfWork,
    *,
    action: str,
    subject_type: str,
    subject_id: UUID | str | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    operator_id: UUID | None = None,
) -> None:
    """Add an entry to the trail, in the transaction of the change itself.

    Where both sides are given only what differs is kept. Values of keys that name a secret are hidden.

    Args:
        uow: the unit of work of the change; its actor is named.
        action: past tense, e.g. ``"station.adopted"``.
        subject_type: e.g. ``"station"``.
        subject_id: whose id it is; None for something without one.
        before: the subject's fields before, None if it was not there.
        after: the subject's fields after, None if it is gone.
        operator_id: needed only in a transaction without an operator.
    """
    uow.session.add(
        AuditEntry(
            **_values(
                uow,
                operator_id,
                action=action,
                subject_type=subject_type,
                subject_id=subject_id,
                before=before,
                after=after,
            )
        )
    )


Change = tuple[UUID, Mapping[str, Any] | None, Mapping[str, Any] | None]
"""Of one subject: its id, its fields before and after."""


async def record_changes(
    uow: UnitOfWork, *, action: str, subject_type: str, changes: Sequence[Change]
) -> None:
    """The same for many subjects at once, in one statement."""
    rows = [
        {"id": new_id()}
        | _values(
            uow, None, action=action, subject_type=subject_type, subject_id=id_, before=before, after=after
        )
        for id_, before, after in changes
    ]
    if rows:
        await insert_rows(
            await uow.connection(), "audit_entry", list(rows[0]), [tuple(row.values()) for row in rows]
        )


def _values(
    uow: UnitOfWork,
    operator_id: UUID | None,
    *,
    action: str,
    subject_type: str,
    subject_id: UUID | str | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> dict[str, Any]:
    owner = operator_id or uow.operator_id
    if owner is None:
        raise ValueError(f"{action}: say whose trail it is, the transaction has no operator")
    old, new = _plain(before), _plain(after)
    name = _name(new) or _name(old)
    if old is not None and new is not None:
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        old = {key: value for key, value in old.items() if key in changed}
        new = {key: value for key, value in new.items() if key in changed}
    actor = uow.actor if isinstance(uow.actor, Actor) else None
    return {
        "operator_id": owner,
        "at": uow.clock.now(),
        "actor_kind": actor.kind if actor else "system",
        "actor_id": actor.id if actor else None,
        "actor_name": actor.name if actor else "",
        "partner_id": uow.partner_id,
        "action": action,
        "subject_type": subject_type,
        "subject_id": None if subject_id is None else str(subject_id),
        "subject_name": name,
        "before": _hidden(old),
        "after": _hidden(new),
        "address": actor.address if actor else None,
        "request_id": actor.request_id if actor else None,
    }


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(dict(values), str_keys=True, enc_hook=str)
    return plain


def _name(values: dict[str, Any] | None) -> str | None:
    """What people call the subject; an edit's own entry keeps only what differs, and seldom that."""
    found = ((values or {}).get(key) for key in _NAMES)
    return next((value[:200] for value in found if isinstance(value, str) and value), None)


def _hidden(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        key: HIDDEN if any(word in key.lower() for word in _SECRET) else value
        for key, value in values.items()
    }
