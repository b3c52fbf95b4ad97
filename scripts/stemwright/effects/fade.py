"""A fade-in at the song's start, and a fade-out at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from stemwright.audio import Stream
from stemwright.audio.fades import ramp
from stemwright.effects._base import Effect
from stemwright.effects._reach import Reach
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, parse_duration, round_half_up
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Fade(Effect):
    """A fade-in at the start of the song, a fade-out at its end."""

    example = "{fade_in: 2 bars, fade_out: 10 s}"
    adds_frequencies = False
    sum_law = "linear"

    fade_in: Annotated[str, Field("Length of the fade-in at the song's start.", parse=parse_duration)] = "0 s"
    fade_out: Annotated[str, Field("Length of the fade-out at the song's end.", parse=parse_duration)] = "0 s"
    curve: Annotated[
        Literal["cosine", "linear"], Field("Curve of the fades: a half cosine, or linear in amplitude.")
    ] = "cosine"

    @property
    def needs_timeline(self) -> bool:
        return parse_duration(self.fade_in).is_musical or parse_duration(self.fade_out).is_musical

    def check(self, context: RenderContext) -> None:
        faded, song = sum(self._frames(context)), context.song_frames
        if faded > song:
            raise ValueError(
                f"fade_in and fade_out together are {faded / context.rate:.3f} s long, "
                f"the song {song / context.rate:.3f} s: shorten them"
            )

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        first, last = self._frames(context)
        at = context.origin
        for block in blocks:
            n = np.arange(at, at + len(block))
            gain = ramp(n, first, self.curve) * ramp(context.song_frames - 1 - n, last, self.curve)
            yield block * gain[:, None]
            at += len(block)

    def _frames(self, context: RenderContext) -> tuple[int, int]:
        """The lengths of the fade-in and the fade-out in frames."""
        fade_in, fade_out = (parse_duration(v) for v in (self.fade_in, self.fade_out))
        return _fade_in_frames(fade_in, context), _fade_out_frames(fade_out, context)


def _fade_in_frames(length: Duration, context: RenderContext) -> int:
    if length.is_musical:
        return context.required_timeline().length_frames(length)
    return round_half_up(length.seconds * context.rate)


def _fade_out_frames(length: Duration, context: RenderContext) -> int:
    """The frames of a length that ends with the song; its bars and beats are those of the meter at the end."""
    if not length.is_musical:
        return _fade_in_frames(length, context)
    timeline = context.required_timeline()
    tempo, end = timeline.tempo, timeline.end
    meter = tempo.time_signature(end)
    quarters = length.bars * meter.bar_quarters + length.beats * meter.beat_quarters + 4 * length.notes
    start = tempo.seconds(end - quarters) - length.seconds
    return timeline.end_frame - round_half_up(start * context.rate)
