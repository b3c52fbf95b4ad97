"""The edits of a recording: one module per kind."""

from __future__ import annotations

from stemwright.sources.edits._base import Edit, Ruler, Splice
from stemwright.validation import registry

__all__ = ["Edit", "Ruler", "Splice", "make"]


def make(entry: dict) -> Edit:
    """Make an edit from its one-key map, such as `{"cut": {"start": "1.2 s", "end": "1.9 s"}}`."""
    return registry.make(__name__, entry)
