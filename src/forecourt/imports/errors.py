"""Errors of imports.

NotFound
└── ImportNotFound
Conflict
├── ImportNotReady          it is committed, running or undone already
├── ImportHasErrors         rows cannot be written as they are
└── PasswordsTaken          they are told once
Invalid
├── FileUnreadable          not a table as text, or larger than is taken (`reason` says why)
├── UnknownKind             no such kind of import
└── MappingUnusable         a column that is not there, one used twice, or a field without one
"""

from __future__ import annotations

from forecourt.kit.errors import Conflict, Invalid, NotFound


class ImportNotFound(NotFound):
    """No such import."""


class ImportNotReady(Conflict):
    """The import's state does not allow it."""


class ImportHasErrors(Conflict):
    """Rows of the import cannot be written as they are."""


class PasswordsTaken(Conflict):
    """The passwords of the import's stations were told already, or there are none."""


class FileUnreadable(Invalid):
    """The file is not a table as text, or larger than is taken."""


class UnknownKind(Invalid):
    """No such kind of import."""


class MappingUnusable(Invalid):
    """The columns cannot be assigned like that."""
