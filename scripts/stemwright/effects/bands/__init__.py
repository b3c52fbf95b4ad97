"""The bands of the effect `eq`: one module per kind."""

from __future__ import annotations

from stemwright.effects.bands._base import Band
from stemwright.validation import registry

__all__ = ["Band", "make"]


def make(entry: dict) -> Band:
    """Make a band from its one-key map, such as `{"notch": {"frequency_hz": 50}}`."""
    return registry.make(__name__, entry)
