"""A reducer of steady noise (ffmpeg's afftdn), which learns the noise from the sound itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import Annotated

import numpy as np

from stemwright.audio import Spool, Stream, fit, without_start
from stemwright.base.decibels import decibels
from stemwright.effects._ffmpeg import FfmpegEffect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_HOP_S, _HOPS = 0.1, 3  # the noise is learnt from so many hops
_LEARNT_S = (0.15, 0.85)  # of the second that comes before the sound
_SILENCE = 1e-10  # a mean square, -100 dBFS: what was cut out tells of no noise
_ABOVE_DB = 5.0  # how far the floor is set above the level of the noise: less leaves half of it
_FLOORS_DB = (-80.0, -20.0)  # that afftdn knows


@dataclass(frozen=True)
class Denoise(FfmpegEffect):
    """Reduces steady noise: hiss, hum, a fan. Its spectrum is learnt from the quietest 0.3 s of the sound, so there
    must be a pause in which the noise is alone. It needs ffmpeg.
    """

    example = "{reduction_db: 15}"
    adds_frequencies = False

    reduction_db: Annotated[float, Field("By how much noise is reduced.", "dB", ge=1, le=60)] = 12.0

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        whole = Spool(context.channels, fit(blocks, context.frames, context.channels))
        noise = _quietest(whole, context.rate)
        if noise is None:
            return whole.blocks()
        level_db = decibels(float(np.sqrt(np.mean(noise**2, axis=0).max())))
        floor_db = np.clip(level_db + _ABOVE_DB, *_FLOORS_DB)
        start, end = _LEARNT_S
        audio_filter = (
            f"asendcmd={start} afftdn sn start,asendcmd={end} afftdn sn stop,"
            f"afftdn=noise_reduction={self.reduction_db:g}:noise_floor={floor_db:.2f}"
        )
        before = _repeated(noise, context.rate)
        longer = replace(context, frames=context.rate + context.frames)
        return without_start(
            self.filtered(audio_filter, chain([before], whole.blocks()), longer), context.rate
        )


def _quietest(whole: Spool, rate: int) -> np.ndarray | None:
    """The quietest stretch of a sound that is no digital silence, of shape (frames, channels); None if all is."""
    hop = round(_HOP_S * rate)
    levels = np.array([np.mean(block**2) for block in whole.blocks(hop)])
    count = min(_HOPS, len(levels))
    runs = np.lib.stride_tricks.sliding_window_view(levels, count)
    sums = np.where(runs.min(axis=1) > _SILENCE, runs.sum(axis=1), np.inf)
    at = int(np.argmin(sums))
    if not np.isfinite(sums[at]):
        return None
    return whole.read(at * hop, min(count * hop, whole.frames - at * hop))


def _repeated(noise: np.ndarray, frames: int) -> np.ndarray:
    """So many frames of a noise, forwards and backwards in turn, so that it has no seams."""
    both = np.concatenate((noise, noise[::-1]))
    return np.tile(both, (-(-frames // len(both)), 1))[:frames]
