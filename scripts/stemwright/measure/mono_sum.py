"""The mono sum: what a single loudspeaker plays of a stereo file."""

from __future__ import annotations

import numpy as np

from stemwright.measure.loudness import Loudness


class MonoSum(Loudness):
    """`integrated` of (left + right) / 2, played from both loudspeakers, in LUFS; None as for Loudness.

    A file whose sides are the same loses nothing that way. Of a mono file (`file_channels`) nothing is measured.
    """

    def start(self, rate: int, channels: int) -> None:
        self.file_channels = channels
        super().start(rate, 1)

    def feed(self, block: np.ndarray) -> None:
        if self.file_channels == 2:
            super().feed(0.5 * (block[:, :1] + block[:, 1:]))
