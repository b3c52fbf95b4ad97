"""A fade to silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stemwright.audio.edit_list import Piece
from stemwright.sources.edits._base import RECORDING, FadeEdit, Ruler


@dataclass(frozen=True, kw_only=True)
class FadeOut(FadeEdit):
    """Lowers the level to silence at the end of a part. What comes after it sounds, unless it is cut or made silent."""

    example = "{start: 61 s, end: 64 s, curve: linear}"

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        start, end = self.span(frame)
        yield Piece(end - start, RECORDING, start, fade="out", curve=self.curve)
