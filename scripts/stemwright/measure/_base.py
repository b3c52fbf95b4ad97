"""What every meter is."""

from __future__ import annotations

import numpy as np


class Meter:
    """Reads blocks of one file in order; its results are attributes, valid after the last block.

    Until `start`, its attributes are what it was made with: meters of a kind that have the same are alike.
    """

    def start(self, rate: int, channels: int) -> None:
        """Called once, before the first block: the sample rate in Hz and the number of channels."""

    def feed(self, block: np.ndarray) -> None:
        """Called for each block, shape (frames, channels), float64, full scale 1.0."""
        raise NotImplementedError
