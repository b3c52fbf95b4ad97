"""Parts: what a stem plays in a section, one file a kind.

A part is a frozen dataclass whose fields are its YAML keys; its first may be given alone (`degrees: 1 . 5 .`).
It says what is played, in quarters and velocities; the source `play` adds swing and humanising, and rounds to frames.
"""

from __future__ import annotations

from stemwright.music.parts._base import Event, Part, Span
from stemwright.validation import registry

__all__ = ["Event", "Part", "Span", "make"]


def make(entry: dict) -> Part:
    """A part from its one-key map, `{"degrees": {"pattern": "1 . 5 ."}}`."""
    return registry.make(__name__, entry)
