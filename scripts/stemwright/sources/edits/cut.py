"""A part that is cut out."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.sources.edits._base import Joined


@dataclass(frozen=True, kw_only=True)
class Cut(Joined):
    """Cuts a part out. What comes after it moves up."""

    example = "{start: 12.4 s, end: 13.1 s}"
