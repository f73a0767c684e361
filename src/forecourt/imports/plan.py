"""What is to become of each row, by what its cells say and what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from forecourt.imports.fields import CellRefused
from forecourt.imports.kind import Fault, Judged, Kind
from forecourt.kit.database import UnitOfWork

_BREATHE_EVERY = 500


class Cells(Protocol):
    """A row of the file."""

    line: int
    cells: list[str]


@dataclass
class Plan:
    """A row with its values and the verdict: create, update, unchanged or error."""

    row: Any
    label: str
    verdict: str
    judged: Judged


async def plan_rows(
    uow: UnitOfWork, kind: Kind, mapping: Mapping[str, int], rows: Sequence[Any]
) -> list[Plan]:
    """Judge all rows. Cells that are empty leave what is there; the same thing twice in a file is an error."""
    read: list[tuple[dict[str, Any], list[Fault]]] = []
    for number, row in enumerate(rows):
        if number % _BREATHE_EVERY == 0:
            await asyncio.sleep(0)
        read.append(_read(kind, mapping, row.cells))
    known = await kind.look_up(uow, [values for values, _ in read])
    first_lines: dict[Hashable, int] = {}
    plans = []
    for number, (row, (values, faults)) in enumerate(zip(rows, read, strict=True)):
        if number % _BREATHE_EVERY == 0:
            await asyncio.sleep(0)
        plans.append(_judge(kind, row, values, faults, known, first_lines))
    return plans


def _read(kind: Kind, mapping: Mapping[str, int], cells: Sequence[str]) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in kind.fields:
        column = mapping.get(field.name)
        cell = cells[column] if column is not None and column < len(cells) else ""
        if not cell:
            continue
        try:
            values[field.name] = field.read(cell)
        except CellRefused as refused:
            faults.append(Fault(refused.code, field.name, refused.params))
    return values, faults


def _judge(
    kind: Kind,
    row: Any,
    values: dict[str, Any],
    faults: list[Fault],
    known: Any,
    first_lines: dict[Hashable, int],
) -> Plan:
    key = kind.key(values)
    if key is None:
        refused = {fault.field for fault in faults}
        faults += _missing(kind, values, refused)
        return Plan(row, kind.label(values), "error", Judged(faults=faults))
    judged = kind.judge(values, known)
    judged.faults = faults + judged.faults
    if judged.existing is None:
        judged.faults += _missing(kind, values, {fault.field for fault in judged.faults})
    if key in first_lines:
        judged.faults.append(Fault("TwiceInFile", None, {"line": first_lines[key]}))
    first_lines.setdefault(key, row.line)
    if judged.faults:
        verdict = "error"
    elif judged.existing is None:
        verdict = "create"
    else:
        verdict = "update" if judged.after else "unchanged"
    return Plan(row, kind.label(values), verdict, judged)


def _missing(kind: Kind, values: Mapping[str, Any], refused: set[str | None]) -> list[Fault]:
    return [
        Fault("Missing", field.name)
        for field in kind.fields
        if field.required and field.name not in values and field.name not in refused
    ]


def counted(plans: Sequence[Plan]) -> dict[str, int]:
    """Rows by verdict."""
    counts = dict.fromkeys(("create", "update", "unchanged", "error"), 0)
    for plan in plans:
        counts[plan.verdict] += 1
    return counts
