"""What a kind of import has to know of its rows; the machinery around it is the same for all."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from forecourt.imports.fields import Field
from forecourt.kit.database import UnitOfWork

Values = Mapping[str, Any]
"""By field; a field that the row leaves empty is not in it."""


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be written: the field, a code, and what makes a sentence of it."""

    code: str
    field: str | None = None
    params: Mapping[str, Any] = default(default_factory=dict)


@dataclass
class Judged:
    """What is to become of a row. `columns` are a table's columns, `before` and `after` fields as people read them."""

    columns: dict[str, Any] = default(default_factory=dict)
    existing: Any = None
    before: dict[str, str] = default(default_factory=dict)
    after: dict[str, str] = default(default_factory=dict)
    faults: list[Fault] = default(default_factory=list)


@dataclass(frozen=True)
class Undone:
    """Ids of what could not be taken back, with the code of the reason."""

    kept: Mapping[UUID, str]


class Kind(Protocol):
    """Locations, stations or id tokens."""

    @property
    def name(self) -> str:
        """As in the API, also the noun of its permissions: `stations`."""
        ...

    @property
    def fields(self) -> tuple[Field, ...]:
        """What columns can be."""
        ...

    def key(self, values: Values) -> Hashable | None:
        """What makes two rows the same thing; None while what it needs is missing."""
        ...

    def label(self, values: Values) -> str:
        """How people call the row."""
        ...

    async def look_up(self, uow: UnitOfWork, rows: Sequence[Values]) -> Any:
        """Whatever `judge` needs of the database, read at once for all rows."""
        ...

    def judge(self, values: Values, known: Any) -> Judged:
        """Compare a row that could be read with what is there."""
        ...

    async def create(self, uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Write new rows from their columns."""
        ...

    async def change(self, uow: UnitOfWork, changes: Mapping[UUID, Mapping[str, Any]]) -> list[Any]:
        """Set columns of rows; hands back the rows that are there, locked."""
        ...

    async def used(self, uow: UnitOfWork, ids: Collection[UUID], *, since: datetime) -> dict[UUID, str]:
        """Which of the rows that an import created are in use since, and by what (a code)."""
        ...

    async def remove(self, uow: UnitOfWork, ids: Collection[UUID]) -> None:
        """Take back rows that an import created and that are not in use."""
        ...

    async def load(self, uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Any]:
        """The rows that are still there, locked."""
        ...
