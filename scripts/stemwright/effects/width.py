"""Stereo width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects._base import with_values
from stemwright.effects._reach import Reach
from stemwright.effects._stereo import StereoEffect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Width(StereoEffect):
    """Stereo width: the gain of the side, (L - R) / 2, while the middle, (L + R) / 2, stays."""

    example = "{width: 1.3}"
    adds_frequencies = False
    sum_law = "linear"

    width: Annotated[
        float,
        Field("0 is mono, 1 leaves it unchanged, 2 has twice as much side.", ge=0, le=2, automatable=True),
    ]

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        for block, _, width in with_values(blocks, self.curve_of("width", context)):
            mid = block.mean(axis=1, keepdims=True)
            yield mid + width * (block - mid)
