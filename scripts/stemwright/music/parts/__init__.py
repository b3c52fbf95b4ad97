"""Parts: what a stem plays in a section. Each module without an underscore is one kind.

A part is a frozen dataclass whose fields are its YAML keys; the value of its first key may be given alone
(`degrees: 1 . 5 .`). It yields events in quarters with velocities; the source `play` adds swing and humanising and
rounds them to frames.
"""

from __future__ import annotations

from stemwright.music.parts._base import Event, Part, Span
from stemwright.validation import registry

__all__ = ["Event", "Part", "Span", "make"]


def make(entry: dict) -> Part:
    """A part from its one-key mapping, such as `{"degrees": {"pattern": "1 . 5 ."}}`."""
    return registry.make(__name__, entry)
