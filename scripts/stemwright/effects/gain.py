"""A gain: every sample is multiplied by a constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.base.decibels import amplitude
from stemwright.effects._base import Effect, with_values
from stemwright.effects._reach import Reach
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Gain(Effect):
    """A change of level."""

    example = "{gain_db: -3}"
    adds_frequencies = False
    sum_law = "linear"

    gain_db: Annotated[float, Field("Change of level.", "dB", ge=-60, le=60, automatable=True)]

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        for block, _, gain_db in with_values(blocks, self.curve_of("gain_db", context)):
            yield block * amplitude(gain_db)
