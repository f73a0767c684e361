"""Imports on the wire."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from forecourt.imports.kind import Kind
from forecourt.imports.models import ImportRow, ImportRun
from forecourt.imports.words import remark_of
from forecourt.kit.ids import encode_id

KindName = Literal["locations", "stations", "tokens"]


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    return text


class Strict(BaseModel):
    """Base of what comes in: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class ImportIn(Strict):
    """A CSV file to check. Any common encoding; comma, semicolon or tab."""

    kind: KindName = Field(examples=["locations"])
    filename: str = Field(min_length=1, max_length=255, examples=["locations.csv"])
    content: Annotated[str, AfterValidator(_base64)] = Field(
        min_length=1,
        description="The file's bytes in base64",
        examples=["bmFtZSxjb3VudHJ5LHRpbWVfem9uZQpHYXJhZ2UsREUsRXVyb3BlL0Jlcmxpbgo="],
    )


class MappingIn(Strict):
    """Which column, from 0, is which field; columns that are left out are not read."""

    mapping: dict[str, Annotated[int, Field(ge=0, le=1000)]] = Field(
        max_length=100, examples=[{"name": 0, "country": 1, "time_zone": 2}]
    )


class FieldOut(BaseModel):
    """A field that a column can be."""

    name: str = Field(examples=["time_zone"])
    required: bool = Field(description="To create something; what is there keeps what it has")
    example: str


class KindOut(BaseModel):
    """A kind of import."""

    kind: str = Field(examples=["locations"])
    fields: list[FieldOut]

    @classmethod
    def of(cls, kind: Kind) -> KindOut:
        """From the kind."""
        fields = [FieldOut(name=f.name, required=f.required, example=f.example) for f in kind.fields]
        return cls(kind=kind.name, fields=fields)


class Reason(BaseModel):
    """A code with its parameters."""

    field: str | None = None
    code: str = Field(examples=["Outdated"])
    params: dict[str, Any] = Field(default_factory=dict)


class ImportRunOut(BaseModel):
    """An import: the file, the plan, and what became of it."""

    id: str = Field(examples=["imp_01jz8q3v5de8qbn1c2x4y6z7a8"])
    kind: str = Field(examples=["locations"])
    source: str = Field(examples=["file"], description="`file`, or `api` for a list")
    filename: str | None
    encoding: str | None = Field(examples=["utf-8"])
    delimiter: str | None = Field(examples=[";"])
    columns: list[str] = Field(examples=[["name", "country", "time_zone"]])
    mapping: dict[str, int] = Field(examples=[{"name": 0, "country": 1, "time_zone": 2}])
    state: str = Field(examples=["checked"], description="checked, running, done, undoing, undone")
    row_count: int
    progress: int = Field(description="Rows that the running job is through with")
    counts: dict[str, int] = Field(
        examples=[{"create": 1, "update": 0, "unchanged": 0, "error": 0}],
        description="Rows by plan; after an undo also `undone` and `kept`",
    )
    error: Reason | None = Field(description="Why the last attempt wrote nothing")
    same_file: str | None = Field(default=None, description="An earlier import of the very same file")
    created_at: datetime
    created_by: str
    committed_at: datetime | None
    committed_by: str | None
    undone_at: datetime | None
    undone_by: str | None
    passwords_ready: bool = Field(description="New stations wait for their passwords to be taken")

    @classmethod
    def of(cls, run: ImportRun, *, same_file: str | None = None) -> ImportRunOut:
        """From the row."""
        names = set(cls.model_fields) - {"id", "same_file", "passwords_ready", "error"}
        return cls(
            id=encode_id("imp", run.id),
            same_file=same_file,
            error=Reason(**run.error) if run.error else None,
            passwords_ready=run.kind == "stations"
            and run.state == "done"
            and run.passwords_taken_at is None
            and bool(run.counts.get("create")),
            **{name: getattr(run, name) for name in names},
        )


class ImportRowOut(BaseModel):
    """A row of an import."""

    line: int = Field(examples=[2], description="Of the file, the header being the first")
    name: str = Field(examples=["Garage am Zoo"])
    plan: str | None = Field(examples=["create"], description="create, update, unchanged or error")
    errors: list[Reason]
    before: dict[str, str]
    after: dict[str, str]
    subject_id: str | None = Field(description="What it is about, once that is there")
    undone: str | None = Field(description="undone or kept")
    kept_because: str | None = Field(examples=["ChangedSince"])
    cells: list[str]

    @classmethod
    def of(cls, row: ImportRow, kind: str) -> ImportRowOut:
        """From the row."""
        prefix = {"locations": "loc", "stations": "sta", "tokens": "tok"}.get(kind, "row")
        return cls(
            line=row.line,
            name=row.label,
            plan=row.plan,
            errors=[Reason(**error) for error in row.errors or ()],
            before=row.before or {},
            after=row.after or {},
            subject_id=encode_id(prefix, row.subject_id) if row.subject_id else None,
            undone=row.undone,
            kept_because=row.kept_because,
            cells=row.cells,
        )


class ReportRow(BaseModel):
    """A row of the report as a table."""

    line: int
    name: str
    result: str
    remark: str
    id: str

    @classmethod
    def of(cls, row: ImportRowOut, *, written: bool) -> ReportRow:
        """From the row; `written`: the import is committed."""
        plan = row.plan or ""
        done = {"create": "created", "update": "updated"}.get(plan, plan) if written else plan
        errors = [error.model_dump() for error in row.errors]
        return cls(
            line=row.line,
            name=row.name,
            result="taken back" if row.undone == "undone" else done,
            remark=remark_of(errors, row.kept_because),
            id=row.subject_id or "",
        )


class PasswordOut(BaseModel):
    """A new station's password, told this once."""

    line: int
    identity: str = Field(examples=["CP-0042"])
    password: str = Field(examples=["h7KpW2mZqR9tXcVbN4sD"])


class PasswordsOut(BaseModel):
    """Passwords of the stations that an import created."""

    items: list[PasswordOut]
