"""The ledgers under docs/protocol name tests; each must exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)*)`")


def names_in(file: Path) -> set[str]:
    """Classes, functions and `Class::method` of a test file."""
    found: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
            found |= {
                f"{node.name}::{item.name}"
                for item in node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
    return found


class TestLedger:
    def test_every_test_that_is_named_exists(self) -> None:
        references = [
            (ledger.name, path, rest.removeprefix("::"))
            for ledger in sorted((ROOT / "docs" / "protocol").glob("*.md"))
            for path, rest in REFERENCE.findall(ledger.read_text())
        ]
        assert references
        missing = [
            reference
            for reference in references
            if not (ROOT / reference[1]).is_file()
            or (reference[2] and reference[2] not in names_in(ROOT / reference[1]))
        ]
        assert missing == []
