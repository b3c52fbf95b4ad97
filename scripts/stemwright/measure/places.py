"""Places in the bar: on which divisions of the beat onsets lie, and whether all of them lie too late.

A place is a phase within a beat (a quarter), 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_DIVISIONS = (4, 3, 8, 6, 5, 7)
_SWINGS = np.arange(0.51, 0.755, 0.01)  # where the second of a pair of sixteenths lies within the pair
_QUARTER = 0.25  # of the least distance of two places: the window that gives random onsets one half


@dataclass(frozen=True)
class Fit:
    """How onsets lie on a grid.

    `division` of the beat for counting; the `offsets` of the onsets from their places, in s, and which are `near`; the
    share of them that would be near by `chance`.
    """

    division: int
    offsets: np.ndarray
    near: np.ndarray
    chance: float

    @property
    def share(self) -> float:
        """The share of onsets that are near their place."""
        return float(self.near.mean())

    @property
    def certain(self) -> bool:
        """Whether so many onsets lie on the best of all grids by chance less than once in a thousand times.

        Source: Chernoff's bound of the binomial distribution, for each of the grids.
        """
        p, q = min(self.share, 1 - 1e-12), self.chance
        divergence = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
        return bool(p > q and len(self.near) * divergence >= np.log(1_000 * len(list(_grids()))))


def best_grid(phases: np.ndarray, beat_s: np.ndarray, window_s: float) -> Fit:
    """Find the grid that explains onsets best.

    The grids are a beat in 4, 3, 8, 6, 5 or 7 parts; sixteenths with swing; and all of these parts together, in windows
    so small that random onsets give one half there, too: sample-exact rolls and tuplets among sixteenths.

    Parameters
    ----------
    phases : np.ndarray
        Where each onset lies in its beat, 0 to 1, shape (n,).
    beat_s : np.ndarray
        The length of that beat in s.
    window_s : float
        The greatest distance of an onset from its place, in s.

    Returns
    -------
    Fit
        The grid with the greatest share beyond chance; of equal ones, the simplest.
    """
    best: Fit | None = None
    for division, places, width in _grids():
        offsets = phases[:, None] - np.append(places, 1.0)
        nearest = offsets[np.arange(len(phases)), np.argmin(np.abs(offsets), axis=1)]
        windows = np.minimum(window_s / beat_s, width)
        chance = float(np.mean(2 * windows) * len(places))
        fit = Fit(division, nearest * beat_s, np.abs(nearest) <= windows, min(chance, 0.99))
        if best is None or _beyond_chance(fit) > _beyond_chance(best) + 1e-9:
            best = fit
    assert best is not None
    return best


def _beyond_chance(fit: Fit) -> float:
    return (fit.share - fit.chance) / (1 - fit.chance)


def _grids() -> Iterator[tuple[int, np.ndarray, float]]:
    """(division of the beat for counting, places, window in beats) of each grid, the simplest first."""
    for division in _DIVISIONS:
        yield division, np.arange(division) / division, _QUARTER / division
    for swing in _SWINGS:
        yield 4, np.array([0, swing / 2, 0.5, 0.5 + swing / 2]), _QUARTER * (1 - swing) / 2
        yield 4, np.array([0, swing]), _QUARTER * (1 - swing)
    every = np.unique(np.concatenate([np.arange(n) / n for n in _DIVISIONS]).round(9))
    yield 4, every, _QUARTER / len(every)
