"""A part that is played several times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.audio.edit_list import Piece
from stemwright.sources.edits._base import RECORDING, Joined, Ruler
from stemwright.validation.fields import Field


@dataclass(frozen=True, kw_only=True)
class Repeat(Joined):
    """Plays a part several times. What comes after it moves down."""

    example = "{start: bar 5, end: bar 7, times: 2}"

    times: Annotated[int, Field("How often it is heard, the first time included.", ge=2, le=1_000)] = 2

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        start, end = self.span(frame)
        yield from [Piece(end - start, RECORDING, start)] * self.times
