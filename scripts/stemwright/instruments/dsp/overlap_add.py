"""Voices: sounds laid into a stream where they begin, in memory that does not grow with the song."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stemwright.audio import BLOCK, Stream
from stemwright.music.render_context import RenderContext


def overlap_add(sounds: Iterable[tuple[int, np.ndarray]], context: RenderContext) -> Stream:
    """The sum of (first frame, samples of shape (frames, channels)), which come in order of their first frames."""
    coming = iter(sounds)
    following = next(coming, None)
    sounding: list[tuple[int, np.ndarray]] = []
    for start in range(0, context.frames, BLOCK):
        block = np.zeros((context.channels, min(BLOCK, context.frames - start)))
        end = start + block.shape[1]
        while following is not None and following[0] < end:
            sounding.append(following)
            following = next(coming, None)
        for frame, samples in sounding:
            a, b = max(frame, start), min(frame + len(samples), end)
            block[:, a - start : b - start] += samples[a - frame : b - frame].T
        sounding = [(frame, samples) for frame, samples in sounding if frame + len(samples) > end]
        yield block.T
