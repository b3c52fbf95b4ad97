"""Recordings that instruments play: read as far as needed, looped, and resampled to a pitch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from stemwright.audio import AudioFile, as_channels
from stemwright.audio.fades import ramp
from stemwright.base.errors import AudioFileError
from stemwright.music.render_context import RenderContext

FADE_IN_S = 0.0005
"""Fade-in in s: short enough to keep an attack."""

FADE_OUT_S = 0.005
"""Fade-out where a recording ends, and cross-fade where it loops, in s."""

_MAX_ONE_SHOT_S = 120
_FILTER_FRAMES = 512  # frames read beyond those needed: more than half of soxr's longest filter


@dataclass(frozen=True)
class Recording:
    """What is played of a file: from frame `start` to `end` (exclusive; None for the file's), `loop` repeated.

    `loop` is the first frame of the stretch that repeats, and the one after its last (None for the file's end), in
    frames of the file.
    """

    path: str
    start: int = 0
    end: int | None = None
    loop: tuple[int, int | None] | None = None

    def resampled(self, ratio: float, frames: int | None, context: RenderContext) -> np.ndarray:
        """Read it at a pitch.

        Parameters
        ----------
        ratio : float
            Its pitch, of that at which it was recorded.
        frames : int or None
            Frames to read at most, at the rate of the song. None for all: it must not be longer than two minutes.
        context : RenderContext
            Its rate and channels are used.

        Returns
        -------
        numpy.ndarray
            Shape (frames, context.channels), at its own level.
        """
        with AudioFile(self.path) as file:
            step = ratio * file.rate / context.rate  # frames of the file per frame of the song
            if frames is None and file.frames > _MAX_ONE_SHOT_S * file.rate:
                raise AudioFileError(
                    f"{self.path}: is {file.frames / file.rate:,.0f} s long, a one-shot at most {_MAX_ONE_SHOT_S} s: "
                    "use the source audio for recordings"
                )
            wanted = math.ceil(file.frames / step) if frames is None else frames
            needed = self.start + math.ceil((wanted + _FILTER_FRAMES) * step) + _FILTER_FRAMES
            end = file.frames if self.end is None else min(self.end, file.frames)
            if self.loop is not None and self.loop[1] is not None:
                end = self.loop[1]
            if end > file.frames:
                raise AudioFileError(f"{self.path}: has {file.frames:,} frames; the loop ends at {end:,}")
            if self.start >= end:
                raise AudioFileError(
                    f"{self.path}: has {file.frames:,} frames; it is to be played from {self.start:,} to {end:,}"
                )
            blocks = file.finite_blocks(self.start, min(end, needed) - self.start)
            wave = np.concatenate(list(as_channels(blocks, context.channels)))
            if self.loop is not None and needed > end:
                first = max(0, self.loop[0] - self.start)
                wave = _extend_loop(
                    wave, first, end - self.start, needed - self.start, round(FADE_OUT_S * file.rate)
                )
            if step != 1:
                import soxr

                wave = soxr.resample(np.ascontiguousarray(wave), file.rate * ratio, context.rate, "VHQ")
        return wave[:wanted]


def edge_gain(frames: int, rate: int) -> np.ndarray:
    """The gain that fades the ends of a recording of so many frames, shape (frames,)."""
    n = np.arange(frames)
    return ramp(n, round(FADE_IN_S * rate)) * ramp(frames - 1 - n, round(FADE_OUT_S * rate))


def _extend_loop(wave: np.ndarray, start: int, end: int, frames: int, fade: int) -> np.ndarray:
    """Extend a recording to `frames` by repeating the frames from `start` to `end`.

    The last `fade` frames of the loop are cross-faded with those before its start. A seamless loop is not changed.
    """
    fade = min(fade, (end - start) // 2, start)
    crossfade = ramp(np.arange(fade), fade)[:, None]
    wave = wave.copy()
    wave[end - fade : end] += crossfade * (wave[start - fade : start] - wave[end - fade : end])
    n = np.arange(frames)
    return wave[np.where(n < end, n, start + (n - start) % (end - start))]
