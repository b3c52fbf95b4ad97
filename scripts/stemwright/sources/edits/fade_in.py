"""A fade from silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stemwright.audio.edit_list import Piece
from stemwright.sources.edits._base import RECORDING, FadeEdit, Ruler


@dataclass(frozen=True, kw_only=True)
class FadeIn(FadeEdit):
    """Raises the level from silence at the start of a part to that of the recording at its end."""

    example = "{start: 61 s, end: 64 s}"

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        start, end = self.span(frame)
        yield Piece(end - start, RECORDING, start, fade="in", curve=self.curve)
