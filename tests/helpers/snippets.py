"""Snippets in Markdown whose first line names a file, and those of the cookbook."""

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COOKBOOK = ROOT / "docs/cookbook"
NAMED = re.compile(r"^```\w+\n((?:#|//) (\S+\.\w+)\n.*?)^```", re.MULTILINE | re.DOTALL)
TABLES = re.compile(r"^`(\S+\.csv)`:\n\n```csv\n(.*?)^```", re.MULTILINE | re.DOTALL)


def named_snippets(text):
    """The snippets whose first line is a comment with the path of a file, by that path; and tables, which have none."""
    return {path: snippet for snippet, path in NAMED.findall(text)} | dict(TABLES.findall(text))


def cookbook():
    """The files of all recipes, by their paths."""
    pages = [page.read_text(encoding="utf-8") for page in sorted(COOKBOOK.glob("*.md"))]
    return {path: snippet for page in pages for path, snippet in named_snippets(page).items()}


def write_cookbook(folder):
    """The recipes' files, and the stand-ins for recordings: what a reader of the cookbook has."""
    for path, snippet in cookbook().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(snippet, encoding="utf-8")
    runpy.run_path(str(COOKBOOK / "make_recordings.py"))["main"](folder)
