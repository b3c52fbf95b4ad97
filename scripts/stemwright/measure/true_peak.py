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
    any block size. Rows that cannot exceed the peak so far are skipped: a point between two samples is a mean of them,
    weighted by its place, plus a sum of second differences around it, see `_bounds`. Sound that bends little, as most
    music does, cannot rise far above its samples.
    """

    def start(self, rate: int, channels: int) -> None:
        self._factor = 4 if rate < 96_000 else 2 if rate < 192_000 else 1
        self._row = _TAPS // self._factor
        self._here, self._next = _interpolator(self._factor, self._row)
        self._of_level, self._of_bend = _bounds(self._factor, self._row)
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
            samples = samples[: count * self._row]
            rows = samples.reshape(count, self._row)
            highest = self._of_level * _largest(samples, starts * self._row)
            # Four times the level is the most that a second difference can be.
            if not (highest * (1 + 4 * self._of_bend) > self._peak).any():
                continue
            slopes = samples[1:] - samples[:-1]
            highest += self._of_bend * _largest(slopes[1:] - slopes[:-1], starts * self._row)
            for at in starts[highest > self._peak].tolist():
                some = rows[at : min(at + _ROWS, count - 1) + 1]
                between, more = self._between[:, : len(some) - 1]
                np.matmul(some[:-1], self._here, out=between)
                between += np.matmul(some[1:], self._next, out=more)
                level = max(float(between.max()), -float(between.min()))
                if level > self._peak:
                    row, point = divmod(int(np.abs(between).argmax()), between.shape[1])
                    after = point // (self._factor - 1) + self._row // 2 - 1  # see _interpolator
                    self._peak, self.frame = level, self._at + (at + row) * self._row + after


def _largest(samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The largest magnitude in each part and the one after it, as a row's last points depend on the next row, too."""
    largest = np.maximum(np.maximum.reduceat(samples, starts), -np.minimum.reduceat(samples, starts))
    largest[:-1] = np.maximum(largest[:-1], largest[1:])
    return largest


def _bounds(factor: int, row: int) -> tuple[float, float]:
    """How much of the largest sample, and of the largest second difference around it, a point can be at most.

    The taps h of a point are a at the sample before it and b at the one after it, with the sum and the centre of h, and
    a rest whose sum and first moment are zero: the second difference of a sequence g. So the point is a x[i] + b x[i+1]
    + sum g x'', at most (|a| + |b|) max |x| + sum |g| max |x''|. Taps are on a grid: all of this is exact.
    """
    before = row // 2 - 1
    of_level, of_bend = 1.0, 0.0
    for phase in range(factor - 1):
        taps = _taps(factor, row, phase + 1)
        after = float(taps @ (np.arange(row) - before))
        rest = taps.copy()
        rest[before : before + 2] -= taps.sum() - after, after
        of_level = max(of_level, abs(taps.sum() - after) + abs(after))
        of_bend = max(of_bend, float(np.abs(np.cumsum(np.cumsum(rest))).sum()))
    return of_level, of_bend


def _taps(factor: int, row: int, phase: int) -> np.ndarray:
    """What each of `row` samples contributes to the point that lies phase/factor of a sample after their middle."""
    away = np.arange(row) - (row // 2 - 1) - phase / factor
    taps = np.sinc(away) * (0.5 + 0.5 * np.cos(2 * np.pi * away / row))
    return np.asarray(np.rint(taps * _TAP_GRID) / _TAP_GRID)


def _interpolator(factor: int, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Two matrices of shape (row, row * (factor - 1)): the contribution of a row, and of the next, to the points.

    The point (i, phase) lies phase/factor of a sample after the middle of the `row` samples that begin with i.
    """
    both = np.zeros((2 * row, row, factor - 1))
    for phase in range(1, factor):
        taps = _taps(factor, row, phase)
        for i in range(row):
            both[i : i + row, i, phase - 1] = taps
    here, following = both.reshape(2, row, -1)
    return here, following
