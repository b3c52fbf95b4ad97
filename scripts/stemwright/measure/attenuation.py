"""Attenuation: how much a low-pass filter removed, by comparing a file before and after it."""

from __future__ import annotations

import numpy as np

from stemwright.audio import AudioFile, aligned_blocks
from stemwright.measure.spectrum import Windows, window_frames

_MIN_POWER = 1e-10
"""The least mean square of a band, -100 dBFS: below it, the rounding of 32-bit float would be measured."""

_MIN_WINDOWS = 8


class _Bands(Windows):
    """The power of each band (from, to, in Hz) in each window: `powers`, arrays of one row per window."""

    def __init__(self, size: int, bands: list[tuple[float, float]]):
        self._wanted, self._bands = size, bands
        self.powers: list[np.ndarray] = []

    def _window_size(self, rate: int) -> int:
        return self._wanted

    def start(self, rate: int, channels: int) -> None:
        super().start(rate, channels)
        self._slices = [
            slice(*np.ceil(np.array(band) * self.size / rate).astype(int)) for band in self._bands
        ]

    def add(self, windows: np.ndarray, powers: np.ndarray) -> None:
        self.powers.append(np.stack([powers[:, band].sum(axis=1) for band in self._slices], axis=1))


class _BandsOfOther(_Bands):
    """Those of another file, fed after the first one: only of windows in which the first can be compared."""

    def __init__(self, size: int, bands: list[tuple[float, float]], first: _Bands):
        super().__init__(size, bands)
        self._first = first

    def power_spectra(self, windows: np.ndarray) -> np.ndarray:
        wanted = _has_power(self._first.powers[len(self.powers)])
        powers = np.zeros((len(windows), self.size // 2 + 1))
        if wanted.any():
            powers[wanted] = super().power_spectra(windows[wanted])
        powers[~np.isfinite(windows).all(axis=(1, 2))] = np.nan
        return powers


def _has_power(bands: np.ndarray) -> np.ndarray:
    """Whether a window has power below and above, see `octave_attenuation_db`."""
    least = np.maximum(_MIN_POWER, 1e-3 * bands[:, 1])
    return (bands[:, 0] > least) & (bands[:, 2] > least)


LOWER, BETWEEN, UPPER = (0.25, 0.45), (0.45, 2.1), (2.1, 2.5)
"""The pass band, the band left out of the comparison, and the stop band, as multiples of the cut-off frequency.

The stop band begins a tenth of the cut-off (at least six bins) above twice the cut-off, so that a spectral line there
does not leak into it.
"""


def octave_attenuation_db(before: str, after: str, cutoff_hz: float) -> float | None:
    """Measure the attenuation just above twice a cut-off frequency, relative to the pass band.

    One value is computed for each window of 85 ms (longer for a cut-off below 750 Hz) in which `before` has power in
    both bands, and the median is taken: a change of level over time, such as a fade or a compressor makes, does not
    count as a change of the spectrum. A band has power if it reaches -100 dBFS and a thousandth of the power between
    the two bands; anything weaker may be leakage.

    Parameters
    ----------
    before, after : str
        The audio file before and after the filter.
    cutoff_hz : float
        The filter's cut-off frequency in Hz.

    Returns
    -------
    float or None
        The attenuation in dB, negative where `after` has gained; None with fewer than 8 such windows, when there is
        nothing for the filter to remove.

    Raises
    ------
    ValueError
        If the files differ in length, or a sample is not finite.
    """
    with AudioFile(before) as file:
        rate, channels = file.rate, file.channels
    size = max(window_frames(rate), 1 << int(np.ceil(np.log2(64 * rate / cutoff_hz))))
    bands = [(low * cutoff_hz, high * cutoff_hz) for low, high in (LOWER, BETWEEN, UPPER)]
    first = _Bands(size, bands)
    meters = first, _BandsOfOther(size, bands, first)
    for meter in meters:
        meter.start(rate, channels)
    for blocks in aligned_blocks([before, after]):
        for meter, block in zip(meters, blocks, strict=True):
            meter.feed(block)
    raw, filtered = (np.concatenate([np.zeros((0, 3)), *meter.powers]) for meter in meters)
    if not np.isfinite(raw).all() or not np.isfinite(filtered).all():
        raise ValueError("cannot be measured: a sample is not finite")
    usable = _has_power(raw) & (filtered[:, 0] > _MIN_POWER)
    if usable.sum() < _MIN_WINDOWS:
        return None
    (low, _, high), (kept, _, left) = raw[usable].T, np.maximum(filtered[usable].T, 1e-30)
    return float(np.median(10 * np.log10((high / low) / (left / kept))))
