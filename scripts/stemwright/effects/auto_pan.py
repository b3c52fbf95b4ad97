"""An auto-pan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.effects._base import with_values
from stemwright.effects._lfo import LfoEffect
from stemwright.effects._reach import Reach
from stemwright.effects._stereo import StereoEffect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class AutoPan(StereoEffect, LfoEffect):
    """An auto-pan: an LFO moves the sound from side to side, its top is on the right. Give either length or rate_hz.

    At a pan p from -1 to 1, left has √2 cos(π/4 (1 + p)) and right √2 sin(π/4 (1 + p)): unchanged in the centre, equal
    power everywhere.
    """

    example = "{length: 1 bar, depth: 0.7}"
    adds_frequencies = False
    sum_law = "linear"

    depth: Annotated[
        float, Field("How far to the sides: 0 not at all, 1 to the end.", ge=0, le=1, automatable=True)
    ] = 0.5

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        wave = self.wave(context)
        for block, n, depth in with_values(blocks, self.curve_of("depth", context)):
            angle = np.pi / 4 * (1 + depth * wave.at(n)[:, None])
            yield block * (np.sqrt(2) * np.hstack((np.cos(angle), np.sin(angle))))
