"""Runs a pedalboard plugin over a stream; its state is kept from block to block (reset=False)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from stemwright.audio import BLOCK, Stream, interleaved
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext

STEP = 64
"""Frames after which what moves is set anew."""


class Plugin(Protocol):
    """The part of pedalboard.Plugin used here."""

    def process(self, input_array: np.ndarray, sample_rate: float, *, reset: bool) -> np.ndarray:
        """Process samples; the result may be shorter.

        Parameters
        ----------
        input_array : numpy.ndarray
            32-bit float samples of shape (channels, frames).
        sample_rate : float
            The sample rate in Hz.
        reset : bool
            Whether to begin from rest.

        Returns
        -------
        numpy.ndarray
            Of shape (channels, frames).
        """


def run_plugin(
    plugin: Plugin, blocks: Stream, context: RenderContext, curves: Mapping[str, Curve] | None = None
) -> Stream:
    """Process a stream with a plugin, in 32-bit float, to the length of the render context.

    Parameters
    ----------
    plugin : Plugin
        The plugin, newly made.
    blocks : Stream
        The input, of blocks of any sizes.
    context : RenderContext
        Its rate, channels and frames are used.
    curves : mapping of str to Curve, optional
        The values of attributes of the plugin. Those that move are set every `STEP` frames, to their values in the
        middle: this is for attributes that the plugin itself smooths.

    Yields
    ------
    np.ndarray
        Blocks of shape (frames, channels), float64. The frames that a plugin delays (look-ahead) are compensated: it
        is flushed with silence.
    """
    moving = {}
    for name, curve in (curves or {}).items():
        if curve.constant is None:
            moving[name] = curve
        else:
            setattr(plugin, name, curve.constant)
    remaining = context.frames
    at = 0
    for block in _equal_blocks(blocks, context.channels):
        processed = (
            _moved(plugin, block, context.rate, at, moving)
            if moving
            else plugin.process(block, context.rate, reset=False)
        )
        processed = processed[:, :remaining]
        at += BLOCK
        remaining -= processed.shape[1]
        yield interleaved(processed)
        if not remaining:
            return


def _moved(plugin: Plugin, block: np.ndarray, rate: int, at: int, curves: Mapping[str, Curve]) -> np.ndarray:
    """What a plugin makes of a block that begins at a frame, while its attributes follow curves."""
    values = {name: curve.at(np.arange(at + STEP // 2, at + BLOCK, STEP)) for name, curve in curves.items()}
    results = []
    for index, step in enumerate(np.split(block, range(STEP, BLOCK, STEP), axis=1)):
        for name in curves:
            setattr(plugin, name, values[name][index])
        results.append(plugin.process(step, rate, reset=False))
    return np.concatenate(results, axis=1)


def _equal_blocks(blocks: Stream, channels: int) -> Iterator[np.ndarray]:
    """The stream, followed by endless silence, in one buffer of shape (channels, BLOCK) that is filled repeatedly.

    A plugin resets itself at a block larger than all before it, and cannot tell channels from frames in a square block.
    """
    buffer = np.zeros((channels, BLOCK), dtype=np.float32)
    filled = 0
    for block in blocks:
        while len(block):
            part, block = np.split(block, [BLOCK - filled])
            for row, column in zip(buffer, part.T, strict=True):  # 10 times as fast as all at once
                row[filled : filled + len(part)] = column
            filled += len(part)
            if filled == BLOCK:
                yield buffer
                filled = 0
    while True:
        buffer[:, filled:] = 0
        yield buffer
        filled = 0
