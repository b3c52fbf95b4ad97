"""What lies between old and new: a filter, or a curve through which every sample goes.

Each is estimated from the windows in which the two differ. An estimate is judged by the share of the difference's
energy that it leaves unexplained.
"""

from __future__ import annotations

import numpy as np

_WINDOW_S = 0.085
_FEWEST = 16  # windows, or samples of a level on average
_LEVELS = 2_049  # of the curve: odd, so that zero has one of its own


class Filter:
    """A filter, by the cross-spectra of old and new in windows of 85 ms that overlap by half, for each channel.

    Its share `left`, of the energy of the new sound that no filter explains, is 1 minus the coherence (Bendat and
    Piersol, Random Data, chapter 6), averaged over frequency by energy.
    """

    def __init__(self, rate: int, channels: int):
        self.size = 1 << round(np.log2(_WINDOW_S * rate))
        self._rate, self._hann = rate, np.hanning(self.size + 1)[:-1, np.newaxis]
        bins = self.size // 2 + 1
        self._xx, self._yy = np.zeros((bins, channels)), np.zeros((bins, channels))
        self._dd = np.zeros((bins, channels))
        self._yx = np.zeros((bins, channels), complex)
        self.windows = 0

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take in windows of both, each of shape (windows, size, channels)."""
        fx, fy = (np.fft.rfft(each * self._hann, axis=1) for each in (x, y))
        self._xx += np.sum(np.abs(fx) ** 2, axis=0)
        self._yy += np.sum(np.abs(fy) ** 2, axis=0)
        self._dd += np.sum(np.abs(fy - fx) ** 2, axis=0)
        self._yx += np.sum(fy * fx.conj(), axis=0)
        self.windows += len(x)

    @property
    def left(self) -> float:
        """The share of the difference's energy that no filter explains; 1 if there are too few windows to say."""
        if self.windows < _FEWEST:
            return 1.0
        explained = np.abs(self._yx) ** 2 / np.maximum(self._xx, 1e-12 * max(self._xx.max(), 1e-30))
        return float(np.maximum(self._yy - explained, 0).sum() / max(self._dd.sum(), 1e-30))

    def octaves(self) -> list[tuple[float, float]]:
        """The middle of each octave band in Hz, and how much louder the new sound is there, in dB.

        Only bands that have a millionth of the energy of the sound or more.
        """
        hertz = np.arange(self.size // 2 + 1) * self._rate / self.size
        old, new = self._xx.sum(axis=1), self._yy.sum(axis=1)
        found = []
        for middle in 1_000 * 2.0 ** np.arange(-5, 5):
            band = (hertz >= middle / 2**0.5) & (hertz < middle * 2**0.5)
            a, b = old[band].sum(), new[band].sum()
            if max(a / max(old.sum(), 1e-30), b / max(new.sum(), 1e-30)) > 1e-6 and a > 0 and b > 0:
                found.append((float(middle), float(10 * np.log10(b / a))))
        return found


class Curve:
    """The curve through which each sample goes, such as a saturation's: the mean of the difference by old."""

    def __init__(self, peak: float):
        self._scale = (_LEVELS // 2) / max(peak, 1e-9)
        self._sums = np.zeros((3, _LEVELS))

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take in samples of both."""
        x, y = x.ravel(), y.ravel()
        at = np.clip(np.rint(x * self._scale).astype(int) + _LEVELS // 2, 0, _LEVELS - 1)
        difference = y - x
        for row, values in enumerate((None, difference, difference * difference)):
            self._sums[row] += np.bincount(at, values, _LEVELS)

    @property
    def left(self) -> float:
        """The share of the difference's energy that no curve explains: its scatter within narrow levels of old.

        1 if there are too few samples to say.
        """
        count, first, second = self._sums
        if count.sum() < _FEWEST * np.count_nonzero(count):
            return 1.0
        explained = first**2 / np.maximum(count, 1)
        return float(np.maximum(second - explained, 0).sum() / max(second.sum(), 1e-30))
