"""What may be wrong with one stem, each as a hypothesis that leaves some of the difference unexplained.

A hypothesis is scored by what it leaves of the difference's energy, times a penalty for its freedom: a gain for each
20 ms explains more than one gain, even where one gain is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.inspection.comparison import Comparison, Sums
from stemwright.measure.delay import find_delay

Kind = Literal["gain", "swapped", "matrix", "mixed", "lag", "cut", "moving gain"]

EXPLAINS = {
    "gain": 0.02,
    "swapped": 0.02,
    "matrix": 0.02,
    "mixed": 0.02,
    "lag": 0.01,
    "cut": 0.02,
    "moving gain": 0.1,
}
"""The share of the difference's energy that a hypothesis of each kind may leave."""

_PENALTY = {
    "gain": 1.0,
    "swapped": 1.1,
    "lag": 1.2,
    "cut": 1.2,
    "matrix": 1.5,
    "mixed": 5.0,
    "moving gain": 10.0,
}
_EQUAL = 1e-4  # what is left below this does not tell hypotheses apart
_ACTIVE = 1e-6  # of the largest difference: segments below do not count
_FRACTION_FROM, _FRACTION_GAINS, _EXACT = 2e-3, 0.1, 1e-6
_PANNED, _MIXED = 0.005, 0.3  # what a pan may leave, and the share of it that mixed channels may
_WHOLE = 0.02
_PLAUSIBLE = 0.02, 8.0  # gains that move
_ROUGHNESS_DB = 3.0  # the mean change of a moving gain in one segment, beyond which it only fits noise


@dataclass(frozen=True)
class Hypothesis:
    """What was done to one stem, by its index (after the last: to all of them).

    Attributes
    ----------
    left : float
        The share of the difference's energy that it leaves.
    matrix : numpy.ndarray, optional
        The gains from the stem's channels (columns) to those of the mix (rows).
    late : float
        How much later the file has it than the mix, in frames.
    gains_db : tuple of float, optional
        The lowest and the highest gain that it has in the mix, relative to the file, if the gain moves.
    places : tuple of (int, int)
        Where a cut file is silent, as (first frame, end).
    is_end : bool
        Whether a cut file is silent from there on.
    """

    index: int
    kind: Kind
    left: float
    matrix: np.ndarray | None = None
    late: float = 0.0
    gains_db: tuple[float, float] | None = None
    places: tuple[tuple[int, int], ...] = ()
    is_end: bool = False

    @property
    def score(self) -> float:
        """What is left, with the penalty: the lowest is the best."""
        return (self.left + _EQUAL) * _PENALTY[self.kind]

    @property
    def explains(self) -> bool:
        """Whether it leaves so little that nothing else need be wrong."""
        return self.left <= EXPLAINS[self.kind]


class Difference:
    """The part of `Sums` in which the mix and the stems differ."""

    def __init__(self, comparison: Comparison, sums: Sums):
        self.comparison, self.sums = comparison, sums
        floor = sums.rounding_power * sums.segment * comparison.channels
        self.active = sums.rr > max(_ACTIVE * sums.rr.max(), 4 * floor)
        if not self.active.any():
            self.active = sums.rr >= sums.rr.max()
        self.rr, self.rx, self.xx = sums.rr[self.active], sums.rx[:, self.active], sums.xx[:, self.active]
        self.energy = float(self.rr.sum())
        self.floor = min(0.5 * self.energy, floor * len(self.rr))

    def share(self, left: float) -> float:
        """What is left of the energy, without what rounding leaves."""
        return max(0.0, left - self.floor) / (self.energy - self.floor)

    @property
    def span(self) -> tuple[int, int]:
        """Where the difference is.

        Returns
        -------
        first, end : int
            Its first frame, and the one after its last, to a segment.
        """
        found = np.flatnonzero(self.active)
        return int(found[0]) * self.sums.segment, min(
            (int(found[-1]) + 1) * self.sums.segment, self.comparison.frames
        )

    def constant(self, index: int) -> list[Hypothesis]:
        """At another gain; or its channels at gains of their own, swapped or mixed."""
        rx, xx = self.rx[index].sum(axis=0), self.xx[index].sum(axis=0)
        power, one = np.trace(xx), np.eye(len(xx))
        if not power:
            return []
        gain = float(np.trace(rx) / power)
        found = [Hypothesis(index, "gain", self.share(self.energy - gain * np.trace(rx)), (1 + gain) * one)]
        if len(xx) == 2:
            scale = np.sqrt(np.maximum(np.diag(xx), 1e-12 * power))
            is_mono = abs(xx[0, 1]) > (1 - 1e-9) * scale[0] * scale[1]
            change = np.zeros_like(rx) if is_mono else rx @ np.linalg.pinv(xx, rcond=1e-9)
            panned = np.diag(np.diag(rx) / np.maximum(np.diag(xx), 1e-12 * power))
            lefts = [self.share(self.energy - float(np.sum(each * rx))) for each in (panned, change)]
            # Channels that are much alike could be mixed in many ways: the simplest that explains it.
            best = int(lefts[0] > _PANNED and lefts[1] < _MIXED * lefts[0])
            found.append(
                Hypothesis(index, ("matrix", "mixed")[best], lefts[best], one + (panned, change)[best])
            )
            swap = one[::-1] - one
            left = self.energy - float(2 * np.sum(swap * rx) - np.trace(swap @ xx @ swap.T))
            if left < self.energy:
                found.append(Hypothesis(index, "swapped", self.share(left), one[::-1]))
        return found

    def moving(self, index: int) -> list[Hypothesis]:
        """At a gain that changes with time."""
        rx, xx = (np.trace(each[index], axis1=1, axis2=2) for each in (self.rx, self.xx))
        sounding = xx > 1e-9 * max(float(xx.max()), 1e-30)
        if not sounding.any():
            return []
        change = np.divide(rx, xx, out=np.zeros_like(rx), where=sounding)
        change = np.clip(change, _PLAUSIBLE[0] - 1, _PLAUSIBLE[1] - 1)
        left = float(np.sum(self.rr - 2 * change * rx + change**2 * xx))
        gains = 20 * np.log10(1 + change)
        steps = np.abs(np.diff(gains))
        weights = np.minimum(xx[1:], xx[:-1])
        if weights.sum() and float(np.average(steps, weights=weights)) > _ROUGHNESS_DB:
            return []
        order = np.argsort(gains)
        rank = np.cumsum(xx[order]) / xx.sum()
        low, high = (float(gains[order][np.searchsorted(rank, q)]) for q in (0.02, 0.98))
        if high - low < 0.1:
            return []
        return [Hypothesis(index, "moving gain", self.share(left), gains_db=(low, high))]

    def lagging(self) -> list[Hypothesis]:
        """Late or early, by whole frames or, for the two that are nearest to it, by a part of one."""
        found = []
        for index, (lag, gain, left) in enumerate(self.comparison.lags(self.sums)):
            if lag:
                matrix = gain * np.eye(self.comparison.channels)
                found.append(Hypothesis(index, "lag", left, matrix, float(-lag)))
        return found

    def between_frames(self, about: Hypothesis) -> list[Hypothesis]:
        """A lag by a part of a frame, near another hypothesis."""
        comparison = self.comparison
        reach_s = (abs(about.late) + 64) / comparison.rate
        source, target = comparison.source(about.index), comparison.target(about.index)
        delay = find_delay(source, target, comparison.frames, comparison.rate, reach_s)
        frames = delay.seconds * comparison.rate if delay else 0.0
        if delay is None or abs(frames - round(frames)) < _WHOLE:
            return []  # by whole frames: `lagging` is exact
        rx, xx = self.sums.rx[about.index], self.sums.xx[about.index]
        target_power = float(self.sums.rr.sum() + np.trace((2 * rx + xx).sum(axis=0)))
        left = self.share((1 - delay.correlation**2) * target_power)
        gain = delay.correlation * np.sqrt(target_power / np.trace(xx.sum(axis=0)))
        matrix = gain * np.eye(comparison.channels)
        return [Hypothesis(about.index, "lag", left, matrix, -frames)]


def best_hypothesis(difference: Difference) -> Hypothesis | None:
    """The hypothesis with the best score, of all stems and of their sum; None if nothing of it sounds."""
    stems = range(len(difference.comparison.stems) + 1)
    found = [each for index in stems for each in (*difference.constant(index), *difference.moving(index))]
    if min((each.left for each in found if each.kind != "moving gain"), default=1.0) > _FRACTION_FROM:
        found += difference.lagging()
        near = sorted((each for each in found if each.kind != "moving gain"), key=lambda each: each.score)
        seen = list(dict.fromkeys(each.index for each in near))[:2]
        firsts = [next(each for each in near if each.index == index) for index in seen]
        for about in firsts:
            if about.left > (_EXACT if about.kind == "lag" else _FRACTION_FROM):
                least = min(_FRACTION_GAINS, 0.5 * about.left)
                found += [each for each in difference.between_frames(about) if each.left < least]
        if min((each.score for each in found), default=1.0) > _FRACTION_FROM:
            found += cuts(difference)
    return min(found, key=lambda each: each.score, default=None)


_MERGED_S, _SIDE_S = 0.02, 0.005
_MOST_CUTS = 200
_QUIET_BITS = 2.0**-14


def cuts(difference: Difference) -> list[Hypothesis]:
    """Stems that are silent where the mix has sound of them: drop-outs, a missing start or end.

    Where the difference is not zero, all of it must be there while the stem is silent, and just outside the stem must
    sound about as loud as the difference does just inside.
    """
    comparison, sums = difference.comparison, difference.sums
    least = max(4 * sums.rounding_peak, 3e-4 * sums.peak)
    places = _places(comparison, least)
    if not 0 < len(places) <= _MOST_CUTS:
        return []
    side = max(4, round(_SIDE_S * comparison.rate))
    inside, edges, sides, after = _energies(comparison, places, side)
    found = []
    for index in range(len(comparison.stems)):
        quiet = np.maximum(
            _QUIET_BITS**2 * comparison.channels,
            1e-5 * inside[-1] / np.maximum(1, [b - a for a, b in places]),
        )
        silent = inside[index] / np.maximum(1, [b - a for a, b in places]) <= quiet
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = sides[index] / edges
        goes_on = np.nanmax(np.where((ratio > 0.02) & (ratio < 50), 1.0, 0.0), axis=0) > 0
        good = _connected(silent & goes_on, silent, sides[index] <= quiet.min() * side)
        if good.any():
            left = difference.share(difference.energy - float(inside[-1][good].sum()))
            chosen = tuple(place for place, is_good in zip(places, good, strict=True) if is_good)
            # Of two that are silent there, the one whose sound goes on where the other's does not.
            mismatch = float(np.mean(np.abs(np.log10(np.where(ratio > 0, ratio, 1e-3)))[:, good].min(axis=0)))
            first = places.index(chosen[0])
            is_end = bool(after[index, first] <= quiet.min() * (comparison.frames - chosen[0][0]))
            found.append(Hypothesis(index, "cut", left + 1e-4 * mismatch, places=chosen, is_end=is_end))
    return found


def _connected(good: np.ndarray, silent: np.ndarray, quiet: np.ndarray) -> np.ndarray:
    """The places that are good, and those next to them between which the stem stays silent: it is cut for longer."""
    good = good.copy()
    for order, here, there in ((range(1, len(good)), 0, 1), (range(len(good) - 2, -1, -1), 1, 0)):
        step = order.step
        for place in order:
            near = place - step
            good[place] |= silent[place] and good[near] and quiet[here, place] and quiet[there, near]
    return good


def _places(comparison: Comparison, least: float) -> list[tuple[int, int]]:
    """Where the difference exceeds `least`, as (first frame, end): what is less than 20 ms apart is one place."""
    gap, at = round(_MERGED_S * comparison.rate), 0
    places: list[tuple[int, int]] = []
    for whole, stems in comparison.blocks():
        found = np.flatnonzero(np.abs(whole - stems.sum(axis=0)).max(axis=1) > least)
        if len(found):
            breaks = np.flatnonzero(np.diff(found) > gap) + 1
            for run in np.split(found, breaks):
                first, end = at + int(run[0]), at + int(run[-1]) + 1
                if places and first - places[-1][1] <= gap:
                    places[-1] = (places[-1][0], end)
                else:
                    places.append((first, end))
            if len(places) > _MOST_CUTS:
                break
        at += len(whole)
    return places


def _energies(
    comparison: Comparison, places: list[tuple[int, int]], side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Energies of the stems, and last of the difference, inside of places; of the difference at their edges; outside.

    Shapes (stems + 1, places), (2, places), (stems, 2, places): of the two sides, the first is before. And the energies
    of the stems from each place to the end, (stems, places).
    """
    count = len(comparison.stems)
    inside, edges = np.zeros((count + 1, len(places))), np.zeros((2, len(places)))
    sides, after, at = np.zeros((count, 2, len(places))), np.zeros((count, len(places))), 0
    for whole, stems in comparison.blocks():
        signals = np.concatenate((stems, (whole - stems.sum(axis=0))[np.newaxis]))
        for column, (first, end) in enumerate(places):

            def energy(start: int, stop: int, of: np.ndarray = signals, at: int = at) -> np.ndarray:
                part = of[:, max(0, start - at) : max(0, stop - at)]
                return np.einsum("sfc,sfc->s", part, part)

            inside[:, column] += energy(first, end)
            after[:, column] += energy(first, comparison.frames)[:-1]
            for row, (start, stop) in enumerate(
                ((first, min(first + side, end)), (max(first, end - side), end))
            ):
                edges[row, column] += energy(start, stop)[-1]
            for row, (start, stop) in enumerate(((first - side, first), (end, end + side))):
                sides[:, row, column] += energy(start, stop)[:-1]
        at += len(whole)
    return inside, edges, sides, after


def describe_db(gain: float) -> str:
    """A gain with its sign and two decimals, such as `-3.01 dB`."""
    return f"{decibels(abs(gain)) + 0.0:+.2f} dB"
