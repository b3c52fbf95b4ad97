"""docs/promises.md: every promise is linked to a test, and every link leads to one."""

import ast
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/promises.md"
ROWS = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
LINK = re.compile(r"\[(\w+\.py)::(\w+)\]\(([^)]*)\)")


def names_of_tests(path, quick=False):
    """The tests in a file, or those of them that `make test` runs, perhaps not with all their parameters."""
    body = ast.parse(path.read_text()).body
    if quick and any(ast.unparse(node) == "pytestmark = pytest.mark.long" for node in body):
        return set()
    return {
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef)
        and not (quick and "pytest.mark.long" in map(ast.unparse, node.decorator_list))
    }


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


def test_every_promise_is_held_in_make_test():
    for row in filter(LINK.search, ROWS):
        assert any(
            name in names_of_tests((PAGE.parent / target).resolve(), quick=True)
            for _, name, target in LINK.findall(row)
        ), row
