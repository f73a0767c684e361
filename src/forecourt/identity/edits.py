"""HTTP habits of edits and lists that every package's endpoints share: ETag, If-Match, and CSV on demand."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response

from forecourt.kit.errors import Invalid, PreconditionFailed

_ETAG = re.compile(r'(?:W/)?"(\d+)"')


class EtagUnreadable(Invalid):
    """If-Match is not an ETag that we handed out."""


def etag(revision: int) -> str:
    """The ETag of a revision, e.g. ``"7"`` in its quotes."""
    return f'"{revision}"'


def set_etag(response: Response, revision: int) -> None:
    """Put the revision into the answer's ETag."""
    response.headers["ETag"] = etag(revision)


def _if_match(
    if_match: Annotated[
        str | None,
        Header(description="The ETag that the edit is based on; another revision is refused with 412."),
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise EtagUnreadable(
            f"If-Match is {if_match!r}; send back the ETag of the answer that you edit", value=if_match
        )
    return int(match[1])


IfMatch = Annotated[int | None, Depends(_if_match)]
"""Parameter of an edit: the revision it is based on, or None if the caller does not say."""


def check_revision(expected: int | None, revision: int) -> None:
    """Refuse an edit of another revision than the present one.

    Raises:
        PreconditionFailed: ``expected`` is given and differs.
    """
    if expected is not None and expected != revision:
        raise PreconditionFailed(
            f"the edit is based on revision {expected}, the present one is {revision}: read it again",
            expected=expected,
            revision=revision,
        )


def _wants_csv(
    request: Request,
    format: Annotated[
        str | None,
        Query(pattern="^(json|csv)$", description="`csv` for a CSV export, like `Accept: text/csv`."),
    ] = None,
) -> bool:
    if format is not None:
        return format == "csv"
    first = request.headers.get("accept", "").split(",")[0].split(";")[0].strip().lower()
    return first == "text/csv"


WantsCsv = Annotated[bool, Depends(_wants_csv)]
"""Parameter of a list: whether the caller asks for CSV, by ``?format=csv`` or ``Accept: text/csv``."""
Sort = Annotated[str, Query(max_length=60, description="A column's name; `-name` is descending.")]
"""Parameter of a list: by what it is ordered."""
