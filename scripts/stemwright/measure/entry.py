"""Lateness by whole steps: a recording that is on the grid, but a sixteenth, an eighth or a beat after its place.

What sounds alike after a shift cannot tell it. These things can:

- It begins with a rest where nearly all repetitions of the pattern have a stroke.
- It is a clave, which is known to begin on a bar line.
- Its bars are full, but all of them have a rest on the bar line.
- A pattern is entered in the middle of itself, or gives way to another in the middle of a bar.
- Every stroke, or every loud one, lies at one and the same place beside the beats, or between the eighths or triplets.
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
_CYCLES, _STEADY, _ALIKE, _ALWAYS = 3, 0.9, 0.8, 0.85  # see _rest
_FILLED, _NEVER = 0.7, 0.05  # see _pulse
_CLAVES = {  # of 16 steps: Toussaint, "The Geometry of Musical Rhythm", chapter 7
    "son": (0, 3, 6, 10, 12),
    "rumba": (0, 3, 7, 10, 12),
    "bossa": (0, 3, 6, 10, 13),
}

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
    for tells in (_rest, _clave, _pulse):
        if (evidence := tells(steps, starts, per_beat)) is not None:
            return evidence
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


def _cycles(steps: np.ndarray, starts: Sequence[int], bars: int) -> np.ndarray:
    """Which steps of each cycle of so many bars have a stroke, shape (cycles, steps); no cycle if bars differ."""
    lengths = np.unique(np.diff(starts))
    size = int(lengths[0]) * bars
    count = int(steps[-1] + 1) // size if len(lengths) == 1 else 0
    struck = np.zeros((count, size), bool)
    inside = steps[(steps >= 0) & (steps < count * size)]
    struck[inside // size, inside % size] = True
    return struck


def _rest(steps: np.ndarray, starts: Sequence[int], per_beat: int) -> Evidence | None:
    """Whether a pattern that repeats begins with a rest, where nearly all of its repetitions have a stroke."""
    first, bar = int(steps[0]), starts[1] - starts[0]
    if not 0 < first <= max(bar // 2, per_beat):
        return None
    for period in _PERIODS:
        struck = _cycles(steps, starts, period)
        if len(struck) < _CYCLES:
            continue
        share = struck[1:].mean(axis=0)
        used = share > 0
        own = np.where(struck[0], share, 1 - share)[first:][(used | struck[0])[first:]]
        steady = np.maximum(share, 1 - share)[used].mean() if used.any() else 0
        if steady >= _STEADY and own.mean() >= _ALIKE and share[:first].max() >= _ALWAYS:
            return Evidence(first, "it begins with a rest in the middle of what repeats")
    return None


def _clave(steps: np.ndarray, starts: Sequence[int], per_beat: int) -> Evidence | None:
    """Whether all strokes are those of a clave of one bar, or of two, that begins up to a beat after the bar."""
    for period in (1, 2) if per_beat == 4 and starts[1] - starts[0] == 16 else ():
        struck = _cycles(steps, starts, period)
        if len(struck) < _CYCLES:
            continue
        share = struck[1:].mean(axis=0)
        if np.maximum(share, 1 - share).min() < _ALWAYS:
            continue
        heard = np.flatnonzero(share > 0.5)
        for name, clave in _CLAVES.items():
            for late in range(per_beat + 1):
                if np.array_equal(heard, np.sort((period * np.array(clave) + late) % (16 * period))):
                    return Evidence(late, f"it is the {name} clave")
    return None


def _pulse(steps: np.ndarray, starts: Sequence[int], per_beat: int) -> Evidence | None:
    """Whether bars are filled by a pulse of sixteenths or eighths, and all of them begin with a rest."""
    struck, first = _cycles(steps, starts, 1), int(steps[0])
    if len(struck) < _CYCLES or per_beat != 4 or first not in (1, 2) or struck[:, :first].mean() > _NEVER:
        return None
    often = struck.mean(axis=0) > 0.5
    for apart in (1, 2):
        if often[first % apart :: apart].mean() >= (_FILLED if apart == 1 else _ALWAYS):
            return Evidence(first, "its bars are full but for their bar lines")
    return None


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
