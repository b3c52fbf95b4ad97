"""Hum: the mains frequency and its harmonics in the quietest moments of a recording."""

from __future__ import annotations

import math
from collections import deque
from operator import itemgetter

import numpy as np

from stemwright.audio import mean_of_channels
from stemwright.measure._base import Meter

MAINS_HZ = (50.0, 60.0)
"""The frequencies of mains supplies."""

_WINDOW_S = 2.0  # bins of 0.5 Hz, in which a Hann window is 2 Hz wide
_STEPS = 4  # a window begins at each quarter of one, so that each pause of 2.5 s has a whole one
_HARMONICS = 6
_SWAY = (
    0.004  # the mains stays within 0.4 % of its frequency (EN 50160: 1 % for 99.5 % of a year; in fact 0.1 %)
)
_NEAR_HZ, _CLEAR_HZ = 12.0, 2.5  # a line is compared with what is beside it, from 2.5 to 12 Hz away
_QUIET_SHARE, _MOST_WINDOWS = 0.1, 30
_LINE_DB = 12.0  # how far a line must stand out
_LEAST_LINES = 3
_SILENCE = 10 ** (-100 / 10)


class Hum(Meter):
    """`found`: (frequency in Hz, level in dBFS RMS) of the louder hum, or None.

    The quietest tenth of the windows of 2 s (at least one, at most 30) are looked at, those with digital silence aside:
    speech and music cover hum elsewhere. A window begins each half second. In each, a line stands out if its peak is
    12 dB above the median of the bins from 2.5 to 12 Hz beside it. Hum has three of the first six multiples of 50 or
    60 Hz in every one of these windows, the first or the second among them. No note of a tuning near A = 440 Hz has
    them: those are 49.0, 51.9, 58.3 and 61.7 Hz.
    """

    def start(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._step = round(_WINDOW_S / _STEPS * rate)
        self._size = _STEPS * self._step
        self._rest = np.zeros(0)
        self._window = np.hanning(self._size)
        self._top = min(int((MAINS_HZ[1] * _HARMONICS + 2 * _NEAR_HZ) * _WINDOW_S), self._size // 2)
        self._kept: list[tuple[float, np.ndarray]] = []  # power, low spectrum: the quietest so far
        self._count = 0
        self._last: deque[tuple[float, np.ndarray]] = deque(maxlen=_STEPS)  # power, samples of each step

    def feed(self, block: np.ndarray) -> None:
        samples = np.concatenate((self._rest, mean_of_channels(block)))
        whole = len(samples) - len(samples) % self._step
        self._rest = samples[whole:]
        for step in samples[:whole].reshape(-1, self._step):
            self._last.append((float(step @ step) / self._step, step))
            powers = [power for power, _ in self._last]
            if len(powers) < _STEPS or not all(_SILENCE < power < math.inf for power in powers):
                continue
            power = sum(powers)
            self._count += 1
            if len(self._kept) < _MOST_WINDOWS or power < self._kept[-1][0]:
                piece = np.concatenate([step for _, step in self._last])
                spectrum = np.abs(np.fft.rfft(piece * self._window)[: self._top]) ** 2
                self._kept.append((power, spectrum))
                self._kept.sort(key=itemgetter(0))
                del self._kept[_MOST_WINDOWS:]

    @property
    def found(self) -> tuple[float, float] | None:
        """The louder hum.

        Returns
        -------
        tuple of (float, float) or None
            Its mains frequency in Hz, and its level in dBFS RMS; None without hum.
        """
        quiet = [spectrum for _, spectrum in self._kept[: max(1, round(self._count * _QUIET_SHARE))]]
        if not quiet:
            return None
        found = [(self._level(mains, quiet), mains) for mains in MAINS_HZ]
        level, mains = max(found)
        return (mains, level) if level > -math.inf else None

    def _level(self, mains: float, spectra: list[np.ndarray]) -> float:
        """The level of hum of a mains frequency in dBFS RMS; -inf if there is none."""
        lines = [self._lines(mains, spectrum) for spectrum in spectra]
        steady = set.intersection(*(set(found) for found in lines))
        if len(steady) < _LEAST_LINES or not steady & {1, 2}:
            return -math.inf
        # Of a sine of amplitude a, a Hann window of N samples has the peak (a N / 4)² in its power spectrum.
        powers = [sum(found[k] for k in steady) * 8 / self._size**2 for found in lines]
        return round(10 * math.log10(float(np.median(powers))), 2)

    def _lines(self, mains: float, spectrum: np.ndarray) -> dict[int, float]:
        """The power of each harmonic that stands out, by its number."""
        bins = np.arange(len(spectrum)) / _WINDOW_S
        found = {}
        for k in range(1, _HARMONICS + 1):
            away = np.abs(bins - k * mains)
            near = away <= max(1 / _WINDOW_S, k * mains * _SWAY)
            beside = spectrum[(away > _CLEAR_HZ) & (away < _NEAR_HZ)]
            peak = float(spectrum[near].max(initial=0.0))
            # It must be a line: a tone that is near it has its peak in the bins beside.
            sides = spectrum[~near & (away <= _CLEAR_HZ)]
            is_peak = peak >= float(sides.max(initial=0.0))
            if len(beside) and is_peak and peak > 10 ** (_LINE_DB / 10) * float(np.median(beside)) > 0:
                found[k] = peak
        return found
