"""Wavetables: one period of a wave as the exact sum of its partials, read at any pitch.

A wave that is written down as its partials cannot alias: those above the limit are not there. Neither has it
an offset, for there is no partial of 0 Hz. How it changes (a filter that moves) is a stack of such periods,
faded from one to the next, which is smooth at every sample.
"""

from __future__ import annotations

import numpy as np

TOP = 0.49
"""The highest partial that is made, as a part of the sample rate."""

_AT_ONCE = 8_192  # frames: what is in hand stays in the processor's cache

_ERROR = 1e-5
"""What reading between the points of a table may add, as a part of the wave: -100 dB."""


def partials(hertz: float, rate: int) -> int:
    """How many partials of a frequency there is room for."""
    return int(TOP * rate / hertz)


def tables(spectra: np.ndarray) -> np.ndarray:
    """Periods from partials: shape (rows, partials), complex, to (rows, points + 1), float32.

    The first point stands again after the last, so that there is one to the right of each.

    Partial k of value c is the real part of c e^(jkx). Reading a straight line between two of N points adds
    images of partial k that are about (k/N)^2 as strong: the number of points follows from that.
    """
    rows, count = spectra.shape
    k = np.arange(1, count + 1)
    power = np.sum(np.abs(spectra) ** 2, axis=0)
    images = np.sqrt(np.sum(power * k.astype(float) ** 4) / max(np.sum(power), 1e-300))
    points = 1 << (max(64, 2 * count + 1, int(np.sqrt(images / _ERROR))) - 1).bit_length()
    spectrum = np.zeros((rows, points // 2 + 1), dtype=complex)
    spectrum[:, 1 : count + 1] = spectra * (points / 2)
    period = np.fft.irfft(spectrum, points, axis=1)
    return np.concatenate([period, period[:, :1]], axis=1, dtype=np.float32)


def read(stack: np.ndarray, turns: np.ndarray, row: np.ndarray | None = None) -> np.ndarray:
    """The wave at phases in turns (not below 0), float32. `row`, from 0.5 to 1.5 less than there are
    rows, says at each of them where between the rows of the stack it is.
    """
    wave = np.empty(len(turns), dtype=np.float32)
    for start in range(0, len(turns), _AT_ONCE):
        piece = slice(start, start + _AT_ONCE)
        wave[piece] = _read(stack, turns[piece], None if row is None else row[piece])
    return wave


def _read(stack: np.ndarray, turns: np.ndarray, row: np.ndarray | None) -> np.ndarray:
    points = stack.shape[1] - 1
    place = turns * points
    left = place.astype(np.int64)
    part = (place - left).astype(np.float32)
    left &= points - 1
    if row is None:
        return _between(stack, left, part)
    # Three rows by the weights of a quadratic B-spline, which has no corners where a straight line would.
    middle = np.clip((row + 0.5).astype(np.int64), 1, len(stack) - 2)
    aside = (row - middle).astype(np.float32)
    left += (middle - 1) * (points + 1)
    wave = _between(stack, left, part)
    wave *= 0.5 * (0.5 - aside) ** 2
    left += points + 1
    wave += _between(stack, left, part) * (0.75 - aside**2)
    left += points + 1
    wave += _between(stack, left, part) * (0.5 * (0.5 + aside) ** 2)
    return wave


def _between(stack: np.ndarray, left: np.ndarray, part: np.ndarray) -> np.ndarray:
    low = stack.take(left)
    step = stack.take(left + 1)
    step -= low
    step *= part
    return np.add(low, step, out=low)
