"""Instruments: notes in, sound out; one file a kind.

An instrument is a frozen dataclass whose fields are its YAML keys. Most say how one note sounds (`sound`), and
the voices here play them: each kind of note is rendered once, and laid into the stream wherever it is played.
"""

from __future__ import annotations

from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.overlap_add import overlap_add
from stemwright.validation import registry

__all__ = ["Instrument", "Note", "make", "overlap_add"]


def make(entry: dict) -> Instrument:
    """An instrument from its one-key map, `{"plucked": {"damping": 0.4}}`."""
    return registry.make(__name__, entry)
