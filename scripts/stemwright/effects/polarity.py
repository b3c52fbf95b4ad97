"""Polarity."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.audio import Stream
from stemwright.effects._reach import Reach
from stemwright.effects._stereo import Channel, ChannelEffect
from stemwright.music.render_context import RenderContext


@dataclass(frozen=True)
class Polarity(ChannelEffect):
    """Inverts the polarity."""

    example = "{channel: right}"
    adds_frequencies = False
    sum_law = "linear"

    channel: Channel = "both"

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        for block in blocks:
            inverted = block.copy()
            inverted[:, self.columns()] *= -1
            yield inverted
