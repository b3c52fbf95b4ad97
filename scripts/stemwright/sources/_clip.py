"""A clip: a stretch of a recording at the session's rate and channels, and where it is cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from stemwright.audio import AudioFile, Stream, as_channels, fit, resample, resampled_frames
from stemwright.audio.fades import ramp
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import parse_duration, round_half_up

_CUT_FADE_S = 0.005  # fade where a recording is cut, against clicks


class Recording:
    """A recording from a frame on, at its own rate, in the channels of the session.

    Parameters
    ----------
    file : AudioFile
        The file, which stays open while it is read.
    first : int
        The frame where it begins.
    channels : int
        The channels of the session.
    """

    def __init__(self, file: AudioFile, first: int, channels: int):
        self.channels, self.rate = channels, file.rate
        self.frames = file.frames - first
        self._file, self._first = file, first

    def blocks(self, start: int = 0, frames: int | None = None) -> Stream:
        """Stream `frames` frames from `start`, by default all to the end."""
        return as_channels(self._file.finite_blocks(self._first + start, frames), self.channels)


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


def conformed(recording: Recording, context: RenderContext) -> Clip:
    """All of a recording, resampled to the session's rate."""
    frames = resampled_frames(recording.frames, recording.rate, context.rate)
    stream = resample(recording.blocks(), recording.frames, context.channels, recording.rate, context.rate)
    return Clip(stream, frames)


def seconds(text: str) -> Fraction:
    """A length in seconds, exactly."""
    return parse_duration(text).seconds


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
