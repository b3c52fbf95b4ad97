"""Runs a pedalboard plugin over a stream; its state is kept from block to block (reset=False)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from stemwright.audio import BLOCK, Stream
from stemwright.music.render_context import RenderContext


class Plugin(Protocol):
    """The part of pedalboard.Plugin used here."""

    def process(self, input_array: np.ndarray, sample_rate: float, *, reset: bool) -> np.ndarray:
        """Process samples of shape (channels, frames), 32-bit float; the result may be shorter."""


def run_plugin(plugin: Plugin, blocks: Stream, context: RenderContext) -> Stream:
    """Process a stream with a plugin, in 32-bit float, to the length of the render context.

    Parameters
    ----------
    plugin : Plugin
        The plugin, newly made.
    blocks : Stream
        The input, of blocks of any sizes.
    context : RenderContext
        Its rate, channels and frames are used.

    Yields
    ------
    np.ndarray
        Blocks of shape (frames, channels), float64. The frames that a plugin delays (look-ahead) are compensated: it
        is flushed with silence.
    """
    remaining = context.frames
    for block in _equal_blocks(blocks, context.channels):
        processed = plugin.process(block, context.rate, reset=False)[:, :remaining]
        remaining -= processed.shape[1]
        yield processed.T.astype(np.float64)
        if not remaining:
            return


def _equal_blocks(blocks: Stream, channels: int) -> Iterator[np.ndarray]:
    """The stream, followed by endless silence, in one buffer of shape (channels, BLOCK) that is filled repeatedly.

    A plugin resets itself at a block larger than all before it, and cannot tell channels from frames in a square block.
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
