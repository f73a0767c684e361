"""Tables as CSV, streamed, safe to open in a spreadsheet.

Safe: a cell that a spreadsheet would take for a formula (it begins with ``=``, ``+``, ``-``, ``@``, a tab or
a carriage return, and is no number) gets an apostrophe in front. OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from starlette.responses import StreamingResponse

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CHUNK_ROWS = 500


def cell(value: object) -> str:
    """One value as text: no exponent, times in ISO 8601, nothing that is a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    # A space in front does not stop a spreadsheet from trimming it.
    return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


async def csv_lines(header: Sequence[str], rows: AsyncIterable[Sequence[Any]]) -> AsyncIterator[str]:
    """The table in pieces of some hundred lines (RFC 4180, with a byte order mark for spreadsheets)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer.writerow([cell(name) for name in header])
    count = 0
    async for row in rows:
        writer.writerow([cell(value) for value in row])
        count += 1
        if count % _CHUNK_ROWS == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_response(
    filename: str, header: Sequence[str], rows: AsyncIterable[Sequence[Any]]
) -> StreamingResponse:
    """An HTTP answer that a browser saves as ``filename``. The rows' transaction must outlive the response."""
    return StreamingResponse(
        csv_lines(header, rows),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
