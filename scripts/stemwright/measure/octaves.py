"""The octave bands of a file, and how wide it is: what is compared between a mix and a finished song."""

from __future__ import annotations

import numpy as np

from stemwright.audio.power_spectrum import PowerSpectrum
from stemwright.measure._base import Meter
from stemwright.measure._k_weighting import k_weighting
from stemwright.measure.spectrum import window_frames

NOMINAL_HZ = (31.5, 63, 125, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)
"""The nominal centres of the bands (IEC 61260-1); the exact ones are 1000 · 10^(3n/10) Hz, n from -5."""

_EXACT_HZ = 1_000 * 10 ** (0.3 * np.arange(-5, 5))
_EDGE = 10**0.15  # half an octave in base ten
_MOST = 0.75  # of half the sample rate: the centre of the highest band that is measured
_OFFSET_DB = -0.691  # of loudness (BS.1770-5)


class OctaveBands(Meter):
    """The mean power of a file in octave bands from 31.5 Hz to 16 kHz, and of its mid and its side.

    `levels` are those of the bands in dB at equal loudness: less the loudness (K-weighted, of all of the file, not
    gated), so that pauses and faders shift none of them. `width`: side to mid, in dB; None for a mono file. Bands whose
    centre lies above three quarters of half the sample rate are not measured. Of silence, and where a sample is
    not finite, nothing is.

    Windows are 0.34 s long, see `PowerSpectrum`. Bands are sums of bins between their edges (IEC 61260-1, base ten).
    """

    def start(self, rate: int, channels: int) -> None:
        self._rate, self._is_stereo = rate, channels == 2
        self._size = 4 * window_frames(rate)
        self._spectrum = PowerSpectrum(self._size, channels)
        self._is_finite = True

    def feed(self, block: np.ndarray) -> None:
        self._is_finite = self._is_finite and bool(np.isfinite(block.sum()))
        if not self._is_finite:
            return
        rows = block.T
        if self._is_stereo:
            rows = np.stack((rows[0] + rows[1], rows[0] - rows[1])) / 2**0.5  # mid and side
        self._spectrum.feed(rows)

    def _all_powers(self) -> np.ndarray:
        """The power of each bin, with the end of the file."""
        powers = self._spectrum.finish()
        return powers if self._is_finite else np.zeros_like(powers)

    @property
    def levels(self) -> np.ndarray:
        """The level of each band at equal loudness, in dB, shape (10,), or (0,) if nothing can be measured.

        NaN for a band that is not measured, -inf for an empty one.
        """
        powers = self._all_powers().sum(axis=0)
        hertz = np.fft.rfftfreq(self._size, 1 / self._rate)
        loudness = float(np.sum(powers * _k_response(self._rate, hertz)))
        if not loudness > 0:
            return np.zeros(0)
        edges = np.searchsorted(hertz, [(hz / _EDGE, hz * _EDGE) for hz in _EXACT_HZ])
        bands = np.array([powers[low:high].sum() for low, high in edges])
        with np.errstate(divide="ignore"):
            levels = 10 * np.log10(bands / loudness) - _OFFSET_DB
        return np.where(_MOST * self._rate / 2 >= _EXACT_HZ, levels, np.nan)

    @property
    def width(self) -> float | None:
        """The level of the side relative to the mid, in dB; -inf if there is no side; None if it is mono or silent."""
        if not self._is_stereo:
            return None
        mid, side = (float(row.sum()) for row in self._all_powers())
        if not mid + side > 0:
            return None
        with np.errstate(divide="ignore"):
            return float(10 * np.log10(np.divide(side, mid)))


def _k_response(rate: int, hertz: np.ndarray) -> np.ndarray:
    """The gain of K-weighting at frequencies, as a factor of power."""
    delays = np.exp(-2j * np.pi * np.outer(hertz / rate, np.arange(3)))
    ratios = [(delays @ section[:3]) / (delays @ section[3:]) for section in k_weighting(rate)]
    return np.abs(np.prod(ratios, axis=0)) ** 2
