"""Spectrogram: the power in bands of a drawing's columns, from a few windows in each."""

from __future__ import annotations

import numpy as np

from stemwright.measure.spectrum import window_frames
from stemwright.pages.encoded import base64_text, column_starts

COLUMNS, BANDS = 600, 64
LOW_HZ, HIGH_HZ = 40.0, 20_000.0
FLOOR_DB = -96.0
"""What is drawn as nothing: the quantisation noise of 16 bits."""

_MOST_WINDOWS = 4  # in a column: enough for one of 6 s, of an hour
_SPARSE = 4  # there is another window for each so many that would fit
_AT_ONCE = 64  # windows transformed in one call: few enough for the processor's cache
_HANN_BINS = 1.5  # the noise bandwidth of the window (Harris 1978)


class Spectrogram:
    """Reads the blocks of one file.

    A sine at full scale is 0 dB in its band (where bands are narrower than the bins of a window, up to 2 dB less).
    Channels count as the mean of their powers.

    Parameters
    ----------
    frames : int
        The length of the file.
    rate : int
        Its sample rate in Hz.
    channels : int
        1 or 2.
    """

    def __init__(self, frames: int, rate: int, channels: int):
        self._size = size = window_frames(rate)
        self._channels = channels
        self.columns = max(1, min(COLUMNS, 2 * frames // size))
        span = frames / self.columns
        self._each = int(np.clip(round(span / (_SPARSE * size)), 1, _MOST_WINDOWS))
        parts = column_starts(frames, self.columns * self._each)
        middles = parts + np.diff(parts, append=frames) // 2
        self._starts = np.clip(middles - size // 2, 0, max(0, frames - size))
        self._hann = (np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2).astype(np.float32)
        self.high_hz = min(HIGH_HZ, rate / 2)
        edges = LOW_HZ * (self.high_hz / LOW_HZ) ** (np.arange(BANDS + 1) / BANDS)
        bins = np.minimum(np.rint(edges * size / rate).astype(int), size // 2)
        self._bins, self._end = bins[:-1], max(int(bins[-1]), int(bins[-2]) + 1)
        scale = 2 / (_HANN_BINS * float(self._hann.sum()) ** 2) / channels
        self._scale = 2 * scale  # the power of a sine at full scale is a half
        self._powers = np.zeros((self.columns * self._each, BANDS))
        self._tail = np.zeros((0, channels))
        self._at = self._next = 0

    def feed(self, block: np.ndarray) -> None:
        """Add a block of shape (frames, channels), full scale 1."""
        if len(self._tail):  # the windows that begin before this block
            self._add(np.concatenate((self._tail, block[: self._size - 1])), self._at - len(self._tail))
        self._add(block, self._at)
        self._at += len(block)
        left = block[-(self._size - 1) :]
        if len(left) < self._size - 1:
            left = np.concatenate((self._tail, left))[-(self._size - 1) :]
        self._tail = left.copy()

    def _add(self, samples: np.ndarray, at: int) -> None:
        """Transform the next windows, as far as they end in these samples, of which the first is frame `at`."""
        end = int(np.searchsorted(self._starts, at + len(samples) - self._size, "right"))
        while self._next < end:
            starts = (self._starts[self._next : min(self._next + _AT_ONCE, end)] - at).tolist()
            windows = np.empty((len(starts), self._channels, self._size), np.float32)
            for window, start in zip(windows, starts, strict=True):
                np.multiply(
                    samples[start : start + self._size].T, self._hann, out=window, casting="same_kind"
                )
            lines = np.fft.rfft(windows)[..., : self._end].view(np.float32)
            powers = np.square(lines, out=lines).reshape(*lines.shape[:2], -1, 2).sum(axis=(1, 3))
            self._powers[self._next : self._next + len(starts)] = np.add.reduceat(powers, self._bins, axis=1)
            self._next += len(starts)

    def data(self) -> dict[str, object]:
        """The drawing: `data` is uint8 of shape (bands, columns), from 0 = `floor_db` to 255 = 0 dBFS."""
        if self._next < len(self._starts):  # of a file shorter than a window
            self._add(np.pad(self._tail, ((0, self._size - len(self._tail)), (0, 0))), 0)
        means = self._powers.reshape(self.columns, self._each, BANDS).mean(axis=1).T * self._scale
        with np.errstate(divide="ignore"):
            levels = 10 * np.log10(means)
        steps = np.clip(np.rint((levels / -FLOOR_DB + 1) * 255), 0, 255)
        return {
            "columns": self.columns,
            "bands": BANDS,
            "low_hz": LOW_HZ,
            "high_hz": self.high_hz,
            "floor_db": FLOOR_DB,
            "data": base64_text(steps.astype(np.uint8)),
        }
