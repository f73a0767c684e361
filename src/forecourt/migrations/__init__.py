"""Alembic: how the database comes to be, revision by revision. The only package that knows every model.

Owns: the revisions in ``versions``, and the one list of all tables (``load_metadata``).
Never: business code.

    upgrade("postgresql://fc_owner@...")

Procrastinate's tables (schema ``jobs``) and time partitions are made elsewhere and left alone here.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Enum, MetaData
from sqlalchemy.engine import make_url

from forecourt.kit.columns import Json, UtcDateTime

_NOT_OURS = re.compile(r"_p\d{8}$|_default$|^procrastinate_")


def load_metadata() -> MetaData:
    """Import every package's ``models`` and hand out the metadata that they fill."""
    import forecourt
    from forecourt.kit import mail, outbox  # noqa: F401 - they register their tables
    from forecourt.kit.columns import Base

    for module in model_modules(forecourt.__path__):
        importlib.import_module(module)
    return Base.metadata


def model_modules(paths: list[str]) -> list[str]:
    """The names of all ``models`` modules (or packages) of the program."""
    found = []
    for root in paths:
        for path in sorted([*Path(root).rglob("models.py"), *Path(root).rglob("models/__init__.py")]):
            relative = path.relative_to(root).with_suffix("")
            parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
            found.append(".".join(("forecourt", *parts)))
    return found


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    """Which database objects Alembic compares: not partitions, not the job queue's."""
    if type_ == "schema":
        return name is None
    if type_ == "table":
        return name is not None and _NOT_OURS.search(name) is None
    return True


def render_item(type_: str, item: object, context: object) -> str | Literal[False]:
    """Write our column types as what they are in the database: a revision outlives the code it came from."""
    if type_ == "type":
        if isinstance(item, UtcDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item, Json):
            return "postgresql.JSONB()"
        if isinstance(item, Enum):
            return f"sa.String({item.length})"
    return False


def config(url: str) -> Config:
    """Alembic's configuration, made in code: there is no ini file to find."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["url"] = make_url(url).set(drivername="postgresql+psycopg")
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to a revision. ``url`` is that of fc_owner.

    Blocks; from async code call it in a thread.
    """
    command.upgrade(config(url), revision)


def check(url: str) -> None:
    """Raise ``alembic.util.CommandError`` if the models say something else than the migrated database."""
    command.check(config(url))
