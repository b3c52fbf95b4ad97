"""A part at another level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.audio.edit_list import Piece
from stemwright.base.decibels import amplitude
from stemwright.sources.edits._base import RECORDING, Edit, Ruler
from stemwright.validation.fields import Field


@dataclass(frozen=True, kw_only=True)
class Gain(Edit):
    """Changes the level of a part. Its crossfades are linear ramps of the gain."""

    example = "{start: 42 s, end: 42.6 s, gain_db: -9, crossfade: 50 ms}"

    gain_db: Annotated[float, Field("The change.", "dB", ge=-60, le=60)]

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        start, end = self.span(frame)
        yield Piece(end - start, RECORDING, start, gain=amplitude(self.gain_db))
