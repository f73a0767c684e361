"""A table out of the bytes of a file, as spreadsheets of all countries save it.

UTF-8 with or without a mark, UTF-16 with one, else Windows-1252; comma, semicolon, tab or bar; RFC 4180 quotes.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from forecourt.imports.errors import FileUnreadable

MAX_BYTES = 3_500_000
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_CELL = 2_000
_DELIMITERS = (",", ";", "\t", "|")
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Table:
    """Header and rows; each row with the line of the file that it begins on."""

    encoding: str
    delimiter: str
    columns: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(content: bytes) -> Table:
    """Read a CSV file.

    Raises:
        FileUnreadable: `reason` is one of empty, too_large, not_text, too_many_rows, too_many_columns,
            cell_too_long, header_only, broken_quotes.
    """
    if len(content) > MAX_BYTES:
        raise FileUnreadable(
            f"the file has more than {MAX_BYTES} bytes",
            reason="too_large",
            limit=MAX_BYTES,
            size=len(content),
        )
    text, encoding = _decode(content)
    if "\0" in text or content.startswith(b"PK\x03\x04"):
        raise FileUnreadable("the file is no text: save the sheet as CSV", reason="not_text")
    if not text.strip():
        raise FileUnreadable("the file is empty", reason="empty")
    delimiter = _guess_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    rows: list[tuple[int, list[str]]] = []
    try:
        while True:
            line = reader.line_num + 1
            try:
                cells = [_plain(cell) for cell in next(reader)]
            except StopIteration:
                break
            if not any(cells):
                continue
            _check_row(cells, line)
            if columns is None:
                columns = cells
            else:
                rows.append((line, (cells + [""] * len(columns))[: max(len(columns), len(cells))]))
            if len(rows) > MAX_ROWS:
                raise FileUnreadable(
                    f"the file has more than {MAX_ROWS} rows", reason="too_many_rows", limit=MAX_ROWS
                )
    except csv.Error as error:
        raise FileUnreadable(
            f"line {reader.line_num}: {error}", reason="broken_quotes", line=reader.line_num
        ) from error
    if columns is None or not rows:
        raise FileUnreadable("the file has a header and no rows", reason="header_only")
    return Table(encoding, delimiter, columns, rows)


def _decode(content: bytes) -> tuple[str, str]:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            try:
                return content.decode("utf-8-sig" if encoding == "utf-8" else encoding), encoding
            except UnicodeDecodeError as error:
                raise FileUnreadable(f"the file is no {encoding}", reason="not_text") from error
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "windows-1252"


def _guess_delimiter(text: str) -> str:
    """The one that the header has most of, outside quotes. A first line `sep=;`, as Excel writes it, is no case."""
    header, quoted = [], False
    for character in text.lstrip("\r\n"):
        if character == '"':
            quoted = not quoted
        elif character in "\r\n" and not quoted:
            break
        elif not quoted:
            header.append(character)
    return max(_DELIMITERS, key=header.count)


def _plain(cell: str) -> str:
    """Without the spaces around it, and without the apostrophe that our own exports put before a formula."""
    text = cell.strip()
    if text.startswith("'") and text[1:].lstrip(" ").startswith(_FORMULA):
        return text[1:].strip()
    return text


def _check_row(cells: list[str], line: int) -> None:
    if len(cells) > MAX_COLUMNS:
        raise FileUnreadable(
            f"line {line} has more than {MAX_COLUMNS} columns",
            reason="too_many_columns",
            limit=MAX_COLUMNS,
            line=line,
        )
    if any(len(cell) > MAX_CELL for cell in cells):
        raise FileUnreadable(
            f"line {line} has a cell of more than {MAX_CELL} characters",
            reason="cell_too_long",
            limit=MAX_CELL,
            line=line,
        )
