"""Tables of imports: runs and their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from forecourt.kit.columns import Base, CreatedAt, TenantRow, tenant_fk


class ImportRun(TenantRow, CreatedAt, Base):
    """One file, or one list handed to the API: from its check to its undoing.

    `state`: checked, running, done, undoing, undone. `counts`: rows by plan; after an undo also `undone` and `kept`.
    `mapping`: column number by field. `error`: why the last attempt wrote nothing.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        Index("ix_import_run_list", "operator_id", "created_at", "id"),
        Index("ix_import_run_file", "operator_id", "file_sha256"),
    )

    kind: Mapped[str]
    source: Mapped[str] = mapped_column(default="file", server_default="file")
    """`file` or `api`."""
    filename: Mapped[str | None]
    file_sha256: Mapped[str | None]
    encoding: Mapped[str | None]
    delimiter: Mapped[str | None]
    columns: Mapped[list[str]]
    mapping: Mapped[dict[str, Any]]
    state: Mapped[str]
    row_count: Mapped[int]
    progress: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rows that the running job is through with."""
    counts: Mapped[dict[str, Any]]
    error: Mapped[dict[str, Any] | None]
    created_by: Mapped[str]
    committed_by: Mapped[str | None]
    committed_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    passwords_taken_at: Mapped[datetime | None]


class ImportRow(TenantRow, Base):
    """A row of the file: its cells, what is to become of it, and what became of it.

    `plan`: create, update, unchanged, error. `before` and `after`: the fields that change, as text. `restore`: the
    columns as they were, for the way back. `undone`: undone or kept, then `kept_because` is a code.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        tenant_fk("run_id", target="import_run", ondelete="CASCADE"),
        Index("uq_import_row_line", "operator_id", "run_id", "line", unique=True),
    )

    run_id: Mapped[UUID]
    line: Mapped[int]
    cells: Mapped[list[str]]
    label: Mapped[str] = mapped_column(default="", server_default="")
    plan: Mapped[str | None]
    errors: Mapped[list[dict[str, Any]] | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    subject_id: Mapped[UUID | None]
    subject_revision: Mapped[int | None]
    restore: Mapped[dict[str, Any] | None]
    undone: Mapped[str | None]
    kept_because: Mapped[str | None]
