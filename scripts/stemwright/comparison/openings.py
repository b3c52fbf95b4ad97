"""The first sound of a pair: how long it is the same, at some gain, before anything can have come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stemwright.comparison.pair import Pair, Segments

_FROM = 1e-4  # of the peak: where the first sound begins
_LONGEST_S, _STEP_S = 0.1, 0.002
_EQUAL = 1e-6
_LEAST_GAIN = 0.05


@dataclass(frozen=True)
class Opening:
    """The first sound: it is the same for `clean_s`, in s, at `gain`; `is_equal` if not even the gain differs."""

    clean_s: float
    gain: float
    is_equal: bool


def read_opening(pair: Pair, segments: Segments) -> Opening | None:
    """Read the first sound of a pair; None if there is none in the old file."""
    sounding = np.flatnonzero(segments.old > 1e-9 * segments.old.max(initial=0))
    if not len(sounding):
        return None
    x, y = _read(pair, max(0, int(sounding[0]) - 1) * segments.size, round(2.5 * _LONGEST_S * pair.rate))
    level = np.abs(x).max(axis=1)
    begin = int(np.argmax(level > _FROM * level.max()))
    x, y = x[begin:], y[begin:]
    clean, gain = 0.0, 1.0
    for seconds in np.arange(_STEP_S, _LONGEST_S, _STEP_S):
        count = round(seconds * pair.rate)
        a, b = x[:count], y[:count]
        fitted = float(np.sum(a * b)) / max(float(np.sum(a * a)), 1e-30)
        rounding = a.size * (4 * pair.step) ** 2
        if np.sum((b - fitted * a) ** 2) > _EQUAL * np.sum(b * b) + rounding or fitted < _LEAST_GAIN:
            break
        clean, gain = float(seconds), fitted
    count = max(1, round(clean * pair.rate))
    return Opening(clean, gain, bool(np.abs(y[:count] - x[:count]).max() <= segments.tolerance))


def _read(pair: Pair, start: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames of both from `start`."""
    at, parts = 0, []
    for x, y in pair.blocks():
        if at + len(x) > start:
            parts.append((x[max(0, start - at) :], y[max(0, start - at) :]))
        at += len(x)
        if at >= start + frames:
            break
    x, y = (np.concatenate([each[side] for each in parts])[:frames] for side in (0, 1))
    return x, y
