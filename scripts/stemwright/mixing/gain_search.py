"""The search for the gain at which a limited mix has its loudness.

The loudness rises with the gain, less so once the limiter works, and at last not at all: it may even fall. It may also
jump, where a passage crosses the relative gate of BS.1770. So the search does not rely on a slope: it follows the
slope as long as that leads on, raises the gain to its end before it takes a target for out of reach, and halves the
interval in which the target must lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

CLOSE_LU = 0.05
"""A deviation from the target, in LU or dB, that needs no further try."""

MAX_GAIN_DB = 60.0
"""The greatest gain, up or down, as for `master.gain_db`: more would only amplify noise."""

_FLAT = 0.25  # dB of loudness per dB of gain: under this, a slope says nothing about what lies further on
_NARROW_DB, _FINE_DB = 0.02, 1.0
_SECANTS = 4  # tries after which intervals are halved

Try: TypeAlias = tuple[float, float]
"""A gain in dB that was tried, and the deviation from the target that it gave, in LU or dB: above 0, it is too loud."""


def next_gain(tried: Sequence[Try], linear: float) -> float | None:
    """The gain to be tried next, in dB; None if the best of those tried is close enough, or no gain will be closer.

    The latter is so where the loudness jumps over the target, and where every gain gives too little. `linear`: the gain
    in dB that would be right without the limiter.
    """
    if min(abs(deviation) for _, deviation in tried) <= CLOSE_LU:
        return None
    ordered = sorted(tried)
    for low, high in pairwise(ordered):
        if (low[1] < 0) != (high[1] < 0):
            return _between(low, high, halve=len(tried) > _SECANTS and len(tried) % 2 == 1)
    if ordered[0][1] > 0:
        below = clamped(ordered[0][0] - _step(ordered[0], ordered[1:2]))
        return below if below < ordered[0][0] else None
    above = clamped(ordered[-1][0] + _step(ordered[-1], ordered[-2:-1]))
    return above if above > ordered[-1][0] else _near_loudest(ordered, linear)


def clamped(gain_db: float) -> float:
    """A gain within what is allowed."""
    return min(max(gain_db, -MAX_GAIN_DB), MAX_GAIN_DB)


def _step(last: Try, before: Sequence[Try]) -> float:
    """How far to go on in the direction of the target, in dB. At first, loudness is expected to follow the gain."""
    gain, deviation = last
    if not before:
        return abs(deviation)
    ((other, its),) = before
    slope = (deviation - its) / (gain - other)
    if slope >= _FLAT:
        return abs(deviation) / min(slope, 1.0)
    return max(abs(deviation), 2 * abs(gain - other))


def _between(low: Try, high: Try, halve: bool) -> float | None:
    """A gain between two, one too quiet and one too loud."""
    width = high[0] - low[0]
    if width < _NARROW_DB:
        return None
    if halve:
        return low[0] + width / 2
    gain, deviation = min(low, high, key=lambda entry: abs(entry[1]))
    secant = gain - deviation * width / (high[1] - low[1])
    return min(max(secant, low[0] + width / 10), high[0] - width / 10)


def _near_loudest(ordered: Sequence[Try], linear: float) -> float | None:
    """A gain in the wider of the gaps beside the loudest: of those tried, none is loud enough.

    Without the limiter, `linear` would have been right. The limiter takes loudness away, so that it is no louder than
    the loudest at any gain that is lower than that by its deviation.
    """
    at = max(range(len(ordered)), key=lambda i: ordered[i][1])
    if at == len(ordered) - 1:
        return None
    lowest = ordered[at - 1][0] if at else min(ordered[0][0], linear + ordered[0][1])
    gaps = pairwise((lowest, ordered[at][0], ordered[at + 1][0]))
    low, high = max(gaps, key=lambda gap: gap[1] - gap[0])
    return (low + high) / 2 if high - low > _FINE_DB else None
