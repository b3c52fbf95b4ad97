"""Beats: the tempo of a recording, the time of its first beat and of its first bar line, found from onsets alone.

The blind estimate of `tempo` may be a fold of what a musician would write: half of it, or two thirds. So its folds are
ranked by how many intervals between onsets they account for, how well onsets lie on halves and quarters of the beat,
how well bars repeat, and how near they are to the tempo that people tap. Beats and bar lines are sought among the
places on which onsets lie. The weights of what speaks for a tempo, or for a place, were fitted (multinomial logistic
regression) to 120 songs that `bench/recordings.py` makes, and rounded. Of 36 others, the tempo, or else the next in the
ranking, is right in 36, the first beat in 35, the bar line in 33.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stemwright.measure.grid import drift
from stemwright.measure.tempo import accounted_for, fit, octaves_from_preferred, repetition, tempo

FOLDS = {"1": 1.0, "1/2": 1 / 2, "2": 2.0, "2/3": 2 / 3, "3/2": 3 / 2, "3/4": 3 / 4, "4/3": 4 / 3}

_INTERVALS, _NEAR, _HALVES, _UNDIVIDED, _REPEATS = 2.5, 2.2, 3.6, -1.9, 3.1
_LOW, _BACKBEAT, _HIGH, _LOW_BEATS, _ON_BEAT, _LATE = 3.8, 3.8, -3.8, 3.3, 1.9, -6.0

_TERNARY = (
    1.25  # the agreement with triplets, over that with sixteenths, from which on the beat has three parts
)
_BARS = {
    4.0: 0.12,
    3.0: 0.0,
    5.0: 0.0,
    3.5: 0.0,
    2.0: -0.1,
}  # quarters of a bar, and what is added to how well it repeats
_SPAN_S, _STEADY, _RANGE_DB, _NEAR_BEAT_S, _PICKUP_S, _SAME_TEMPO = 20.0, 0.7, 36.0, 0.05, 0.03, 0.01


@dataclass(frozen=True)
class Fold:
    """A tempo in BPM, which `fold` of the blind estimate it is, and its `share` of the evidence, 0 to 1."""

    bpm: float
    fold: str
    share: float


@dataclass(frozen=True)
class Beats:
    """Where beats (quarters) and bar lines are.

    Attributes
    ----------
    bpm : float
        The tempo; if it is not steady, that of the beginning.
    first_beat, downbeat : float
        The first beat, and the first bar line, from the first onset on, in s.
    pickup : float
        How long before that bar line the first onset lies, in s.
    sureness : float
        The share, 0 to 1, of the evidence that is for this bar line.
    quarters : float
        The length of a bar.
    is_steady : bool
        Whether all onsets lie on one grid from beginning to end.
    accented : float
        As `sureness`, of the evidence of registers alone, whatever the first onset is.
    """

    bpm: float
    first_beat: float
    downbeat: float
    pickup: float
    sureness: float
    quarters: float
    is_steady: bool
    accented: float

    @property
    def has_pickup(self) -> bool:
        """Whether the first onset lies well before the bar line."""
        return self.pickup > _PICKUP_S

    @property
    def bar_1(self) -> float:
        """Where bar 1 begins, in s: at the bar line, or if there is a pick-up, a bar before it. It may be below 0."""
        return self.downbeat - (self.quarters * 60 / self.bpm if self.has_pickup else 0.0)


def rank_tempi(seconds: np.ndarray, strengths: np.ndarray, colours: np.ndarray) -> list[Fold]:
    """Rank the folds of the tempo of onsets, the most probable first.

    Parameters
    ----------
    seconds, strengths : np.ndarray
        The onset times in s, ascending, and their weights, shape (n,).
    colours : np.ndarray
        Their levels in dB in some ranges of frequency, shape (n, ranges).

    Returns
    -------
    list of Fold
        Empty if the onsets are too few, or keep no pulse.
    """
    blind = tempo(seconds, strengths)
    if blind is None:
        return []
    names, bpms, scores = [], [], []
    for name, factor in FOLDS.items():
        pulse = fit(seconds, blind * factor)
        if pulse is None:
            continue
        agreement = pulse.agreement / pulse.strength
        bpm = np.array([pulse.bpm])
        repeats = max(repetition(seconds, colours, n * 60 / pulse.bpm) for n in (2, 3, 4))
        scores.append(
            _INTERVALS * float(np.log(accounted_for(seconds, strengths, bpm) + 1e-3)[0])
            - _NEAR * float(octaves_from_preferred(bpm)[0] ** 2)
            + _HALVES * agreement[[0, 1, 3]].max()
            + _UNDIVIDED * agreement[0]
            + _REPEATS * repeats
        )
        names.append(name)
        bpms.append(pulse.bpm)
    shares = _shares(np.array(scores))
    found = [Fold(*values) for values in zip(bpms, names, shares.tolist(), strict=True)]
    return sorted(found, key=lambda fold: -fold.share)


def find_beats(seconds: np.ndarray, colours: np.ndarray, bpm: float) -> Beats | None:
    """Find the beats of onsets near a tempo.

    Parameters
    ----------
    seconds : np.ndarray
        The onset times in s, ascending, shape (n,).
    colours : np.ndarray
        Their levels in dB in three ranges of frequency, from the lowest, shape (n, 3).
    bpm : float
        The tempo, to within 4 %.

    Returns
    -------
    Beats or None
        None if the onsets keep no such pulse.
    """
    pulse = fit(seconds, bpm)
    if pulse is None:
        return None
    agreement = pulse.agreement
    parts = 3 if agreement[[2, 5]].max() > _TERNARY * agreement[[1, 3]].max() else 4
    beginning = seconds <= seconds[0] + _SPAN_S
    early = fit(seconds[beginning], pulse.bpm) or pulse
    start, step = _track(seconds, 60 / early.bpm / parts)
    first_start, first_step = _track(seconds[beginning], 60 / early.bpm / parts)
    is_steady = _agreement(seconds, step) >= _STEADY * _agreement(seconds[beginning], first_step)
    is_steady = is_steady and _keeps_tempo(seconds, pulse.bpm)
    if not is_steady:
        seconds, colours, start, step = seconds[beginning], colours[beginning], first_start, first_step
    places = np.round((seconds - start) / step).astype(int)
    quarters = _bar(seconds, colours, step * parts, parts)
    accents, entry = _score_places(places, colours, quarters, parts)
    shares = _shares(accents + entry)
    down = int(np.argmax(shares))
    # From the places to the strokes on beats: with swing, these lie before the average place.
    on_beats = (places - down) % len(shares) % parts == 0
    off = seconds[on_beats] - start - places[on_beats] * step
    near = off[np.abs(off) <= _NEAR_BEAT_S]
    start += float(np.median(near)) if len(near) else 0.0
    first = int(places[0])
    downbeat = start + step * (first + (down - first) % len(shares))
    return Beats(
        bpm=60 / step / parts,
        first_beat=start + step * (first + (down - first) % len(shares) % parts),
        downbeat=downbeat,
        pickup=max(0.0, downbeat - float(seconds[0])),
        sureness=float(shares[down]),
        quarters=quarters,
        is_steady=is_steady,
        accented=float(_shares(accents)[down]),
    )


def _shares(scores: np.ndarray) -> np.ndarray:
    """Logistic shares of scores; they add up to 1."""
    powers = np.exp(scores - scores.max(initial=0.0)) if len(scores) else scores
    return powers / powers.sum() if len(scores) else scores


def _keeps_tempo(seconds: np.ndarray, bpm: float) -> bool:
    """Whether the tempo of the first and of the last onsets, up to 20 s of each, is the same."""
    span = min(_SPAN_S, float(np.ptp(seconds)) / 2)
    head = fit(seconds[seconds <= seconds[0] + span], bpm)
    tail = fit(seconds[seconds >= seconds[-1] - span], bpm)
    return head is None or tail is None or abs(tail.bpm / head.bpm - 1) <= _SAME_TEMPO


def _agreement(seconds: np.ndarray, step: float) -> float:
    return float(abs(np.exp(2j * np.pi * seconds / step).mean()))


def _track(seconds: np.ndarray, step: float) -> tuple[float, float]:
    """(time of a place, distance of two) of a grid in s, fitted to onsets in stretches twice as long each time."""
    span, start = _SPAN_S, seconds[0]
    while True:
        inside = seconds[seconds <= seconds[0] + span]
        for _ in range(2):
            start = float(np.angle(np.exp(2j * np.pi * inside / step).mean())) / (2 * np.pi) * step
            off = inside - start
            off -= np.round(off / step) * step
            step *= 1 + drift(inside, 1000 * off)[0] / 60_000
        if len(inside) == len(seconds):
            return float(np.angle(np.exp(2j * np.pi * inside / step).mean())) / (2 * np.pi) * step, step
        span *= 2


def _bar(seconds: np.ndarray, colours: np.ndarray, beat_s: float, parts: int) -> float:
    """The length of a bar in quarters: that after which onsets repeat best."""
    bars = {quarters: more for quarters, more in _BARS.items() if parts == 4 or quarters % 1 == 0}
    return max(bars, key=lambda quarters: repetition(seconds, colours, quarters * beat_s) + bars[quarters])


def _score_places(
    places: np.ndarray, colours: np.ndarray, quarters: float, parts: int
) -> tuple[np.ndarray, np.ndarray]:
    """What speaks for each place of a bar, counted from any, as that of the bar line: (accents, the first onset)."""
    count = round(quarters * parts)
    bars = max(1.0, (places[-1] - places[0] + 1) / count)
    levels = np.maximum(0, colours - colours.max(axis=0) + _RANGE_DB) / _RANGE_DB
    low, mid, high = (np.bincount(places % count, level, minlength=count) / bars for level in levels.T)
    beats = np.arange(0, count, parts)

    gaps = (np.arange(count) - places[0]) % count
    entry = _ON_BEAT * (gaps % parts == 0) + _LATE * gaps / count

    def score(down: int) -> float:
        at = (down + beats) % count
        strong = mid[at[0]] + (mid[at[2]] if len(at) == 4 else mid[at[0]])
        weak = mid[at[1 % len(at)]] + mid[at[-1]]
        return (
            _LOW * (low[down] - low.mean())
            + _HIGH * (high[down] - high.mean())
            + _BACKBEAT * (strong - weak) / 2
            + _LOW_BEATS * min(3.0, low[at].mean() / max(low.mean(), 1e-9))
        )

    return np.array([score(down) for down in range(count)]), entry
