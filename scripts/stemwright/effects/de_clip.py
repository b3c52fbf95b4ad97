"""A restorer of clipped peaks (ffmpeg's adeclip)."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.audio import Stream
from stemwright.effects._ffmpeg import FfmpegEffect
from stemwright.music.render_context import RenderContext


@dataclass(frozen=True)
class DeClip(FfmpegEffect):
    """Restores clipped peaks, which then exceed the level at which they were clipped, from the sound around them. It
    needs ffmpeg, and takes longer the more is clipped.
    """

    # As in `de_click`, not the filter's own method; the other two were the best of those tried.

    example = "{timeout_s: 600}"
    lowest_rate = 44_100

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        return self.filtered("adeclip=arorder=4:hsize=9999:method=save", blocks, context)
