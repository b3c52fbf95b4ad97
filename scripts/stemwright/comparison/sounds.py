"""What is heard of a pair in the passages in which it differs, read once: filter, echo, curve, pitches, onsets."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from stemwright.audio import mean_of_channels
from stemwright.comparison.pair import Pair, Segments
from stemwright.comparison.pitches import Pitches
from stemwright.comparison.responses import Curve, Filter
from stemwright.measure.onsets import Onsets

_BLOCK_S = 4.0
_HEARD = 1e-4  # of the peak: quieter windows have no pitch
_MATCH_S = 0.07


@dataclass(frozen=True)
class Sounds:
    """What was found.

    Attributes
    ----------
    filter, curve, pitches
        Estimates of what lies between old and new.
    old_onsets, new_onsets : numpy.ndarray
        In s, all of the files.
    """

    filter: Filter
    curve: Curve
    pitches: Pitches
    old_onsets: np.ndarray
    new_onsets: np.ndarray

    def shifts(self, within: np.ndarray, segment_s: float) -> tuple[np.ndarray, int]:
        """How much later onsets come than before.

        Parameters
        ----------
        within : numpy.ndarray
            A mask of the segments in which onsets are compared.
        segment_s : float
            The length of a segment in s.

        Returns
        -------
        shifts : numpy.ndarray
            How much later each onset that is on both sides is now, in s.
        unmatched : int
            How many are on one side only.
        """
        old, new = (
            each[within[np.minimum((each / segment_s).astype(int), len(within) - 1)]]
            for each in (self.old_onsets, self.new_onsets)
        )
        if not len(old) or not len(new):
            return np.zeros(0), len(old) + len(new)
        there, back = _nearest(old, new), _nearest(new, old)
        is_pair = (back[there] == np.arange(len(old))) & (np.abs(new[there] - old) <= _MATCH_S)
        return (new[there] - old)[is_pair], len(old) + len(new) - 2 * int(is_pair.sum())


def _nearest(times: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each time the index of the nearest of others, which ascend."""
    after = np.clip(np.searchsorted(others, times), 1, max(1, len(others) - 1))
    before = after - 1
    after = np.minimum(after, len(others) - 1)
    return np.where(np.abs(others[after] - times) < np.abs(times - others[before]), after, before)


def listen(pair: Pair, segments: Segments) -> Sounds:
    """Read a pair and estimate all of it.

    Parameters
    ----------
    pair : Pair
        The two files.
    segments : Segments
        Their products: only windows with a segment that differs are compared.

    Returns
    -------
    Sounds
    """
    rate, channels, peak = pair.rate, pair.channels, segments.loudest
    onsets = Onsets(), Onsets()
    for meter in onsets:
        meter.start(rate, channels)
    found = Filter(rate, channels), Curve(peak), Pitches(rate)
    differs = np.repeat(segments.differs, segments.size)
    size = max(found[0].size, found[2].size)
    step = max(1, round(_BLOCK_S * rate) // size) * size
    at = 0
    held: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=2)
    for block in pair.blocks(step):
        for meter, samples in zip(onsets, block, strict=True):
            meter.feed(samples)
        held.append(block)
        x, y = (np.concatenate([each[side] for each in held]) for side in (0, 1))
        first = 0 if len(held) == 1 else len(held[0][0]) - size
        _compare(x[first:], y[first:], differs[max(0, at - size) : at + len(block[0])], found, peak)
        at += len(block[0])
    return Sounds(*found, onsets[0].seconds, onsets[1].seconds)


def _compare(
    x: np.ndarray, y: np.ndarray, differs: np.ndarray, found: tuple[Filter, Curve, Pitches], peak: float
) -> None:
    filtering, curve, pitches = found
    starts = _starts(differs, filtering.size)
    if len(starts):
        windows = starts[:, np.newaxis] + np.arange(filtering.size)
        filtering.add(x[windows], y[windows])
        curve.add(x[windows[:, : filtering.size // 2]], y[windows[:, : filtering.size // 2]])
    starts = _starts(differs, pitches.size)
    if len(starts):
        windows = starts[:, np.newaxis] + np.arange(pitches.size)
        old, new = mean_of_channels(x)[windows], mean_of_channels(y)[windows]
        heard = np.minimum(np.abs(old).max(axis=1), np.abs(new).max(axis=1)) > _HEARD * peak
        if heard.any():
            pitches.add(old[heard], new[heard])


def _starts(differs: np.ndarray, size: int) -> np.ndarray:
    """The starts of the windows that overlap by half in which something differs."""
    starts = np.arange(0, len(differs) - size + 1, size // 2)
    sums = np.concatenate(([0], np.cumsum(differs)))
    return starts[sums[starts + size] > sums[starts]]
