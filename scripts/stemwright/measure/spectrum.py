"""Spectra in windows of about 85 ms: the long-term average, and the share of a steady tone."""

from __future__ import annotations

import numpy as np

from stemwright.measure._base import Meter
from stemwright.measure._steps import whole_steps

_WINDOW_S = 0.085
_LEVEL_DB = 8  # within which the bands below a wall lie
_AT_ONCE = 16  # windows: enough that calls cost little, few enough to stay in the processor's cache


def window_frames(rate: int) -> int:
    """The power of two nearest to 85 ms: 4,096 frames at 48 kHz, whose bins are 12 Hz apart."""
    return 1 << round(np.log2(_WINDOW_S * rate))


class Windows(Meter):
    """Splits a file into adjacent windows of `size` frames and passes some at a time, with their spectra, to `add`.

    A power spectrum has size / 2 + 1 bins and is the sum over the channels. A sine of peak 1 has a power of 1 / 2,
    summed over the bins of its line (Hann window, whose noise bandwidth is 1.5 bins: Harris 1978).
    """

    def _window_size(self, rate: int) -> int:
        return window_frames(rate)

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.size = rate, self._window_size(rate)
        self._hann = np.sin(np.pi * (np.arange(self.size) + 0.5) / self.size) ** 2
        self._scale = 2 / (1.5 * (self._hann.sum()) ** 2)
        self._rest = np.zeros((0, channels))

    def feed(self, block: np.ndarray) -> None:
        whole, self._rest = whole_steps(self._rest, block, self.size)
        windows = whole.reshape(-1, self.size, whole.shape[1])
        for at in range(0, len(windows), _AT_ONCE):
            some = windows[at : at + _AT_ONCE]
            self.add(some, self.power_spectra(some))

    def power_spectra(self, windows: np.ndarray) -> np.ndarray:
        """The power spectra (windows, bins) of windows, of shape (windows, size, channels)."""
        if not windows.any():
            return np.zeros((len(windows), self.size // 2 + 1))
        lines = np.fft.rfft(windows.transpose(0, 2, 1) * self._hann)
        return self._scale * (lines.real**2 + lines.imag**2).sum(axis=1)

    def add(self, windows: np.ndarray, powers: np.ndarray) -> None:
        """Take windows into account, of shape (windows, size, channels), with power spectra (windows, bins)."""
        raise NotImplementedError


class Spectrum(Windows):
    """`average`: the mean power spectrum of all windows, in full scale² per bin; `windows`: their number."""

    def start(self, rate: int, channels: int) -> None:
        super().start(rate, channels)
        self.windows, self._sum = 0, np.zeros(self.size // 2 + 1)

    def add(self, windows: np.ndarray, powers: np.ndarray) -> None:
        self.windows += len(windows)
        for spectrum in powers:  # one by one: how many come at a time is to make no difference
            self._sum += spectrum

    @property
    def average(self) -> np.ndarray:
        """The mean power spectrum of all windows; NaN if there was none."""
        return self._sum / self.windows if self.windows else np.full_like(self._sum, np.nan)

    def brickwall_hz(self, drop_db: float) -> float | None:
        """The lowest frequency in Hz, from 5 kHz up, above which the spectrum ends abruptly; None if there is none.

        There, in bands of 250 Hz, every band of the 1,000 Hz below is at least `drop_db` above every band from
        500 Hz above it upwards, and no more than 8 dB below the loudest of them. A room, an instrument or a gentle
        filter falls by only a few dB in 1,000 Hz; where a steep filter or the end of a noise falls by more, as that of
        a synthesised snare, or above a single high partial, there is no plateau; nor is digital silence (-140 dB per
        bin) one.
        """
        width = max(1, round(250 * self.size / self.rate))
        bands = self.average[: len(self.average) // width * width].reshape(-1, width).mean(axis=1)
        for low in range(19, len(bands) - 3):
            plateau, above = bands[low - 3 : low + 1], bands[low + 3 :].max()
            below = plateau.min()
            is_level = plateau.max() <= below * 10 ** (_LEVEL_DB / 10)
            if below > 1e-14 and is_level and below >= above * 10 ** (drop_db / 10):
                return (low + 2) * width * self.rate / self.size
        return None


class Tonality(Windows):
    """`steady`: the share of the file, 0 to 1, that is one steady tone; None without windows.

    Windows are four times as long, 0.34 s, to separate bass notes. A window counts if it is tonal (its spectral
    flatness, the geometric over the arithmetic mean of its powers, is below `flatness`), its strongest bin is within
    one bin of the median, and the power of each of its quarters is within `spread_db` of the median.
    """

    def __init__(self, flatness: float, spread_db: float):
        self.flatness, self.spread_db = flatness, spread_db

    def _window_size(self, rate: int) -> int:
        return 4 * window_frames(rate)

    def start(self, rate: int, channels: int) -> None:
        super().start(rate, channels)
        self._windows: list[np.ndarray] = []

    def add(self, windows: np.ndarray, powers: np.ndarray) -> None:
        means = powers.mean(axis=1)
        flatness = np.exp(np.log(powers + 1e-30).mean(axis=1))
        flatness = np.divide(flatness, means, out=np.ones(len(means)), where=means > 1e-20)
        quarters = (windows**2).reshape(len(windows), 4, -1).sum(axis=2)
        self._windows.append(np.column_stack((flatness, powers.argmax(axis=1), quarters)))

    @property
    def steady(self) -> float | None:
        """The share of the file, 0 to 1, that is one steady tone; None if there was no window."""
        if not self._windows:
            return None
        flatness, peak, *quarters = np.concatenate(self._windows).T
        level = 10 * np.log10(np.array(quarters) + 1e-30)
        even = (np.abs(level - np.median(level)) <= self.spread_db).all(axis=0)
        return float(np.mean(even & (flatness < self.flatness) & (np.abs(peak - np.median(peak)) <= 1)))
