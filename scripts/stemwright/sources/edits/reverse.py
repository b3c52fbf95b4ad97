"""A part that is played backwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stemwright.audio.edit_list import Piece
from stemwright.sources.edits._base import RECORDING, Joined, Ruler


@dataclass(frozen=True, kw_only=True)
class Reverse(Joined):
    """Plays a part backwards."""

    example = "{start: bar 8 beat 3, end: bar 9, crossfade: 20 ms}"

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        start, end = self.span(frame)
        yield Piece(end - start, RECORDING, start, reverse=True)
