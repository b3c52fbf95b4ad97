"""Wavetables: one period of a wave, computed as the sum of its partials and read at any pitch.

A wave synthesised from its partials does not alias, since partials above the limit are left out, and has no DC offset,
since there is no partial at 0 Hz. A wave that changes over time, such as one through a moving filter, is a stack of
tables with cross-fades between adjacent rows, which are smooth at every sample.
"""

from __future__ import annotations

import numpy as np

from stemwright.instruments.dsp.chunks import chunks

MAX_FREQUENCY = 0.49
"""The highest frequency of a partial, as a fraction of the sample rate."""

_ERROR = 1e-5
"""The largest error of linear interpolation between the points of a table, relative to the wave: -100 dB."""


def partial_count(hertz: float, rate: int) -> int:
    """The number of partials of a fundamental in Hz up to MAX_FREQUENCY."""
    return int(MAX_FREQUENCY * rate / hertz)


def wavetables(spectra: np.ndarray) -> np.ndarray:
    """Compute wavetables from the complex amplitudes of partials.

    `spectra` has shape (rows, partials): partial k of value c is the real part of c e^(jkx). The result has shape
    (rows, points + 1), float32; the first point is repeated after the last, for interpolation.

    Linear interpolation between N points adds images of partial k of about (k/N)² its amplitude; the number of points
    follows from that.
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


def read_wavetables(stack: np.ndarray, turns: np.ndarray, row: np.ndarray | None = None) -> np.ndarray:
    """Read wavetables at given phases.

    Parameters
    ----------
    stack : np.ndarray
        Tables as `wavetables` returns them, shape (rows, points + 1).
    turns : np.ndarray
        The phase at each frame, in turns.
    row : np.ndarray, optional
        The position between the rows at each frame, from 0.5 to the number of rows less 1.5. Without it, the first row
        is read.

    Returns
    -------
    np.ndarray
        The wave, float32, shape (frames,).
    """
    wave = np.empty(len(turns), dtype=np.float32)
    for chunk in chunks(len(turns)):
        weights = None if row is None else row_weights(row[chunk], len(stack))
        wave[chunk] = read_chunk(stack, turns[chunk], weights)
    return wave


RowWeights = tuple[np.ndarray, tuple[np.ndarray, ...]]
"""At each frame, the first of three adjacent rows (int), and the weight of each of the three (float32)."""


def row_weights(row: np.ndarray, rows: int) -> RowWeights:
    """The weights of three adjacent rows, those of a quadratic B-spline, which has no corners at the rows.

    Parameters
    ----------
    row : np.ndarray
        Positions between the rows, shape (frames,), as for `read_wavetables`.
    rows : int
        The number of rows.

    Returns
    -------
    first : np.ndarray
        The index of the first of the three rows, shape (frames,).
    weights : tuple of np.ndarray
        The weight of each of the three, float32, each of shape (frames,).
    """
    middle = np.minimum((row + 0.5).astype(np.int64), rows - 2)
    distance = (row - middle).astype(np.float32)
    return middle - 1, (0.5 * (0.5 - distance) ** 2, 0.75 - distance**2, 0.5 * (0.5 + distance) ** 2)


def read_chunk(stack: np.ndarray, turns: np.ndarray, mixed: RowWeights | None) -> np.ndarray:
    """Read one chunk of `read_wavetables`.

    Parameters
    ----------
    stack, turns : np.ndarray
        As for `read_wavetables`.
    mixed : RowWeights or None
        The result of `row_weights`, the same for all stacks with the same number of rows.

    Returns
    -------
    np.ndarray
        The wave, float32, shape (frames,).
    """
    points = stack.shape[1] - 1
    place = turns * points
    whole = np.floor(place)
    left = whole.astype(np.int64)
    left &= points - 1
    part = np.subtract(place, whole, out=place).astype(np.float32)
    if mixed is None:
        return _interpolate(stack, left, part)
    first, weights = mixed
    left += first * (points + 1)
    wave = np.zeros(len(turns), dtype=np.float32)
    for weight in weights:
        row = _interpolate(stack, left, part)
        row *= weight
        wave += row
        left += points + 1
    return wave


def _interpolate(stack: np.ndarray, left: np.ndarray, part: np.ndarray) -> np.ndarray:
    flat = stack.ravel()
    low = flat.take(left, mode="wrap")  # no index is out of range, but "wrap" is faster than checking
    step = flat[1:].take(left, mode="wrap")
    step -= low
    step *= part
    return np.add(low, step, out=low)
