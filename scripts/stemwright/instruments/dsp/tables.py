"""Wavetables: one period of a wave as the exact sum of its partials, read at any pitch.

A wave that is written down as its partials cannot alias: those above the limit are not there. Neither has it
an offset, for there is no partial of 0 Hz. How it changes (a filter that moves) is a stack of such periods,
faded from one to the next, which is smooth at every sample.
"""

from __future__ import annotations

import numpy as np

from stemwright.instruments.dsp.pieces import pieces

TOP = 0.49
"""The highest partial that is made, as a part of the sample rate."""

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
    spectrum = np.zeros((rows, points // 2 + 1), dtype=np.complex64)
    spectrum[:, 1 : count + 1] = spectra * (points / 2)
    stack = np.empty((rows, points + 1), dtype=np.float32)
    np.fft.irfft(spectrum, points, axis=1, out=stack[:, :points])
    stack[:, points] = stack[:, 0]
    return stack


def read(stack: np.ndarray, turns: np.ndarray, row: np.ndarray | None = None) -> np.ndarray:
    """The wave at phases in turns, float32. `row`, from 0.5 to 1.5 less than there are rows, says at each of
    them where between the rows of the stack it is.
    """
    wave = np.empty(len(turns), dtype=np.float32)
    for piece in pieces(len(turns)):
        wave[piece] = read_piece(stack, turns[piece], None if row is None else mix(row[piece], len(stack)))
    return wave


def mix(row: np.ndarray, rows: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Of places between `rows` rows of a stack the first of three rows that are heard, and the weights of each.

    They are those of a quadratic B-spline, which has no corners where a straight line would.
    """
    middle = np.minimum((row + 0.5).astype(np.int64), rows - 2)
    aside = (row - middle).astype(np.float32)
    return middle - 1, (0.5 * (0.5 - aside) ** 2, 0.75 - aside**2, 0.5 * (0.5 + aside) ** 2)


def read_piece(stack: np.ndarray, turns: np.ndarray, mixed: tuple | None) -> np.ndarray:
    """As `read`, of one piece: `mixed` is what `mix` says, and serves all stacks of so many rows."""
    points = stack.shape[1] - 1
    place = turns * points
    whole = np.floor(place)
    left = whole.astype(np.int64)
    left &= points - 1
    part = np.subtract(place, whole, out=place).astype(np.float32)
    if mixed is None:
        return _between(stack, left, part)
    first, weights = mixed
    left += first * (points + 1)
    wave = np.zeros(len(turns), dtype=np.float32)
    for weight in weights:
        row = _between(stack, left, part)
        row *= weight
        wave += row
        left += points + 1
    return wave


def _between(stack: np.ndarray, left: np.ndarray, part: np.ndarray) -> np.ndarray:
    flat = stack.ravel()
    low = flat.take(left, mode="wrap")  # there is nothing to wrap, but it is quicker than to ask
    step = flat[1:].take(left, mode="wrap")
    step -= low
    step *= part
    return np.add(low, step, out=low)
