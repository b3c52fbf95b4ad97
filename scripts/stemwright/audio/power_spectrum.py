"""The power of a whole signal at each frequency."""

from __future__ import annotations

import numpy as np

_AT_ONCE = 8  # windows transformed in one call


class PowerSpectrum:
    """The power of each bin over all of a signal, in full scale² times frames: the bins add up to that of the signal.

    Windows, half of which overlap, have the shape of a half sine: their powers add up to that of the signal (Princen
    and Bradley 1986), of which nothing is left out at the ends.

    Parameters
    ----------
    size : int
        Frames of a window, even.
    channels : int
        The number of rows.
    """

    def __init__(self, size: int, channels: int):
        self._size = size
        self._shape = np.sin(np.pi * (np.arange(size) + 0.5) / size)
        self._waiting = np.zeros((channels, size // 2))  # half a window of silence comes first
        self._powers = np.zeros((channels, size // 2 + 1))

    def feed(self, rows: np.ndarray) -> None:
        """Add samples of shape (channels, frames)."""
        self._waiting = self._add(np.concatenate((self._waiting, rows), axis=1))

    def _add(self, rows: np.ndarray) -> np.ndarray:
        """Add all whole windows; what begins the next one is left."""
        hop = self._size // 2
        count = max(0, rows.shape[1] // hop - 1)
        if count:
            windows = np.lib.stride_tricks.sliding_window_view(rows, self._size, axis=1)[
                :, : count * hop : hop
            ]
            for at in range(0, count, _AT_ONCE):
                lines = np.fft.rfft(windows[:, at : at + _AT_ONCE] * self._shape)
                self._powers += np.sum(lines.real**2 + lines.imag**2, axis=1)
        return rows[:, count * hop :]

    def finish(self) -> np.ndarray:
        """The power of each bin, of shape (channels, size / 2 + 1), with the end, which silence follows."""
        if self._waiting.shape[1]:
            self._add(np.pad(self._waiting, ((0, 0), (0, self._size))))
            self._waiting = self._waiting[:, :0]
        return self._powers
