"""Attenuation: what a filter took out of one file to make another."""

from __future__ import annotations

import numpy as np

from stemwright.audio import AudioFile, aligned_blocks
from stemwright.measure.spectrum import Windows, window_frames

_LEAST = 1e-10
"""The mean square in a band (-100 dBFS) under which rounding to 32-bit float would be measured instead."""

_LEAST_WINDOWS = 8


class _Bands(Windows):
    """The power in each band (from, to, in Hz) in each window: `powers`, one row a window."""

    def __init__(self, size: int, bands: list[tuple[float, float]]):
        self._wanted, self._bands, self.powers = size, bands, []

    def start(self, rate: int, channels: int) -> None:
        super().start(rate, channels, self._wanted)
        self._slices = [
            slice(*np.ceil(np.array(band) * self.size / rate).astype(int)) for band in self._bands
        ]

    def add(self, window: np.ndarray, powers: np.ndarray) -> None:
        self.powers.append([powers[band].sum() for band in self._slices])


LOWER, BETWEEN, UPPER = (0.25, 0.45), (0.45, 2.1), (2.1, 2.5)
"""The pass band, what is left out, and the band above, as parts of the cut-off.

A tenth of it, at least six bins, keeps a line at twice the cut-off out of the upper band.
"""


def octave_above(before: str, after: str, cutoff_hz: float) -> float | None:
    """How much less there is just above 2 `cutoff_hz` in `after` than in `before`, against the pass band, in dB.

    Each window (85 ms, longer below a cut-off of 750 Hz) in which `before` has both bands gives a figure, and the
    median of these is the answer, so that a change of level in time, as by a fade or a compressor, is none of
    the spectrum. A band counts that has -100 dBFS, and a thousandth of what lies between the two: less may be
    leakage. None if there are fewer than 8 such windows: there is nothing there to take away. Raises ValueError
    if the files are not equally long, or a sample is not finite.
    """
    with AudioFile(before) as file:
        rate, channels = file.rate, file.channels
    size = max(window_frames(rate), 1 << int(np.ceil(np.log2(64 * rate / cutoff_hz))))
    bands = [(low * cutoff_hz, high * cutoff_hz) for low, high in (LOWER, BETWEEN, UPPER)]
    meters = _Bands(size, bands), _Bands(size, bands)
    for meter in meters:
        meter.start(rate, channels)
    for blocks in aligned_blocks([before, after]):
        for meter, block in zip(meters, blocks, strict=True):
            meter.feed(block)
    raw, made = (np.array(meter.powers).reshape(-1, 3) for meter in meters)
    if not np.isfinite(raw).all() or not np.isfinite(made).all():
        raise ValueError("cannot be measured: a sample is not finite")
    least = np.maximum(_LEAST, 1e-3 * raw[:, 1])
    heard = (raw[:, 0] > least) & (raw[:, 2] > least) & (made[:, 0] > _LEAST)
    if heard.sum() < _LEAST_WINDOWS:
        return None
    (low, _, high), (kept, _, left) = raw[heard].T, np.maximum(made[heard].T, 1e-30)
    return float(np.median(10 * np.log10((high / low) / (left / kept))))
