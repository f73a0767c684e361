"""What all kinds do alike with many rows: find them by ids, set columns, keep the trail."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import Change, record_changes
from forecourt.kit.database import UnitOfWork

T = TypeVar("T")
CHUNK = 500


def chunks(items: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most so many."""
    together = list(items)
    for start in range(0, len(together), size):
        yield together[start : start + size]


async def find_rows(uow: UnitOfWork, model: Any, column: Any, values: Collection[Any]) -> list[Any]:
    """The operator's rows of which the column has one of the values."""
    found: list[Any] = []
    for some in chunks(values):
        found += await uow.session.scalars(
            select(model).where(model.operator_id == operator_of(uow), column.in_(some))
        )
    return found


async def lock_rows(uow: UnitOfWork, model: Any, ids: Collection[UUID]) -> dict[UUID, Any]:
    """The rows by id, as they are now, locked until the transaction ends."""
    found: dict[UUID, Any] = {}
    for some in chunks(sorted(ids)):
        rows = await uow.session.scalars(
            select(model)
            .where(model.operator_id == operator_of(uow), model.id.in_(some))
            .order_by(model.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        found |= {row.id: row for row in rows}
    return found


async def set_columns(
    uow: UnitOfWork, model: Any, changes: Mapping[UUID, Mapping[str, Any]], *, subject_type: str
) -> list[Any]:
    """Change rows by id, each with its entry in the trail."""
    rows = await lock_rows(uow, model, changes.keys())
    trail: list[Change] = []
    for id_, row in rows.items():
        values = dict(changes[id_])
        trail.append((id_, {name: getattr(row, name) for name in values}, values))
        for name, value in values.items():
            setattr(row, name, value)
        row.revision += 1
        noun = getattr(model, "followed", "")
        uow.record(f"{noun}.updated", subject_id=id_, subject_revision=row.revision, data={})
    await uow.session.flush()
    await record_changes(uow, action=f"{subject_type}.updated", subject_type=subject_type, changes=trail)
    return list(rows.values())


def shown(value: Any) -> str:
    """A value as people read it in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return hours_shown(value)
    return str(value)


_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def hours_shown(hours: Mapping[str, Any]) -> str:
    """Opening hours as an import takes them."""
    if hours.get("twentyfourseven"):
        return "24/7"
    parts = [
        f"{_DAYS[int(day['weekday']) - 1]} {day['period_begin']}-{day['period_end']}"
        for day in hours.get("regular_hours") or ()
        if 1 <= int(day.get("weekday", 0)) <= 7
    ]
    return "; ".join(parts)


def differences(row: Any, columns: Mapping[str, Any], names: Mapping[str, str]) -> Sequence[str]:
    """The columns in which a row differs from the values; `names` are fields by column."""
    return [name for name in columns if name in names and getattr(row, name) != columns[name]]
