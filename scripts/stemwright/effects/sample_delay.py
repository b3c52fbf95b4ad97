"""A delay by whole frames, without the direct sound."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.effects._reach import Reach
from stemwright.effects._stereo import Channel, ChannelEffect
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import round_half_up
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class SampleDelay(ChannelEffect):
    """Moves the sound to later, by whole frames: to align microphones, or for the Haas effect. Give frames or ms."""

    example = "{ms: 12, channel: right}"
    adds_frequencies = False
    sum_law = "linear"

    frames: Annotated[int, Field("How much later.", "frames", ge=0, le=384_000)] | None = None
    ms: Annotated[float, Field("How much later, to the nearest frame.", "ms", ge=0, le=1_000)] | None = None
    channel: Channel = "both"

    def __post_init__(self) -> None:
        if (self.frames is None) == (self.ms is None):
            raise ValueError("needs one of frames and ms")

    def reach(self, context: RenderContext) -> Reach:
        return Reach(self._frames(context))

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        frames = self._frames(context)
        columns = self.columns()
        held = np.zeros((frames, context.channels))[:, columns]
        for block in blocks:
            line = np.concatenate((held, block[:, columns]))
            delayed = block.copy()
            delayed[:, columns] = line[: len(block)]
            held = line[len(block) :]
            yield delayed

    def _frames(self, context: RenderContext) -> int:
        return self.frames or round_half_up(Fraction(self.ms or 0) * context.rate / 1_000)
