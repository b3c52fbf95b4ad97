"""Running a pedalboard plugin over a stream, its state kept from block to block (reset=False)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stemwright.audio import BLOCK, Stream
from stemwright.music.render_context import RenderContext


def stream(plugin, blocks: Stream, context: RenderContext) -> Stream:
    """Process a stream in 32-bit float. What the plugin holds back (look-ahead) is pushed out with silence."""
    left = context.frames
    for block in _even(blocks, context.channels):
        processed = plugin.process(block, context.rate, reset=False)[:, :left]
        left -= processed.shape[1]
        yield processed.T.astype(np.float64)
        if not left:
            return


def _even(blocks: Stream, channels: int) -> Iterator[np.ndarray]:
    """The stream, then silence without end, as one buffer of shape (channels, BLOCK) filled again and again.

    A plugin begins anew at a block larger than all before it, and cannot tell rows from columns in a square one.
    """
    buffer = np.zeros((channels, BLOCK), dtype=np.float32)
    filled = 0
    for block in blocks:
        while len(block):
            part, block = np.split(block, [BLOCK - filled])
            buffer[:, filled : filled + len(part)] = part.T
            filled += len(part)
            if filled == BLOCK:
                yield buffer
                filled = 0
    while True:
        buffer[:, filled:] = 0
        yield buffer
        filled = 0
