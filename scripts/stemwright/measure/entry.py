"""Lateness by whole steps: a recording that is on the grid, but a sixteenth, an eighth or a beat after its place.

What sounds alike after a shift cannot tell it. Two things can: where a pattern is entered, since one that starts in the
middle of itself, or gives way to another in the middle of a bar, was shifted; and that every stroke, or every loud one,
lies at one and the same place beside the beats, or between the eighths or the triplets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_SAME_DB, _LOUD_DB = 9.0, 16.0
_MIN_VOTES, _AGREED = 4, 0.75
_ALL, _MOST = 0.95, 0.85
_ODD = {
    4: (1, "eighths"),
    6: (3, "triplets"),
}  # of odd steps, by steps in a beat: how late they are, between what
_PERIODS = (1, 2, 4)  # bars after which a pattern may repeat

Bar = Mapping[int, np.ndarray]
"""The strokes of a bar: the colour, shape (ranges,), at each step that has one."""


@dataclass(frozen=True)
class Evidence:
    """What tells whether a recording is late: `why`, and by how many `steps` at most (0: it is not)."""

    steps: int
    why: str


def lateness(
    steps: np.ndarray,
    colours: np.ndarray,
    starts: Sequence[int],
    heads: Sequence[int],
    per_beat: int,
) -> Evidence | None:
    """Tell whether strokes lie late by whole steps.

    Parameters
    ----------
    steps : np.ndarray
        The step of the song, from 0, on which each stroke lies; ascending, shape (n,).
    colours : np.ndarray
        Their levels in dB in some ranges of frequency, shape (n, ranges).
    starts : sequence of int
        The first step of each bar of the song, and of a bar after its end; equal bars are compared.
    heads : sequence of int
        The bars (from 0) at which sections begin.
    per_beat : int
        The steps in a quarter: 4, 3 or 6.

    Returns
    -------
    Evidence or None
        What tells it; None if nothing does.
    """
    bars = _bars(steps, colours, starts)
    entries = sorted({*heads, *(b for b in range(len(bars)) if bars[b] and not (b and bars[b - 1]))})
    found = [e for b in entries if b < len(bars) and (e := _entry(bars, starts, b, per_beat)) is not None]
    late = [e for e in found if e.steps]
    if len(late) > len(found) / 2:
        return min(late, key=lambda e: e.steps)
    beside = _beside(steps, colours.max(axis=1), starts, per_beat)
    if beside is not None and (beside.steps or not found):
        return beside
    return found[0] if found else None


def _bars(steps: np.ndarray, colours: np.ndarray, starts: Sequence[int]) -> Sequence[Bar]:
    bars: list[dict[int, np.ndarray]] = [{} for _ in starts[1:]]
    at = np.searchsorted(starts, steps, "right") - 1
    for step, bar, colour in zip(steps.tolist(), at.tolist(), colours, strict=True):
        if 0 <= bar < len(bars):
            bars[bar].setdefault(step - starts[bar], colour)
    return bars


def _entry(bars: Sequence[Bar], starts: Sequence[int], b: int, per_beat: int) -> Evidence | None:
    """Whether the pattern of the bars after `b` begins at the start of bar b, after a rest or another pattern.

    Each step at which the old pattern and the new one differ votes for one of them.
    """
    length = starts[b + 1] - starts[b]
    for period in _PERIODS:
        if b + 2 * period > len(bars) or np.ptp(np.diff(starts[b : b + 2 * period + 1])) > 0:
            return None
        old, new = bars[b - period] if b >= period else {}, bars[b + period]
        after_rest = not old and (b == 0 or not bars[b - 1])
        votes = []
        for step in range(length):
            told = _same(bars[b], new, step), _same(bars[b], old, step)
            if told[0] != told[1]:
                votes.append((step, told[0]))
        differ = [step for step in range(length) if not _same(old, new, step)]
        if len(votes) < _MIN_VOTES or len(votes) < _AGREED * len(differ):
            continue
        if all(is_new for _, is_new in votes):
            return Evidence(0, f"a pattern begins at bar {b + 1}") if after_rest and 0 in new else None
        first_new = next((i for i, (_, is_new) in enumerate(votes) if is_new), len(votes))
        clear = all(is_new for _, is_new in votes[first_new:])
        enough = first_new >= 2 or (after_rest and votes[0][0] == 0)
        if (
            clear
            and enough
            and len(votes) - first_new >= 2
            and votes[first_new][0] <= max(length // 2, per_beat)
        ):
            why = f"in bar {b + 1}, a pattern begins in the middle of itself"
            return Evidence(votes[first_new][0], why)
    return None


def _same(one: Bar, other: Bar, step: int) -> bool:
    if (step in one) != (step in other):
        return False
    return step not in one or bool(np.abs(one[step] - other[step]).mean() <= _SAME_DB)


def _beside(steps: np.ndarray, levels: np.ndarray, starts: Sequence[int], per_beat: int) -> Evidence | None:
    """Whether all strokes, or the loud ones, lie at one place beside the beats, or between the eighths."""
    at = np.searchsorted(starts, steps, "right") - 1
    places = steps - np.array(starts)[np.maximum(at, 0)]
    loud = levels >= np.percentile(levels, 90) - _LOUD_DB
    for chosen, who in ((np.ones(len(steps), bool), "all strokes"), (loud, "all loud strokes")):
        in_bar, in_beat = np.unique(places[chosen]), places[chosen] % per_beat
        shares = np.bincount(in_beat, minlength=per_beat) / len(in_beat)
        here = int(np.argmax(shares))
        if len(in_bar) >= 4 and shares[here] >= _ALL:
            if here == 0:
                return Evidence(0, f"{who} lie on beats")
            return Evidence(here, f"{who} lie at one place beside the beats")
        halves = np.bincount(in_beat % 3, minlength=3) / len(in_beat)
        if per_beat == 6 and halves[1:].max() >= _ALL:  # straight eighths, on no beat
            return Evidence(int(np.argmax(halves)) + 3, f"{who} lie half a beat apart, beside the beats")
        if per_beat in _ODD and len(in_bar) >= 6 and shares[1::2].sum() >= _MOST:
            late, between = _ODD[per_beat]
            return Evidence(late, f"nearly {who} lie between the {between}")
    return None
