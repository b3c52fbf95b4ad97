"""A part that is silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stemwright.audio.edit_list import Piece
from stemwright.sources.edits._base import Joined, Ruler


@dataclass(frozen=True, kw_only=True)
class Silence(Joined):
    """Makes a part silent. What comes after it stays where it is."""

    example = "{start: bar 9, end: bar 10 beat 3}"

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        start, end = self.span(frame)
        yield Piece(end - start)
