"""Effects: one module per kind, and the chain that runs them.

An effect is a frozen dataclass whose fields are its YAML keys. Its method `process` maps a stream of blocks to a
stream of at least as many frames (the chain cuts the rest), starting at the same time: an effect that delays its signal
removes that delay, and flushes itself at the end. Its result does not depend on block sizes.
"""

from __future__ import annotations

from stemwright.effects._base import Effect, GainEffect
from stemwright.effects._chain import Chain
from stemwright.effects._reach import Reach
from stemwright.validation import registry

__all__ = ["Chain", "Effect", "GainEffect", "Reach", "make"]


def make(entry: dict) -> Effect:
    """Make an effect from its one-key map, such as `{"lowpass": {"cutoff_hz": 8000}}`."""
    return registry.make(__name__, entry)
