"""A tremolo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects._base import with_values
from stemwright.effects._lfo import LfoEffect
from stemwright.effects._reach import Reach
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Tremolo(LfoEffect):
    """A tremolo: an LFO moves the level between full and, at the bottom, 1 - depth. Give either length or rate_hz.

    phase: 0.25 puts the top of a sine on the beat.
    """

    example = "{length: 1/8, shape: triangle, depth: 0.6, phase: 0.25}"
    adds_frequencies = False
    sum_law = "linear"

    depth: Annotated[
        float, Field("How far down it goes: 0 not at all, 1 to silence.", ge=0, le=1, automatable=True)
    ] = 0.5

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        wave = self.wave(context)
        for block, n, depth in with_values(blocks, self.curve_of("depth", context)):
            yield block * (1 - depth * (1 - wave.at(n)[:, None]) / 2)
