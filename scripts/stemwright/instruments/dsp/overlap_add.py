"""Overlap-add: sums sounds into a stream, in memory that does not grow with the song."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stemwright.audio import BLOCK, Stream
from stemwright.music.render_context import RenderContext


def overlap_add(sounds: Iterable[tuple[int, np.ndarray]], context: RenderContext) -> Stream:
    """Sum sounds, each added from its first frame on, into a stream of the context's length.

    `sounds` yields (first frame, samples of shape (frames, channels)) in ascending order of the first frame. What
    lies beyond the end of the context is cut.
    """
    remaining = iter(sounds)
    following = next(remaining, None)
    active: list[tuple[int, np.ndarray]] = []
    for start in range(0, context.frames, BLOCK):
        block = np.zeros((context.channels, min(BLOCK, context.frames - start)))
        end = start + block.shape[1]
        while following is not None and following[0] < end:
            active.append(following)
            following = next(remaining, None)
        for frame, samples in active:
            a, b = max(frame, start), min(frame + len(samples), end)
            block[:, a - start : b - start] += samples[a - frame : b - frame].T
        active = [(frame, samples) for frame, samples in active if frame + len(samples) > end]
        yield block.T
