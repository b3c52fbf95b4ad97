"""Running a pedalboard plugin over a stream, its state kept from block to block."""

from __future__ import annotations

import numpy as np

from stemwright.audio import Stream
from stemwright.canvas import Canvas


def stream(plugin, blocks: Stream, canvas: Canvas) -> Stream:
    """Process blocks in order; 32-bit float inside. The plugin must have no latency (reset=False keeps its state)."""
    for block in blocks:
        samples = np.ascontiguousarray(block.T, dtype=np.float32)
        yield plugin.process(samples, canvas.rate, reset=False).T.astype(np.float64)
