"""True peak after ITU-R BS.1770-5, annex 2: the highest level of the oversampled signal."""

from __future__ import annotations

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.measure._base import Meter

_TAPS = 48  # of the interpolator over all phases, as in annex 2
_ROWS = 64  # interpolated at a time: few enough to skip what is too soft to contain the peak
_SAMPLE_GRID, _TAP_GRID = 2.0**24, 2.0**20


class TruePeak(Meter):
    """`true_peak`: in dBTP, of the channel with the highest; None for silence or if a sample is not finite. `frame`:
    the one beside it.

    Oversampled four times below 96 kHz and twice below 192 kHz, as annex 2 asks, by a Hann-windowed sinc. The file is
    assumed to be surrounded by silence, as it is in playback.

    Interpolation is a matrix product: a row of samples times a matrix gives the points between them. Samples and taps
    are rounded to grids (-144 and -120 dB), which makes all sums exact and the result equal on every processor and for
    any block size. Rows too soft for the interpolator's gain to lift them above the peak so far are skipped.
    """

    def start(self, rate: int, channels: int) -> None:
        self._factor = 4 if rate < 96_000 else 2 if rate < 192_000 else 1
        self._row = _TAPS // self._factor
        self._here, self._next = _interpolator(self._factor, self._row)
        taps = np.abs(self._here).sum(axis=0) + np.abs(self._next).sum(axis=0)
        self._most_gain = float(taps.max(initial=0))
        # A buffer for all products: allocating it anew would cost more than the products.
        self._between = np.empty((2, _ROWS, self._here.shape[1]))
        # The first `_held` frames are those left from the block before.
        self._samples = np.zeros((channels, self._row))
        self._held = self._row
        self._peak, self.frame = 0.0, 0
        self._at = -self._row  # the frame that the first of `_samples` is
        self._finite = True

    def feed(self, block: np.ndarray) -> None:
        self._finite = self._finite and bool(np.isfinite(block.sum()))
        if not self._finite:
            return
        rest, end = self._held, self._held + len(block)
        if end > self._samples.shape[1]:
            self._samples = np.concatenate(
                (self._samples[:, :rest], np.empty((block.shape[1], len(block)))), axis=1
            )
        samples = self._samples[:, :end]
        np.multiply(block.T, _SAMPLE_GRID, out=samples[:, rest:])
        np.rint(samples[:, rest:], out=samples[:, rest:])
        self._raise_peak(samples)
        done = (end // self._row - 1) * self._row
        self._held, self._at = end - done, self._at + done
        samples[:, : self._held] = samples[:, done:].copy()  # the last row still lacks the one after it

    @property
    def true_peak(self) -> float | None:
        """The true peak, in dBTP; None for silence, or where a sample is not finite."""
        tail = np.pad(self._samples[:, : self._held], ((0, 0), (0, 2 * self._row)))
        self._raise_peak(tail)
        return decibels(self._peak / _SAMPLE_GRID) if self._finite and self._peak > 0 else None

    @property
    def fault(self) -> str:
        """Why `true_peak` is None."""
        return "it is silent" if self._finite else "a sample is not finite"

    def _raise_peak(self, channels: np.ndarray) -> None:
        """Take samples of shape (channels, frames) into account, and what is between them except in the last row."""
        level = max(float(channels.max()), -float(channels.min()))
        if level > self._peak:
            self._peak, self.frame = level, self._at + int(np.abs(channels).max(axis=0).argmax())
        count = channels.shape[1] // self._row
        if self._factor == 1 or count < 2:
            return
        starts = np.arange(0, count - 1, _ROWS)
        for samples in channels:
            rows = samples[: count * self._row].reshape(count, self._row)
            levels = np.maximum(
                np.maximum.reduceat(rows.reshape(-1), starts * self._row),
                -np.minimum.reduceat(rows.reshape(-1), starts * self._row),
            )
            levels[:-1] = np.maximum(
                levels[:-1], levels[1:]
            )  # a row's last points also depend on the next row
            for at in starts[levels * self._most_gain > self._peak].tolist():
                some = rows[at : min(at + _ROWS, count - 1) + 1]
                between, more = self._between[:, : len(some) - 1]
                np.matmul(some[:-1], self._here, out=between)
                between += np.matmul(some[1:], self._next, out=more)
                level = max(float(between.max()), -float(between.min()))
                if level > self._peak:
                    row, point = divmod(int(np.abs(between).argmax()), between.shape[1])
                    after = point // (self._factor - 1) + self._row // 2 - 1  # see _interpolator
                    self._peak, self.frame = level, self._at + (at + row) * self._row + after


def _interpolator(factor: int, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Two matrices of shape (row, row * (factor - 1)): the contribution of a row, and of the next, to the points.

    The point (i, phase) lies phase/factor of a sample after the middle of the `row` samples that begin with i.
    """
    places = np.arange(row) - (row // 2 - 1)
    both = np.zeros((2 * row, row, factor - 1))
    for phase in range(1, factor):
        away = places - phase / factor
        taps = np.sinc(away) * (0.5 + 0.5 * np.cos(2 * np.pi * away / row))
        for i in range(row):
            both[i : i + row, i, phase - 1] = np.rint(taps * _TAP_GRID) / _TAP_GRID
    here, following = both.reshape(2, row, -1)
    return here, following
