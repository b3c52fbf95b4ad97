"""A bit crusher (pedalboard's)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.effects._reach import Reach
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Bitcrush(Effect):
    """A bit crusher: rounds samples to few levels, without dither."""

    example = "{bit_depth: 6}"

    bit_depth: Annotated[
        float,
        Field(
            "Steps from 0 to full scale: 2 to this power; halves of a bit work too.",
            "bits",
            ge=1,
            le=24,
            automatable=True,
        ),
    ] = 8.0

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        return _pedalboard.run_plugin(pedalboard.Bitcrush(), blocks, context, self.key_curves(context))
