"""Onsets compared with where they are expected: matching, F-measure, drift.

All times are in seconds, in ascending order. As in mir_eval, each onset is matched at most once.
"""

from __future__ import annotations

import math

import numpy as np

_SIMULTANEOUS_S = 0.025  # the resolution of `Onsets`
_MASKED = ((0.2, -6.0), (0.08, 6.0))
"""Within so many s after another, a sound less than so many dB above it may have no audible attack: forward
masking, and repetitions (quicker than twelve a second) of what rings."""

_PRECISE_MS = 2.0
_STRETCH_S, _AS_GOOD, _CLEAR, _MATCHED = 30.0, 0.8, 0.75, 0.5


def nearest(places: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """For each of `seconds`, the index of the nearest of `places`, of which there must be at least one."""
    after = np.clip(np.searchsorted(places, seconds), 1, max(1, len(places) - 1))
    if len(places) == 1:
        return np.zeros(len(seconds), int)
    return after - (seconds - places[after - 1] <= places[after] - seconds)


def _first_at_once(expected: np.ndarray) -> np.ndarray:
    """Whether each of some onsets is the first of those within 25 ms of each other, which are one."""
    return np.diff(expected, prepend=-np.inf) > _SIMULTANEOUS_S


def f_measure(
    expected: np.ndarray, levels: np.ndarray, detected: np.ndarray, window: float
) -> tuple[float, np.ndarray]:
    """Match detected onsets with expected ones.

    A detected onset matches the expected one nearest to it; each is matched at most once. Expected onsets within
    25 ms of each other are one. An expected onset that may be masked does not count as missed: one 6 dB below a sound
    in the 0.2 s before it, or less than 6 dB above one in the 80 ms before it.

    Parameters
    ----------
    expected, levels : np.ndarray
        Times of the expected onsets in s, and their levels in dB, shape (n,).
    detected : np.ndarray
        Times of the detected onsets in s.
    window : float
        The largest distance of a match, in s.

    Returns
    -------
    f : float
        The F-measure, 0 to 1.
    pairs : np.ndarray
        The times of each match, expected and detected, shape (matches, 2).
    """
    if not len(expected) or not len(detected):
        return 0.0, np.zeros((0, 2))
    first = _first_at_once(expected)
    heads, event = np.flatnonzero(first), np.cumsum(first) - 1
    closest = nearest(expected, detected)
    best: dict[int, tuple[float, float, float]] = {}
    for index, at in zip(closest.tolist(), detected.tolist(), strict=True):
        pair = (abs(at - expected[index]), float(expected[index]), at)
        if pair[0] <= window:
            best[int(event[index])] = min(best.get(int(event[index]), pair), pair)
    starts, loudest = expected[heads], np.maximum.reduceat(levels, heads)
    hidden, here = np.zeros(len(starts), bool), np.arange(len(starts))
    for after, above in _MASKED:
        since = np.searchsorted(starts, starts - after)
        before = np.maximum.reduceat(loudest, np.stack((since, here), axis=1).reshape(-1))[::2]
        hidden |= (since < here) & (before > loudest - above)
    missed = [i for i in np.flatnonzero(~hidden) if i not in best]
    pairs = np.array([best[i][1:] for i in sorted(best)]).reshape(-1, 2)
    return 2 * len(pairs) / (len(pairs) + len(missed) + len(detected)), pairs


def drift(seconds: np.ndarray, offsets: np.ndarray) -> tuple[float, float]:
    """Fit a line to offsets over time.

    Least squares, repeated three times without the points that lie more than three median distances (of 2 ms or more)
    from the line before, so that a few mismatched onsets do not tilt it.

    Parameters
    ----------
    seconds : np.ndarray
        Times in s: at least three, of which two must differ.
    offsets : np.ndarray
        The offset at each time, in ms.

    Returns
    -------
    slope : float
        The change of the offset per minute.
    error : float
        The standard error of the slope.
    """
    kept = np.ones(len(seconds), bool)
    for _ in range(3):
        x, y = seconds[kept] / 60, offsets[kept]
        slope, level = np.polyfit(x, y, 1)
        far = np.abs(offsets - slope * seconds / 60 - level)
        kept = far <= 3 * max(np.median(far), _PRECISE_MS)
    spread = np.sqrt(np.mean((y - slope * x - level) ** 2))
    return float(slope), float(spread / (np.std(x) * np.sqrt(len(x))))


def stretch(expected: np.ndarray, detected: np.ndarray, window: float) -> float:
    """Find the factor by which expected onsets must be slowed down to lie where onsets are detected.

    Factors from 0.5 to 2 are tried on the first 30 s, then refined on all by least squares. 1 is taken unless another
    fits clearly better.

    Parameters
    ----------
    expected, detected : np.ndarray
        Times of the onsets in s; there must be some of both.
    window : float
        The largest distance of a match, in s.

    Returns
    -------
    float
        The factor: above 1 if the detected onsets are slower; NaN if less than half of the onsets match at 1, and at no
        other factor three quarters.
    """

    def fits(factor: float, until: float) -> float:
        places, heard = expected[expected * factor < until] * factor, detected[detected < until]
        if not len(places) or not len(heard):
            return 0.0
        closest = nearest(places, heard)
        near = closest[np.abs(heard - places[closest]) <= window]
        events = np.cumsum(_first_at_once(places))[near]  # ascending, from 1
        matches = np.count_nonzero(np.diff(events, prepend=0))  # those of `f_measure`, which takes longer
        return 2 * matches / (len(places) + len(heard))

    factors = np.exp2(np.arange(-1, 1, window / _STRETCH_S / 2))
    best = max((fits(factor, _STRETCH_S), -abs(factor - 1), factor) for factor in factors.tolist())
    as_is = fits(1.0, _STRETCH_S)
    clearly = best[0] >= max(_CLEAR, as_is / _AS_GOOD)
    if not clearly and as_is < _MATCHED:
        return math.nan
    factor = best[2] if clearly else 1.0
    _, pairs = f_measure(expected * factor, np.zeros(len(expected)), detected, window)
    slope, error = drift(pairs[:, 0], 1000 * (pairs[:, 1] - pairs[:, 0]))
    return factor * (1 + slope / 60_000) if abs(slope) > 3 * error else factor
