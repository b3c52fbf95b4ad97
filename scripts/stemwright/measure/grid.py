"""Onsets against where they should be: pairs, F-measure, drift. All times are in seconds, ascending."""

from __future__ import annotations

import numpy as np

_TOGETHER_S = 0.025  # as close as onsets are told apart
_MASKED_DB, _MASKED_S = 6.0, 0.2  # forward masking: a softer sound right after a louder one may not be heard


def nearest(places: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """For each of `seconds` the index of the nearest of `places` (at least one)."""
    after = np.clip(np.searchsorted(places, seconds), 1, max(1, len(places) - 1))
    if len(places) == 1:
        return np.zeros(len(seconds), int)
    return after - (seconds - places[after - 1] <= places[after] - seconds)


def f_measure(
    written: np.ndarray, levels: np.ndarray, found: np.ndarray, window: float
) -> tuple[float, np.ndarray]:
    """(F-measure from 0 to 1, pairs of written and found, shape (n, 2)) of onsets found within `window` s.

    An onset found answers the written one nearest to it, each at most once (as in mir_eval). Written ones within
    25 ms are one. One that is masked, 6 dB under a sound in the 0.2 s before it, may go unanswered.
    """
    if not len(written) or not len(found):
        return 0.0, np.zeros((0, 2))
    heads = np.flatnonzero(np.diff(written, prepend=-np.inf) > _TOGETHER_S)
    event = np.cumsum(np.isin(np.arange(len(written)), heads)) - 1
    its = nearest(written, found)
    best: dict[int, tuple[float, float, float]] = {}
    for index, at in zip(its.tolist(), found.tolist(), strict=True):
        pair = (abs(at - written[index]), float(written[index]), at)
        if pair[0] <= window:
            best[int(event[index])] = min(best.get(int(event[index]), pair), pair)
    starts, loudest = written[heads], np.maximum.reduceat(levels, heads)
    before = np.searchsorted(starts, starts - _MASKED_S)
    missed = [i for i in range(len(starts)) if i not in best]
    missed = [i for i in missed if loudest[before[i] : i + 1].max() - loudest[i] < _MASKED_DB]
    pairs = np.array([best[i][1:] for i in sorted(best)]).reshape(-1, 2)
    return 2 * len(pairs) / (len(pairs) + len(missed) + len(found)), pairs


def drift(seconds: np.ndarray, offsets: np.ndarray) -> tuple[float, float]:
    """(slope, its standard error) of offsets (any unit) over time, a minute. At least three points, at two times.

    A line of least squares, drawn three times without what lies over three median distances off the one before,
    so that a few onsets that are something else do not tilt it.
    """
    kept = np.ones(len(seconds), bool)
    for _ in range(3):
        x, y = seconds[kept] / 60, offsets[kept]
        slope, level = np.polyfit(x, y, 1)
        far = np.abs(offsets - slope * seconds / 60 - level)
        kept = far <= 3 * np.median(far) + 1e-12
    spread = np.sqrt(np.mean((y - slope * x - level) ** 2))
    return float(slope), float(spread / (np.std(x) * np.sqrt(len(x))))
