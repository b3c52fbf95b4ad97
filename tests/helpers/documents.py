"""The documents of the project, and what is fenced in them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/guides/*.md"))]
_GENERATED = ROOT / "docs/reference.md"  # tested by tests/project/test_reference.py


def fenced(language):
    """What is fenced as a language ("" for commands), each as (document and line, text)."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8") if document != _GENERATED else ""
        blocks = re.finditer(r"^```([a-z]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for match in blocks:
            if match[1] == language:
                yield f"{document.name}:{text[: match.start()].count(chr(10)) + 1}", match[2]
