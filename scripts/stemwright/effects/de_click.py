"""A remover of clicks (ffmpeg's adeclick)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects._ffmpeg import FfmpegEffect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class DeClick(FfmpegEffect):
    """Removes clicks and crackle: samples that do not follow from those around them are replaced by what does. It needs
    ffmpeg.
    """

    # Of the filter's defaults, the other method changes clean sound (at -24 dB, ffmpeg 5.1), and in shorter windows the
    # clicks hide themselves.

    example = "{threshold: 6}"
    adds_frequencies = False
    lowest_rate = 44_100

    threshold: Annotated[
        float,
        Field(
            "How far a click stands out, in standard deviations of what cannot be predicted: less finds more, and at "
            "2 takes the peaks of noise for clicks.",
            ge=1,
            le=100,
        ),
    ] = 4.0

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        return self.filtered(f"adeclick=threshold={self.threshold:g}:window=100:method=save", blocks, context)
