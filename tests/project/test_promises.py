"""docs/promises.md: every promise is linked to a test, and every link leads to one."""

import ast
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/promises.md"
ROWS = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
LINK = re.compile(r"\[(\w+\.py)::(\w+)\]\(([^)]*)\)")


def names_of_tests(path):
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_promise_is_linked_to_a_test():
    rows = [row for row in ROWS if not row.endswith("| held by |") and not row.startswith("| ---")]
    assert len(rows) > 30
    for row in rows:
        *_, held_by, _ = row.split("|")
        assert LINK.findall(held_by) and not LINK.sub("", held_by).replace("<br>", "").strip(), row


def test_every_link_leads_to_a_test():
    for row in ROWS:
        for file, name, target in LINK.findall(row):
            path = (PAGE.parent / target).resolve()
            assert path.name == file and path.is_file(), target
            assert name in names_of_tests(path), f"{file}::{name}"
