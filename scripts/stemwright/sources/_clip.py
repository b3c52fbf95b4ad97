"""A clip: a stretch of a recording at the session's rate and channels, and where it is cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from stemwright.audio import Stream, fit, resample, resampled_frames
from stemwright.audio.edit_list import EditList
from stemwright.audio.fades import ramp
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, parse_duration, parse_position, round_half_up

_CUT_FADE_S = 0.005  # fade where a recording is cut, against clicks


@dataclass(frozen=True)
class Clip:
    """A stream of `frames` frames at the session's rate and channels.

    `cut_in` and `cut_out` say whether the recording goes on before its start and after its end: there, it is faded.
    """

    stream: Iterable[np.ndarray]
    frames: int
    cut_in: bool = False
    cut_out: bool = False

    def blocks(self, context: RenderContext) -> Stream:
        """The stream, with short fades where the recording is cut."""
        faded = min(round(_CUT_FADE_S * context.rate), self.frames // 2)
        first, last = faded if self.cut_in else 0, faded if self.cut_out else 0
        at = 0
        for block in fit(self.stream, self.frames, context.channels):
            if first or last:
                n = np.arange(at, at + len(block))
                block = block * (ramp(n, first) * ramp(self.frames - 1 - n, last))[:, None]
            yield block
            at += len(block)


def conformed(recording: EditList, context: RenderContext) -> Clip:
    """All of a recording, resampled to the session's rate."""
    frames = resampled_frames(recording.frames, recording.rate, context.rate)
    stream = resample(recording.blocks(), recording.frames, context.channels, recording.rate, context.rate)
    return Clip(stream, frames)


def parse_seconds(text: object) -> Duration:
    """Read a length in seconds. Raises ValueError for one in bars, beats or notes."""
    length = parse_duration(text)
    if length.is_musical:
        raise ValueError(
            f"must be in seconds, such as 2.5 s, 40 ms or 1:22: a file has no bars (is {text!r})"
        )
    return length


def seconds(text: str) -> Fraction:
    """A length in seconds, exactly."""
    return parse_seconds(text).seconds


def song_seconds(position: str, context: RenderContext) -> Fraction:
    """A position of the song in s from its start; without the timeline, one that does not depend on it."""
    at = parse_position(position)
    if context.timeline is not None:
        return context.timeline.tempo.time_of(at)
    return at.seconds + at.offset.seconds


def frame_after(start: Fraction, text: str, context: RenderContext) -> int:
    """The frame of the song at the end of a length.

    Parameters
    ----------
    start : Fraction
        Where the length begins, in s from the start of the song.
    text : str
        The length.
    context : RenderContext
        With the timeline, if the length is in bars or beats.

    Returns
    -------
    int
    """
    length = parse_duration(text)
    if not length.is_musical:
        return round_half_up((start + length.seconds) * context.rate)
    timeline = context.required_timeline()
    return timeline.frame(timeline.tempo.advance(timeline.tempo.quarters(start), length))
