"""Stereo: power and cross-product of the two channels, block by block, and their correlation."""

from __future__ import annotations

import numpy as np

from stemwright.measure._base import Meter

BLOCK_S = 0.4
"""The length of a block in s: that of momentary loudness (EBU Tech 3341)."""


class Stereo(Meter):
    """Sums of left², right² and left·right (full scale 1), over each whole block of 400 ms and over the file.

    `blocks`, shape (n, 3), and `total`, shape (3,). `block_frames`: the length of a block in frames. `channels`: for a
    mono file nothing is summed.
    """

    def start(self, rate: int, channels: int) -> None:
        self.channels, self.total = channels, np.zeros(3)
        self.block_frames = round(BLOCK_S * rate)
        self._blocks: list[np.ndarray] = []
        self._open, self._filled = np.zeros(3), 0

    def feed(self, block: np.ndarray) -> None:
        while self.channels == 2 and len(block):
            part = block[: self.block_frames - self._filled]
            (left, both), (_, right) = part.T @ part
            sums = np.array((left, right, both))
            self.total += sums
            self._open += sums
            self._filled += len(part)
            if self._filled == self.block_frames:
                self._blocks.append(self._open)
                self._open, self._filled = np.zeros(3), 0
            block = block[len(part) :]

    @property
    def blocks(self) -> np.ndarray:
        return np.array(self._blocks).reshape(-1, 3)


def correlation(sums: np.ndarray) -> np.ndarray:
    """The correlation R = Σ left·right / √(Σ left² · Σ right²), from sums of shape (..., 3) as in `Stereo`.

    1 for mono, -1 for opposite polarity. Where a channel is silent it is 0, as a correlation meter shows it.
    """
    left, right, both = np.moveaxis(np.asarray(sums, dtype=float), -1, 0)
    scale = np.sqrt(left) * np.sqrt(right)
    return np.divide(both, scale, out=np.zeros_like(scale), where=scale > 0)
