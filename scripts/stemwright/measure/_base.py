"""The base class of all meters."""

from __future__ import annotations

import numpy as np


class Meter:
    """Reads the blocks of one file in order. Its results are attributes, valid after the last block.

    Before `start`, a meter's attributes are its constructor's arguments: two meters of one class with equal
    attributes measure the same, and only one of them is fed.
    """

    def start(self, rate: int, channels: int) -> None:
        """Called once, before the first block, with the sample rate in Hz and the number of channels."""

    def feed(self, block: np.ndarray) -> None:
        """Called for each block, shape (frames, channels), float64, full scale 1.0."""
        raise NotImplementedError
