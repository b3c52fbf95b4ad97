"""Instruments, which turn notes into sound: one module per kind.

An instrument is a frozen dataclass whose fields are its YAML keys. Most implement `sound`, which renders one note; the
base class renders each distinct note once and adds it into the stream wherever it is played.
"""

from __future__ import annotations

from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.overlap_add import overlap_add
from stemwright.validation import registry

__all__ = ["Instrument", "Note", "make", "overlap_add"]


def make(entry: dict) -> Instrument:
    """Make an instrument from its one-key map, such as `{"plucked": {"decay_s": 4.0}}`."""
    return registry.make(__name__, entry)
