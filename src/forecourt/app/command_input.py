"""What people type on the command line: checked by the API's own schemas, refused in one line."""

from __future__ import annotations

import os
from typing import Any, TypeVar

import psycopg
import typer
from pydantic import BaseModel, ValidationError

from forecourt.kit.errors import ForecourtError, Invalid

Model = TypeVar("Model", bound=BaseModel)


class BadArgument(Invalid):
    """An argument or option holds what cannot be."""


def checked(model: type[Model], **values: Any) -> Model:
    """The values as the API would take them.

    Raises:
        BadArgument: it would not.
    """
    try:
        return model(**values)
    except ValidationError as error:
        raise BadArgument("; ".join(_problems(error))) from None


def _problems(error: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, found['loc']))}: {found['msg'].lower()}" for found in error.errors()]


def tell(error: Exception) -> bool:
    """Print a known error as one line; False for one that deserves its traceback."""
    if isinstance(error, ForecourtError):
        text = f"{error.code}: {error.message}"
    elif isinstance(error, OSError):
        file = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else error.filename
        text = f"{type(error).__name__}: {error.strerror or error}{f': {file}' if file is not None else ''}"
    elif isinstance(error, psycopg.OperationalError):
        text = f"DatabaseAway: {' '.join(str(error).split())}"
    else:
        return False
    typer.secho(text, fg="red", err=True)
    return True
